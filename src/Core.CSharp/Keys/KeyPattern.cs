using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace TypedPooling.Keys;

/// <summary>The parts of a key in their text, and how a key is made of them. Immutable.</summary>
[UnconditionalSuppressMessage("Trimming", "IL2067", Justification = KeyMembers.Reason)]
[UnconditionalSuppressMessage("Trimming", "IL2070", Justification = KeyMembers.Reason)]
[UnconditionalSuppressMessage("Trimming", "IL2072", Justification = KeyMembers.Reason)]
[UnconditionalSuppressMessage("Trimming", "IL2075", Justification = KeyMembers.Reason)]
internal sealed class KeyPattern
{
    private const int MostElements = 7;

    private readonly Func<object?[], object?> make;

    private KeyPattern(string opening, KeyPart[] parts, string separator, string closing, Func<object?[], object?> make)
    {
        Opening = opening;
        Parts = parts;
        Separator = separator;
        Closing = closing;
        this.make = make;
    }

    /// <summary>What stands before the first part.</summary>
    public string Opening { get; }

    /// <summary>The parts, in the order of the text.</summary>
    public KeyPart[] Parts { get; }

    /// <summary>What stands between two.</summary>
    public string Separator { get; }

    /// <summary>What stands behind the last.</summary>
    public string Closing { get; }

    /// <summary>The cases of a union, of which a text shows one; empty elsewhere.</summary>
    public KeyPattern[] Cases { get; private init; } = [];

    /// <summary>True where parts are quoted by the rules of tuples, not by those of members.</summary>
    public bool IsTuple => Opening == "(" && Cases.Length == 0;

    /// <summary>True where every part can be read back.</summary>
    public bool IsReadable => Parts.All(part => part.Form is not null) && Cases.All(one => one.IsReadable);

    /// <summary>The parts in words.</summary>
    public string Kind => Cases.Length > 0
        ? string.Join(" or ", Cases.Select(one => one.Kind))
        : Parts.Length == 0
            ? Opening
            : $"({string.Join(", ", Parts.Select(part => $"{part.Name}{(part.Name.Length > 0 ? ": " : string.Empty)}{part.Form?.Kind}"))})";

    /// <summary>The pattern of a type; null where its keys have no parts, or of a kind that is not read back.</summary>
    public static KeyPattern? Of(Type type)
    {
        if (typeof(ITuple).IsAssignableFrom(type))
            return type.IsGenericType ? Tuple(type) : null;
        if (KeyShape.Of(type) is not { Layout: { } layout })
            return null;
        if (layout.Cases.Length > 0)
            return new(string.Empty, [], string.Empty, string.Empty, _ => null) { Cases = [.. layout.Cases.Select(Case)] };
        KeyPart[] parts = [.. layout.Members.Select(member => new KeyPart(
            layout.HasNames ? KeyShape.Plain(member) : string.Empty,
            member is PropertyInfo property ? property.PropertyType : ((FieldInfo)member).FieldType))];
        return new(layout.Opening, parts, layout.Separator, layout.Closing, Making(type, layout.Members, [.. layout.Members.Select(KeyShape.Plain)]));
    }

    /// <summary>The key that has these parts.</summary>
    /// <param name="parts">One a part.</param>
    /// <returns>The key; null where the type takes no such parts.</returns>
    public object? Make(object?[] parts)
    {
        try
        {
            return make(parts);
        }
        catch (Exception refusal) when (refusal is TargetInvocationException or ArgumentException)
        {
            // What the type itself does not take is the key of no text.
            return null;
        }
    }

    private static KeyPattern Case(KeyCase one) => new(
        one.Name + (one.Fields.Length > 0 ? "(" : string.Empty),
        [.. one.Fields.Select(field => new KeyPart(string.Empty, field))],
        ", ",
        one.Fields.Length > 0 ? ")" : string.Empty,
        one.Make);

    // Elements from the eighth on are in a tuple of their own, which the text does not show.
    private static KeyPattern Tuple(Type type)
    {
        var types = new List<Type>();
        for (var at = type; ; at = at.GetGenericArguments()[MostElements])
        {
            types.AddRange(at.GetGenericArguments().Take(MostElements));
            if (at.GetGenericArguments().Length <= MostElements)
                break;
        }

        return new("(", [.. types.Select(own => new KeyPart(string.Empty, own))], ", ", ")", parts => Nested(type, parts));

        static object Nested(Type type, ReadOnlySpan<object?> parts)
        {
            object?[] arguments = parts.Length > MostElements
                ? [.. parts[..MostElements], Nested(type.GetGenericArguments()[MostElements], parts[MostElements..])]
                : parts.ToArray();
            return type.GetConstructor(type.GetGenericArguments())!.Invoke(arguments);
        }
    }

    // By the constructor with the most parameters that are parts, then member by member.
    private static Func<object?[], object?> Making(Type type, MemberInfo[] members, string[] names)
    {
        var constructor = type.GetConstructors(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic)
            .Where(one => one.GetParameters().All(parameter => IndexOf(parameter.Name) >= 0))
            .MaxBy(one => one.GetParameters().Length);
        int[] order = [.. (constructor?.GetParameters() ?? []).Select(parameter => IndexOf(parameter.Name))];
        return parts =>
        {
            if (constructor is null && !type.IsValueType)
                return null;
            var key = constructor?.Invoke([.. order.Select(i => parts[i])]) ?? RuntimeHelpers.GetUninitializedObject(type);
            for (var i = 0; i < members.Length; i++)
            {
                if (order.Contains(i))
                    continue;
                if (members[i] is FieldInfo field)
                    field.SetValue(key, parts[i]);
                else if (members[i] is PropertyInfo { CanWrite: true } property)
                    property.SetValue(key, parts[i]);
            }

            return key;
        };

        int IndexOf(string? name) => Array.FindIndex(names, own => string.Equals(own, name, StringComparison.OrdinalIgnoreCase));
    }
}

/// <summary>A part of a key.</summary>
/// <param name="Name">Its name in the text; empty where parts have none.</param>
/// <param name="Type">Its type.</param>
internal sealed record KeyPart(string Name, Type Type)
{
    /// <summary>How it is read; null where it cannot be.</summary>
    public KeyForm? Form => KeyForm.Of(Type);

    /// <summary>True where it may be missing.</summary>
    public bool MayBeNull => !Type.IsValueType || Nullable.GetUnderlyingType(Type) is not null;
}
