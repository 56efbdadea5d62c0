namespace TypedPooling.Plots.Report;

/// <summary>What rows say of a fit: leave-one-out, residuals, replicated data.</summary>
internal sealed record ReportChecks(ElpdEstimate Loo, ResidualTable Residuals, PredictiveCheck Predictive, ReportPicture Replicates)
{
    public static ReportChecks Of<TRow>(Fit<TRow> fit, IReadOnlyList<TRow> rows, string? unit)
    {
        var family = fit.Spec.Response.Family;
        Statistic[] statistics = family.IsCount
            ? [Statistic.Mean, Statistic.Sd, Statistic.Minimum, Statistic.Maximum, Statistic.Zeros, Statistic.VarianceOverMean]
            : [Statistic.Mean, Statistic.Sd, Statistic.Minimum, Statistic.Maximum];
        var check = fit.Check(rows, statistics);
        var picture = ReportPicture.Of(
            "Replicated data",
            "Responses drawn anew from the fit, thin, and the data, thick; beside them statistics of the data among those of the replicates. "
                + "P(rep >= obs) near 0 or 1 says that the fit does not give such data.",
            fit.PlotCheckPanels(rows, PlotOptions.Default with { Unit = unit }),
            check);
        return new(fit.Loo(rows), fit.Residuals(rows), check, picture);
    }
}
