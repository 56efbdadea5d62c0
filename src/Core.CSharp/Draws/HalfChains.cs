using System.Runtime.CompilerServices;

namespace TypedPooling.Draws;

/// <summary>
/// Effective sample size and R-hat of half-chains of equal length, half-chain after half-chain; on whatever scale they are given.
/// </summary>
internal static class HalfChains
{
    /// <summary>Effective sample size by Geyer's initial monotone sequence.</summary>
    /// <param name="draws">Half-chain after half-chain; overwritten.</param>
    /// <param name="chains">Number of half-chains.</param>
    /// <returns>The size, at most S log10(S); NaN by the rule of <see cref="Diagnostics"/>.</returns>
    /// <remarks>O(S) for each lag of the sequence. Source: [Geyer1992], [Vehtari2021].</remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static double EffectiveSampleSize(double[] draws, int chains)
    {
        var length = draws.Length / chains;
        if (length < 3 || !Varies(draws))
            return double.NaN;
        var autocovariance = new Autocovariance(draws, chains);
        var total = autocovariance.At(0) + autocovariance.VarianceOfMeans;
        var within = autocovariance.At(0) * length / (length - 1);

        // Pairs (even lag, odd lag) are added as long as they are positive; each counts at most as much as the one before.
        var even = 1.0;
        var pair = even + Correlation(1);
        var largest = double.PositiveInfinity;
        var sum = 0.0;
        var lag = 0;
        while (lag < length - 5 && pair > 0)
        {
            largest = Math.Min(largest, pair);
            sum += largest;
            lag += 2;
            even = Correlation(lag);
            pair = even + Correlation(lag + 1);
        }

        // The improved ending: half of the first lag left out still counts, unless its pair was negative and so was it.
        var ending = even > 0 || pair >= 0 ? even : 0;

        // Without a single pair the reference implementation counts lag 0 twice, which halves the size; followed, for it is on the safe side.
        var tau = lag == 0 ? 2 : -1 + 2 * sum + ending;

        // Antithetic chains: the bound keeps the estimate from running away.
        return draws.Length / Math.Max(tau, 1 / Math.Log10(draws.Length));

        double Correlation(int at) => 1 - (within - autocovariance.At(at)) / total;
    }

    /// <summary>Potential scale reduction: square root of the pooled variance over the mean variance within half-chains.</summary>
    /// <param name="draws">Half-chain after half-chain.</param>
    /// <param name="chains">Number of half-chains.</param>
    /// <returns>R-hat; infinity where no half-chain moves but they differ; NaN by the rule of <see cref="Diagnostics"/>.</returns>
    /// <remarks>O(S). Source: [Vehtari2021].</remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static double RHat(ReadOnlySpan<double> draws, int chains)
    {
        var length = draws.Length / chains;
        if (length < 2 || !Varies(draws))
            return double.NaN;
        var means = new double[chains];
        var within = 0.0;
        for (var c = 0; c < chains; c++)
        {
            var (mean, sumOfSquares) = Diagnostics.Moments(draws.Slice(c * length, length));
            means[c] = mean;
            within += sumOfSquares / (length - 1) / chains;
        }

        var between = Diagnostics.Moments(means).SumOfSquares / (chains - 1);
        return Math.Sqrt(between / within + (length - 1.0) / length);
    }

    /// <summary>Whether all draws are finite and they are not all equal up to rounding.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static bool Varies(ReadOnlySpan<double> draws)
    {
        double lowest = double.PositiveInfinity, highest = double.NegativeInfinity;
        foreach (var draw in draws)
        {
            if (!double.IsFinite(draw))
                return false;
            if (draw < lowest)
                lowest = draw;
            if (draw > highest)
                highest = draw;
        }

        // 2^-52: the spacing of doubles above 1, so that R[i,i] = 1 up to rounding is a constant. Relative, so that units do not matter.
        return highest - lowest >= Math.ScaleB(Math.Max(Math.Abs(lowest), Math.Abs(highest)), -52) && highest > lowest;
    }
}
