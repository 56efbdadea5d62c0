using System.Linq.Expressions;
using System.Reflection;

namespace TypedPooling.Selectors;

/// <summary>Carries reference types, and boxes values whose type native code may not know: structs of the user's, nullable enums.</summary>
/// <param name="boxes">True for value types.</param>
internal sealed class ObjectCarrier(bool boxes) : Carrier<object?>
{
    /// <inheritdoc/>
    public override Delegate OfStruct(RowAccess row, MethodInfo getter) =>
        boxes ? Invocation.Of(getter, row.Boxed(), []) : base.OfStruct(row, getter);

    /// <inheritdoc/>
    public override Delegate? OfObject(Part<object?> owner, MethodInfo method) => boxes ? null : base.OfObject(owner, method);

    /// <inheritdoc/>
    public override Delegate OfNothing(MethodInfo method) => boxes ? Invocation.Of(method, null, []) : base.OfNothing(method);

    /// <inheritdoc/>
    public override Delegate Element(Part<object?> array, Part<int> index) =>
        boxes ? (Part<object?>)((ref byte row) => ((Array)array(ref row)!).GetValue(index(ref row))) : base.Element(array, index);

    /// <inheritdoc/>
    public override Part<object?> Boxed(Delegate part, Type type) => (Part<object?>)part;

    /// <inheritdoc/>
    public override Delegate Unboxed(Part<object?> part) => part;

    /// <inheritdoc/>
    public override Func<object?, object?, bool>? Comparison(ExpressionType node) => node switch
    {
        // Boxed values compare without a method of their own only where they are nullable enums.
        ExpressionType.Equal => boxes ? Equals : ReferenceEquals,
        ExpressionType.NotEqual => boxes ? (a, b) => !Equals(a, b) : (a, b) => !ReferenceEquals(a, b),
        _ => null,
    };
}
