using System.Linq.Expressions;

namespace TypedPooling.Selectors;

/// <summary>What the operators and functions of FSharp.Core are in plain nodes.</summary>
internal static class FSharpOperators
{
    // Products of integers and decimals are written out up to this power; Math.Pow serves floating point.
    private const int LargestProduct = 8;

    /// <summary>Rewrites a call of an F# operator or function.</summary>
    /// <param name="name">Its compiled name, without the <c>$W</c> of witnesses.</param>
    /// <param name="arguments">Its arguments, without witnesses.</param>
    /// <param name="type">The type the call returns.</param>
    /// <returns>The plain node, or null where there is none: the call then stays as it is.</returns>
    public static Expression? Rewrite(string name, Expression[] arguments, Type type) => (name, arguments) switch
    {
        ("op_UnaryPlus" or "Identity", [var x]) => x,
        ("op_UnaryNegation", [var x]) when NumericTypes.IsNumber(x.Type) => Expression.Negate(x),
        ("Not", [var x]) when x.Type == typeof(bool) => Expression.Not(x),
        ("op_Exponentiation", [var x, var n]) => MathCall(nameof(Math.Pow), [x, n], type),
        ("PowInteger", [var x, var n]) => Power(x, n),
        ("Fst", [var pair]) => NamedMember.Of(pair, "Item1"),
        ("Snd", [var pair]) => NamedMember.Of(pair, "Item2"),
        ("GetArray", [var array, var index]) when array.Type.IsArray => Expression.ArrayIndex(array, index),
        ("Box", [var x]) => Expression.Convert(x, typeof(object)),
        ("ToByte" or "ToSByte" or "ToInt16" or "ToUInt16" or "ToInt" or "ToInt32" or "ToUInt32" or "ToInt64"
            or "ToUInt64" or "ToSingle" or "ToDouble" or "ToDecimal", [var x])
            when NumericTypes.IsNumber(x.Type) => x.Type == type ? x : Expression.Convert(x, type),
        (_, [var a, var b]) when Operator(name) is { } node =>
            HasOwnOperators(a.Type) && HasOwnOperators(b.Type) ? Expression.MakeBinary(node, a, b) : null,
        _ => MathCall(name, arguments, type),
    };

    /// <summary>A call of the <see cref="Math"/> or <see cref="MathF"/> method of a name.</summary>
    /// <param name="name">Name of the method.</param>
    /// <param name="arguments">Its arguments; their types choose the overload.</param>
    /// <param name="type">The type it must return.</param>
    /// <returns>The call, or null where there is no such method.</returns>
    public static Expression? MathCall(string name, Expression[] arguments, Type type)
    {
        var types = Array.ConvertAll(arguments, a => a.Type);
        if (!Array.TrueForAll(types, NumericTypes.IsNumber))
            return null;
        var method = typeof(Math).GetMethod(name, types);
        if (method is null || method.ReturnType != type)
            method = typeof(MathF).GetMethod(name, types);
        return method is not null && method.ReturnType == type ? Expression.Call(method, arguments) : null;
    }

    /// <summary>True for types whose C# operators mean the same as F#'s: numbers, strings, bools, enums, dates, durations, Guids.</summary>
    /// <param name="type">Any type.</param>
    /// <returns>False for types that F# compares by structure.</returns>
    public static bool HasOwnOperators(Type type) =>
        type.IsPrimitive || type.IsEnum || type == typeof(string) || type == typeof(decimal) || type == typeof(Half) || type == typeof(DateTime)
            || type == typeof(DateTimeOffset)
        || type == typeof(DateOnly) || type == typeof(TimeOnly) || type == typeof(TimeSpan) || type == typeof(Guid);

    private static ExpressionType? Operator(string name) => name switch
    {
        "op_Addition" => ExpressionType.Add,
        "op_Subtraction" => ExpressionType.Subtract,
        "op_Multiply" => ExpressionType.Multiply,
        "op_Division" => ExpressionType.Divide,
        "op_Modulus" => ExpressionType.Modulo,
        "op_Equality" => ExpressionType.Equal,
        "op_Inequality" => ExpressionType.NotEqual,
        "op_LessThan" => ExpressionType.LessThan,
        "op_LessThanOrEqual" => ExpressionType.LessThanOrEqual,
        "op_GreaterThan" => ExpressionType.GreaterThan,
        "op_GreaterThanOrEqual" => ExpressionType.GreaterThanOrEqual,
        _ => null,
    };

    // pown x n
    private static Expression? Power(Expression x, Expression n)
    {
        if (x.Type == typeof(double) || x.Type == typeof(float))
            return MathCall(nameof(Math.Pow), [x, Expression.Convert(n, x.Type)], x.Type);
        if (n is not ConstantExpression { Value: int power and >= 1 and <= LargestProduct } || !NumericTypes.IsNumber(x.Type))
            return null;
        var product = x;
        for (var i = 1; i < power; i++)
            product = Expression.Multiply(product, x);
        return product;
    }
}
