using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace TypedPooling.Selectors;

/// <summary>Methods of one object, instance or static, as delegates.</summary>
internal static class OpenMethod
{
    /// <summary>An instance method without arguments, or a static method of one argument, of a reference type.</summary>
    /// <typeparam name="T">What it returns; <see cref="object"/> for reference types, the number for an enum.</typeparam>
    /// <param name="method">The method.</param>
    /// <returns>The delegate; its argument must be of the owner's type. Null where native code lacks it, or where a value type takes the
    /// object.</returns>
    [UnconditionalSuppressMessage(
        "AOT",
        "IL3050",
        Justification = "The owner is a reference type, and the code for reference types is shared: it is here, since Func<object, T> is used.")]
    [UnconditionalSuppressMessage("Trimming", "IL2055", Justification = "Func has no requirements on its type arguments.")]
    public static Func<object, T>? OfObject<T>(MethodInfo method)
    {
        var owner = method.IsStatic ? method.GetParameters()[0].ParameterType : method.DeclaringType!;
        if (owner.IsValueType)
            return null;
        try
        {
            // A Func<TOwner, T>; all of them run the same code, and the tree is typed: nothing but a TOwner is passed.
            return Unsafe.As<Func<object, T>>(method.CreateDelegate(typeof(Func<,>).MakeGenericType(owner, typeof(T))));
        }
        catch (NotSupportedException)
        {
            return null;
        }
    }
}
