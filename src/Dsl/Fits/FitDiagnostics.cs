using System.Globalization;
using TypedPooling.Draws;

namespace TypedPooling;

/// <summary>Warnings read off the parameter table.</summary>
internal static class FitDiagnostics
{
    // Thresholds of [Vehtari2021]: R-hat at most 1.01, and 100 effective draws a chain.
    private const double RHatLimit = 1.01;
    private const double EssPerChain = 100;

    public static IEnumerable<FitWarning> Warnings(SummaryTable table, Posterior posterior)
    {
        if (posterior is { DrawKind: DrawKind.Independent, Weights: null })
            yield break;
        var worst = table.Rows.Where(r => r.RHat > RHatLimit).OrderByDescending(r => r.RHat).FirstOrDefault();
        if (worst is not null)
        {
            yield return new FitWarning(
                FitWarningCode.RHat,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"R-hat of {worst.Parameter.Name} is {worst.RHat:F3} (above {RHatLimit}), so chains do not agree yet; raise Warmup and Draws."));
        }

        var limit = EssPerChain * posterior.ChainCount;
        var least = table.Rows.Where(r => Math.Min(r.EssBulk, r.EssTail) < limit).MinBy(r => Math.Min(r.EssBulk, r.EssTail));
        if (least is not null)
        {
            yield return new FitWarning(FitWarningCode.LowEss, string.Create(CultureInfo.InvariantCulture, $"The effective sample size "
                + $"of {least.Parameter.Name} is {Math.Min(least.EssBulk, least.EssTail):F0} (below {limit:F0}), so its "
                    + $"interval is uncertain; raise Draws."));
        }
    }
}
