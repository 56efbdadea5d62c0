using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace TypedPooling.Inference.Importance;

/// <summary>The generalised Pareto tail of importance ratios.</summary>
public static class ParetoTail
{
    // A tail that varies less than this, relatively, is rounding.
    private const double LeastVariation = 1e-10;

    // Weakly informative prior of the shape: as many observations of shape 1/2. Source: [Vehtari2024], appendix G.
    private const double PriorCount = 10;

    private const int LeastTail = 5;

    /// <summary>Pareto k-hat: shape of the generalised Pareto distribution fitted to the largest importance ratios.</summary>
    /// <param name="logRatios">Natural logs of the ratios, up to a constant; negative infinity counts as ratio 0. Not changed. Length S.</param>
    /// <returns>
    /// The shape: below 0.5 the ratios have a finite variance. Negative infinity where the largest ratios are all equal; positive infinity where there are too few (S below 25) or a ratio is NaN or infinite.
    /// </returns>
    /// <remarks>
    /// The tail is the largest min(S/5, 3 sqrt(S)) ratios; values are those of the R package loo. O(S), and O(S^3/4) logarithms. Allocates two arrays. Sources: [Vehtari2024], [ZhangStephens2009].
    /// </remarks>
    public static double ShapeOf(ReadOnlySpan<double> logRatios)
    {
        var count = logRatios.Length;
        var length = (int)Math.Ceiling(Math.Min(0.2 * count, 3 * Math.Sqrt(count)));
        if (length < LeastTail)
            return double.PositiveInfinity;

        var largest = double.NegativeInfinity;
        foreach (var log in logRatios)
        {
            if (double.IsNaN(log) || double.IsPositiveInfinity(log))
                return double.PositiveInfinity;
            largest = Math.Max(largest, log);
        }

        if (double.IsNegativeInfinity(largest))
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
        return exceedances[^1] - exceedances[0] <= LeastVariation && exceedances[^1] <= LeastVariation ? double.NegativeInfinity : Shape(exceedances);
    }

    // Quasi-Bayesian estimate over a grid of b = -shape / scale: [ZhangStephens2009], section 3. Exceedances ascending.
    private static double Shape(double[] exceedances)
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
            var k = MeanLog(exceedances, theta[j]);
            log[j] = count * (Math.Log(-theta[j] / k) - k - 1);
            largest = Math.Max(largest, log[j]);
        }

        var (sum, weighted) = (0.0, 0.0);
        for (var j = 0; j < grid; j++)
        {
            var weight = Math.Exp(log[j] - largest);
            sum += weight;
            weighted += weight * theta[j];
        }

        var shape = MeanLog(exceedances, weighted / sum);
        shape = ((shape * count) + (PriorCount * 0.5)) / (count + PriorCount);
        return double.IsNaN(shape) ? double.PositiveInfinity : shape;
    }

    // Mean of log(1 - theta x).
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
