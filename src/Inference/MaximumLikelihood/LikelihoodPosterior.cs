using System.Collections.Immutable;
using System.Globalization;
using TypedPooling.Draws;
using TypedPooling.Engines;
using TypedPooling.Inference.Posteriors;
using TypedPooling.Inference.Scales;
using TypedPooling.Model;

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
        double? freedom = fit.Function.Coordinates.ProfilesSigma ? fit.Function.Freedom : null;
        var draws = new LikelihoodDraws(fit.System, fit.Workspace, fit.Point, freedom, estimates);
        var ml = fit.Criterion == LikelihoodCriterion.MaximumLikelihood;
        var builder = new PosteriorBuilder(MaximumLikelihoodEngine.EngineName, Exactness.Point, spec, options);
        var none = new StoredBlock([], [], count);
        return draws.Complete(builder.Of(none, none, []), count, new LikelihoodRecipe(ScalePoints.Of(fit.Point), freedom, count)) with
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
}
