using System.Linq.Expressions;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace TypedPooling.Selectors;

/// <summary>Carries values of a type as they are.</summary>
/// <typeparam name="T">Any type; <see cref="object"/> for all reference types.</typeparam>
internal class Carrier<T> : Carrier
{
    /// <inheritdoc/>
    public override Type Type => typeof(T);

    /// <inheritdoc/>
    public override Delegate Constant(object? value)
    {
        var constant = (T)value!;
        return (Part<T>)((ref byte row) => constant);
    }

    /// <inheritdoc/>
    public override Delegate Row() => (Part<T>)((ref byte row) => Unsafe.As<byte, T>(ref row));

    /// <inheritdoc/>
    public override Delegate Choice(Part<bool> test, Delegate ifTrue, Delegate ifFalse)
    {
        var (yes, no) = ((Part<T>)ifTrue, (Part<T>)ifFalse);
        return (Part<T>)((ref byte row) => test(ref row) ? yes(ref row) : no(ref row));
    }

    /// <inheritdoc/>
    public override Delegate OfStruct(RowAccess row, MethodInfo getter) => row.Getter<T>(getter);

    /// <inheritdoc/>
    public override Delegate? OfObject(Part<object?> owner, MethodInfo method)
    {
        if (OpenMethod.OfObject<T>(method) is not { } get)
            return null;
        if (method.IsStatic)
            return (Part<T>)((ref byte row) => get(owner(ref row)!));
        return (Part<T>)((ref byte row) => get(owner(ref row) ?? throw new NullReferenceException()));
    }

    /// <inheritdoc/>
    public override Delegate OfNothing(MethodInfo method)
    {
        var get = method.CreateDelegate<Func<T>>();
        return (Part<T>)((ref byte row) => get());
    }

    /// <inheritdoc/>
    public override Delegate Element(Part<object?> array, Part<int> index) => (Part<T>)((ref byte row) => ((T[])array(ref row)!)[index(ref row)]);

    /// <inheritdoc/>
    public override Part<object?> Boxed(Delegate part, Type type)
    {
        var value = (Part<T>)part;
        if (type.IsEnum)
            return (ref byte row) => Enum.ToObject(type, value(ref row)!);
        return (ref byte row) => value(ref row);
    }

    /// <inheritdoc/>
    public override Delegate Unboxed(Part<object?> part) => (Part<T>)((ref byte row) => (T)part(ref row)!);

    /// <summary>What an operator without a method of its own does; null where there is none.</summary>
    public virtual Func<T, T, T>? Operation(ExpressionType node) => null;

    /// <summary>What a comparison without a method of its own says; null where there is none.</summary>
    public virtual Func<T, T, bool>? Comparison(ExpressionType node) => null;

    /// <inheritdoc/>
    public override Delegate? Binary(BinaryExpression node, Delegate left, Delegate right)
    {
        var (a, b) = ((Part<T>)left, (Part<T>)right);
        if (Operation(node.NodeType) is { } operation)
            return (Part<T>)((ref byte row) => operation(a(ref row), b(ref row)));
        if (Comparison(node.NodeType) is { } comparison)
            return (Part<bool>)((ref byte row) => comparison(a(ref row), b(ref row)));
        return null;
    }
}
