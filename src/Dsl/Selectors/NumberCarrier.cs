using System.Linq.Expressions;
using System.Numerics;

namespace TypedPooling.Selectors;

/// <summary>Carries a primitive number, with the arithmetic and the conversions of C#.</summary>
/// <typeparam name="T">A primitive number or <see cref="char"/>.</typeparam>
internal class NumberCarrier<T> : ValueCarrier<T>
    where T : struct, INumber<T>
{
    /// <inheritdoc/>
    public override Func<T, T, T>? Operation(ExpressionType node) => node switch
    {
        ExpressionType.Add => (a, b) => a + b,
        ExpressionType.Subtract => (a, b) => a - b,
        ExpressionType.Multiply => (a, b) => a * b,
        ExpressionType.Divide => (a, b) => a / b,
        ExpressionType.Modulo => (a, b) => a % b,
        ExpressionType.AddChecked => (a, b) => checked(a + b),
        ExpressionType.SubtractChecked => (a, b) => checked(a - b),
        ExpressionType.MultiplyChecked => (a, b) => checked(a * b),
        _ => null,
    };

    /// <inheritdoc/>
    public override Func<T, T, bool>? Comparison(ExpressionType node) => node switch
    {
        ExpressionType.Equal => (a, b) => a == b,
        ExpressionType.NotEqual => (a, b) => a != b,
        ExpressionType.LessThan => (a, b) => a < b,
        ExpressionType.LessThanOrEqual => (a, b) => a <= b,
        ExpressionType.GreaterThan => (a, b) => a > b,
        ExpressionType.GreaterThanOrEqual => (a, b) => a >= b,
        _ => null,
    };

    /// <inheritdoc/>
    public override Func<T, T>? Operation1(ExpressionType node) => node switch
    {
        ExpressionType.Negate => a => -a,
        ExpressionType.NegateChecked => a => checked(-a),
        _ => null,
    };

    /// <inheritdoc/>
    public override Delegate? Binary(BinaryExpression node, Delegate left, Delegate right)
    {
        // The usual ones without a further call.
        var (a, b) = ((Part<T>)left, (Part<T>)right);
        return node.NodeType switch
        {
            ExpressionType.Add => (Part<T>)((ref byte row) => a(ref row) + b(ref row)),
            ExpressionType.Subtract => (Part<T>)((ref byte row) => a(ref row) - b(ref row)),
            ExpressionType.Multiply => (Part<T>)((ref byte row) => a(ref row) * b(ref row)),
            ExpressionType.Divide => (Part<T>)((ref byte row) => a(ref row) / b(ref row)),
            _ => base.Binary(node, left, right),
        };
    }

    /// <inheritdoc/>
    public override Delegate? Converted(Delegate operand, Carrier target, bool isChecked) => target switch
    {
        NumberCarrier<double> => To<double>(operand, isChecked),
        NumberCarrier<float> => To<float>(operand, isChecked),
        NumberCarrier<int> => To<int>(operand, isChecked),
        NumberCarrier<long> => To<long>(operand, isChecked),
        NumberCarrier<uint> => To<uint>(operand, isChecked),
        NumberCarrier<ulong> => To<ulong>(operand, isChecked),
        NumberCarrier<short> => To<short>(operand, isChecked),
        NumberCarrier<ushort> => To<ushort>(operand, isChecked),
        NumberCarrier<byte> => To<byte>(operand, isChecked),
        NumberCarrier<sbyte> => To<sbyte>(operand, isChecked),
        NumberCarrier<char> => To<char>(operand, isChecked),
        _ => null,
    };

    // Of a number or of a nullable one, which stays nullable.
    private static Delegate To<TTarget>(Delegate operand, bool isChecked)
        where TTarget : struct, INumber<TTarget>
    {
        // C# cuts floating point to a small integer by way of an int.
        var byInt = (typeof(T) == typeof(double) || typeof(T) == typeof(float)) && IsSmall(typeof(TTarget));
        if (operand is Part<T?> maybe)
        {
            Func<T, TTarget> convert = isChecked
                ? TTarget.CreateChecked
                : byInt ? a => TTarget.CreateTruncating(int.CreateTruncating(a)) : TTarget.CreateTruncating;
            return (Part<TTarget?>)((ref byte row) => maybe(ref row) is { } value ? convert(value) : null);
        }

        var number = (Part<T>)operand;
        if (isChecked)
            return (Part<TTarget>)((ref byte row) => TTarget.CreateChecked(number(ref row)));
        if (byInt)
            return (Part<TTarget>)((ref byte row) => TTarget.CreateTruncating(int.CreateTruncating(number(ref row))));
        return (Part<TTarget>)((ref byte row) => TTarget.CreateTruncating(number(ref row)));
    }

    private static bool IsSmall(Type type) =>
        type == typeof(byte) || type == typeof(sbyte) || type == typeof(short) || type == typeof(ushort) || type == typeof(char);
}
