using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace TypedPooling.Inference.Sampling.Importance;

/// <summary>The generalised Pareto tail of importance ratios.</summary>
internal static class ParetoTail
{
    // A tail that varies less than this, relatively, is rounding.
    private const double LeastVariation = 1e-10;

    // Weakly informative prior of the shape: as many observations of shape 1/2. Source: [Vehtari2024], appendix G.
    private const double PriorCount = 10;

    private const int LeastTail = 5;

    // A tail whose logs differ by less than this is one value.
    private const double LeastLogVariation = 2.220446049250313e-18;

    /// <summary>Pareto k-hat: shape of the generalised Pareto distribution fitted to the largest importance ratios.</summary>
    /// <param name="logRatios">Natural logs of the ratios, up to a constant; negative infinity counts as ratio 0. Not changed. Length S.</param>
    /// <returns>
    /// The shape: below 0.5 the ratios have a finite variance. Negative infinity where the largest ratios are all equal; positive infinity where
    /// there are too few (S below 25) or a ratio is NaN or infinite.
    /// </returns>
    /// <remarks>
    /// The tail is the largest min(S/5, 3 sqrt(S)) ratios; values are those of the R package loo. O(S), and O(S^3/4) logarithms. Allocates two
    /// arrays. Sources: [Vehtari2024], [ZhangStephens2009].
    /// </remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static double ShapeOf(ReadOnlySpan<double> logRatios)
    {
        var count = logRatios.Length;
        var length = LengthOf(count, 1);
        if (length < LeastTail || Largest(logRatios) is not { } largest)
            return double.PositiveInfinity;

        // The tail and, below it, the largest ratio that is no longer in it.
        var logs = logRatios.ToArray();
        var first = count - length - 1;
        Select(logs, first);
        var tail = logs.AsSpan(first);
        tail.Sort();
        var cutoff = Math.Exp(tail[0] - largest);
        var exceedances = new double[length];
        for (var i = 0; i < length; i++)
            exceedances[i] = Math.Exp(tail[i + 1] - largest) - cutoff;
        return exceedances[^1] - exceedances[0] <= LeastVariation && exceedances[^1] <= LeastVariation
            ? double.NegativeInfinity
            : Shape(exceedances).Shape;
    }

    /// <summary>Pareto smoothing: replaces the largest importance ratios by the expected order statistics of the generalised Pareto distribution
    /// fitted to them, none above the largest ratio.</summary>
    /// <param name="logRatios">Natural logs of the ratios, up to a constant; those of the tail are overwritten. Length S.</param>
    /// <param name="relativeEfficiency">Effective draws a draw, positive: 1 for independent draws. Correlated draws have a longer tail.</param>
    /// <returns>Pareto k-hat, as of <see cref="ShapeOf"/>; where it is infinite nothing is overwritten.</returns>
    /// <remarks>The tail is the largest min(S/5, 3 sqrt(S / efficiency)) ratios; values are those of the R package loo. O(S), and O(S^3/4)
    /// logarithms. Sources: [Vehtari2024], [ZhangStephens2009].</remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static double Smooth(Span<double> logRatios, double relativeEfficiency)
    {
        var count = logRatios.Length;
        var length = LengthOf(count, relativeEfficiency);
        if (length < LeastTail || Largest(logRatios) is not { } largest)
            return double.PositiveInfinity;

        var pool = ArrayPool<double>.Shared;
        var copy = pool.Rent(count);
        var tail = new double[length];
        var at = new int[length];
        logRatios.CopyTo(copy);
        var first = count - length - 1;
        Select(copy.AsSpan(0, count), first);
        var cutoff = copy[first];
        pool.Return(copy);

        // What is above the cutoff; where several are equal to it the last ones belong to the tail.
        var filled = 0;
        for (var s = 0; s < count; s++)
        {
            if (logRatios[s] > cutoff)
                (tail[filled], at[filled++]) = (logRatios[s], s);
        }

        for (var s = count - 1; filled < length; s--)
        {
            if (logRatios[s] == cutoff)
                (tail[filled], at[filled++]) = (cutoff, s);
        }

        Array.Sort(tail, at);
        if (tail[^1] - tail[0] < LeastLogVariation)
            return double.NegativeInfinity;
        var origin = Math.Exp(cutoff - largest);
        for (var i = 0; i < length; i++)
            tail[i] = Math.Exp(tail[i] - largest) - origin;
        var (shape, scale) = Shape(tail);
        if (!double.IsFinite(shape) || !(scale > 0))
            return shape;
        for (var i = 0; i < length; i++)
        {
            var probability = (i + 0.5) / length;
            var quantile = shape == 0 ? -scale * Math.Log(1 - probability) : scale * Expm1(-shape * Math.Log(1 - probability)) / shape;
            logRatios[at[i]] = Math.Min(0, Math.Log(quantile + origin)) + largest;
        }

        return shape;
    }

    private static int LengthOf(int count, double relativeEfficiency) =>
        (int)Math.Ceiling(Math.Min(0.2 * count, 3 * Math.Sqrt(count / relativeEfficiency)));

    // e^x - 1 without cancellation: from tanh, (e^x - 1) = (e^x + 1) tanh(x / 2).
    private static double Expm1(double x) => Math.Tanh(x / 2) * (Math.Exp(x) + 1);

    // Null where nothing can be fitted.
    private static double? Largest(ReadOnlySpan<double> logRatios)
    {
        var largest = double.NegativeInfinity;
        foreach (var log in logRatios)
        {
            if (double.IsNaN(log) || double.IsPositiveInfinity(log))
                return null;
            largest = Math.Max(largest, log);
        }

        return double.IsNegativeInfinity(largest) ? null : largest;
    }

    // Quasi-Bayesian estimate over a grid of b = -shape / scale: [ZhangStephens2009], section 3. Exceedances ascending.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static (double Shape, double Scale) Shape(double[] exceedances)
    {
        var count = exceedances.Length;
        var grid = 30 + (int)Math.Sqrt(count);
        var quartile = exceedances[(int)((count / 4.0) + 0.5) - 1];
        var theta = new double[grid];
        var log = new double[grid];
        var largest = double.NegativeInfinity;
        for (var j = 0; j < grid; j++)
        {
            theta[j] = (1 / exceedances[^1]) + ((1 - Math.Sqrt(grid / (j + 0.5))) / 3 / quartile);
            var fitted = MeanLog(exceedances, theta[j]);
            log[j] = count * (Math.Log(-theta[j] / fitted) - fitted - 1);
            largest = Math.Max(largest, log[j]);
        }

        var (sum, weighted) = (0.0, 0.0);
        for (var j = 0; j < grid; j++)
        {
            var weight = Math.Exp(log[j] - largest);
            sum += weight;
            weighted += weight * theta[j];
        }

        // The scale belongs to the shape before the prior moves it.
        var shape = MeanLog(exceedances, weighted / sum);
        var scale = -shape / (weighted / sum);
        shape = ((shape * count) + (PriorCount * 0.5)) / (count + PriorCount);
        return (double.IsNaN(shape) ? double.PositiveInfinity : shape, scale);
    }

    // Mean of log(1 - theta x).
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static double MeanLog(double[] exceedances, double theta)
    {
        var lanes = MemoryMarshal.Cast<double, Vector256<double>>(exceedances.AsSpan());
        var sums = Vector256<double>.Zero;
        foreach (var lane in lanes)
            sums += Vector256.Log(Vector256<double>.One - (theta * lane));
        var sum = Vector256.Sum(sums);
        for (var i = lanes.Length * Vector256<double>.Count; i < exceedances.Length; i++)
            sum += Math.Log(1 - (theta * exceedances[i]));
        return sum / exceedances.Length;
    }

    // Quickselect: afterwards nothing before `at` is above anything from `at` on.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Select(Span<double> values, int at)
    {
        var (low, high) = (0, values.Length - 1);
        while (low < high)
        {
            var pivot = values[low + ((high - low) / 2)];
            var (i, j) = (low, high);
            while (i <= j)
            {
                while (values[i] < pivot)
                    i++;
                while (values[j] > pivot)
                    j--;
                if (i > j)
                    break;
                (values[i], values[j]) = (values[j], values[i]);
                i++;
                j--;
            }

            if (at <= j)
                high = j;
            else if (at >= i)
                low = i;
            else
                return;
        }
    }
}
