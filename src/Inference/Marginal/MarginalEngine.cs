using System.Diagnostics;
using TypedPooling.Data;
using TypedPooling.Draws;
using TypedPooling.Engines;
using TypedPooling.Inference.Hierarchy;
using TypedPooling.Inference.Hierarchy.CrossedFactors;
using TypedPooling.Inference.Hierarchy.GaussianSystem;
using TypedPooling.Inference.Hierarchy.Sums;
using TypedPooling.Inference.Marginal.Cells;
using TypedPooling.Inference.Posteriors;
using TypedPooling.Inference.Scales;
using TypedPooling.Model;

namespace TypedPooling.Inference.Marginal;

/// <summary>The exact engine of normal hierarchies: coefficients are integrated out in closed form, the few scales are sampled, and coefficients are
/// then drawn from their exact conditional. Proportions and counts with one grouping factor likewise, by quadrature.</summary>
/// <remarks>
/// <para>
/// Scales are drawn independently, by importance sampling with checks, or by NUTS where a check fails or is known to be blind: see
/// <see cref="ScaleSampling"/>. Population effects with a prior that is neither Normal nor Flat nor Fixed are drawn together with the scales. Where
/// nothing is left to draw (D = 0) moments and evidence are given in closed form. Sources: [LindleySmith1972], [Bates2015], [HoffmanGelman2014].
/// </para>
/// <para>
/// Where the response is a proportion or a count, with one grouping factor of at most three varying effects or none, these are integrated out level
/// by level by adaptive Gauss-Hermite quadrature, whose error is measured at the draws (<see cref="Posterior.Quadrature"/>); scales and population
/// effects are drawn together as scales alone are above, and the varying effects given them. Source: [PinheiroChao2006].
/// </para>
/// </remarks>
public sealed class MarginalEngine : IEngine, IEstimatedEngine
{
    internal const string EngineName = "Marginal";

    /// <inheritdoc/>
    public string Name => EngineName;

    /// <summary>What the engine would do for a model: how coefficients are integrated out, how often, and the cost of each step.</summary>
    /// <param name="model">A model the engine supports.</param>
    /// <param name="options">Chains, draws and the way of sampling; null for the defaults.</param>
    /// <returns>The plan; <see cref="MarginalPlan.ToString"/> prints it.</returns>
    /// <exception cref="ModelException">The engine does not support the model, or it is too large; every reason is named.</exception>
    public static MarginalPlan Plan(NormalBoundModel model, RunOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        MarginalSupport.Of(model.Spec).Require();
        var system = NormalHierarchy.Reduce(model);
        return MarginalPlan.Of(system, new ScaleCoordinates(model.Spec).Dimension + system.Joined.Count, options ?? RunOptions.Default);
    }

    /// <inheritdoc/>
    public double EstimateCost(NormalBoundModel model, RunOptions options)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(options);
        var integrated = model.Spec.Population.Count(term => PopulationSystem.IsIntegrated(term.Prior));
        var joined = model.Spec.Population.Count(term => term.Prior?.FixedValue is null && !PopulationSystem.IsIntegrated(term.Prior));
        var evaluations =
            MarginalPlan.Sampled(new ScaleCoordinates(model.Spec).Dimension + joined, model.Spec.Factors.Length > 1, options).Evaluations;
        if (model.Spec.Factors.Length <= 1)
        {
            var (q, p) = ((double)(model.Spec.Factors.IsEmpty ? 0 : model.Spec.Factors[0].Terms.Length), (double)integrated);
            return evaluations * (model.Cells.CellCount * (q * q * (q + p) + q * p * p) + p * p * p / 3);
        }

        var plan = CrossedPlan.Of(model, integrated);
        return plan.Layout.IsTooLarge ? double.PositiveInfinity : evaluations * plan.Cost;
    }

    /// <inheritdoc/>
    public Support Supports(ModelSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        return MarginalSupport.Of(spec);
    }

    /// <inheritdoc/>
    public Posterior Run(BoundModel model, RunOptions options)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(options);
        if (model is NormalBoundModel normal)
            return RunNormal(normal, options);
        options.Validated(model.Spec);
        MarginalSupport.Of(model.Spec).Require();
        return CellSampling.Run((CellBoundModel)model, options, Name);
    }

    /// <inheritdoc/>
    public Posterior RunNormal(NormalBoundModel model, RunOptions options)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(options);
        options.Validated(model.Spec);
        MarginalSupport.Of(model.Spec).Require();

        var clock = Stopwatch.StartNew();
        var system = NormalHierarchy.Reduce(model);
        var coordinates = new ScaleCoordinates(model.Spec);
        var setup = clock.Elapsed;
        return coordinates.Dimension + system.Joined.Count == 0
            ? RunKnownScales(system, coordinates, options, setup)
            : RunScales(model, system, coordinates, options, setup);
    }

    private static Posterior RunScales(
        NormalBoundModel model, CoefficientSystem system, ScaleCoordinates coordinates, RunOptions options, TimeSpan setup)
    {
        var (reason, method) = (string.Empty, options.Sampling);
        if (method != SamplingMethod.Nuts)
        {
            var (posterior, run, refusals) = ScaleSampling.RunImportance(system, coordinates, options, setup);

            // A prior stated at 0 and hardly any data shape the posterior there: independent draws may then be had in its own coordinates.
            if (posterior is null && model.Spec.HasMovedPriors)
            {
                var own = model.With(model.Spec.WithoutMovedPriors());
                (posterior, _, _) = ScaleSampling.RunImportance(NormalHierarchy.Reduce(own), new ScaleCoordinates(own.Spec), options, setup, run);
            }

            if (posterior is not null)
                return posterior;
            reason = string.Join(" ", refusals.Select(refusal => refusal.Reason));
            if (method == SamplingMethod.Importance)
            {
                throw new ModelException(new Problem(
                    ProblemCode.SamplingRefused,
                    $"Sampling is Importance, but its draws are not reliable here: {reason}",
                    "Set Sampling to Nuts, or leave it Automatic."));
            }
        }

        return ScaleSampling.RunNuts(
            system,
            coordinates,
            options,
            setup,
            method == SamplingMethod.Nuts
                ? "Scales drawn by NUTS, as asked for"
                : $"Scales drawn by NUTS, since independent draws were refused: {reason.TrimEnd('.')}");
    }

    private static Posterior RunKnownScales(CoefficientSystem system, ScaleCoordinates coordinates, RunOptions options, TimeSpan setup)
    {
        var clock = Stopwatch.StartNew();
        options.Cancellation.ThrowIfCancellationRequested();
        var density = new MarginalDensity(system, coordinates);
        var likelihood = density.LogLikelihood([]);
        if (!double.IsFinite(likelihood))
        {
            throw new ModelException(new Problem(
                ProblemCode.ImproperPosterior,
                "At the known scales the likelihood cannot be evaluated: sigma is zero, overflows, or leaves coefficients with flat priors "
                    + "undetermined.",
                "Give sigma a positive value, or the coefficients proper priors."));
        }

        var exact = system.Moments(density.Conditional, density.Point);
        var draws = new CoefficientDraws(system, coordinates, options.Chains * options.Draws, options.Seed);
        draws.Fill(_ => [], options.Threads);
        return draws.Posterior(new PosteriorBuilder(EngineName, Exactness.Exact, system.Model.Spec, options)) with
        {
            Exact = exact,
            LogEvidence = system.Model.Spec.HasProperPriors ? new LogEvidence(likelihood, 0) : null,
            Timings = new Timings(setup, TimeSpan.Zero, clock.Elapsed),
        };
    }
}
