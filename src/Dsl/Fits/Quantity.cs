using System.Collections.Immutable;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Serialization;
using MathNet.Numerics.Distributions;
using TypedPooling.Draws;
using TypedPooling.Json;

namespace TypedPooling;

/// <summary>One scalar of a posterior: its moments, quantiles, diagnostics and draws. Immutable; draws are made when first asked for.</summary>
/// <remarks>
/// Where draws come from importance sampling, moments, quantiles and their errors of population effects and scales are those of the weighted sample,
/// which knows more than the equal-weight draws taken from it;
/// R-hat has no meaning, bulk ESS is that of the mean (variance / MCSE^2) and tail ESS the smaller of those of the 5 % and 95 % quantiles. The sample
/// being quasi-random, means gain more than tails, and either may be worth more
/// independent draws than it has proposals: see <see cref="DrawWeights"/>. Where the posterior is exactly normal (every scale known), mean, sd and
/// quantiles are the exact ones and the draws serve only <see cref="Draws"/> and what is derived from them.
/// Where the engine gives a point, the mean is the quantity at the estimates, as <c>fitted</c> and <c>predict</c> of R give it, and not an average
/// over what is not known of them, which is <see cref="AverageOverUncertainty"/>; what stays random at the
/// estimates, the effects of new groups and the noise of new observations, is averaged over. Sd and quantiles tell how uncertain the estimates are:
/// those of the normal approximation in closed form where there is one, those of its draws otherwise; sd and
/// quantiles of a scale are NaN.
/// Thread-safe: any number of threads may read one quantity at once; its draws are made once.
/// </remarks>
[JsonConverter(typeof(AnswerJsonConverter))]
public sealed partial class Quantity : IJsonAnswer
{
    private readonly NormalMoments? exact;
    private readonly Lazy<double[]> draws;
    private readonly Lazy<double[]> sorted;
    private readonly Lazy<TransformedNormal> transformed;
    private readonly Lazy<double> mean;
    private readonly Lazy<double> sd;
    private readonly Lazy<DrawSummary> summary;
    private readonly DrawWeights? weights;
    private readonly Lazy<double[]> values;         // what summaries are made of: the weighted sample where there is one, the draws otherwise

    internal Quantity(string name, Posterior posterior, Func<double[]> makeDraws, NormalMoments? exact = null, Func<double[]>? makeWeighted = null)
    {
        Name = name;
        Posterior = posterior;
        this.exact = exact;
        draws = new Lazy<double[]>(makeDraws);
        weights = makeWeighted is null ? posterior.Weights : posterior.Weighted!.Weights;
        values = makeWeighted is null ? draws : new Lazy<double[]>(makeWeighted);
        sorted = new Lazy<double[]>(() =>
        {
            var copy = draws.Value.ToArray();
            Array.Sort(copy);
            return copy;
        });
        transformed = new(() => new TransformedNormal(exact!.Value, Transform!));
        mean = new Lazy<double>(() => weights?.Mean(values.Value) ?? Diagnostics.Mean(draws.Value));
        sd = new Lazy<double>(() => weights?.Sd(values.Value) ?? Diagnostics.Sd(draws.Value));
        summary = new Lazy<DrawSummary>(
            () => weights?.Summarize(values.Value) ?? Diagnostics.Summarize(draws.Value, posterior.ChainCount, posterior.DrawKind));
    }

    /// <summary>The quantity's name, as tables show it.</summary>
    public string Name { get; }

    /// <summary>Posterior mean; of a point fit the quantity at the estimates. Where <see cref="Warnings"/> say that the mean need not exist, the
    /// average of the draws, which then need not settle however many there are.</summary>
    public double Mean => Estimate?.Mean ?? AverageOverUncertainty;

    /// <summary>The average over all that is not known: the posterior mean. Of a point fit the mean over the normal approximation of the estimates,
    /// which for a curved function, a probability or R^2, is not the function at the estimates.</summary>
    public double AverageOverUncertainty =>
        exact is { } moments
            ? (Transform is not null ? transformed.Value.Mean : IsExponential ? ExponentialMean(moments) : moments.Mean)
            : mean.Value;

    /// <summary>Posterior standard deviation; of a point fit the standard error of the estimate, about <see cref="AverageOverUncertainty"/>. Where
    /// <see cref="Warnings"/> say that the mean need not exist, that of the draws.</summary>
    public double Sd =>
        exact is { } moments
            ? (Transform is not null
                ? transformed.Value.Sd
                : IsExponential ? ExponentialMean(moments) * Math.Sqrt(Math.Exp(moments.Sd * moments.Sd) - 1) : moments.Sd)
            : sd.Value;

    /// <summary>What a reader of this quantity must know, beside the warnings of the fit; empty where nothing is wrong.</summary>
    public ImmutableArray<FitWarning> Warnings => HasUnsureMean
        ? [new FitWarning(
            FitWarningCode.MeanMayNotExist,
            $"The mean of {Name} may not exist, because {UnsureBecause}. Mean and Sd are computed from the draws and may not settle. Read Median and "
                + $"quantiles.")]
        : [];

    /// <summary>Posterior median.</summary>
    public double Median => Quantile(0.5);

    /// <summary>The draws: chain after chain, aligned with the draws of every other quantity of the fit.</summary>
    public ImmutableArray<double> Draws => ImmutableCollectionsMarshal.AsImmutableArray(draws.Value);

    /// <summary>Rank-normalised split R-hat; NaN where draws are independent. Source: [Vehtari2021].</summary>
    public double RHat => summary.Value.RHat;

    /// <summary>Bulk effective sample size; the number of draws where they are independent and of equal worth; that of the mean, which may exceed
    /// every number of draws, where they are weighted, and that of the median where the mean need not exist. Source: [Vehtari2021].</summary>
    public double EssBulk => HasUnsureMean && weights is not null ? EssQuantile(0.5) : summary.Value.EssBulk;

    /// <summary>Tail effective sample size; the number of draws where they are independent and of equal worth. Source: [Vehtari2021].</summary>
    public double EssTail => summary.Value.EssTail;

    /// <summary>Monte-Carlo standard error of <see cref="Mean"/>; 0 where the mean is exact, or the quantity at the estimates.</summary>
    public double McseMean => Estimate is { } estimate ? estimate.Mcse : exact is null ? summary.Value.McseMean : 0;

    /// <summary>Monte-Carlo standard error of <see cref="Sd"/>; 0 where the sd is exact.</summary>
    public double McseSd => exact is not null
        ? 0
        : weights is not null ? weights.McseSd(values.Value)
        : Posterior.DrawKind == DrawKind.Independent
            ? Sd / Math.Sqrt(2.0 * draws.Value.Length)
            : Diagnostics.McseSd(draws.Value, Posterior.ChainCount);

    internal Posterior Posterior { get; }

    /// <summary>The quantity at the estimates; null where the fit is not a point. Where moments are those of the quantity itself, they give
    /// it.</summary>
    internal AtEstimates? Estimate
    {
        get =>
            field ?? (Posterior.Point is not null && exact is { } moments && Transform is null && !IsExponential
                ? new AtEstimates(moments.Mean)
                : null);
        init;
    }

    /// <summary>True where exact moments are those of the log of the quantity.</summary>
    internal bool IsExponential { get; init; }

    /// <summary>An increasing function; where it is not null, exact moments are those of the number that it takes to the quantity.</summary>
    internal Func<double, double>? Transform { get; init; }

    /// <summary>True where the posterior mean need not exist.</summary>
    internal bool HasUnsureMean { get; init; }

    /// <summary>Why the mean need not exist.</summary>
    internal string UnsureBecause { get; init; } = "a scale on the log scale is estimated";

    private bool IsWeighted => !ReferenceEquals(values, draws);

    internal double[] DrawArray => draws.Value;

    /// <summary>Effective sample size of a quantile: the draws that tell how much probability lies at or below it. Infinite where the posterior is
    /// known exactly. Source: [Vehtari2021].</summary>
    /// <param name="probability">Strictly between 0 and 1.</param>
    /// <returns>The size, in draws: the standard error of the quantile's probability is sqrt(p (1 - p) / size).</returns>
    /// <exception cref="ArgumentOutOfRangeException">The probability is not strictly between 0 and 1.</exception>
    public double EssQuantile(double probability)
    {
        if (!(probability is > 0 and < 1))
            throw new ArgumentOutOfRangeException(nameof(probability), probability, "The size needs a probability strictly between 0 and 1.");
        if (exact is not null)
            return double.PositiveInfinity;
        if (weights is not null)
            return weights.EssQuantile(values.Value, probability);
        return Posterior.DrawKind == DrawKind.Independent
            ? draws.Value.Length
            : Diagnostics.EssQuantile(draws.Value, Posterior.ChainCount, probability);
    }

    /// <summary>A posterior quantile.</summary>
    /// <param name="probability">Between 0 and 1.</param>
    /// <returns>The quantile, in the quantity's units.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The probability is not between 0 and 1.</exception>
    public double Quantile(double probability)
    {
        if (!(probability is >= 0 and <= 1))
            throw new ArgumentOutOfRangeException(
                nameof(probability),
                probability,
                probability is > 1 and <= 100
                    ? string.Create(
                        CultureInfo.InvariantCulture,
                        $"A quantile needs a probability between 0 and 1. For {probability} % write {probability / 100}.")
                    : "A quantile needs a probability between 0 and 1.");
        if (exact is { } moments)
        {
            var value = moments.Sd == 0 ? moments.Mean : double.IsNaN(moments.Sd) ? double.NaN : Normal.InvCDF(moments.Mean, moments.Sd, probability);
            return Transform is not null ? Transform(value) : IsExponential ? Math.Exp(value) : value;
        }

        if (!IsWeighted)
            return Diagnostics.QuantileOfSorted(sorted.Value, probability);
        return probability switch
        {
            0.055 => summary.Value.Lower89,
            0.5 => summary.Value.Median,
            0.945 => summary.Value.Upper89,
            _ => weights!.Quantile(values.Value, probability),
        };
    }

    /// <summary>The central interval that holds a given posterior probability.</summary>
    /// <param name="probability">Strictly between 0 and 1; null for <see cref="Engines.RunOptions.Probability"/> of the fit, 0.89 by default: from
    /// the 5.5 % to the 94.5 % quantile.</param>
    /// <returns>The interval.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The probability is not strictly between 0 and 1.</exception>
    public Interval Interval(double? probability = null)
    {
        var share = IntervalProbability.Of(probability, Posterior);
        var (lower, upper) = IntervalProbability.Tails(share);
        return new(Quantile(lower), Quantile(upper), share);
    }

    /// <summary>Posterior probability that a statement about the quantity holds: the share of draws, or of the weights of the sample, for which it
    /// does.</summary>
    /// <param name="statement">The statement, for example <c>x => x > 0</c>.</param>
    /// <returns>The probability p. The Monte-Carlo error of x at or below a value is sqrt(p (1 - p) / ESS), ESS being <see cref="EssQuantile"/> of p;
    /// that of other statements is of the same order.</returns>
    public double Probability(Func<double, bool> statement)
    {
        ArgumentNullException.ThrowIfNull(statement);
        return IsWeighted
            ? weights!.Mean([.. values.Value.Select(value => statement(value) ? 1.0 : 0.0)])
            : draws.Value.Count(statement) / (double)draws.Value.Length;
    }

    /// <summary>The quantity's distribution in bins of equal width, as data and as bars of text.</summary>
    /// <param name="bins">Number of bins between the 0.5 % and 99.5 % quantiles, 1 to 1,000; what is outside is told as two shares.</param>
    /// <returns>The histogram; one bin without width where the quantity is a constant.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The number of bins is out of range.</exception>
    public Histogram Histogram(int bins = 20) => Histogram(bins, Quantile(0.005), Quantile(0.995));

    /// <summary>The quantity's distribution in bins of equal width between two values, so that several quantities have the same bins.</summary>
    /// <param name="bins">Number of bins, 1 to 1,000.</param>
    /// <param name="lower">Where the first bin begins, in the quantity's units.</param>
    /// <param name="upper">Where the last bin ends, in the quantity's units; not below <paramref name="lower"/>.</param>
    /// <returns>The histogram; one bin without width where both values are the same.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The number of bins is out of range, a value is not finite, or they are in the wrong
    /// order.</exception>
    public Histogram Histogram(int bins, double lower, double upper) => TypedPooling.Histogram.Of(Name, bins, lower, upper, Below);

    /// <summary>The quantity in a few numbers, without the fit behind it: what it is as JSON.</summary>
    /// <param name="probability">Posterior probability of the interval, strictly between 0 and 1; null for that of the fit, 0.89 by default.</param>
    /// <returns>The summary, without draws.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The probability is not strictly between 0 and 1.</exception>
    public QuantitySummary Summary(double? probability = null)
    {
        // Of a point only draws of its approximation have a sample size, and they are not made for a summary.
        var isPoint = Posterior.Point is not null;
        return new(
            Name,
            Mean,
            Sd,
            isPoint ? Mean : Median,
            Interval(probability),
            isPoint ? double.NaN : EssBulk,
            isPoint ? double.NaN : EssTail,
            isPoint ? double.NaN : RHat,
            McseMean)
        { Warnings = Warnings };
    }

    /// <summary>The quantity in a few numbers and all its draws, without the fit behind it.</summary>
    /// <param name="probability">Posterior probability of the interval, strictly between 0 and 1; null for that of the fit, 0.89 by default.</param>
    /// <returns>The summary, with draws.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The probability is not strictly between 0 and 1.</exception>
    public QuantitySummary SummaryWithDraws(double? probability = null) => Summary(probability) with { Draws = Draws };

    /// <summary>Name, mean, sd and interval; where the posterior mean need not exist, name, posterior median and interval.</summary>
    public override string ToString()
    {
        var interval = Interval();
        return Figures.Summary(
            Name,
            HasUnsureMean,
            HasUnsureMean ? Median : Mean,
            HasUnsureMean ? double.NaN : Sd,
            interval.Lower,
            interval.Upper,
            interval.Probability);
    }

    // E exp(x), x normal.
    private static double ExponentialMean(NormalMoments moments) => Math.Exp(moments.Mean + 0.5 * moments.Sd * moments.Sd);

    // Probability below a value, and of the value itself where that is asked for too.
    private double Below(double value, bool includesValue)
    {
        if (exact is { Sd: > 0 } && Transform is not null)
            return transformed.Value.Below(value);
        if (exact is { Sd: > 0 } moments)
            return IsExponential
                ? (value > 0 ? Normal.CDF(moments.Mean, moments.Sd, Math.Log(value)) : 0)
                : Normal.CDF(moments.Mean, moments.Sd, value);
        if (exact is not null)
            return includesValue ? (Mean <= value ? 1 : 0) : Mean < value ? 1 : 0;
        return Probability(x => includesValue ? x <= value : x < value);
    }

    void IJsonAnswer.WriteTo(Utf8JsonWriter writer) => ((IJsonAnswer)Summary()).WriteTo(writer);
}
