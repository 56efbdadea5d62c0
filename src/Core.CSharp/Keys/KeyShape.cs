using System.Collections;
using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace TypedPooling.Keys;

/// <summary>How a key that is made of parts is written: a record of C#, a record, union or collection of F#, an anonymous type, a pair, or a struct
/// without a text of its own.</summary>
/// <remarks>
/// Such a type has no <c>ToString()</c> that its author wrote: the compiler's own is in the current culture (C#), or breaks lines and leaves parts
/// out (F#). Attributes of F# are found by name, so that nothing depends on FSharp.Core.
/// </remarks>
[UnconditionalSuppressMessage("Trimming", "IL2070", Justification = KeyMembers.Reason)]
[UnconditionalSuppressMessage("Trimming", "IL2075", Justification = KeyMembers.Reason)]
internal sealed class KeyShape
{
    private const BindingFlags Declared = BindingFlags.Instance | BindingFlags.Public | BindingFlags.DeclaredOnly;
    private const string FSharpMapping = "Microsoft.FSharp.Core.CompilationMappingAttribute";
    private const string FSharpCollections = "Microsoft.FSharp.Collections";

    // SourceConstructFlags of FSharp.Core.
    private const int KindMask = 31;
    private const int SumType = 1;
    private const int RecordType = 2;
    private const int Field = 4;
    private const int UnionCase = 8;

    private readonly Func<object, Func<object?, string>, string> text;

    private KeyShape(Func<object, Func<object?, string>, string> text, KeyLayout? layout = null)
    {
        this.text = text;
        Layout = layout;
    }

    /// <summary>How the text is laid out; null where it is not read back, as that of collections.</summary>
    public KeyLayout? Layout { get; }

    /// <summary>The shape of a type; null where its keys are no parts, or its author says how they are written.</summary>
    public static KeyShape? Of(Type type)
    {
        if (type.IsEnum || type.IsPrimitive || type == typeof(string))
            return null;
        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(KeyValuePair<,>))
            return Listed("[", [.. type.GetProperties(Declared)], "]");
        if (type.Namespace == FSharpCollections || type.DeclaringType?.Namespace == FSharpCollections)
            return typeof(IEnumerable).IsAssignableFrom(type)
                ? new((key, part) => $"[{string.Join("; ", ((IEnumerable)key).Cast<object?>().Select(part))}]")
                : null;

        var mapping = Mapping(type);
        var isOfFSharpCore = type.Namespace?.StartsWith("Microsoft.FSharp", StringComparison.Ordinal) == true;
        if (mapping.Kind is SumType or RecordType && (isOfFSharpCore || HasTextOfCompiler(type)))
            return mapping.Kind == SumType ? Union(type) : FSharpRecord(type);
        if (type.Name.StartsWith("<>", StringComparison.Ordinal) && type.IsDefined(typeof(CompilerGeneratedAttribute)))
            return Members("{ ", Properties(type), " }");
        if (IsRecord(type) && HasTextOfCompiler(type))
            return Record(type);
        return type.IsValueType && type.GetMethod(nameof(ToString), Type.EmptyTypes)?.DeclaringType == typeof(ValueType) ? Struct(type) : null;
    }

    /// <summary>The text of a key of the type.</summary>
    /// <param name="key">The key.</param>
    /// <param name="part">The text of a part, with quotes where it needs them.</param>
    public string Text(object key, Func<object?, string> part) => text(key, part);

    private static bool HasTextOfCompiler(Type type) =>
        type.GetMethod(nameof(ToString), Type.EmptyTypes)?.IsDefined(typeof(CompilerGeneratedAttribute)) == true;

    private static bool IsRecord(Type type) =>
        type.GetMethod(
            "PrintMembers",
            BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic,
            [typeof(System.Text.StringBuilder)])?.IsDefined(typeof(CompilerGeneratedAttribute)) == true;

    // As the compiler prints it: public properties and fields, those of base records first.
    private static KeyShape Record(Type type)
    {
        var members = new List<MemberInfo>();
        for (var at = type; at is not null && at != typeof(object) && at != typeof(ValueType); at = at.BaseType)
            members.InsertRange(
                0, [.. Properties(at).Concat<MemberInfo>(at.GetFields(Declared)).Where(own => !members.Exists(later => later.Name == own.Name))]);
        return members.Count == 0
            ? new((_, _) => $"{Plain(type)} {{ }}", new($"{Plain(type)} {{ }}", [], string.Empty, string.Empty, HasNames: true))
            : Members($"{Plain(type)} {{ ", members, " }");
    }

    // What equality compares: all fields.
    private static KeyShape Struct(Type type) =>
        Members($"{Plain(type)} {{ ", type.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic), " }");

    private static KeyShape FSharpRecord(Type type) => Members("{ ", Mapped(type.GetProperties(Declared), Field), " }", "; ");

    private static KeyShape Union(Type type)
    {
        // A value is of the union's type, or of a type nested in it for its case.
        var union = type.DeclaringType is { } outer && Mapping(outer).Kind == SumType ? outer : type;
        var statics = union.GetMembers(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic)
            .Where(member => member is PropertyInfo or MethodInfo && Mapping(member).Kind == UnionCase);
        var names = new Dictionary<int, string>();
        var makers = new Dictionary<int, MemberInfo>();
        foreach (var member in statics)
        {
            names[Mapping(member).Sequence] = CaseName(member);
            makers[Mapping(member).Sequence] = member;
        }

        // A union whose empty case is null, such as an option, has a static method in place of the property.
        var tag = union.GetProperty("Tag", BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic);
        var tagOf = union.GetMethod("GetTag", BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic, [union]);
        var fields =
            type.GetProperties(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic).Where(
                property => Mapping(property).Kind == Field)
            .ToLookup(property => Mapping(property).Variant);
        return new((key, part) =>
        {
            var number = (tag is null ? tagOf?.Invoke(null, [key]) : tag.GetValue(key)) as int? ?? 0;
            PropertyInfo[] own = [.. fields[number].OrderBy(property => Mapping(property).Sequence)];
            return names[number] + (own.Length == 0 ? string.Empty : $"({string.Join(", ", own.Select(property => part(property.GetValue(key))))})");
        },
            new(string.Empty, [], string.Empty, string.Empty, HasNames: false)
            {
                Cases = [.. makers.OrderBy(maker => maker.Key).Select(maker => Case(names[maker.Key], maker.Value))],
            });
    }

    private static KeyCase Case(string name, MemberInfo maker) => maker is MethodInfo method
        ? new(name, [.. method.GetParameters().Select(parameter => parameter.ParameterType)], fields => method.Invoke(null, fields))
        : new(name, [], _ => ((PropertyInfo)maker).GetValue(null));

    // A case with fields has a method NewCase, one without a property Case, whose getter carries the attribute too.
    private static string CaseName(MemberInfo member)
    {
        string[] prefixes = member is MethodInfo ? ["New", "get_"] : [];
        var prefix = Array.Find(prefixes, prefix => member.Name.StartsWith(prefix, StringComparison.Ordinal));
        return member.Name[(prefix?.Length ?? 0)..];
    }

    private static KeyShape Members(string opening, IReadOnlyList<MemberInfo> members, string closing, string separator = ", ") => new(
        (key, part) => $"{opening}{string.Join(separator, members.Select(member => $"{Plain(member)} = {part(Value(member, key))}"))}{closing}",
        new(opening, [.. members], separator, closing, HasNames: true));

    private static KeyShape Listed(string opening, PropertyInfo[] members, string closing) => new(
        (key, part) => $"{opening}{string.Join(", ", members.Select(member => part(member.GetValue(key))))}{closing}",
        new(opening, members, ", ", closing, HasNames: false));

    private static object? Value(MemberInfo member, object key) =>
        member is PropertyInfo property ? property.GetValue(key) : ((FieldInfo)member).GetValue(key);

    private static PropertyInfo[] Properties(Type type) =>
        [.. type.GetProperties(Declared).Where(property => property.GetMethod is { IsPublic: true } && property.GetIndexParameters().Length == 0)];

    private static PropertyInfo[] Mapped(PropertyInfo[] properties, int kind) =>
        [.. properties.Where(property => Mapping(property).Kind == kind).OrderBy(property => Mapping(property).Sequence)];

    private static string Plain(Type type) => type.Name.Split('`')[0];

    // The field behind a property is called <Name>k__BackingField.
    public static string Plain(MemberInfo member) =>
        member.Name.StartsWith('<') ? member.Name[1..member.Name.IndexOf('>', StringComparison.Ordinal)] : member.Name;

    private static (int Kind, int Variant, int Sequence) Mapping(MemberInfo member)
    {
        if (member.GetCustomAttributes(inherit: true).FirstOrDefault(attribute => attribute.GetType().FullName == FSharpMapping) is not { } mapping)
            return default;
        return (Number("SourceConstructFlags") & KindMask, Number("VariantNumber"), Number("SequenceNumber"));

        int Number(string name) =>
            Convert.ToInt32(mapping.GetType().GetProperty(name)!.GetValue(mapping), System.Globalization.CultureInfo.InvariantCulture);
    }
}
