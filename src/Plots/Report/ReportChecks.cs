namespace TypedPooling.Plots.Report;

/// <summary>What rows say of a fit: leave-one-out, residuals, replicated data.</summary>
internal sealed record ReportChecks(ElpdEstimate Loo, ResidualTable Residuals, PredictiveCheck Predictive)
{
    public static ReportChecks Of<TRow>(Fit<TRow> fit, IReadOnlyList<TRow> rows)
    {
        var family = fit.Spec.Response.Family;
        Statistic[] statistics = family.IsCount
            ? [Statistic.Mean, Statistic.Sd, Statistic.Minimum, Statistic.Maximum, Statistic.Zeros, Statistic.VarianceOverMean]
            : [Statistic.Mean, Statistic.Sd, Statistic.Minimum, Statistic.Maximum];
        return new(fit.Loo(rows), fit.Residuals(rows), fit.Check(rows, statistics));
    }
}
