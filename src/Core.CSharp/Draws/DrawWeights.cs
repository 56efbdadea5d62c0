namespace TypedPooling.Draws;

/// <summary>Weights of independent draws, and of their errors: what means, quantiles and honest Monte Carlo standard errors (MCSE) of any quantity need. Immutable.</summary>
/// <remarks>
/// <para>
/// The mean of a quantity h is sum w_i h_i, and MCSE^2 = sum v_i (h_i - mean)^2. For proposals w_i is the normalised importance weight and v_i = w_i^2. For equal-weight draws made by resampling
/// w_i = 1/N, and v_i holds both the error of the proposals and that of the resampling. ESS is always var / MCSE^2, for each quantity its own.
/// </para>
/// <para>
/// Values are in the order of the draws, any units, length <see cref="Count"/>; functions throw <see cref="ArgumentException"/> where it is not. Values that are not finite follow IEEE arithmetic. ESS is NaN
/// where a quantity does not vary. All functions are O(N), quantiles O(N log N) at worst, and safe to call from several threads. Sources: [Owen2013], [Vehtari2021].
/// </para>
/// </remarks>
public sealed class DrawWeights
{
    private readonly double[] weights;
    private readonly double[] errorWeights;
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

    /// <summary>Number of draws N.</summary>
    public int Count => weights.Length;

    /// <summary>The weights w, without a copy; they add to 1. Length N.</summary>
    public ReadOnlySpan<double> Weights => weights;

    /// <summary>The weights v of squared distances from the mean in MCSE^2, without a copy. Length N.</summary>
    public ReadOnlySpan<double> ErrorWeights => errorWeights;

    /// <summary>Weighted mean of a quantity.</summary>
    /// <param name="values">The quantity by draw. Length N.</param>
    /// <returns>The mean, in the quantity's units.</returns>
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

    /// <summary>Weighted standard deviation of a quantity; the variance is divided by 1 - sum w^2, so for equal weights the divisor is N - 1.</summary>
    /// <param name="values">The quantity by draw. Length N.</param>
    /// <returns>The standard deviation, in the quantity's units.</returns>
    public double Sd(ReadOnlySpan<double> values) => Math.Sqrt(Squares(values, Mean(values), weights) / (1 - sumOfSquares));

    /// <summary>Weighted quantile of a quantity: linear between values, each standing at the middle of its weight.</summary>
    /// <param name="values">The quantity by draw; none is NaN. Length N.</param>
    /// <param name="p">Probability, in [0, 1].</param>
    /// <returns>The quantile, in the quantity's units.</returns>
    public double Quantile(ReadOnlySpan<double> values, double p) => Quantiles(values).At(Probability(p));

    /// <summary>MCSE of the mean.</summary>
    /// <param name="values">The quantity by draw. Length N.</param>
    /// <returns>The standard error, in the quantity's units.</returns>
    public double McseMean(ReadOnlySpan<double> values) => Math.Sqrt(Squares(values, Mean(values), errorWeights));

    /// <summary>MCSE of the standard deviation, by the delta method from that of the variance.</summary>
    /// <param name="values">The quantity by draw. Length N.</param>
    /// <returns>The standard error, in the quantity's units; NaN where the quantity does not vary.</returns>
    public double McseSd(ReadOnlySpan<double> values)
    {
        var mean = Mean(values);
        var variance = Squares(values, mean, weights);
        var sum = 0.0;
        for (var i = 0; i < errorWeights.Length; i++)
        {
            if (!(errorWeights[i] > 0))
                continue;
            var square = (values[i] - mean) * (values[i] - mean);
            sum += errorWeights[i] * (square - variance) * (square - variance);
        }

        // d sd / d variance = 1 / (2 sd)
        return Math.Sqrt(sum / variance) / 2;
    }

    /// <summary>MCSE of a quantile: half the distance of the quantiles at p plus and minus one standard error of the distribution function there.</summary>
    /// <param name="values">The quantity by draw; none is NaN. Length N.</param>
    /// <param name="p">Probability, in [0, 1].</param>
    /// <returns>The standard error, in the quantity's units.</returns>
    public double McseQuantile(ReadOnlySpan<double> values, double p)
    {
        var quantiles = Quantiles(values);
        var error = ErrorOfProbability(values, quantiles.At(Probability(p)), p);
        return (quantiles.At(Math.Min(1, p + error)) - quantiles.At(Math.Max(0, p - error))) / 2;
    }

    /// <summary>ESS of the mean: the number of independent draws of equal weight that would give its standard error.</summary>
    /// <param name="values">The quantity by draw. Length N.</param>
    /// <returns>variance / MCSE^2, in draws; NaN where the quantity does not vary.</returns>
    public double EssMean(ReadOnlySpan<double> values)
    {
        var mean = Mean(values);
        return Squares(values, mean, weights) / (1 - sumOfSquares) / Squares(values, mean, errorWeights);
    }

    /// <summary>ESS of a quantile: that of the indicator of a draw at or below it.</summary>
    /// <param name="values">The quantity by draw; none is NaN. Length N.</param>
    /// <param name="p">Probability, strictly between 0 and 1.</param>
    /// <returns>p (1 - p) / MCSE^2, in draws.</returns>
    public double EssQuantile(ReadOnlySpan<double> values, double p) => EssOfQuantile(values, Quantiles(values), Probability(p));

    /// <summary>Moments, quantiles and their ESS at once; the draws are ordered only once.</summary>
    /// <param name="values">The quantity by draw; none is NaN. Length N.</param>
    /// <returns>The numbers the functions of the same names give; as bulk ESS that of the mean, as tail ESS the smaller of those of the 5% and 95% quantiles. R-hat is NaN; so are ESS and R-hat where a quantity does not vary.</returns>
    public DrawSummary Summarize(ReadOnlySpan<double> values)
    {
        var mean = Mean(values);
        var variance = Squares(values, mean, weights) / (1 - sumOfSquares);
        var mcse = Math.Sqrt(Squares(values, mean, errorWeights));
        var quantiles = Quantiles(values);
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

    private static double Probability(double p) =>
        p is >= 0 and <= 1 ? p : throw new ArgumentOutOfRangeException(nameof(p), p, "A probability is between 0 and 1.");

    private double EssOfQuantile(ReadOnlySpan<double> values, WeightedQuantiles quantiles, double p)
    {
        var error = ErrorOfProbability(values, quantiles.At(p), p);
        return p * (1 - p) / (error * error);
    }

    private double ErrorOfProbability(ReadOnlySpan<double> values, double quantile, double p)
    {
        var sum = 0.0;
        for (var i = 0; i < errorWeights.Length; i++)
            sum += errorWeights[i] * (values[i] <= quantile ? (1 - p) * (1 - p) : p * p);
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
            throw new ArgumentException($"There are {weights.Length} draws, and {values.Length} values.", nameof(values));
    }
}
