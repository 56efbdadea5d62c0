using System.Linq.Expressions;
using System.Reflection;

namespace TypedPooling.Selectors;

/// <summary>Static methods of one or two numbers, dates and the like, called without boxing: operators of types that are not primitive, and functions
/// such as those of <see cref="Math"/>.</summary>
internal abstract class Function
{
    // Signatures that native code knows; others are called by reflection.
    private static readonly Dictionary<(Type First, Type? Second, Type Result), Function> Known = new Function[]
    {
        new Function1<double, double>(), new Function1<float, float>(), new Function1<int, int>(), new Function1<long, long>(),
        new Function1<decimal, decimal>(),
        new Function1<double, int>(), new Function1<int, double>(), new Function1<bool, bool>(), new Function1<TimeSpan, TimeSpan>(),
        new Function1<double, bool>(),
        new Function1<decimal, double>(), new Function1<double, decimal>(), new Function1<decimal, float>(), new Function1<float, decimal>(),
        new Function1<decimal, int>(),
        new Function1<int, decimal>(), new Function1<decimal, long>(), new Function1<long, decimal>(), new Function1<short, decimal>(),
        new Function1<byte, decimal>(),
        new Function1<Half, double>(), new Function1<double, Half>(), new Function1<Half, float>(), new Function1<float, Half>(),
        new Function1<Half, Half>(), new Function1<Half, int>(),
        new Function1<double, TimeSpan>(), new Function1<DateTime, DateOnly>(), new Function1<DateTime, DateTimeOffset>(),
        new Function2<double, double, double>(), new Function2<float, float, float>(), new Function2<int, int, int>(),
        new Function2<long, long, long>(),
        new Function2<double, int, double>(), new Function2<decimal, int, decimal>(), new Function2<double, double, bool>(),
        new Function2<double, int, bool>(),
        new Function2<decimal, decimal, decimal>(), new Function2<decimal, decimal, bool>(), new Function2<Half, Half, Half>(),
        new Function2<Half, Half, bool>(),
        new Function2<DateTime, DateTime, TimeSpan>(), new Function2<DateTime, TimeSpan, DateTime>(), new Function2<DateTime, DateTime, bool>(),
        new Function2<DateTimeOffset, DateTimeOffset, TimeSpan>(), new Function2<DateTimeOffset, TimeSpan, DateTimeOffset>(),
        new Function2<DateTimeOffset, DateTimeOffset, bool>(),
        new Function2<TimeSpan, TimeSpan, TimeSpan>(), new Function2<TimeSpan, TimeSpan, bool>(), new Function2<TimeSpan, double, TimeSpan>(),
        new Function2<TimeSpan, TimeSpan, double>(),
        new Function2<DateOnly, DateOnly, bool>(), new Function2<TimeOnly, TimeOnly, bool>(), new Function2<TimeOnly, TimeOnly, TimeSpan>(),
        new Function2<Guid, Guid, bool>(),
    }.ToDictionary(function => function.Signature);

    /// <summary>Types of the parameters and of the result.</summary>
    public abstract (Type First, Type? Second, Type Result) Signature { get; }

    /// <summary>The function of a method's signature.</summary>
    /// <param name="method">A static method.</param>
    /// <returns>Null where the signature is none of the usual ones.</returns>
    public static Function? Of(MethodInfo method) => method.GetParameters() switch
    {
        [var only] => Known.GetValueOrDefault((only.ParameterType, null, method.ReturnType)),
        [var first, var second] => Known.GetValueOrDefault((first.ParameterType, second.ParameterType, method.ReturnType)),
        _ => null,
    };

    /// <summary>A call.</summary>
    /// <param name="method">A method of the signature.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <returns>A part of the result's type.</returns>
    public abstract Delegate Call(MethodInfo method, Delegate[] arguments);

    /// <summary>An operator with nullable operands.</summary>
    /// <param name="method">A method of the signature.</param>
    /// <param name="node">The operator.</param>
    /// <param name="operands">Its operands, of nullable types.</param>
    /// <returns>A part of the result's nullable type, or of <see cref="bool"/> for a comparison.</returns>
    public abstract Delegate Lifted(MethodInfo method, ExpressionType node, Delegate[] operands);

    private sealed class Function1<TArgument, TResult> : Function
        where TArgument : struct
        where TResult : struct
    {
        public override (Type First, Type? Second, Type Result) Signature => (typeof(TArgument), null, typeof(TResult));

        public override Delegate Call(MethodInfo method, Delegate[] arguments)
        {
            var function = method.CreateDelegate<Func<TArgument, TResult>>();
            var x = (Part<TArgument>)arguments[0];
            return (Part<TResult>)((ref byte row) => function(x(ref row)));
        }

        public override Delegate Lifted(MethodInfo method, ExpressionType node, Delegate[] operands)
        {
            var function = method.CreateDelegate<Func<TArgument, TResult>>();
            var x = (Part<TArgument?>)operands[0];
            return (Part<TResult?>)((ref byte row) => x(ref row) is { } value ? function(value) : null);
        }
    }

    private sealed class Function2<TFirst, TSecond, TResult> : Function
        where TFirst : struct
        where TSecond : struct
        where TResult : struct
    {
        public override (Type First, Type? Second, Type Result) Signature => (typeof(TFirst), typeof(TSecond), typeof(TResult));

        public override Delegate Call(MethodInfo method, Delegate[] arguments)
        {
            var function = method.CreateDelegate<Func<TFirst, TSecond, TResult>>();
            var (x, y) = ((Part<TFirst>)arguments[0], (Part<TSecond>)arguments[1]);
            return (Part<TResult>)((ref byte row) => function(x(ref row), y(ref row)));
        }

        public override Delegate Lifted(MethodInfo method, ExpressionType node, Delegate[] operands)
        {
            var function = method.CreateDelegate<Func<TFirst, TSecond, TResult>>();
            var (x, y) = ((Part<TFirst?>)operands[0], (Part<TSecond?>)operands[1]);
            return function is Func<TFirst, TSecond, bool> comparison
                ? LiftedOperation.Comparison(node, x, y, comparison)
                : LiftedOperation.Of(x, y, function);
        }
    }
}
