using System.Linq.Expressions;
using System.Reflection;

namespace TypedPooling.Selectors;

/// <summary>How values of a type travel between the parts of a selector: numbers, dates and nullables of these as they are, enums as their numbers,
/// all other values as objects.</summary>
/// <remarks>
/// Native code has only the generic instantiations that its compiler saw. The carriers that <see cref="Carriers"/> lists, and that of a key's own
/// type, are therefore made in typed code; reference types share one. A <see cref="Delegate"/> below is a <see cref="Part{TValue}"/> of the carried
/// type.
/// </remarks>
internal abstract class Carrier
{
    /// <summary>The carried type.</summary>
    public abstract Type Type { get; }

    /// <summary>The same value for every row.</summary>
    public abstract Delegate Constant(object? value);

    /// <summary>The row itself, which is of the carried type.</summary>
    public abstract Delegate Row();

    /// <summary>One of two parts; the other one is not evaluated.</summary>
    public abstract Delegate Choice(Part<bool> test, Delegate ifTrue, Delegate ifFalse);

    /// <summary>A method without arguments of a row that is a struct.</summary>
    public abstract Delegate OfStruct(RowAccess row, MethodInfo getter);

    /// <summary>A method without arguments of an object, or a static method of an object.</summary>
    /// <returns>Null where native code lacks the instantiation.</returns>
    public abstract Delegate? OfObject(Part<object?> owner, MethodInfo method);

    /// <summary>A static method without arguments.</summary>
    public abstract Delegate OfNothing(MethodInfo method);

    /// <summary>An element of an array.</summary>
    public abstract Delegate Element(Part<object?> array, Part<int> index);

    /// <summary>As objects.</summary>
    /// <param name="part">A part of the carried type.</param>
    /// <param name="type">Type of the objects: the carried type, or an enum over it.</param>
    public abstract Part<object?> Boxed(Delegate part, Type type);

    /// <summary>From objects: null and other types throw as a cast does.</summary>
    public abstract Delegate Unboxed(Part<object?> part);

    /// <summary>A member of a struct of the carried type.</summary>
    /// <returns>Null where the carried type, or that of the member, is none of the usual ones.</returns>
    public virtual Delegate? Member(Delegate owner, MethodInfo getter) => null;

    /// <summary>An operator without a method of its own, on two operands of the carried type.</summary>
    /// <returns>Null where there is none; a part of <see cref="bool"/> where it compares.</returns>
    public virtual Delegate? Binary(BinaryExpression node, Delegate left, Delegate right) => null;

    /// <summary>An operator without a method of its own, on an operand of the carried type.</summary>
    /// <returns>Null where there is none.</returns>
    public virtual Delegate? Unary(ExpressionType node, Delegate operand) => null;

    /// <summary>A conversion without a method of its own to another carrier.</summary>
    /// <returns>Null where there is none.</returns>
    public virtual Delegate? Converted(Delegate operand, Carrier target, bool isChecked) => null;

    /// <summary>The carrier of a nullable of the carried type; null where there is none.</summary>
    public virtual NullableCarrier? Nullable => null;
}
