using System.Reflection;

namespace TypedPooling.Tests.Conventions;

/// <summary>Names of types as C# writes them, without namespaces.</summary>
internal static class ApiTypeNames
{
    private static readonly Dictionary<Type, string> Keywords = new()
    {
        [typeof(void)] = "void",
        [typeof(object)] = "object",
        [typeof(string)] = "string",
        [typeof(bool)] = "bool",
        [typeof(char)] = "char",
        [typeof(byte)] = "byte",
        [typeof(sbyte)] = "sbyte",
        [typeof(short)] = "short",
        [typeof(ushort)] = "ushort",
        [typeof(int)] = "int",
        [typeof(uint)] = "uint",
        [typeof(long)] = "long",
        [typeof(ulong)] = "ulong",
        [typeof(float)] = "float",
        [typeof(double)] = "double",
        [typeof(decimal)] = "decimal",
        [typeof(nint)] = "nint",
        [typeof(nuint)] = "nuint",
    };

    public static string Of(Type type)
    {
        if (Keywords.TryGetValue(type, out var keyword))
            return keyword;
        if (type.IsGenericParameter)
            return type.Name;
        if (type.IsByRef)
            return "ref " + Of(type.GetElementType()!);
        if (type.IsPointer)
            return Of(type.GetElementType()!) + "*";
        if (type.IsArray)
            return $"{Of(type.GetElementType()!)}[{new string(',', type.GetArrayRank() - 1)}]";
        if (Nullable.GetUnderlyingType(type) is { } value)
            return Of(value) + "?";
        if (type.Namespace == "System" && type.Name.StartsWith("ValueTuple`", StringComparison.Ordinal))
            return $"({string.Join(", ", type.GetGenericArguments().Select(Of))})";

        // A nested type carries the arguments of the types around it: each level prints its own.
        var arguments = type.GetGenericArguments();
        var outer = type.DeclaringType is { } declaring ? (declaring.IsGenericTypeDefinition && arguments.Length > 0
            ? Of(declaring.MakeGenericType(arguments[..declaring.GetGenericArguments().Length])) : Of(declaring)) + "." : "";
        var own = arguments[(type.DeclaringType?.GetGenericArguments().Length ?? 0)..];
        return outer + type.Name.Split('`')[0] + Arguments(own);
    }

    /// <summary>The name with the annotations of nullable references. Those of type parameters, which stand for types that carry their own, are left
    /// out.</summary>
    /// <param name="type">The type of a member or parameter.</param>
    /// <param name="nullability">What is declared of it.</param>
    /// <param name="isWritten">Whether the value goes in, as that of a parameter does, or comes out.</param>
    public static string Of(Type type, NullabilityInfo nullability, bool isWritten = false)
    {
        if (type.IsGenericParameter || type.IsByRef || type.IsPointer || Nullable.GetUnderlyingType(type) is not null)
            return Of(type);
        var state = isWritten ? nullability.WriteState : nullability.ReadState;
        var mark = !type.IsValueType && state == NullabilityState.Nullable ? "?" : "";
        if (type.IsArray)
            return $"{Of(type.GetElementType()!, nullability.ElementType!)}[{new string(',', type.GetArrayRank() - 1)}]{mark}";
        var arguments = type.GetGenericArguments();
        if (arguments.Length == 0 || arguments.Length != nullability.GenericTypeArguments.Length || type.DeclaringType is not null)
            return Of(type) + mark;
        var names = string.Join(", ", arguments.Select((argument, i) => Of(argument, nullability.GenericTypeArguments[i])));
        var isTuple = type.Namespace == "System" && type.Name.StartsWith("ValueTuple`", StringComparison.Ordinal);
        return (isTuple ? $"({names})" : $"{type.Name.Split('`')[0]}<{names}>") + mark;
    }

    public static string Arguments(Type[] arguments) => arguments.Length == 0 ? "" : $"<{string.Join(", ", arguments.Select(Of))}>";
}
