using TypedPooling.Draws;

namespace TypedPooling.Plots.Report;

/// <summary>What a reader of a report must know first: the fit's own warnings, then what the checks found.</summary>
internal static class ReportWarnings
{
    // Below it a test of residuals is a finding.
    private const double SmallProbability = 0.01;

    private const string Remedy = "See the checks below; another family (StudentT for heavy tails, LogNormal or Gamma for skewed ones), a missing "
        + "predictor or a slope that varies may mend it.";

    /// <summary>Warnings, each with a title and sentences that say what to do.</summary>
    public static IEnumerable<(string Title, string Message)> Of<TRow>(Fit<TRow> fit, ReportChecks? checks)
    {
        foreach (var warning in fit.Warnings)
            yield return (Title(warning.Code), warning.Message);
        if (checks is null)
            yield break;
        foreach (var warning in checks.Loo.Warnings)
            yield return ("Leave-one-out", warning);
        if (checks.Residuals.Tests.Any(test => test.PValue < SmallProbability))
            yield return ("Residuals", $"{string.Join(' ', checks.Residuals.Findings)} {Remedy}");
        if (checks.Predictive.Rows.Any(row => row.IsUnusual))
            yield return ("Predictive check", $"{string.Join(' ', checks.Predictive.Findings)} {Remedy}");
    }

    /// <summary>A warning's kind in a word or two.</summary>
    public static string Title(FitWarningCode code) => code switch
    {
        FitWarningCode.Divergences => "Divergences",
        FitWarningCode.TreeDepth => "Tree depth",
        FitWarningCode.LowEnergyBfmi => "Energy (E-BFMI)",
        FitWarningCode.RHat => "R-hat",
        FitWarningCode.LowEss => "Effective sample size",
        FitWarningCode.Cancelled => "Cancelled",
        FitWarningCode.PriorReplaced => "Prior replaced",
        FitWarningCode.NotConverged => "Not converged",
        FitWarningCode.Approximation => "Approximation",
        FitWarningCode.Boundary => "Boundary",
        FitWarningCode.MeanMayNotExist => "Mean may not exist",
        FitWarningCode.Quadrature => "Quadrature",
        FitWarningCode.DependentColumns => "Dependent columns",
        FitWarningCode.DistantOrigin => "Distant origin",
        FitWarningCode.PriorConflict => "Prior and data disagree",
        FitWarningCode.NoIntercept => "No intercept",
        FitWarningCode.OtherDrawScheme => "Saved by another version",
        _ => code.ToString(),
    };
}
