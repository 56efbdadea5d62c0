using TypedPooling.Draws;

namespace TypedPooling;

/// <summary>A row of the parameter table.</summary>
/// <param name="Parameter">What the parameter is.</param>
/// <param name="Mean">Posterior mean.</param>
/// <param name="Sd">Posterior standard deviation.</param>
/// <param name="Lower">5.5 % quantile.</param>
/// <param name="Upper">94.5 % quantile.</param>
/// <param name="EssBulk">Bulk effective sample size.</param>
/// <param name="EssTail">Tail effective sample size.</param>
/// <param name="RHat">R-hat; NaN where draws are independent.</param>
public sealed record SummaryRow(Parameter Parameter, double Mean, double Sd, double Lower, double Upper, double EssBulk, double EssTail, double RHat);
