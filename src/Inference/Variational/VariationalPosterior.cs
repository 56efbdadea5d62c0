using System.Globalization;
using TypedPooling.Draws;
using TypedPooling.Engines;
using TypedPooling.Inference.Posteriors;
using TypedPooling.Randomness;

namespace TypedPooling.Inference.Variational;

/// <summary>Draws from the approximation, in the shape of every posterior.</summary>
internal static class VariationalPosterior
{
    public static Posterior Of(MeanField approximation, bool hasConverged, RunOptions options)
    {
        var system = approximation.Hierarchy;
        var spec = system.Model.Spec;
        var count = options.Chains * options.Draws;
        var parameters = approximation.Coordinates.Parameters;
        var scales = new DrawTable(parameters, count);
        var population = DrawTable.OfPopulation(spec, count);
        var reported = new double[parameters.Length];
        var p = system.PopulationCount;
        var pivoted = new double[p * count];
        var effects = new EffectDraws(system, count, options.Seed);
        var stream = RandomAddresses.Approximation(options.Seed);
        var beta = new double[spec.Population.Length];
        for (var s = 0; s < count; s++)
        {
            Scales(approximation, stream, reported);
            scales.Set(s, reported);
            var own = pivoted.AsSpan(s * p, p);
            PhiloxNormals.Fill(options.Seed, (ulong)s, RandomAddresses.PopulationEffects, own);
            approximation.Workspace.DrawPopulation(own);
            system.Population.Restore(own, beta);
            population.Set(s, beta);
            effects.Keep(s, approximation.Point, approximation.Workspace, own);
            if ((s + 1) % Math.Max(1, count / 100) == 0 || s + 1 == count)
                options.Progress?.Report(
                    new RunProgress(0, approximation.MaximumIterations + s + 1, approximation.MaximumIterations + count, IsWarmup: false));
        }

        var builder = new PosteriorBuilder(VariationalEngine.EngineName, Exactness.Approximate, spec, options);
        var block = population.ToBlock();
        return builder.Of(block, scales.ToBlock(), effects.Blocks(pivoted)) with
        {
            Recipe = new CoefficientRecipe(ScalePoints.Of(approximation.Point), block, pivoted),
            SamplingReason = string.Create(
                CultureInfo.InvariantCulture,
                $"Approximated by coordinate ascent, {(hasConverged ? "converged" : "not converged")} after {approximation.Bounds.Count} "
                    + $"iterations; scales and coefficients are drawn from the approximation, independently of each other"),
            EvidenceBound = spec.HasProperPriors ? approximation.Bounds[^1] : null,
            Warnings = hasConverged
                ? []
                : [new FitWarning(FitWarningCode.NotConverged, string.Create(
                    CultureInfo.InvariantCulture, $"The approximation still changed after {approximation.Bounds.Count} iterations; raise "
                        + $"MaximumIterations before you report it."))],
        };
    }

    // Sigma, then sds and correlations of every factor, read off a root of each Sigma.
    private static void Scales(MeanField approximation, PhiloxStream stream, Span<double> scales)
    {
        var spec = approximation.Hierarchy.Model.Spec;
        var at = 0;
        Span<double> sigma = stackalloc double[1];
        if (spec.Response.KnownSd is null)
        {
            approximation.Sigma.Sample(stream, sigma);
            scales[at++] = sigma[0];
        }

        for (var k = 0; k < spec.Factors.Length; k++)
        {
            var q = spec.Factors[k].Terms.Length;
            var root = new double[q * q];
            approximation.Scales[k].Sample(stream, root);
            var start = at;
            for (var a = 0; a < q; a++)
                scales[at++] = Math.Sqrt(Product(root, q, a, a));
            for (var a = 1; a < q && spec.Factors[k].HasCorrelations; a++)
            {
                for (var b = 0; b < a; b++)
                    scales[at++] = Product(root, q, a, b) / scales[start + a] / scales[start + b];
            }
        }
    }

    private static double Product(double[] root, int q, int a, int b)
    {
        var sum = 0.0;
        for (var i = 0; i <= Math.Min(a, b); i++)
            sum += root[a * q + i] * root[b * q + i];
        return sum;
    }
}
