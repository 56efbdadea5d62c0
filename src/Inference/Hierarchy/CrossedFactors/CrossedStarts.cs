using TypedPooling.Inference.Hierarchy.Columns;
using TypedPooling.Inference.Hierarchy.GaussianSystem;
using TypedPooling.Inference.Hierarchy.Sums;
using TypedPooling.Inference.Scales;

namespace TypedPooling.Inference.Hierarchy.CrossedFactors;

/// <summary>Rough moments of population effects at rough scales of several factors.</summary>
internal static class CrossedStarts
{
    /// <summary>The coordinates of the joined effects of a system.</summary>
    /// <param name="system">The system, complete but for this.</param>
    /// <param name="all">The same model with the joined effects among the coordinates too.</param>
    /// <returns>Centred and scaled by the conditional of all population effects at rough scales.</returns>
    public static PopulationCoordinates Joined(CrossedSystem system, CrossedSystem all) => JoinedCoefficients.Of(
        system.Population, roughly =>
    {
        var (p, integrated) = (system.PopulationCount, system.IntegratedCount);
        var precision = new double[p * p];
        var mean = new double[p];
        for (var a = 0; a < integrated; a++)
        {
            system.Population.Precision.AsSpan(a * integrated, integrated).CopyTo(precision.AsSpan(a * p));
            mean[a] = system.Population.PriorMean[a];
        }

        for (var a = integrated; a < p; a++)
        {
            precision[a * p + a] = roughly[a - integrated].Precision;
            mean[a] = roughly[a - integrated].Precision > 0 ? roughly[a - integrated].Target / roughly[a - integrated].Precision : 0;
        }

        var (sigma, sds) = system.Typical();
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
        var variance = Enumerable.Range(0, p).Select(a => workspace.Matrix.Inverse[all.Layout.Diagonal[all.PopulationStart + a]]).ToArray();
        return (workspace.Mean[all.PopulationStart..], variance);
    });
}
