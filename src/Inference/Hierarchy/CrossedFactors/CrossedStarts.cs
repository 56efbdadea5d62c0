using TypedPooling.Inference.Hierarchy.GaussianSystem;
using TypedPooling.Inference.Scales;


namespace TypedPooling.Inference.Hierarchy.CrossedFactors;

/// <summary>Rough scales of several factors, and the rough moments of population effects at them.</summary>
internal static class CrossedStarts
{
    /// <summary>Half the spread of the response for sigma, and for each sd half the spread over the root mean square of its column.</summary>
    /// <param name="system">The system.</param>
    /// <returns>Positive scales, sds of all factors in turn.</returns>
    public static TypicalScales Typical(CrossedSystem system)
    {
        var spec = system.Model.Spec;
        var total = system.Model.Cells.Total();
        var squares = total.CrossProducts(0)[^1];

        // Squares are in units of the weights: over the weights they give the response's own spread, over the rows sigma's.
        var spread = squares > 0 ? Math.Sqrt(squares / total.Weight(0)) : Math.Sqrt(total.RowCount / total.Weight(0));
        var sigma = spec.Response.KnownSd is null ? 0.5 * spread * Math.Sqrt(total.Weight(0) / total.RowCount) : 1;
        return new TypicalScales(sigma, [.. spec.Factors.SelectMany(factor => factor.Terms.Select((term, a) => 0.5 * spread / TypicalScales.RootMeanSquare(total, term.Column, factor.OriginOf(a))))]);
    }

    /// <summary>The coordinates of the joined effects of a system.</summary>
    /// <param name="system">The system, complete but for this.</param>
    /// <returns>Centred and scaled by the conditional of all population effects at rough scales.</returns>
    public static JoinedCoefficients Joined(CrossedSystem system) => JoinedCoefficients.Of(system.Model.Spec, system.Population, roughly =>
    {
        var all = system.WithAllIntegrated();
        var (n, p) = (system.PopulationCount, system.IntegratedCount);
        var precision = new double[n * n];
        var mean = new double[n];
        for (var a = 0; a < p; a++)
        {
            system.Population.Precision.AsSpan(a * p, p).CopyTo(precision.AsSpan(a * n));
            mean[a] = system.Population.PriorMean[a];
        }

        for (var a = p; a < n; a++)
        {
            precision[a * n + a] = roughly[a - p].Precision;
            mean[a] = roughly[a - p].Precision > 0 ? roughly[a - p].Target / roughly[a - p].Precision : 0;
        }

        var (sigma, sds) = Typical(system);
        var point = new ScaleCoordinates(system.Model.Spec).NewPoint();
        point.Sigma = sigma;
        var at = 0;
        foreach (var factor in point.Factors)
        {
            for (var a = 0; a < factor.Sd.Length; a++)
                factor.Lambda[a * factor.Sd.Length + a] = sds[at++];
        }

        var workspace = new CrossedWorkspace(all, precision, mean);
        if (!double.IsFinite(workspace.Solve(point, [], withGradient: false)))
            return null;
        workspace.Matrix.Invert();
        var variance = Enumerable.Range(0, n).Select(a => workspace.Matrix.Inverse[all.Diagonal[all.PopulationStart + a]]).ToArray();
        return (workspace.Mean[all.PopulationStart..], variance);
    });
}
