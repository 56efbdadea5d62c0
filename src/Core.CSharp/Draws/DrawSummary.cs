namespace TypedPooling.Draws;

/// <summary>A row of a table: one parameter's draws in nine numbers. Made by
/// <see cref="Diagnostics.Summarize(ReadOnlySpan{double}, int, DrawKind)"/>. Immutable.</summary>
/// <param name="Mean">Mean, in the parameter's units.</param>
/// <param name="Sd">Standard deviation (divisor S - 1), in the parameter's units.</param>
/// <param name="Lower89">Lower end of the central 89% interval: the 5.5% quantile, in the parameter's units.</param>
/// <param name="Median">Median, in the parameter's units.</param>
/// <param name="Upper89">Upper end of the central 89% interval: the 94.5% quantile, in the parameter's units.</param>
/// <param name="EssBulk">Bulk effective sample size, in draws; the number of draws where they are independent.</param>
/// <param name="EssTail">Tail effective sample size, in draws; the number of draws where they are independent.</param>
/// <param name="RHat">Rank-normalised split R-hat, without unit; NaN where draws are independent.</param>
/// <param name="McseMean">Monte Carlo standard error of the mean, in the parameter's units.</param>
public sealed record DrawSummary(
    double Mean,
    double Sd,
    double Lower89,
    double Median,
    double Upper89,
    double EssBulk,
    double EssTail,
    double RHat,
    double McseMean);
