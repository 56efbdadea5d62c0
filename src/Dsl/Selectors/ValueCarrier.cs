using System.Linq.Expressions;
using System.Reflection;

namespace TypedPooling.Selectors;

/// <summary>Carries a value type that native code knows, together with its nullable.</summary>
/// <typeparam name="T">A number, a bool, a date, a duration, a Guid.</typeparam>
internal class ValueCarrier<T> : Carrier<T>
    where T : struct
{
    public ValueCarrier() => Nullable = new NullableCarrier<T>(this);

    /// <inheritdoc/>
    public override NullableCarrier Nullable { get; }

    /// <summary>What an operator of one operand, without a method of its own, does; null where there is none.</summary>
    public virtual Func<T, T>? Operation1(ExpressionType node) => null;

    /// <inheritdoc/>
    public override Delegate? Unary(ExpressionType node, Delegate operand)
    {
        if (Operation1(node) is not { } operation)
            return null;
        var value = (Part<T>)operand;
        return (Part<T>)((ref byte row) => operation(value(ref row)));
    }

    /// <inheritdoc/>
    public override Delegate? Member(Delegate owner, MethodInfo getter)
    {
        var type = getter.ReturnType;
        return type == typeof(double) ? Member<double>(owner, getter)
            : type == typeof(int) || (type.IsEnum && Enum.GetUnderlyingType(type) == typeof(int)) ? Member<int>(owner, getter)
            : type == typeof(long) ? Member<long>(owner, getter)
            : type == typeof(DateTime) ? Member<DateTime>(owner, getter)
            : type == typeof(TimeSpan) ? Member<TimeSpan>(owner, getter)
            : null;
    }

    private static Part<TValue> Member<TValue>(Delegate owner, MethodInfo getter)
    {
        var value = (Part<T>)owner;
        var get = getter.CreateDelegate<ByRef<T, TValue>>();
        return (ref byte row) =>
        {
            var copy = value(ref row);
            return get(ref copy);
        };
    }
}
