using System.Diagnostics;
using TypedPooling.Data;
using TypedPooling.Draws;
using TypedPooling.Engines;
using TypedPooling.Inference.Hierarchy;
using TypedPooling.Inference.Hierarchy.CrossedFactors;
using TypedPooling.Inference.Hierarchy.GaussianSystem;
using TypedPooling.Model;

namespace TypedPooling.Inference.MaximumLikelihood;

/// <summary>Maximum likelihood (ML) and restricted maximum likelihood (REML) for normal hierarchies with any number of grouping factors, from sums:
/// what lmer reports; and ML for Bernoulli, Binomial, Poisson, NegativeBinomial and Gamma responses, what glmer, glmer.nb and glm report. The shape
/// of a Gamma response is its maximum likelihood, which is not what R's <c>Gamma</c> family reports.</summary>
/// <remarks>
/// <para>
/// The criterion is a function of the relative Cholesky factors Lambda / sigma alone: population effects are at their generalised least squares
/// (or, for REML, integrated out over a flat prior) and sigma at its maximum, both in closed form. It is climbed with its analytic gradient by BFGS
/// from several starts; estimates on the boundary, an sd of 0 or a correlation of 1, are found exactly: see <see cref="LikelihoodSearch"/>. Sds that
/// are fixed stay so; sigma then is one more coordinate. Sources: [Bates2015], [NocedalWright2006].
/// </para>
/// <para>
/// Draws are those of <c>sim</c> in R's arm: sigma^2 from freedom sigma^2 / chi^2(freedom) with Lambda / sigma held, and coefficients
/// from their normal distribution given these; with fixed scales only the latter. Source: [GelmanHill2007], section 12.4. They are made when they are
/// first asked for.
/// </para>
/// <para>
/// For other responses varying effects are integrated out by Laplace's approximation (see <see cref="LaplaceLikelihood"/>) or adaptive quadrature,
/// population effects are coordinates of the search, standard errors come from the curvature of the log likelihood in all of its parameters, and
/// draws hold the scales. Source: [PinheiroChao2006].
/// </para>
/// </remarks>
public sealed class MaximumLikelihoodEngine : ICellLikelihoodEngine
{
    internal const string EngineName = "MaximumLikelihood";

    // Operations of an evaluation up to which several starts are tried.
    private const double CheapEvaluation = 2e6;

    /// <inheritdoc/>
    public LikelihoodCriterion Criterion { get; internal init; } = LikelihoodCriterion.MaximumLikelihood;

    /// <summary>Nodes by which effects of one grouping factor are integrated out of a response that is not Normal, a dimension: 1, the default, is
    /// Laplace's approximation, more is adaptive Gauss-Hermite quadrature. From 1 to 100.</summary>
    public int QuadraturePoints { get; init; } = 1;

    /// <inheritdoc/>
    public string Name => EngineName;

    /// <inheritdoc/>
    public Support Supports(ModelSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        return LikelihoodSupport.Of(spec.WithoutPriors(), Criterion, QuadraturePoints);
    }

    /// <inheritdoc/>
    public void Validate()
    {
        if (LikelihoodSupport.NodesProblem(QuadraturePoints) is { } problem)
            throw new ModelException(problem);
    }

    /// <summary>-2 log of the criterion at given relative Cholesky factors, population effects and sigma at their best: what lme4's deviance
    /// function gives.</summary>
    /// <param name="model">A model the engine supports.</param>
    /// <param name="theta">The relative Cholesky factors Lambda / sigma: the lower triangle by columns, or the diagonal where effects are
    /// uncorrelated, grouping factor after grouping factor.</param>
    /// <returns>The value, all constants included; infinite where it cannot be evaluated.</returns>
    /// <exception cref="ModelException">The engine does not support the model or the data cannot tell its population effects apart; or an sd or sigma
    /// is fixed, so that Lambda over sigma is not free.</exception>
    /// <exception cref="ArgumentException">The number of elements is not that of the model.</exception>
    public double Objective(NormalBoundModel model, ReadOnlySpan<double> theta)
    {
        var function = NewFunction(Without(model), isObjective: true, out _);
        var coordinates = function.Coordinates;
        if (!coordinates.ProfilesSigma || coordinates.Elements.Length < ThetaLayout.Count(function.Point, coordinates))
            throw new ModelException(
                new Problem(
                    ProblemCode.EngineRefuses,
                    "A scale is fixed, so the relative covariance factors are not free.",
                    "Leave sigma and every sd to be estimated."));
        ThetaLayout.Read(theta, function.Point, coordinates);
        return -2 * function.Evaluate(coordinates.Of(1, function.Point), []);
    }

    /// <inheritdoc/>
    /// <remarks>A run that is cancelled before the maximum is found gives no posterior.</remarks>
    public Posterior RunNormal(NormalBoundModel model, RunOptions options)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(options);
        options.Validated(model.Spec);
        options.Cancellation.ThrowIfCancellationRequested();
        var clock = Stopwatch.StartNew();
        var function = NewFunction(Without(model), isObjective: false, out var system);
        var setup = clock.Elapsed;
        var fit = LikelihoodFit.Of(system, function, Criterion, isCheap: system.Cost <= CheapEvaluation, options);
        return LikelihoodPosterior.Of(fit, options) with { Timings = new Timings(setup, TimeSpan.Zero, clock.Elapsed - setup) };
    }

    /// <inheritdoc/>
    /// <remarks>A run that is cancelled before the maximum is found gives no posterior.</remarks>
    public Posterior Run(BoundModel model, RunOptions options)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(options);
        if (model is NormalBoundModel normal)
            return RunNormal(normal, options);
        options.Validated(model.Spec);
        options.Cancellation.ThrowIfCancellationRequested();
        var clock = Stopwatch.StartNew();
        var cells = (CellBoundModel)model;
        cells = cells.With(cells.Spec.WithoutPriors());
        LikelihoodSupport.Of(cells.Spec, Criterion, QuadraturePoints).Require();
        LikelihoodSupport.CheckData(cells);
        var posterior = CellFit.Run(cells, QuadraturePoints, options);
        return posterior with { Timings = posterior.Timings with { Sampling = clock.Elapsed - posterior.Timings.Setup } };
    }

    // An objective is one of factors of the columns as they are.
    private NormalLikelihood NewFunction(NormalBoundModel model, bool isObjective, out CoefficientSystem system)
    {
        LikelihoodSupport.Of(model.Spec, Criterion, QuadraturePoints).Require();
        LikelihoodSupport.CheckData(model);
        system = NormalHierarchy.Reduce(model);
        return new NormalLikelihood(
            system, new LikelihoodCoordinates(model.Spec, system.Typical(), total: isObjective ? null : model.Cells.Total()), Criterion);
    }

    private static NormalBoundModel Without(NormalBoundModel model) => model.With(model.Spec.WithoutPriors());
}
