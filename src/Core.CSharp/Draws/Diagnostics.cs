using System.Runtime.CompilerServices;
using MathNet.Numerics.Distributions;

namespace TypedPooling.Draws;

/// <summary>
/// What draws say of one parameter, and how far the draws can be trusted: moments and quantiles, R-hat, effective sample size (ESS), Monte Carlo
/// standard error (MCSE).
/// </summary>
/// <remarks>
/// <para>
/// Draws come chain after chain, all chains of equal length; S is the number of draws over all chains. Every chain is split in two halves, so that
/// a drift within a chain is seen; the middle draw of a chain of odd length is then left out. Sizes are counted in draws, errors have the units of
/// the parameter.
/// </para>
/// <list type="table">
/// <listheader><term>Question</term><description>Diagnostic</description></listheader>
/// <item><term>Do the chains agree?</term><description><see cref="RHat(ReadOnlySpan{double}, int)"/>: below 1.01</description></item>
/// <item><term>Are there enough draws for the centre?</term><description><see cref="EssBulk(ReadOnlySpan{double}, int)"/>: at least 100 a
/// chain</description></item>
/// <item><term>Are there enough draws for intervals?</term><description><see cref="EssTail(ReadOnlySpan{double}, int)"/>: at least 100 a
/// chain</description></item>
/// <item>
/// <term>How many digits can be printed?</term>
/// <description><see cref="McseMean(ReadOnlySpan{double}, int)"/>, <see cref="McseSd(ReadOnlySpan{double}, int)"/>,
/// <see cref="McseMedian(ReadOnlySpan{double}, int)"/>, <see cref="McseQuantile(ReadOnlySpan{double}, int, double)"/></description>
/// </item>
/// </list>
/// <para>
/// When is a diagnostic NaN? R-hat, ESS and MCSE are NaN where a draw is not finite; where all draws are equal up to rounding (range below 2^-52 of
/// the largest absolute value); and where chains are too short: fewer than 4 draws a chain for R-hat, fewer than 6 for ESS and MCSE. The same holds
/// of what a diagnostic looks at: R-hat is NaN where all distances from the median are equal, as with two values equally often;
/// <see cref="EssQuantile(ReadOnlySpan{double}, int, double)"/> where no draw, or every draw, is at or below the quantile;
/// <see cref="EssSd(ReadOnlySpan{double}, int)"/> where all distances from the mean are equal. None of these throws. Moments and quantiles follow
/// IEEE arithmetic; a quantile is NaN where a draw is.
/// </para>
/// <para>
/// Throws only <see cref="ArgumentException"/>: no draws, a number of chains that does not divide the number of draws, a probability outside [0, 1].
/// </para>
/// <para>
/// Values are those of the R package posterior, but for what is constant or infinite: it calls draws constant below an absolute range of 2^-52, so
/// that units matter, and ranks draws that are infinite or equal up to rounding. All functions are safe to call from several threads and allocate a
/// few arrays of length S. Source: [Vehtari2021].
/// </para>
/// </remarks>
public static partial class Diagnostics
{
    /// <summary>
    /// Rank-normalised split R-hat: the larger of that of the normal scores of the draws (location) and of their distances from the median (scale).
    /// </summary>
    /// <param name="draws">Chain after chain, any units. Length S.</param>
    /// <param name="chains">Number of chains.</param>
    /// <returns>
    /// R-hat, without unit: near 1 where chains agree; infinity where each half-chain is stuck at a value of its own; NaN by the rule of
    /// <see cref="Diagnostics"/>.
    /// </returns>
    /// <remarks>O(S log S). Source: [Vehtari2021], section 4.</remarks>
    public static double RHat(ReadOnlySpan<double> draws, int chains)
    {
        var split = Split(draws, chains);
        if (!HalfChains.Varies(draws))
            return double.NaN;
        var sorted = SortedDraws.From(draws);
        var scores = new NormalScores(split.Count);
        return Math.Max(
            HalfChains.RHat(scores.Of(sorted, split), split.Chains),
            HalfChains.RHat(scores.Of(sorted.Folded(), split), split.Chains));
    }

    /// <summary>Bulk ESS: effective sample size of the normal scores of the draws, for the efficiency of mean and median.</summary>
    /// <param name="draws">Chain after chain, any units. Length S.</param>
    /// <param name="chains">Number of chains.</param>
    /// <returns>The size in draws, at most S log10(S); NaN by the rule of <see cref="Diagnostics"/>.</returns>
    /// <remarks>O(S log S), and O(S) for each lag up to where correlation is lost. Source: [Vehtari2021], section 4.</remarks>
    public static double EssBulk(ReadOnlySpan<double> draws, int chains)
    {
        var split = Split(draws, chains);
        return HalfChains.Varies(draws)
            ? HalfChains.EffectiveSampleSize(new NormalScores(split.Count).Of(SortedDraws.From(draws), split), split.Chains)
            : double.NaN;
    }

    /// <summary>Tail ESS: the smaller of the effective sample sizes of the 5% and 95% quantiles.</summary>
    /// <param name="draws">Chain after chain, any units. Length S.</param>
    /// <param name="chains">Number of chains.</param>
    /// <returns>The size in draws, at most S log10(S); NaN by the rule of <see cref="Diagnostics"/>.</returns>
    /// <remarks>O(S log S), and O(S) for each lag up to where correlation is lost. Source: [Vehtari2021], section 4.</remarks>
    public static double EssTail(ReadOnlySpan<double> draws, int chains)
    {
        var split = Split(draws, chains);
        return EssOfTail(draws, Sorted(draws), split);
    }

    /// <summary>ESS of the mean: effective sample size of the draws as they are, for <see cref="McseMean(ReadOnlySpan{double}, int)"/>.</summary>
    /// <param name="draws">Chain after chain, any units. Length S.</param>
    /// <param name="chains">Number of chains.</param>
    /// <returns>
    /// The size in draws, at most S log10(S); NaN by the rule of <see cref="Diagnostics"/>. Without meaning where the posterior has no variance.
    /// </returns>
    /// <remarks>O(S) for each lag up to where correlation is lost. Source: [Vehtari2021], section 3.</remarks>
    public static double EssMean(ReadOnlySpan<double> draws, int chains)
    {
        var split = Split(draws, chains);
        return HalfChains.EffectiveSampleSize(split.Copy(draws), split.Chains);
    }

    /// <summary>ESS of the standard deviation: effective sample size of the absolute distances from the mean.</summary>
    /// <param name="draws">Chain after chain, any units. Length S.</param>
    /// <param name="chains">Number of chains.</param>
    /// <returns>The size in draws, at most S log10(S); NaN by the rule of <see cref="Diagnostics"/>.</returns>
    /// <remarks>O(S) for each lag up to where correlation is lost. Source: [Vehtari2021], section 4.</remarks>
    public static double EssSd(ReadOnlySpan<double> draws, int chains)
    {
        var split = Split(draws, chains);
        if (!HalfChains.Varies(draws))
            return double.NaN;
        var mean = Mean(draws);
        var distances = split.Copy(draws);
        foreach (ref var distance in distances.AsSpan())
            distance = Math.Abs(distance - mean);
        return HalfChains.EffectiveSampleSize(distances, split.Chains);
    }

    /// <summary>ESS of a quantile: effective sample size of the indicator of a draw at or below it.</summary>
    /// <param name="draws">Chain after chain, any units. Length S.</param>
    /// <param name="chains">Number of chains.</param>
    /// <param name="p">Probability of the quantile, in [0, 1]; 1 is taken as (S - 1/2) / S, since every draw is at or below the largest.</param>
    /// <returns>The size in draws, at most S log10(S); NaN by the rule of <see cref="Diagnostics"/>.</returns>
    /// <remarks>O(S log S), and O(S) for each lag up to where correlation is lost. Source: [Vehtari2021], section 4.</remarks>
    public static double EssQuantile(ReadOnlySpan<double> draws, int chains, double p)
    {
        var split = Split(draws, chains);
        return EssOfQuantile(draws, Sorted(draws), split, Probability(p));
    }

    /// <summary>MCSE of the mean: the standard deviation over the root of <see cref="EssMean(ReadOnlySpan{double}, int)"/>.</summary>
    /// <param name="draws">Chain after chain, any units. Length S.</param>
    /// <param name="chains">Number of chains.</param>
    /// <returns>The standard error, in the units of the draws; NaN by the rule of <see cref="Diagnostics"/>.</returns>
    /// <remarks>O(S) for each lag up to where correlation is lost. Source: [Vehtari2021], section 3.</remarks>
    public static double McseMean(ReadOnlySpan<double> draws, int chains) => Sd(draws) / Math.Sqrt(EssMean(draws, chains));

    /// <summary>MCSE of the standard deviation, by the delta method from that of the variance.</summary>
    /// <param name="draws">Chain after chain, any units. Length S.</param>
    /// <param name="chains">Number of chains.</param>
    /// <returns>The standard error, in the units of the draws; NaN by the rule of <see cref="Diagnostics"/>.</returns>
    /// <remarks>
    /// O(S) for each lag up to where correlation is lost. The fourth moment is that of the draws, not of a normal distribution. Source:
    /// [Kenney1951].
    /// </remarks>
    public static double McseSd(ReadOnlySpan<double> draws, int chains)
    {
        var split = Split(draws, chains);
        if (!HalfChains.Varies(draws))
            return double.NaN;
        var mean = Mean(draws);
        var squares = new double[draws.Length];
        for (var i = 0; i < squares.Length; i++)
            squares[i] = (draws[i] - mean) * (draws[i] - mean);
        var (variance, sumOfSquares) = Moments(squares);
        var errorOfVariance = sumOfSquares / squares.Length / HalfChains.EffectiveSampleSize(split.Copy(squares), split.Chains);

        // d sd / d variance = 1 / (2 sd)
        return Math.Sqrt(errorOfVariance / variance / 4);
    }

    /// <summary>MCSE of a quantile: half the distance of the two draws whose ranks bound the quantile with probability 0.68.</summary>
    /// <param name="draws">Chain after chain, any units. Length S.</param>
    /// <param name="chains">Number of chains.</param>
    /// <param name="p">Probability of the quantile, in [0, 1].</param>
    /// <returns>The standard error, in the units of the draws; NaN by the rule of <see cref="Diagnostics"/>.</returns>
    /// <remarks>O(S log S), and O(S) for each lag up to where correlation is lost. Source: [Vehtari2021], section 4.</remarks>
    public static double McseQuantile(ReadOnlySpan<double> draws, int chains, double p)
    {
        var split = Split(draws, chains);
        var sorted = Sorted(draws);
        var ess = EssOfQuantile(draws, sorted, split, Probability(p));
        if (double.IsNaN(ess))
            return double.NaN;

        // Standard normal distribution at -1 and 1, to the seven digits of the reference implementation.
        var lower = Beta.InvCDF(ess * p + 1, ess * (1 - p) + 1, 0.1586553);
        var upper = Beta.InvCDF(ess * p + 1, ess * (1 - p) + 1, 0.8413447);
        var first = Math.Max((int)Math.Floor(lower * draws.Length), 1);
        var last = Math.Min((int)Math.Ceiling(upper * draws.Length), draws.Length);
        return (sorted[last - 1] - sorted[first - 1]) / 2;
    }

    /// <summary>MCSE of the median: <see cref="McseQuantile(ReadOnlySpan{double}, int, double)"/> at 1/2.</summary>
    /// <param name="draws">Chain after chain, any units. Length S.</param>
    /// <param name="chains">Number of chains.</param>
    /// <returns>The standard error, in the units of the draws; NaN by the rule of <see cref="Diagnostics"/>.</returns>
    /// <remarks>O(S log S), and O(S) for each lag up to where correlation is lost. Source: [Vehtari2021], section 4.</remarks>
    public static double McseMedian(ReadOnlySpan<double> draws, int chains) => McseQuantile(draws, chains, 0.5);

    /// <summary>Arithmetic mean; a second pass over the residuals takes away the rounding of the first.</summary>
    /// <param name="draws">In any order and units. Length S.</param>
    /// <returns>The mean, in the units of the draws.</returns>
    /// <remarks>O(S), allocates nothing.</remarks>
    public static double Mean(ReadOnlySpan<double> draws) => Moments(draws).Mean;

    /// <summary>Standard deviation, divisor S - 1.</summary>
    /// <param name="draws">In any order and units. Length S.</param>
    /// <returns>The standard deviation, in the units of the draws; NaN for a single draw.</returns>
    /// <remarks>O(S), allocates nothing.</remarks>
    public static double Sd(ReadOnlySpan<double> draws) => Math.Sqrt(Moments(draws).SumOfSquares / (draws.Length - 1));

    /// <summary>Quantile of type 7, as R's default: linear between order statistics, the lowest draw at 0 and the highest at 1.</summary>
    /// <param name="draws">In any order and units. Length S.</param>
    /// <param name="p">Probability of the quantile, in [0, 1].</param>
    /// <returns>The quantile, in the units of the draws; NaN where a draw is NaN.</returns>
    /// <remarks>O(S log S), allocates a sorted copy. Source: [Hyndman1996], definition 7.</remarks>
    public static double Quantile(ReadOnlySpan<double> draws, double p) => QuantileOfSorted(Sorted(draws), p);

    /// <summary>Quantile of type 7, as <see cref="Quantile(ReadOnlySpan{double}, double)"/>, of draws already sorted.</summary>
    /// <param name="sorted">Ascending (NaN first, as <see cref="Array.Sort{T}(T[])"/> has it; not checked), any units. Length S.</param>
    /// <param name="p">Probability of the quantile, in [0, 1].</param>
    /// <returns>The quantile, in the units of the draws; NaN where a draw is NaN.</returns>
    /// <remarks>O(1), allocates nothing. Source: [Hyndman1996], definition 7.</remarks>
    public static double QuantileOfSorted(ReadOnlySpan<double> sorted, double p)
    {
        Probability(p);
        ThrowIfEmpty(sorted);
        if (double.IsNaN(sorted[0]))
            return double.NaN;

        // Counted from 1, for the last bit of the fraction decides which draws are at or below the quantile.
        var position = 1 + (sorted.Length - 1) * p;
        var below = Math.Floor(position);
        var fraction = position - below;
        var lower = sorted[(int)below - 1];
        if (fraction == 0 || sorted[(int)below] == lower)
            return lower;
        return (1 - fraction) * lower + fraction * sorted[(int)below];
    }

    /// <summary>
    /// The row of a table: moments, quantiles and diagnostics at once, for less than their sum since the draws are sorted and ranked only once.
    /// </summary>
    /// <param name="draws">Chain after chain, any units. Length S.</param>
    /// <param name="chains">Number of chains.</param>
    /// <param name="kind">How the draws depend on each other. Where they are independent, ESS is S and R-hat NaN.</param>
    /// <returns>The numbers the functions of the same names give; NaN by the rule of <see cref="Diagnostics"/>.</returns>
    /// <remarks>O(S log S), and O(S) for each lag up to where correlation is lost. Source: [Vehtari2021].</remarks>
    public static DrawSummary Summarize(ReadOnlySpan<double> draws, int chains, DrawKind kind)
    {
        var split = Split(draws, chains);
        var (mean, sumOfSquares) = Moments(draws);
        var sd = Math.Sqrt(sumOfSquares / (draws.Length - 1));
        var varies = HalfChains.Varies(draws);
        if (kind == DrawKind.Independent || !varies)
        {
            var size = varies ? draws.Length : double.NaN;
            return Row(Sorted(draws), size, size, double.NaN, size);
        }

        var ranked = SortedDraws.From(draws);
        var scores = new NormalScores(split.Count);
        var bulk = scores.Of(ranked, split);
        var rHat = Math.Max(HalfChains.RHat(bulk, split.Chains), HalfChains.RHat(scores.Of(ranked.Folded(), split), split.Chains));
        return Row(
            ranked.Values,
            HalfChains.EffectiveSampleSize(bulk, split.Chains),
            EssOfTail(draws, ranked.Values, split),
            rHat,
            HalfChains.EffectiveSampleSize(split.Copy(draws), split.Chains));

        DrawSummary Row(double[] sorted, double essBulk, double essTail, double rHat, double essMean) => new(
            mean,
            sd,
            QuantileOfSorted(sorted, 0.055),
            QuantileOfSorted(sorted, 0.5),
            QuantileOfSorted(sorted, 0.945),
            essBulk,
            essTail,
            rHat,
            sd / Math.Sqrt(essMean));
    }

    /// <summary>Mean and sum of squared distances from it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static (double Mean, double SumOfSquares) Moments(ReadOnlySpan<double> draws)
    {
        ThrowIfEmpty(draws);

        // Exact where nothing moves: the rounding of a mean must not look like variance.
        if (draws.IndexOfAnyExcept(draws[0]) < 0)
            return (draws[0], double.IsFinite(draws[0]) ? 0 : double.NaN);
        var sum = 0.0;
        foreach (var draw in draws)
            sum += draw;
        var mean = sum / draws.Length;
        if (!double.IsFinite(mean))
            return (mean, double.NaN);
        double residuals = 0, squares = 0;
        foreach (var draw in draws)
        {
            residuals += draw - mean;
            squares += (draw - mean) * (draw - mean);
        }

        return (mean + residuals / draws.Length, squares - residuals * residuals / draws.Length);
    }

    private static double EssOfTail(ReadOnlySpan<double> draws, double[] sorted, SplitLayout split) =>
        Math.Min(EssOfQuantile(draws, sorted, split, 0.05), EssOfQuantile(draws, sorted, split, 0.95));

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static double EssOfQuantile(ReadOnlySpan<double> draws, double[] sorted, SplitLayout split, double probability)
    {
        if (!HalfChains.Varies(draws))
            return double.NaN;
        var quantile = QuantileOfSorted(sorted, probability == 1 ? (sorted.Length - 0.5) / sorted.Length : probability);
        var indicators = split.Copy(draws);
        foreach (ref var draw in indicators.AsSpan())
            draw = draw <= quantile ? 1 : 0;
        return HalfChains.EffectiveSampleSize(indicators, split.Chains);
    }

    private static double[] Sorted(ReadOnlySpan<double> draws)
    {
        var sorted = draws.ToArray();
        Array.Sort(sorted);
        return sorted;
    }

    private static SplitLayout Split(ReadOnlySpan<double> draws, int chains)
    {
        ThrowIfEmpty(draws);
        ArgumentOutOfRangeException.ThrowIfLessThan(chains, 1);
        if (draws.Length % chains != 0)
            throw new ArgumentException($"{draws.Length} draws cannot be {chains} chains of equal length.", nameof(chains));
        return new SplitLayout(draws.Length, chains);
    }

    private static double Probability(double p)
    {
        if (p is >= 0 and <= 1)
            return p;
        throw new ArgumentOutOfRangeException(nameof(p), p, "A probability is between 0 and 1.");
    }

    private static void ThrowIfEmpty(ReadOnlySpan<double> draws)
    {
        if (draws.IsEmpty)
            throw new ArgumentException("There are no draws.", nameof(draws));
    }
}
