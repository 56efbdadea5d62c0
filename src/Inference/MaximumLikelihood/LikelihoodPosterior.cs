using System.Collections.Immutable;
using System.Globalization;
using TypedPooling.Draws;
using TypedPooling.Engines;
using TypedPooling.Inference.Posteriors;
using TypedPooling.Inference.Scales;
using TypedPooling.Model;
using TypedPooling.Randomness;

namespace TypedPooling.Inference.MaximumLikelihood;

/// <summary>A maximum in the shape of every posterior: the point, and draws of its normal approximation, made when they are first asked
/// for.</summary>
internal static class LikelihoodPosterior
{
    public static Posterior Of(LikelihoodFit fit, RunOptions options)
    {
        var spec = fit.System.Model.Spec;
        var parameters = new ScaleCoordinates(spec).Parameters;
        var count = options.Chains * options.Draws;
        var estimates = Scales(spec, fit.Reported, parameters.Length);
        var draws = new Lazy<Drawn>(() => Draw(fit, parameters, estimates, count, options.Seed));
        var ml = fit.Criterion == LikelihoodCriterion.MaximumLikelihood;
        var builder = new PosteriorBuilder(MaximumLikelihoodEngine.EngineName, Exactness.Point, spec, options);
        return builder.Of(
            new DeferredBlock(PosteriorBuilder.PopulationOf(spec), count, () => draws.Value.Population),
            new DeferredBlock(parameters, count, () => draws.Value.Scales),
            [.. spec.Factors.Select(EffectsBlock (_, k) => new DeferredEffects(fit.System.Model, k, count, () => draws.Value.Effects[k]))]) with
        {
            Point = Point(fit, estimates),
            SamplingReason = string.Create(
                CultureInfo.InvariantCulture,
                $"{(ml ? "Maximum likelihood" : "Restricted maximum likelihood (REML)")}, {fit.Function.Evaluations} evaluations; priors are "
                    + $"ignored, fixed values are kept"),
            Warnings = [
                .. fit.Convergence.Warnings(spec.Response.Name),
                .. fit.Boundary.Select(sentence => new FitWarning(FitWarningCode.Boundary, sentence))],
        };
    }

    private static PointEstimate Point(LikelihoodFit fit, double[] scales)
    {
        var (mean, covariance) = Population(fit);
        var coordinates = fit.Function.Coordinates;
        return new PointEstimate
        {
            Criterion = fit.Criterion,
            LogLikelihood = fit.Value,
            Deviance = fit.Deviance,
            ParameterCount = fit.System.PopulationCount + coordinates.ScaleCount,
            Population = [.. mean],
            PopulationCovariance = [.. covariance],
            Scales = [.. scales],
            Theta = [.. ThetaLayout.Write(fit.Reported, coordinates, 1 / fit.Reported.Sigma)],
            Boundary = [.. fit.Boundary],
            Moments = fit.System.Moments(fit.Workspace, fit.Point),
            Evaluations = fit.Function.Evaluations,
            RemainingGain = fit.Convergence.RemainingGain,
            IsConverged = fit.Convergence.IsConverged,
        };
    }

    // The columns of a root of the covariance are what single normals do to a draw.
    private static (double[] Mean, double[] Covariance) Population(LikelihoodFit fit)
    {
        var (p, terms) = (fit.System.PopulationCount, fit.System.Population.TermCount);
        var centre = new double[p];
        fit.Workspace.DrawPopulation(centre);
        var mean = new double[terms];
        fit.System.Population.Restore(centre, mean);
        var normals = new double[p];
        var covariance = new double[terms * terms];
        var moved = new double[terms];
        for (var i = 0; i < p; i++)
        {
            Array.Clear(normals);
            normals[i] = 1;
            fit.Workspace.DrawPopulation(normals);
            for (var a = 0; a < p; a++)
                normals[a] -= centre[a];
            fit.System.Population.RestoreDeviation(normals, moved);
            for (var a = 0; a < terms; a++)
            {
                for (var b = 0; b < terms; b++)
                    covariance[a * terms + b] += moved[a] * moved[b];
            }
        }

        return (mean, covariance);
    }

    /// <summary>Sigma and the shape (where there are such), sds and correlations of a point, in the order they are reported. Every Lambda is lower
    /// triangular and of the columns as they are.</summary>
    public static double[] Scales(ModelSpec spec, ScalePoint point, int length)
    {
        var scales = new double[length];
        var at = 0;
        if (spec.Response.HasSigma)
            scales[at++] = point.Sigma;
        if (spec.Response.HasShape)
            scales[at++] = point.Shape;
        for (var k = 0; k < spec.Factors.Length; k++)
        {
            var q = spec.Factors[k].Terms.Length;
            var lambda = point.Factors[k].Lambda;
            var start = at;
            for (var a = 0; a < q; a++)
                scales[at++] = LikelihoodBoundary.Sd(lambda, q, a);
            for (var a = 1; a < q && spec.Factors[k].HasCorrelations; a++)
            {
                for (var b = 0; b < a; b++)
                {
                    var product = 0.0;
                    for (var i = 0; i <= b; i++)
                        product += lambda[a * q + i] * lambda[b * q + i];
                    scales[at++] = Math.Clamp(product / scales[start + a] / scales[start + b], -1, 1);
                }
            }
        }

        return scales;
    }

    private static Drawn Draw(LikelihoodFit fit, ImmutableArray<Parameter> parameters, double[] estimates, int count, ulong seed)
    {
        var system = fit.System;
        var p = system.PopulationCount;
        var scales = new DrawTable(parameters, count);
        var population = DrawTable.OfPopulation(system.Model.Spec, count);
        var pivoted = new double[p * count];
        var kept = EffectDraws.Of(system, count, seed);
        var stream = RandomAddresses.Approximation(seed);
        var beta = new double[population.ParameterCount];
        var mean = new double[p];
        fit.Workspace.DrawPopulation(mean);
        var spreads = fit.Function.Coordinates.ProfilesSigma;
        for (var s = 0; s < count; s++)
        {
            var spread = spreads ? Math.Sqrt(fit.Function.Freedom / (2 * stream.NextGamma(0.5 * fit.Function.Freedom))) : 1;
            for (var i = 0; i < parameters.Length; i++)
            {
                // A correlation without meaning is drawn as 0.
                scales[i][s] = parameters[i].Kind == ParameterKind.VaryingCorrelation
                    ? (double.IsNaN(estimates[i]) ? 0 : estimates[i])
                    : spread * estimates[i];
            }

            var own = pivoted.AsSpan(s * p, p);
            PhiloxNormals.Fill(seed, (ulong)s, RandomAddresses.PopulationEffects, own);
            fit.Workspace.DrawPopulation(own);
            for (var a = 0; a < p; a++)
                own[a] = mean[a] + spread * (own[a] - mean[a]);
            system.Population.Restore(own, beta);
            population.Set(s, beta);
            kept.Keep(s, fit.Point, fit.Workspace, own, spread);
        }

        return new Drawn(population.ToBlock(), scales.ToBlock(), kept.Blocks(pivoted));
    }

    private sealed record Drawn(StoredBlock Population, StoredBlock Scales, ImmutableArray<EffectsBlock> Effects);
}
