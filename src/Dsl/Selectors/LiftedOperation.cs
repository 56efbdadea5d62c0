using System.Linq.Expressions;

namespace TypedPooling.Selectors;

/// <summary>Operators on nullable operands, both of which are evaluated.</summary>
internal static class LiftedOperation
{
    /// <summary>Null where an operand is null.</summary>
    public static Part<TResult?> Of<TLeft, TRight, TResult>(Part<TLeft?> left, Part<TRight?> right, Func<TLeft, TRight, TResult> operation)
        where TLeft : struct
        where TRight : struct
        where TResult : struct => (ref byte row) =>
        {
            var a = left(ref row);
            var b = right(ref row);
            return a.HasValue && b.HasValue ? operation(a.GetValueOrDefault(), b.GetValueOrDefault()) : null;
        };

    /// <summary>Null equals null and nothing else; no other comparison with a null holds.</summary>
    public static Part<bool> Comparison<TLeft, TRight>(
        ExpressionType node, Part<TLeft?> left, Part<TRight?> right, Func<TLeft, TRight, bool> comparison)
        where TLeft : struct
        where TRight : struct
    {
        var bothNull = node == ExpressionType.Equal;
        var oneNull = node == ExpressionType.NotEqual;
        return (ref byte row) =>
        {
            var a = left(ref row);
            var b = right(ref row);
            if (a.HasValue && b.HasValue)
                return comparison(a.GetValueOrDefault(), b.GetValueOrDefault());
            return a.HasValue == b.HasValue ? bothNull : oneNull;
        };
    }
}
