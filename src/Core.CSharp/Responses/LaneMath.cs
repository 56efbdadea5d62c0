using System.Numerics;
using System.Runtime.CompilerServices;

namespace TypedPooling.Responses;

/// <summary>Functions of numbers in lanes that keep the digits of small arguments. A lane's result depends on its own argument alone.</summary>
internal static class LaneMath
{
    // Below it log(1 + x) is summed as a series; its term of t^23 is below 1e-18 of the first.
    private const double LogSeriesLimit = 0.25;

    // Below it exp(x) - 1 is summed as a series; its term of x^15 is below 1e-17 of the first.
    private const double SeriesLimit = 0.35;

    /// <summary>log(1 + x).</summary>
    /// <param name="x">Numbers above -1.</param>
    /// <remarks>
    /// Near 0 2 (t + t^3 / 3 + ...) with t = x / (2 + x); elsewhere what rounding did to 1 + x is undone by the ratio. Source: [Goldberg1991].
    /// </remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<double> LogOnePlus(Vector<double> x)
    {
        var isSmall = Vector.LessThanOrEqual(Vector.Abs(x), new Vector<double>(LogSeriesLimit));
        if (Vector.EqualsAll(isSmall, Vector<long>.AllBitsSet))
            return LogSeries(x);
        var one = Vector<double>.One;
        var sum = one + x;
        var rounded = sum - one;

        // Beyond 2^53, and where the sum is infinite, there is nothing to undo.
        var isExact = Vector.BitwiseOr(isSmall, Vector.Equals(sum, rounded));
        var far = Vector.Log(sum) * Vector.ConditionalSelect(isExact, one, x / rounded);
        return Vector.EqualsAll(isSmall, Vector<long>.Zero) ? far : Vector.ConditionalSelect(isSmall, LogSeries(x), far);
    }

    /// <summary>exp(x) - 1.</summary>
    /// <param name="x">Numbers.</param>
    /// <param name="exponential">exp(x).</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<double> ExpMinusOne(Vector<double> x, out Vector<double> exponential)
    {
        var isSmall = Vector.LessThanOrEqual(Vector.Abs(x), new Vector<double>(SeriesLimit));
        if (Vector.EqualsAll(isSmall, Vector<long>.Zero))
        {
            exponential = Vector.Exp(x);
            return exponential - Vector<double>.One;
        }

        var sum = Vector<double>.One;
        for (var k = 14; k > 1; k--)
            sum = Vector<double>.One + sum * x * new Vector<double>(1.0 / k);
        var rise = sum * x;
        exponential = Vector<double>.One + rise;
        if (Vector.EqualsAll(isSmall, Vector<long>.AllBitsSet))
            return rise;
        var power = Vector.Exp(x);
        exponential = Vector.ConditionalSelect(isSmall, exponential, power);
        return Vector.ConditionalSelect(isSmall, rise, power - Vector<double>.One);
    }

    /// <summary>A function that has no form in lanes, lane by lane; once where all lanes are equal.</summary>
    /// <param name="x">Numbers.</param>
    /// <param name="function">The function.</param>
    public static Vector<double> Map(Vector<double> x, Func<double, double> function)
    {
        if (Vector.EqualsAll(x, new Vector<double>(x[0])))
            return new Vector<double>(function(x[0]));
        Span<double> values = stackalloc double[Vector<double>.Count];
        x.CopyTo(values);
        for (var i = 0; i < values.Length; i++)
            values[i] = function(values[i]);
        return new Vector<double>(values);
    }

    private static Vector<double> LogSeries(Vector<double> x)
    {
        var two = new Vector<double>(2);
        var t = x / (two + x);
        var square = t * t;
        var sum = Vector<double>.Zero;
        for (var power = 21; power >= 1; power -= 2)
            sum = new Vector<double>(1.0 / power) + square * sum;
        return two * t * sum;
    }
}
