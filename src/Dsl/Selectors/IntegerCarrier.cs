using System.Linq.Expressions;
using System.Numerics;

namespace TypedPooling.Selectors;

/// <summary>Carries an integer, with operations on its bits.</summary>
/// <typeparam name="T">A primitive integer or <see cref="char"/>.</typeparam>
internal sealed class IntegerCarrier<T> : NumberCarrier<T>
    where T : struct, IBinaryInteger<T>
{
    /// <inheritdoc/>
    public override Func<T, T, T>? Operation(ExpressionType node) => node switch
    {
        ExpressionType.And => (a, b) => a & b,
        ExpressionType.Or => (a, b) => a | b,
        ExpressionType.ExclusiveOr => (a, b) => a ^ b,
        _ => base.Operation(node),
    };

    /// <inheritdoc/>
    public override Func<T, T>? Operation1(ExpressionType node) =>
        node is ExpressionType.Not or ExpressionType.OnesComplement ? a => ~a : base.Operation1(node);
}
