using System.Collections.Immutable;
using System.Globalization;
using TypedPooling.Data;
using TypedPooling.Draws;
using TypedPooling.Engines;
using TypedPooling.Inference.Hierarchy.CellLikelihoods;
using TypedPooling.Inference.Posteriors;
using TypedPooling.Inference.Scales;
using TypedPooling.Model;

namespace TypedPooling.Inference.MaximumLikelihood;

/// <summary>Maximum likelihood of a model of cells: the search, standard errors from the curvature of the log likelihood in all its parameters, and
/// the shape of every posterior.</summary>
internal static class CellFit
{
    // In standard errors.
    private const double NegligibleRuleError = 0.1;

    /// <exception cref="ModelException">There is no maximum.</exception>
    public static Posterior Run(CellBoundModel model, int quadraturePoints, RunOptions options)
    {
        var maximum = CellMaximum.Of(model, quadraturePoints, options);

        // A response without any variation about its mean.
        if (model.Family.FitsExactlyWithoutShapeLimit && maximum.Coordinates.HasShape
            && maximum.Function.Point.Shape >= maximum.Coordinates.ShapeLimit)
            throw NoVariation(model);
        if (maximum.Covariance is null)
            throw NotConverged(model, maximum.Convergence, maximum.Evaluations);
        return Posterior(model, maximum, maximum.Covariance, quadraturePoints, options);
    }

    private static Posterior Posterior(
        CellBoundModel model, CellMaximum maximum, double[] covariance, int quadraturePoints, RunOptions options)
    {
        var spec = model.Spec;
        var (system, function) = (maximum.System, maximum.Function);
        var point = function.Reported();
        var parameters = new ScaleCoordinates(spec).Parameters;
        var scales = LikelihoodPosterior.Scales(spec, point, parameters.Length);
        var boundary = LikelihoodBoundary.Describe(spec, point);
        if (function.Coordinates.HasShape && maximum.Best[function.Coordinates.ShapeAt] == 0)
            boundary.Add(
                $"The estimate of the shape is infinite and reported as {point.Shape:E0}: the counts vary no more than Poisson counts. A Poisson "
                    + $"model fits them with one parameter fewer.");
        var modes = new CellModes(system, function, maximum.Best.AsSpan(0, system.PopulationCount), covariance);
        var cells = model.Cells;
        var (saturated, anchored) = Saturated(system, point.Shape, function.ScaleValue);
        var builder = new PosteriorBuilder(MaximumLikelihoodEngine.EngineName, Exactness.Point, spec, options);
        var none = new StoredBlock([], [], builder.DrawCount);
        return Complete(builder.Of(none, none, []), modes, scales, new ModeRecipe(maximum.State(covariance))) with
        {
            Point = new PointEstimate
            {
                Criterion = LikelihoodCriterion.MaximumLikelihood,
                LogLikelihood = maximum.Convergence.Value,
                Deviance = -2 * (function.Conditional + anchored),
                SaturatedLogLikelihood = saturated,
                ParameterCount = system.PopulationCount + function.Coordinates.ScaleCount,
                Population = [.. modes.Beta],
                PopulationCovariance = [.. modes.PopulationCovariance],
                Scales = [.. scales],
                Theta = [.. ThetaLayout.Write(point, function.Coordinates, 1)],
                Boundary = [.. boundary],
                Moments = modes,
                Evaluations = maximum.Evaluations,
                RemainingGain = maximum.Convergence.RemainingGain,
                IsConverged = maximum.Convergence.IsConverged,
            },
            Timings = new Timings(maximum.Setup, TimeSpan.Zero, TimeSpan.Zero),
            SamplingReason = string.Create(
                CultureInfo.InvariantCulture,
                $"Maximum likelihood{Integrated(spec, quadraturePoints, system.Plan)}, {maximum.Evaluations} evaluations; "
                    + $"priors are ignored, fixed values are kept"),
            Warnings = [
                .. maximum.Convergence.Warnings(spec.Response.Name),
                .. RuleWarnings(maximum),
                .. boundary.Select(sentence => new FitWarning(FitWarningCode.Boundary, sentence))],
        };
    }

    /// <summary>Makes the blocks of draws about modes.</summary>
    /// <param name="posterior">The posterior without them.</param>
    /// <param name="modes">The modes.</param>
    /// <param name="scales">The estimates of the scales.</param>
    /// <param name="recipe">What the draws are made from.</param>
    public static Posterior Complete(Posterior posterior, CellModes modes, double[] scales, ModeRecipe recipe)
    {
        var spec = modes.System.Model.Spec;
        var count = posterior.DrawCount;
        var parameters = new ScaleCoordinates(spec).Parameters;
        var draws = new ModeDraws(modes, count, posterior.Seed, posterior.Numbers);
        return posterior with
        {
            Population = new DeferredBlock(PosteriorBuilder.PopulationOf(spec), count, () => modes.Population(draws.Population, count)),
            Scales = new DeferredBlock(parameters, count, () => Constants(parameters, scales, count)),
            Effects = [.. spec.Factors.Select(EffectsBlock (_, k) => new ModeEffects(draws, k))],
            Recipe = recipe,
        };
    }

    private static string Integrated(ModelSpec spec, int quadraturePoints, CellPlan plan) => spec.Factors.IsEmpty ? string.Empty
        : quadraturePoints > 1 ? string.Create(
            CultureInfo.InvariantCulture, $", effects integrated out by adaptive quadrature with {quadraturePoints} nodes")
        : ", effects integrated out by Laplace's approximation" + (spec.Factors.Length == 1 ? string.Empty : string.Create(
            CultureInfo.InvariantCulture, $" (a sparse system of {plan.EffectCount:N0} effects, {plan.Layout.DenseOrder:N0} in its dense end)"));

    // The log likelihood of the rows, each expected to be just what it is, and what that of the cells at their anchors is above it.
    private static (double Saturated, double Anchored) Saturated(CellSystem system, double shape, double scaleValue)
    {
        var anchored = system.Constant + scaleValue;
        var rows = system.Model.Family.SaturatedAt(system.Model.Cells.View, shape, anchored);
        return (rows, anchored - rows);
    }

    private static StoredBlock Constants(ImmutableArray<Parameter> parameters, double[] scales, int count)
    {
        var draws = new DrawTable(parameters, count);
        for (var i = 0; i < scales.Length; i++)
            draws[i].Fill(double.IsNaN(scales[i]) ? 0 : scales[i]);
        return draws.ToBlock();
    }

    private static IEnumerable<FitWarning> RuleWarnings(CellMaximum maximum)
    {
        if (maximum.RuleError <= NegligibleRuleError)
            yield break;
        var nodes = maximum.Function.Nodes;
        yield return new FitWarning(FitWarningCode.Quadrature, string.Create(
            CultureInfo.InvariantCulture,
            $"Quadrature with {nodes} nodes is too coarse here: a rule of another size moves the estimates by {maximum.RuleError:0.0} standard "
                + $"errors or more. {(nodes < LikelihoodSupport.MostNodes ? "Raise QuadraturePoints" : "Let fewer effects vary")}, or use priors "
                + $"and Engine.Nuts."));
    }

    private static ModelException NoVariation(CellBoundModel model) => new(new Problem(
        ProblemCode.NotIdentified,
        $"The likelihood of '{model.Spec.Response.Name}' has no maximum: the model fits every row exactly, so it rises without bound as the "
        + $"{model.Family.Shape!.Name} grows.",
        $"Leave effects out, let fewer vary, or fix the {model.Family.Shape.Name}.")
    { Term = model.Spec.Response.Name });

    private static ModelException NotConverged(CellBoundModel model, Convergence end, int evaluations) => new(new Problem(
        ProblemCode.NotIdentified,
        string.Create(
            CultureInfo.InvariantCulture,
            $"The search for the maximum of the likelihood of '{model.Spec.Response.Name}' did not converge in {evaluations} evaluations. The last "
                + $"one gained {end.LastGain:G2}, and the likelihood is flat or still rises in some direction."),
        "Leave effects out, let fewer vary, or give them proper priors and use an engine that takes priors.")
    { Term = model.Spec.Response.Name });
}
