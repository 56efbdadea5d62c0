using TypedPooling.Draws;

namespace TypedPooling;

/// <summary>Effective draws a draw, of the likelihood of one observation: 1 for independent draws.</summary>
internal static class RelativeEfficiency
{
    /// <summary>The efficiency for exp of the values given.</summary>
    /// <param name="posterior">Where the draws come from.</param>
    /// <param name="logLikelihood">Log likelihoods, by draw. Length S.</param>
    /// <param name="scratch">Overwritten. Length S.</param>
    /// <returns>A positive number; 1 where the likelihood does not vary.</returns>
    public static double Of(Posterior posterior, ReadOnlySpan<double> logLikelihood, double[] scratch)
    {
        if (posterior.DrawKind == DrawKind.Independent && posterior.Weights is null)
            return 1;
        var largest = double.NegativeInfinity;
        foreach (var value in logLikelihood)
            largest = Math.Max(largest, value);
        for (var s = 0; s < scratch.Length; s++)
            scratch[s] = Math.Exp(logLikelihood[s] - largest);
        var ess = posterior.Weights?.EssMean(scratch) ?? Diagnostics.EssMean(scratch, posterior.ChainCount);
        var efficiency = ess / scratch.Length;

        // Draws that were taken again and again are worth less than independent ones, never more.
        return !(efficiency > 0) ? 1 : posterior.Weights is null ? efficiency : Math.Min(1, efficiency);
    }
}
