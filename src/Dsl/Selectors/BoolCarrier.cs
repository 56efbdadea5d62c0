using System.Linq.Expressions;

namespace TypedPooling.Selectors;

/// <summary>Carries bools.</summary>
internal sealed class BoolCarrier : ValueCarrier<bool>
{
    /// <inheritdoc/>
    public override Func<bool, bool, bool>? Operation(ExpressionType node) => node switch
    {
        ExpressionType.And => (a, b) => a & b,
        ExpressionType.Or => (a, b) => a | b,
        ExpressionType.ExclusiveOr => (a, b) => a ^ b,
        _ => null,
    };

    /// <inheritdoc/>
    public override Func<bool, bool, bool>? Comparison(ExpressionType node) => node switch
    {
        ExpressionType.Equal => (a, b) => a == b,
        ExpressionType.NotEqual => (a, b) => a != b,
        _ => null,
    };

    /// <inheritdoc/>
    public override Func<bool, bool>? Operation1(ExpressionType node) => node == ExpressionType.Not ? a => !a : null;

    /// <inheritdoc/>
    public override Delegate? Binary(BinaryExpression node, Delegate left, Delegate right)
    {
        // The right side is evaluated only where the left one leaves it open.
        var (a, b) = ((Part<bool>)left, (Part<bool>)right);
        return node.NodeType switch
        {
            ExpressionType.AndAlso => (Part<bool>)((ref byte row) => a(ref row) && b(ref row)),
            ExpressionType.OrElse => (Part<bool>)((ref byte row) => a(ref row) || b(ref row)),
            _ => base.Binary(node, left, right),
        };
    }
}
