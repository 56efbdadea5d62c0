using System.Buffers;
using System.Runtime.CompilerServices;

namespace TypedPooling.Draws;

/// <summary>Weights of draws, and of their errors: what means, quantiles and honest Monte Carlo standard errors (MCSE) of any quantity need.
/// Immutable.</summary>
/// <remarks>
/// <para>
/// The mean of a quantity h is sum w_i h_i. For independent draws MCSE^2 = sum v_i (h_i - mean)^2. For proposals w_i is the normalised importance
/// weight and v_i = w_i^2. For equal-weight draws made by resampling w_i = 1/N, and v_i holds both the error of the proposals and that of the
/// resampling. ESS is always var / MCSE^2, for each quantity its own.
/// </para>
/// <para>
/// Quasi-random draws come in R independent replicates of one distribution, within which draws are anything but independent. With e_r the sum of w_i
/// (h_i - mean) over replicate r, MCSE^2 = R / (R - 3) sum (e_r - mean e)^2: the variance between replicates, R / (R - 1) sum (e_r - mean e)^2, times
/// (R - 1) / (R - 3), the variance of a t with R - 1 degrees of freedom. So an estimate less the truth over its MCSE has variance 1 although the MCSE
/// is itself estimated, from R numbers; two MCSEs hold 95 % for any R above 8; and ESS is not too large on average. It may exceed the number of
/// draws. A single MCSE is uncertain by about 1 / sqrt(2 R) of itself. For the error of an sd h is (h - mean)^2, for that of a probability the
/// indicator. Sources: [Owen2013], [LEcuyer2023].
/// </para>
/// <para>
/// Values are in the order of the draws, any units, length <see cref="Count"/>; functions throw <see cref="ArgumentException"/> where it is not.
/// Values that are not finite follow IEEE arithmetic. ESS is NaN where a quantity does not vary. All functions are O(N), quantiles O(N log N) at
/// worst, and safe to call from several threads. Sources: [Owen2013], [Vehtari2021].
/// </para>
/// </remarks>
public sealed class DrawWeights
{
    private readonly double[] weights;
    private readonly double[] errorWeights;
    private readonly int[] replicates = [];
    private readonly double sumOfSquares;

    /// <summary>Wraps weights.</summary>
    /// <param name="weights">w, not negative; they add to 1. Length N. Owned by the new object from here on.</param>
    /// <param name="errorWeights">v, not negative. Length N. Owned by the new object from here on.</param>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public DrawWeights(double[] weights, double[] errorWeights)
    {
        ArgumentNullException.ThrowIfNull(weights);
        ArgumentNullException.ThrowIfNull(errorWeights);
        if (weights.Length != errorWeights.Length)
            throw new ArgumentException("Every draw needs a weight and an error weight.", nameof(errorWeights));
        this.weights = weights;
        this.errorWeights = errorWeights;
        foreach (var weight in weights)
            sumOfSquares += weight * weight;
    }

    /// <summary>Wraps weights of draws that come in independent replicates of one distribution.</summary>
    /// <param name="weights">w, not negative; they add to 1. Length N. Owned by the new object from here on.</param>
    /// <param name="errorWeights">v, as if draws were independent. Length N. Owned by the new object from here on.</param>
    /// <param name="replicates">Number of each draw's replicate, from 0 to R - 1. Length N. Owned by the new object from here on.</param>
    /// <param name="replicateCount">R, at least 4.</param>
    /// <exception cref="ArgumentException">The lengths differ, there are fewer than 4 replicates, or a replicate is none of them.</exception>
    public DrawWeights(double[] weights, double[] errorWeights, int[] replicates, int replicateCount)
        : this(weights, errorWeights)
    {
        ArgumentNullException.ThrowIfNull(replicates);
        ArgumentOutOfRangeException.ThrowIfLessThan(replicateCount, 4);
        if (replicates.Length != weights.Length || Array.Exists(replicates, replicate => (uint)replicate >= (uint)replicateCount))
            throw new ArgumentException("Every draw needs the number of one of the replicates.", nameof(replicates));
        (this.replicates, ReplicateCount) = (replicates, replicateCount);
    }

    /// <summary>Number of independent replicates R that the draws come in; 0 where the draws are independent by themselves.</summary>
    public int ReplicateCount { get; }

    /// <summary>Number of each draw's replicate, without a copy; empty where there are none. Length N or 0.</summary>
    public ReadOnlySpan<int> Replicates => replicates;

    /// <summary>Number of draws N.</summary>
    public int Count => weights.Length;

    /// <summary>The weights w, without a copy; they add to 1. Length N.</summary>
    public ReadOnlySpan<double> Weights => weights;

    /// <summary>The weights v of squared distances from the mean in MCSE^2, without a copy. Length N.</summary>
    public ReadOnlySpan<double> ErrorWeights => errorWeights;

    /// <summary>Weighted mean of a quantity.</summary>
    /// <param name="values">The quantity by draw. Length N.</param>
    /// <returns>The mean, in the quantity's units.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public double Mean(ReadOnlySpan<double> values)
    {
        Check(values);
        var sum = 0.0;
        for (var i = 0; i < weights.Length; i++)
        {
            if (weights[i] > 0)
                sum += weights[i] * values[i];
        }

        return sum;
    }

    /// <summary>Weighted standard deviation of a quantity; the variance is divided by 1 - sum w^2, so for equal weights the divisor is N -
    /// 1.</summary>
    /// <param name="values">The quantity by draw. Length N.</param>
    /// <returns>The standard deviation, in the quantity's units.</returns>
    public double Sd(ReadOnlySpan<double> values) => Math.Sqrt(Squares(values, Mean(values), weights) / (1 - sumOfSquares));

    /// <summary>Weighted quantile of a quantity: linear between values, each standing at the middle of its weight.</summary>
    /// <param name="values">The quantity by draw; none is NaN. Length N.</param>
    /// <param name="p">Probability, in [0, 1].</param>
    /// <returns>The quantile, in the quantity's units.</returns>
    public double Quantile(ReadOnlySpan<double> values, double p)
    {
        using var quantiles = Quantiles(values);
        return quantiles.At(Probability(p));
    }

    /// <summary>MCSE of the mean.</summary>
    /// <param name="values">The quantity by draw. Length N.</param>
    /// <returns>The standard error, in the quantity's units.</returns>
    public double McseMean(ReadOnlySpan<double> values) => Math.Sqrt(SquaredError(values, Mean(values)));

    /// <summary>MCSE of the standard deviation, by the delta method from that of the variance.</summary>
    /// <param name="values">The quantity by draw. Length N.</param>
    /// <returns>The standard error, in the quantity's units; NaN where the quantity does not vary.</returns>
    public double McseSd(ReadOnlySpan<double> values)
    {
        var mean = Mean(values);
        var variance = Squares(values, mean, weights);
        var squares = ArrayPool<double>.Shared.Rent(values.Length);
        for (var i = 0; i < values.Length; i++)
            squares[i] = (values[i] - mean) * (values[i] - mean);
        var squaredError = SquaredError(squares.AsSpan(0, values.Length), variance);
        ArrayPool<double>.Shared.Return(squares);

        // d sd / d variance = 1 / (2 sd)
        return Math.Sqrt(squaredError / variance) / 2;
    }

    /// <summary>MCSE of a quantile: half the distance of the quantiles at p plus and minus one standard error of the distribution function there.
    /// That distance is taken between probabilities at least as far apart as if draws were independent.</summary>
    /// <param name="values">The quantity by draw; none is NaN. Length N.</param>
    /// <param name="p">Probability, in [0, 1].</param>
    /// <returns>The standard error, in the quantity's units.</returns>
    public double McseQuantile(ReadOnlySpan<double> values, double p)
    {
        using var quantiles = Quantiles(values);
        var quantile = quantiles.At(Probability(p));
        var error = ErrorOfProbability(values, quantile, p);
        if (error == 0)
            return 0;

        // Between replicates the error may be so small that few draws stand between the two quantiles.
        var step = ReplicateCount == 0 ? error : Math.Max(error, IndependentErrorOfProbability(values, quantile, p));
        return error / step * (quantiles.At(Math.Min(1, p + step)) - quantiles.At(Math.Max(0, p - step))) / 2;
    }

    /// <summary>MCSE of the log of the mean weight before weights were normalised, by the delta method: that of a log normaliser, where the weights
    /// are those of all proposals.</summary>
    /// <returns>The standard error, in natural log units; NaN where there are no draws.</returns>
    public double McseLogMeanWeight()
    {
        if (Count == 0)
            return double.NaN;
        if (ReplicateCount == 0)
            return Math.Sqrt(Math.Max(0, sumOfSquares - (1.0 / Count)));
        var sums = new double[ReplicateCount];
        for (var i = 0; i < weights.Length; i++)
            sums[replicates[i]] += weights[i];
        return Math.Sqrt(SquaredError(sums));
    }

    /// <summary>ESS of the mean: the number of independent draws of equal weight that would give its standard error.</summary>
    /// <param name="values">The quantity by draw. Length N.</param>
    /// <returns>variance / MCSE^2, in draws; NaN where the quantity does not vary.</returns>
    public double EssMean(ReadOnlySpan<double> values)
    {
        var mean = Mean(values);
        return Squares(values, mean, weights) / (1 - sumOfSquares) / SquaredError(values, mean);
    }

    /// <summary>ESS of a quantile: that of the indicator of a draw at or below it.</summary>
    /// <param name="values">The quantity by draw; none is NaN. Length N.</param>
    /// <param name="p">Probability, strictly between 0 and 1.</param>
    /// <returns>p (1 - p) / MCSE^2, in draws.</returns>
    public double EssQuantile(ReadOnlySpan<double> values, double p)
    {
        using var quantiles = Quantiles(values);
        return EssOfQuantile(values, quantiles, Probability(p));
    }

    /// <summary>Moments, quantiles and their ESS at once; the draws are ordered only once.</summary>
    /// <param name="values">The quantity by draw; none is NaN. Length N.</param>
    /// <returns>The numbers the functions of the same names give; as bulk ESS that of the mean, as tail ESS the smaller of those of the 5% and 95%
    /// quantiles. R-hat is NaN; so are ESS and R-hat where a quantity does not vary.</returns>
    public DrawSummary Summarize(ReadOnlySpan<double> values)
    {
        var mean = Mean(values);
        var variance = Squares(values, mean, weights) / (1 - sumOfSquares);
        var mcse = Math.Sqrt(SquaredError(values, mean));
        using var quantiles = Quantiles(values);
        var varies = HalfChains.Varies(values);
        return new DrawSummary(
            mean,
            Math.Sqrt(variance),
            quantiles.At(0.055),
            quantiles.At(0.5),
            quantiles.At(0.945),
            varies ? variance / (mcse * mcse) : double.NaN,
            varies ? Math.Min(EssOfQuantile(values, quantiles, 0.05), EssOfQuantile(values, quantiles, 0.95)) : double.NaN,
            double.NaN,
            mcse);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static double Squares(ReadOnlySpan<double> values, double mean, double[] by)
    {
        var sum = 0.0;
        for (var i = 0; i < by.Length; i++)
        {
            if (by[i] > 0)
                sum += by[i] * (values[i] - mean) * (values[i] - mean);
        }

        return sum;
    }

    // MCSE^2 of the mean.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private double SquaredError(ReadOnlySpan<double> values, double mean)
    {
        if (ReplicateCount == 0)
            return Squares(values, mean, errorWeights);
        var sums = new double[ReplicateCount];
        for (var i = 0; i < weights.Length; i++)
        {
            if (weights[i] > 0)
                sums[replicates[i]] += weights[i] * (values[i] - mean);
        }

        return SquaredError(sums);
    }

    // From the part of each replicate.
    private static double SquaredError(ReadOnlySpan<double> sums)
    {
        double mean = 0, squares = 0;
        foreach (var sum in sums)
            mean += sum / sums.Length;
        foreach (var sum in sums)
            squares += (sum - mean) * (sum - mean);
        return sums.Length / (sums.Length - 3.0) * squares;
    }

    private static double Probability(double p) =>
        p is >= 0 and <= 1 ? p : throw new ArgumentOutOfRangeException(nameof(p), p, "A probability is between 0 and 1.");

    private double EssOfQuantile(ReadOnlySpan<double> values, in WeightedQuantiles quantiles, double probability)
    {
        var error = ErrorOfProbability(values, quantiles.At(probability), probability);
        return probability * (1 - probability) / (error * error);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private double ErrorOfProbability(ReadOnlySpan<double> values, double quantile, double probability)
    {
        if (ReplicateCount == 0)
            return IndependentErrorOfProbability(values, quantile, probability);
        var sums = new double[ReplicateCount];
        for (var i = 0; i < weights.Length; i++)
            sums[replicates[i]] += weights[i] * (values[i] <= quantile ? 1 - probability : -probability);
        return Math.Sqrt(SquaredError(sums));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private double IndependentErrorOfProbability(ReadOnlySpan<double> values, double quantile, double probability)
    {
        var sum = 0.0;
        var (above, below) = (probability * probability, (1 - probability) * (1 - probability));
        for (var i = 0; i < errorWeights.Length; i++)
            sum += errorWeights[i] * (values[i] <= quantile ? below : above);
        return Math.Sqrt(sum);
    }

    private WeightedQuantiles Quantiles(ReadOnlySpan<double> values)
    {
        Check(values);
        return new WeightedQuantiles(values, weights);
    }

    private void Check(ReadOnlySpan<double> values)
    {
        if (values.Length != weights.Length)
            throw new ArgumentException($"There are {weights.Length} draws but {values.Length} values.", nameof(values));
    }
}
