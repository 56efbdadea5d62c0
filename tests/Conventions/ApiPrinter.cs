using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text;

namespace TypedPooling.Tests.Conventions;

/// <summary>
/// Prints the public and protected members of assemblies as text near to C#, always in the same order. Left out is what the compiler adds to every
/// record (equality, copying, printing), and
/// whether type parameters may be null.
/// </summary>
internal static class ApiPrinter
{
    // By its name: ScottPlot has a public type of this name too.
    private const string RequiredMember = "System.Runtime.CompilerServices.RequiredMemberAttribute";

    private const BindingFlags Declared =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    /// <summary>The API of assemblies, in the order given; types and members in ordinal order.</summary>
    public static string Print(IEnumerable<Assembly> assemblies)
    {
        var text = new StringBuilder();
        foreach (var assembly in assemblies)
        {
            text.Append("assembly ").Append(assembly.GetName().Name).Append('\n');
            foreach (var space in assembly.GetTypes().Where(t => Convention.IsVisible(t) && !t.Name.Contains('<')).GroupBy(t => t.Namespace ?? "")
                .OrderBy(g => g.Key, StringComparer.Ordinal))
            {
                text.Append("\nnamespace ").Append(space.Key).Append('\n');
                foreach (var type in space.OrderBy(ApiTypeNames.Of, StringComparer.Ordinal))
                    text.Append('\n').Append(Print(type));
            }

            text.Append('\n');
        }

        return text.ToString().TrimEnd('\n') + "\n";
    }

    /// <summary>One type: a line for itself, and an indented one for every member.</summary>
    public static string Print(Type type)
    {
        var text = new StringBuilder(Head(type)).Append('\n');
        IEnumerable<string> members = type.IsEnum ? EnumValues(type) : IsDelegate(type) ? [] : Members(type).Order(StringComparer.Ordinal);
        foreach (var member in members)
            text.Append("    ").Append(member).Append('\n');
        return text.ToString();
    }

    private static string Head(Type type)
    {
        if (IsDelegate(type))
            return $"delegate {Signature(type.GetMethod("Invoke")!, ApiTypeNames.Of(type))}{Constraints(type.GetGenericArguments())}";

        var isRecord = IsRecord(type);
        var kind = (isRecord
            ? "record "
            : "") + (type.IsEnum ? "enum" : type.IsValueType ? "struct" : type.IsInterface ? "interface" : isRecord ? "" : "class");
        var modifiers = type switch
        {
            { IsEnum: true } or { IsInterface: true } => "",
            { IsValueType: true } => (type.IsDefined(typeof(IsReadOnlyAttribute)) ? "readonly " : "") + (type.IsByRefLike ? "ref " : ""),
            { IsAbstract: true, IsSealed: true } => "static ",
            { IsAbstract: true } => "abstract ",
            { IsSealed: true } => "sealed ",
            _ => "",
        };
        var parents = type.GetInterfaces()
            .Where(i => Convention.IsVisible(i) && !type.IsEnum
                && !(isRecord && i.IsGenericType && i.GetGenericTypeDefinition() == typeof(IEquatable<>)))
            .Select(ApiTypeNames.Of)
            .Order(StringComparer.Ordinal)
            .ToList();
        if (type.IsEnum && Enum.GetUnderlyingType(type) != typeof(int))
            parents.Insert(0, ApiTypeNames.Of(Enum.GetUnderlyingType(type)));
        else if (type.IsClass && type.BaseType is { } parent && parent != typeof(object))
            parents.Insert(0, ApiTypeNames.Of(parent));
        var inheritance = parents.Count > 0 ? " : " + string.Join(", ", parents) : "";
        return $"{modifiers}{kind.TrimEnd()} {ApiTypeNames.Of(type)}{inheritance}{Constraints(type.GetGenericArguments())}";
    }

    private static IEnumerable<string> EnumValues(Type type) =>
        type.GetFields(BindingFlags.Public | BindingFlags.Static).Select(
            f => $"{f.Name} = {Convert.ToInt64(f.GetRawConstantValue(), CultureInfo.InvariantCulture)}");

    private static IEnumerable<string> Members(Type type)
    {
        foreach (var constructor in type.GetConstructors(Declared).Where(c => IsVisible(c) && IsWritten(c)))
            yield return $"{Access(constructor)}{type.Name.Split('`')[0]}({Parameters(constructor)})";
        foreach (var field in type.GetFields(Declared).Where(f => f.IsPublic || f.IsFamily || f.IsFamilyOrAssembly))
            yield return Field(field);
        foreach (var property in type.GetProperties(Declared).Where(
            p => p.Name != "EqualityContract" && p.GetAccessors(nonPublic: true).Any(IsVisible)))
            yield return Property(property);
        foreach (var happening in type.GetEvents(Declared).Where(e => IsVisible(e.AddMethod!)))
            yield return $"{Access(happening.AddMethod!)}{Modifiers(happening.AddMethod!)}event {TypeOf(happening)} {happening.Name}";
        foreach (var method in type.GetMethods(Declared)
            .Where(
                m => IsVisible(m) && (IsWritten(m) || m.Name == "Deconstruct")
                    && (!m.IsSpecialName || m.Name.StartsWith("op_", StringComparison.Ordinal))))
            yield return Access(method) + Modifiers(method) + Signature(method, method.Name + ApiTypeNames.Arguments(method.GetGenericArguments()))
                + Constraints(method.GetGenericArguments());
    }

    private static string Field(FieldInfo field) => (field.IsPublic ? "" : "protected ") + field switch
    {
        { IsLiteral: true } => $"const {TypeOf(field)} {field.Name} = {Literal(field.GetRawConstantValue(), field.FieldType)}",
        _ => (field.IsStatic ? "static " : "") + (field.IsInitOnly ? "readonly " : "") + $"{TypeOf(field)} {field.Name}",
    };

    private static string Property(PropertyInfo property)
    {
        var accessors = property.GetAccessors(nonPublic: true).Where(IsVisible).ToList();
        var widest = accessors.Find(a => a.IsPublic) ?? accessors[0];
        var name = property.GetIndexParameters().Length > 0 ? $"this[{Parameters(property.GetIndexParameters())}]" : property.Name;
        var text = new StringBuilder(Access(widest)).Append(Modifiers(widest));
        if (property.CustomAttributes.Any(attribute => attribute.AttributeType.FullName == RequiredMember))
            text.Append("required ");
        text.Append(TypeOf(property)).Append(' ').Append(name).Append(" { ");
        foreach (var accessor in accessors)
        {
            text.Append(accessor.IsPublic == widest.IsPublic ? "" : Access(accessor));
            text.Append(accessor == property.GetMethod
                ? "get; "
                : accessor.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit)) ? "init; " : "set; ");
        }

        return text.Append('}').ToString();
    }

    private static string TypeOf(EventInfo happening) =>
        ApiTypeNames.Of(happening.EventHandlerType!, new NullabilityInfoContext().Create(happening));

    private static string TypeOf(FieldInfo field) => ApiTypeNames.Of(field.FieldType, new NullabilityInfoContext().Create(field));

    private static string TypeOf(PropertyInfo property) =>
        ApiTypeNames.Of(property.PropertyType, new NullabilityInfoContext().Create(property), isWritten: !property.CanRead);

    private static string Signature(MethodInfo method, string name) =>
        $"{ApiTypeNames.Of(method.ReturnType, new NullabilityInfoContext().Create(method.ReturnParameter))} {name}({Parameters(method)})";

    private static string Parameters(MethodBase method) =>
        (method.IsDefined(typeof(ExtensionAttribute)) ? "this " : "") + Parameters(method.GetParameters());

    private static string Parameters(ParameterInfo[] parameters) => string.Join(", ", parameters.Select(Parameter));

    private static string Parameter(ParameterInfo parameter)
    {
        var passing = !parameter.ParameterType.IsByRef ? "" : parameter.IsOut ? "out " : parameter.IsIn ? "in " : "ref ";
        var many = parameter.IsDefined(typeof(ParamArrayAttribute)) || parameter.IsDefined(typeof(ParamCollectionAttribute)) ? "params " : "";
        var type = parameter.ParameterType.IsByRef ? parameter.ParameterType.GetElementType()! : parameter.ParameterType;
        var value = parameter.HasDefaultValue ? " = " + Literal(parameter.RawDefaultValue, type) : "";
        var name = ApiTypeNames.Of(type, new NullabilityInfoContext().Create(parameter), isWritten: !parameter.IsOut);
        return $"{passing}{many}{name} {parameter.Name}{value}";
    }

    private static string Constraints(Type[] arguments)
    {
        var text = new StringBuilder();
        foreach (var argument in arguments.Where(a => a.IsGenericParameter))
        {
            var attributes = argument.GenericParameterAttributes;
            var isStruct = attributes.HasFlag(GenericParameterAttributes.NotNullableValueTypeConstraint);
            List<string> constraints =
            [
                .. attributes.HasFlag(GenericParameterAttributes.ReferenceTypeConstraint) ? ["class"] : Array.Empty<string>(),
                .. isStruct ? ["struct"] : Array.Empty<string>(),
                .. argument.GetGenericParameterConstraints().Where(c => c != typeof(ValueType)).Select(ApiTypeNames.Of).Order(StringComparer.Ordinal),
                .. attributes.HasFlag(GenericParameterAttributes.DefaultConstructorConstraint) && !isStruct ? ["new()"] : Array.Empty<string>(),
                .. attributes.HasFlag(GenericParameterAttributes.AllowByRefLike) ? ["allows ref struct"] : Array.Empty<string>(),
            ];
            if (constraints.Count > 0)
                text.Append(" where ").Append(argument.Name).Append(" : ").AppendJoin(", ", constraints);
        }

        return text.ToString();
    }

    private static string Literal(object? value, Type type)
    {
        var plain = Nullable.GetUnderlyingType(type) ?? type;
        return value switch
        {
            null => type.IsValueType && plain == type ? "default" : "null",
            string text => $"\"{text}\"",
            char letter => $"'{letter}'",
            bool flag => flag ? "true" : "false",
            _ when plain.IsEnum => $"{ApiTypeNames.Of(plain)}.{Enum.ToObject(plain, value)}",
            _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
        };
    }

    private static string Modifiers(MethodInfo method) => method switch
    {
        { DeclaringType.IsInterface: true } =>
            method.IsStatic ? (method.IsAbstract ? "static abstract " : "static ") : method.IsAbstract ? "" : "virtual ",
        { IsStatic: true } => "static ",
        { IsAbstract: true } => "abstract ",
        { IsVirtual: true } when method.GetBaseDefinition() != method => method.IsFinal ? "sealed override " : "override ",
        { IsVirtual: true, IsFinal: false } => "virtual ",
        _ => "",
    };

    private static string Access(MethodBase method) => method.IsPublic ? "" : "protected ";

    private static bool IsVisible(MethodBase method) => method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly;

    private static bool IsWritten(MethodBase method) => !method.Name.Contains('<') && !method.IsDefined(typeof(CompilerGeneratedAttribute));

    private static bool IsDelegate(Type type) => type.BaseType == typeof(MulticastDelegate);

    // Every record, class or struct, gets a PrintMembers of its own from the compiler.
    private static bool IsRecord(Type type) =>
        type.GetMethod("PrintMembers", Declared, [typeof(StringBuilder)]) is { } print && print.IsDefined(typeof(CompilerGeneratedAttribute));
}
