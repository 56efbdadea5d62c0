using System.Reflection;

namespace TypedPooling.Selectors;

/// <summary>Calls of methods and constructors of any signature, by reflection: arguments and result are boxed.</summary>
internal static class Invocation
{
    /// <summary>A call of a method without by-reference parameters.</summary>
    /// <param name="method">The method.</param>
    /// <param name="target">The object; null for a static method.</param>
    /// <param name="arguments">The arguments.</param>
    /// <returns>What the method returns; what it throws is not wrapped.</returns>
    public static Part<object?> Of(MethodInfo method, Part<object?>? target, Part<object?>[] arguments)
    {
        var invoker = MethodInvoker.Create(method);
        if (target is null)
            return (ref byte row) => invoker.Invoke(null, Values(arguments, ref row));
        if (arguments.Length == 0)
            return (ref byte row) => invoker.Invoke(target(ref row) ?? throw new NullReferenceException());
        return (ref byte row) =>
        {
            var owner = target(ref row);
            var values = Values(arguments, ref row);
            return invoker.Invoke(owner ?? throw new NullReferenceException(), values);
        };
    }

    /// <summary>A new object.</summary>
    /// <param name="constructor">Its constructor.</param>
    /// <param name="arguments">The arguments.</param>
    /// <returns>The object; what the constructor throws is not wrapped.</returns>
    public static Part<object?> Of(ConstructorInfo constructor, Part<object?>[] arguments)
    {
        var invoker = ConstructorInvoker.Create(constructor);
        return (ref byte row) => invoker.Invoke(Values(arguments, ref row));
    }

    private static Span<object?> Values(Part<object?>[] arguments, ref byte row)
    {
        var values = new object?[arguments.Length];
        for (var i = 0; i < values.Length; i++)
            values[i] = arguments[i](ref row);
        return values;
    }
}
