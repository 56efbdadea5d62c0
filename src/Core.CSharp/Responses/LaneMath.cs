using System.Numerics;
using System.Runtime.CompilerServices;

namespace TypedPooling.Responses;

/// <summary>Functions of numbers in lanes that keep the digits of small arguments. A lane's result depends on its own argument alone.</summary>
internal static class LaneMath
{
    // Below it exp(x) - 1 is summed as a series; its term of x^15 is below 1e-17 of the first.
    private const double SeriesLimit = 0.35;

    /// <summary>log(1 + x).</summary>
    /// <param name="x">Numbers above -1.</param>
    /// <remarks>What rounding did to 1 + x is undone by the ratio. Source: [Goldberg1991].</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<double> LogOnePlus(Vector<double> x)
    {
        var one = Vector<double>.One;
        var sum = one + x;
        var rounded = sum - one;
        var isSmall = Vector.Equals(rounded, Vector<double>.Zero);
        var ratio = x / Vector.ConditionalSelect(isSmall, one, rounded);
        return Vector.ConditionalSelect(isSmall, x, Vector.Log(sum) * Vector.ConditionalSelect(Vector.Equals(sum, rounded), one, ratio));
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
}
