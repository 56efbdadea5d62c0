namespace TypedPooling.Inference.Importance;

/// <summary>A quantity's weighted draws in eight numbers. Made by <see cref="DrawWeights.Summarize"/>. Immutable.</summary>
/// <param name="Mean">Mean, in the quantity's units.</param>
/// <param name="Sd">Standard deviation, in the quantity's units.</param>
/// <param name="Lower89">Lower end of the central 89% interval: the 5.5% quantile, in the quantity's units.</param>
/// <param name="Median">Median, in the quantity's units.</param>
/// <param name="Upper89">Upper end of the central 89% interval: the 94.5% quantile, in the quantity's units.</param>
/// <param name="EssMean">Effective sample size of the mean, variance / MCSE^2, in draws.</param>
/// <param name="EssTail">The smaller of the effective sample sizes of the 5% and 95% quantiles, in draws.</param>
/// <param name="McseMean">Monte Carlo standard error of the mean, in the quantity's units.</param>
public sealed record WeightedSummary(
    double Mean,
    double Sd,
    double Lower89,
    double Median,
    double Upper89,
    double EssMean,
    double EssTail,
    double McseMean);
