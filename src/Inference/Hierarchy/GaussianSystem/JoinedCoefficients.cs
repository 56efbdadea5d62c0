using TypedPooling.Inference.Hierarchy.Columns;
using TypedPooling.Inference.Hierarchy.GaussianSystem.Kernels;
using TypedPooling.Inference.Hierarchy.Sums;
using TypedPooling.Inference.Numerics;

namespace TypedPooling.Inference.Hierarchy.GaussianSystem;

/// <summary>Lays out the coordinates of the population effects that are joined to theta because their prior is not Gaussian.</summary>
/// <remarks>
/// A coordinate is one joined effect, centred and scaled by a rough mean and sd of its posterior, so that it is of the size of 1 whatever the units
/// of a column. These come from one weighted least squares at typical scales, the priors entering as precisions 1 / scale^2.
/// </remarks>
internal static class JoinedCoefficients
{
    /// <summary>Lays out the coordinates of a system.</summary>
    /// <param name="system">The system, complete but for this.</param>
    /// <returns>The coordinates; none where all population effects are integrated.</returns>
    public static PopulationCoordinates Of(NormalSystem system) => Of(system.Population, roughly => Moments(system, roughly));

    /// <summary>Lays out the coordinates of a system.</summary>
    /// <param name="population">Its population effects.</param>
    /// <param name="momentsOf">Means and variances of all p estimated effects at typical scales, given the joined ones' precision and its product
    /// with their mean; null where nothing determines them. Lengths p.</param>
    /// <returns>The coordinates; none where all population effects are integrated.</returns>
    public static PopulationCoordinates Of(
        PopulationSystem population, Func<(double Precision, double Target)[], (double[] Mean, double[] Variance)?> momentsOf)
    {
        var (integrated, count) = (population.IntegratedCount, population.JoinedCount);
        if (count == 0)
            return PopulationCoordinates.None;
        var moments = momentsOf([.. population.Priors[integrated..].Select((prior, e) =>
        {
            var (location, scale) = PopulationCoordinates.Rough(prior);
            var precision = 1 / (scale * scale);
            return (precision, precision * (location - (integrated + e == population.Intercept ? population.Response : 0)));
        })]);
        var centre = new double[count];
        var map = new double[count * count];
        for (var e = 0; e < count; e++)
            (centre[e], map[e * count + e]) = Locate(population, integrated + e, moments);
        return new PopulationCoordinates(population, integrated, centre, map);
    }

    // Mean and variance of all coefficients under (X, Xb)'V^-1(X, Xb) + prior precisions at typical scales.
    private static (double[] Mean, double[] Variance)? Moments(NormalSystem system, (double Precision, double Target)[] roughly)
    {
        var population = system.Population;
        var (p, integrated) = (population.Count, population.IntegratedCount);
        var (sigma, sds) = TypicalScales.Of(system);
        var q = sds.Length;
        var lambda = new double[q * q];
        for (var a = 0; a < q; a++)
            lambda[a * q + a] = sds[a] / sigma;
        var relative = new double[q * q];
        system.Pivot.PivotLambda(lambda, relative);

        var (square, target) = system.Pooled.CrossProducts();
        ClassKernel.For(system.Lanes).Reduce(relative, square, target);
        var precision = 1 / (sigma * sigma);
        for (var a = 0; a < p; a++)
        {
            target[a] *= precision;
            for (var c = 0; c <= a; c++)
                square[a * p + c] = square[a * p + c] * precision + (a < integrated ? population.Precision[a * integrated + c] : 0);
            for (var c = 0; a < integrated && c < integrated; c++)
                target[a] += population.Precision[a * integrated + c] * population.PriorMean[c];
        }

        for (var e = 0; e < roughly.Length; e++)
        {
            square[(integrated + e) * p + integrated + e] += roughly[e].Precision;
            target[integrated + e] += roughly[e].Target;
        }

        return Invert(square, target);
    }

    // Centre and unit of an effect from those moments; one that nothing tells of is left where its prior is.
    private static (double Centre, double Unit) Locate(PopulationSystem population, int e, (double[] Mean, double[] Variance)? moments)
    {
        var prior = population.Priors[e];
        var (location, scale) = PopulationCoordinates.Rough(prior);
        var (mean, variance) = moments ?? (new double[population.Count], new double[population.Count]);
        var (z, sd) = double.IsFinite(mean[e]) && variance[e] > 0 && double.IsFinite(variance[e])
            ? (mean[e], Math.Sqrt(variance[e]))
            : (location, double.IsFinite(scale) ? scale : 1);
        if (!PopulationCoordinates.IsBounded(prior))
            return (z, sd);

        // Well inside the bounds, and no wider than the logit of a uniform, whose sd is pi / sqrt(3).
        if (e == population.Intercept)
        {
            z += population.Response;
            for (var d = population.IntegratedCount; d < population.Count; d++)
                z -= d == e ? 0 : population.Origin[d] * mean[d];
        }

        var share = PopulationCoordinates.Share(prior, z);
        return (Math.Log(share / (1 - share)), Math.Min(Math.PI / Math.Sqrt(3), sd / ((prior.Upper - prior.Lower) * share * (1 - share))));
    }

    // Solution and diagonal of the inverse of a symmetric positive definite system given by its lower triangle; null where it is not.
    private static (double[] Mean, double[] Variance)? Invert(double[] square, double[] target)
    {
        var p = target.Length;
        if (!SmallCholesky.TryFactorise(square, p))
            return null;
        SmallCholesky.Solve(square, target, p);
        var variance = new double[p];
        var column = new double[p];
        for (var e = 0; e < p; e++)
        {
            Array.Clear(column);
            column[e] = 1;
            SmallCholesky.SolveLower(square, column, p);
            variance[e] = DenseRows.Dot(column, column);
        }

        return (target, variance);
    }
}
