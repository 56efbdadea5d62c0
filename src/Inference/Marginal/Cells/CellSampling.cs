using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using TypedPooling.Data;
using TypedPooling.Draws;
using TypedPooling.Engines;
using TypedPooling.Inference.Hierarchy.JointPosterior;
using TypedPooling.Inference.Posteriors;
using TypedPooling.Inference.Sampling.Hamiltonian;
using TypedPooling.Inference.Sampling.Importance;
using TypedPooling.Inference.Scales;
using TypedPooling.Model;

namespace TypedPooling.Inference.Marginal.Cells;

/// <summary>The Marginal engine on a model of cells: scales and population effects drawn together, independently by importance sampling with checks,
/// or by NUTS where a check fails or there are many; varying effects drawn given them.</summary>
internal sealed class CellSampling
{
    // Searches for a mode, whatever the number of chains.
    private const int Starts = 4;

    // Draws at which the error of the quadrature is measured.
    private const int Checked = 64;

    // An error of a mean, in posterior sds, that the Monte-Carlo error of 4,000 independent draws (0.016) still covers.
    private const double NegligibleError = 0.01;

    // Above it a finer rule is tried.
    private const double WantedError = 0.002;

    // An error over the wide neighbourhood of the rough fit beyond which gradients and values of the density do not belong together any more.
    private const double GreatestNeighbourhoodError = 0.3;

    private readonly CellQuadrature quadrature;
    private readonly double[] origin;
    private readonly string engine;
    private readonly RunOptions options;
    private readonly Stopwatch clock;

    private CellSampling(CellQuadrature quadrature, double[] origin, string engine, RunOptions options, Stopwatch clock)
    {
        this.quadrature = quadrature;
        this.origin = origin;
        this.engine = engine;
        this.options = options;
        this.clock = clock;
    }

    // A refused run in other coordinates, and this one's.
    private ImportanceRun? Other { get; init; }

    private ImportanceRun? Refused { get; set; }

    private PosteriorBuilder Builder => new(engine, Exactness.Exact, Spec, options);

    private ModelSpec Spec => quadrature.Cells.System.Model.Spec;

    /// <summary>Runs.</summary>
    /// <param name="model">A model that <see cref="MarginalSupport"/> supports.</param>
    /// <param name="options">The options, validated.</param>
    /// <param name="engine">Name of the engine, for the posterior.</param>
    /// <param name="points">Nodes of each dimension; null for as many as are needed.</param>
    /// <exception cref="ModelException">The response is separated by effects with flat priors; the effects cannot be integrated out; or importance
    /// sampling was asked for and its draws cannot be trusted.</exception>
    public static Posterior Run(CellBoundModel model, RunOptions options, string engine, int? points = null)
    {
        // A prior stated at 0 and hardly any data shape the posterior there: independent draws may then be had in its own coordinates.
        if (options.Sampling == SamplingMethod.Automatic && model.Spec.HasMovedPriors)
        {
            ImportanceRun? refused = null;
            foreach (var spec in (ReadOnlySpan<ModelSpec>)[model.Spec, model.Spec.WithoutMovedPriors()])
            {
                try
                {
                    return RunOne(model.With(spec), options with { Sampling = SamplingMethod.Importance }, engine, points, ref refused);
                }
                catch (ModelException refusal) when (refusal.Problems.All(problem => problem.Code == ProblemCode.SamplingRefused))
                {
                    // NUTS is left, below.
                }
            }
        }

        ImportanceRun? other = null;
        return RunOne(model, options, engine, points, ref other);
    }

    // The last run that was refused goes in and out: draws that do not hold the mass it met are refused too.
    private static Posterior RunOne(CellBoundModel model, RunOptions options, string engine, int? points, ref ImportanceRun? refused)
    {
        options.Cancellation.ThrowIfCancellationRequested();
        var clock = Stopwatch.StartNew();
        var start = JointStart.Of(model);
        var cells = new GroupedCells(start.System);
        var origin = new double[start.Theta.Length + cells.PopulationCount];
        start.Theta.CopyTo(origin);
        var quadrature = CellQuadrature.Of(cells, start.Theta);
        if (points is { } given)
            quadrature = quadrature.With(given);
        if (quadrature.NeighbourhoodError > GreatestNeighbourhoodError)
        {
            throw new ModelException(new Problem(
                ProblemCode.SamplingRefused,
                string.Create(CultureInfo.InvariantCulture, $"The varying effects of '{model.Spec.Factors[0].Name}' cannot be integrated out by "
                    + $"quadrature. With sds as large as their priors allow, the likelihood is a step function of them. The finest rule is off by "
                    + $"{quadrature.NeighbourhoodError:0.0} log units."),
                "Use Engine.Nuts, which does not integrate, or give the sds tighter priors.")
            { Term = model.Spec.Factors[0].Name });
        }

        // Where the posterior reaches further than the neighbourhood of the rough fit, the rule may turn out too coarse: another run with a finer
        // one.
        while (true)
        {
            var sampling = new CellSampling(quadrature, origin, engine, options, clock) { Other = refused };
            Posterior posterior;
            try
            {
                posterior = sampling.Run();
            }
            finally
            {
                refused = sampling.Refused ?? refused;
            }

            if (points is not null || options.Cancellation.IsCancellationRequested || posterior.Quadrature is not { LogDensityError: > WantedError }
                || quadrature.Finer() is not { } finer)
                return posterior;
            quadrature = finer;
        }
    }

    private Posterior Run()
    {
        if (origin.Length == 0)
            return RunNothing();
        var reason = string.Empty;
        if (options.Sampling != SamplingMethod.Nuts)
        {
            var (posterior, refusals) = RunImportance();
            if (posterior is not null)
                return posterior;
            reason = string.Join(" ", refusals.Select(refusal => refusal.Reason));
            if (options.Sampling == SamplingMethod.Importance)
            {
                throw new ModelException(new Problem(
                    ProblemCode.SamplingRefused,
                    $"Sampling is Importance, but its draws are not reliable here: {reason}",
                    "Set Sampling to Nuts, or leave it Automatic."));
            }
        }

        return RunNuts(options.Sampling == SamplingMethod.Nuts ? "as asked for" : $"since independent draws were refused: {reason.TrimEnd('.')}");
    }

    private (Posterior? Posterior, ImmutableArray<ImportanceRefusal> Refusals) RunImportance()
    {
        if (HeavyTails.Refusal(Spec) is { } heavy)
            return (null, [heavy]);
        var setup = clock.Elapsed;
        clock.Restart();
        var run = ImportanceSampler.Run(
            _ => quadrature.NewDensity(), Positions(Starts), options, new ImportanceSettings { LogSds = quadrature.Cells.System.Scales.LogSds });
        if (!run.IsAccepted || run.MissesMassOf(Other))
        {
            Refused = run;
            return (null, run.Refusals);
        }

        var drawsPerChain = Math.Min(options.Draws, run.ProposalCount / ImportanceSettings.Default.ProposalsPerDraw / options.Chains);
        var resampled = run.Resample(options.Chains * drawsPerChain);
        var builder = Builder with { DrawsPerChain = drawsPerChain };
        var posterior = CellDraws.Of(quadrature, resampled.Count, resampled.Position, options.Threads).Posterior(builder);
        var kind = run.Weights.ReplicateCount == 0 ? string.Empty : " from quasi-random proposals";
        posterior = Told(
            posterior, resampled.Count, resampled.Position, $"{Sampled} drawn independently by importance sampling{kind}, every check passed");
        return (posterior with
        {
            Importance = run.Statistics,
            Weights = resampled.Weights,
            Weighted = Weighted(run),
            LogEvidence = Spec.HasProperPriors ? new LogEvidence(run.LogNormalizer, run.LogNormalizerError) : null,
            Timings = new Timings(setup, TimeSpan.Zero, clock.Elapsed),
            Warnings = [.. posterior.Warnings, .. builder.Cancelled],
        }, []);
    }

    private Posterior RunNuts(string why)
    {
        var setup = clock.Elapsed;
        var run = NutsSampler.Run(_ => quadrature.NewDensity(), Positions(options.Chains), options);
        clock.Restart();
        var posterior = CellDraws.Of(quadrature, run.DrawCount, run.Position, options.Threads).Posterior(
            Builder with { DrawKind = DrawKind.MarkovChains, DrawsPerChain = run.DrawsPerChain });
        posterior = Told(posterior, run.DrawCount, run.Position, $"{Sampled} drawn by NUTS, {why}");
        return posterior with
        {
            Sampler = run.Statistics,
            Timings = new Timings(setup, run.WarmupTime, run.SamplingTime + clock.Elapsed),
            Warnings = [.. posterior.Warnings, .. SamplerWarnings.Of(run, options)],
        };
    }

    // Scales and population effects are all known.
    private Posterior RunNothing()
    {
        var setup = clock.Elapsed;
        clock.Restart();
        var value = quadrature.NewDensity().LogDensity([]);
        if (!double.IsFinite(value))
        {
            throw new ModelException(new Problem(
                ProblemCode.ImproperPosterior,
                "At the fixed values the likelihood cannot be evaluated: the linear predictor overflows.",
                "Fix the effects and scales at other values."));
        }

        var count = options.Chains * options.Draws;
        return Told(
            CellDraws.Of(quadrature, count, _ => [], options.Threads).Posterior(Builder),
            count,
            _ => [],
            "Scales and population effects are known") with
        {
            LogEvidence = new LogEvidence(value, 0),
            Timings = new Timings(setup, TimeSpan.Zero, clock.Elapsed),
        };
    }

    private string Sampled => quadrature.Cells.TermCount == 0 ? "Population effects" : "Scales and population effects";

    private Posterior Told(Posterior posterior, int count, CellDraws.PositionOf position, string sampling)
    {
        if (quadrature.Points == 0)
            return posterior with { SamplingReason = sampling };
        var every = Math.Max(1, count / Checked);
        var error = quadrature.ErrorOver([.. Enumerable.Range(0, Math.Min(count, Checked)).Select(i => position(i * every).ToArray())]);
        var isNegligible = error <= NegligibleError;
        return posterior with
        {
            Quadrature = new QuadratureStatistics(quadrature.Points, error),
            SamplingReason =
                string.Create(CultureInfo.InvariantCulture, $"{sampling}; varying effects integrated out by quadrature with {Rule()} per level "
                    + $"(error of means: at most {error:0.0e0} posterior sds)"),
            Warnings = isNegligible
                ? []
                : [new FitWarning(
                    FitWarningCode.Quadrature,
                    string.Create(CultureInfo.InvariantCulture, $"Integrating varying effects out by quadrature may move means by {error:0.00} "
                        + $"posterior sds; fit the model with "
                            + $"Engine.Nuts, which does not integrate."))],
        };
    }

    private string Rule() => quadrature.Cells.TermCount == 1
        ? string.Create(CultureInfo.InvariantCulture, $"{quadrature.Points} nodes")
        : string.Create(CultureInfo.InvariantCulture, $"{quadrature.Points}^{quadrature.Cells.TermCount} nodes");

    private WeightedDraws Weighted(ImportanceRun run)
    {
        var kept = run.WeightedProposals();
        var draws = CellDraws.Of(quadrature, kept.Length, i => run.Position(kept[i]), options.Threads);
        return new WeightedDraws(run.WeightsOf(kept), draws.Population, draws.Scales);
    }

    private double[][] Positions(int count) => SpreadStarts.About(origin, quadrature.Cells.System.Scales, count, options.Seed);
}
