using System.Linq.Expressions;

namespace TypedPooling.Selectors;

/// <inheritdoc cref="NullableCarrier"/>
/// <typeparam name="T">The value type.</typeparam>
internal sealed class NullableCarrier<T>(ValueCarrier<T> underlying) : NullableCarrier
    where T : struct
{
    private readonly Lifted lifted = new(underlying);

    /// <inheritdoc/>
    public override Carrier Carrier => lifted;

    /// <inheritdoc/>
    public override Carrier Underlying => underlying;

    /// <inheritdoc/>
    public override Delegate Wrapped(Delegate value)
    {
        var known = (Part<T>)value;
        return (Part<T?>)((ref byte row) => known(ref row));
    }

    /// <inheritdoc/>
    public override Part<bool> HasValue(Delegate nullable)
    {
        var maybe = (Part<T?>)nullable;
        return (ref byte row) => maybe(ref row).HasValue;
    }

    /// <inheritdoc/>
    public override Delegate Value(Delegate nullable)
    {
        var maybe = (Part<T?>)nullable;
        return (Part<T>)((ref byte row) => maybe(ref row)!.Value);
    }

    /// <inheritdoc/>
    public override Delegate ValueOr(Delegate nullable, Delegate? other, bool isLazy)
    {
        var maybe = (Part<T?>)nullable;
        if (other is not Part<T> value)
            return (Part<T>)((ref byte row) => maybe(ref row).GetValueOrDefault());
        if (isLazy)
            return (Part<T>)((ref byte row) => maybe(ref row) ?? value(ref row));
        return (Part<T>)((ref byte row) => maybe(ref row).GetValueOrDefault(value(ref row)));
    }

    /// <inheritdoc/>
    public override Delegate Or(Delegate nullable, Delegate other)
    {
        var (maybe, otherwise) = ((Part<T?>)nullable, (Part<T?>)other);
        return (Part<T?>)((ref byte row) => maybe(ref row) ?? otherwise(ref row));
    }

    private sealed class Lifted(ValueCarrier<T> underlying) : Carrier<T?>
    {
        public override NullableCarrier Nullable => underlying.Nullable;

        // Both operands are evaluated; arithmetic with a null is null, null equals null, and no other comparison with a null holds.
        public override Delegate? Binary(BinaryExpression node, Delegate left, Delegate right)
        {
            var (a, b) = ((Part<T?>)left, (Part<T?>)right);
            if (underlying.Comparison(node.NodeType) is { } comparison && !node.IsLiftedToNull)
                return LiftedOperation.Comparison(node.NodeType, a, b, comparison);
            return underlying.Operation(node.NodeType) is { } operation && typeof(T) != typeof(bool) ? LiftedOperation.Of(a, b, operation) : null;
        }

        public override Delegate? Unary(ExpressionType node, Delegate operand)
        {
            if (underlying.Operation1(node) is not { } operation)
                return null;
            var maybe = (Part<T?>)operand;
            return (Part<T?>)((ref byte row) => maybe(ref row) is { } value ? operation(value) : null);
        }

        public override Delegate? Converted(Delegate operand, Carrier target, bool isChecked) =>
            target.Nullable is { } nullable && nullable.Carrier == target ? underlying.Converted(operand, nullable.Underlying, isChecked) : null;
    }
}
