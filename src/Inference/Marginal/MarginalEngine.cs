using System.Collections.Immutable;
using System.Diagnostics;
using TypedPooling.Data;
using TypedPooling.Draws;
using TypedPooling.Engines;
using TypedPooling.Inference.Density;
using TypedPooling.Inference.GaussianSystem;
using TypedPooling.Inference.Hamiltonian;
using TypedPooling.Model;
using TypedPooling.Randomness;

namespace TypedPooling.Inference.Marginal;

/// <summary>The exact engine of normal hierarchies: coefficients are integrated out in closed form, NUTS draws the few scales, and coefficients are then drawn from their exact conditional.</summary>
/// <remarks>Population effects with a prior that is neither Normal nor Flat nor Fixed are drawn by NUTS together with the scales. Where nothing is left to draw (D = 0) nothing is sampled by a Markov chain: draws are independent and moments are given in closed form. Sources: [LindleySmith1972], [Bates2015], [HoffmanGelman2014].</remarks>
public sealed class MarginalEngine : INormalEngine
{
    // Addresses the random numbers of the population effects apart from those of any level's key.
    private static readonly ulong PopulationStream = StableHash.Of("\0population effects");

    /// <inheritdoc/>
    public string Name => "Marginal";

    /// <inheritdoc/>
    public Support Supports(ModelSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        return MarginalSupport.Of(spec);
    }

    /// <inheritdoc/>
    public Posterior RunNormal(NormalBoundModel model, RunOptions options)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(options);
        options.Validated();
        MarginalSupport.Of(model.Spec).Require();

        var clock = Stopwatch.StartNew();
        var system = NormalSystem.Reduce(model);
        var coordinates = new ScaleCoordinates(model.Spec);
        var setup = clock.Elapsed;
        return coordinates.Dimension + system.Joined.Count == 0 ? RunKnownScales(system, coordinates, options, setup) : RunScales(system, coordinates, options, setup);
    }

    private Posterior RunScales(NormalSystem system, ScaleCoordinates coordinates, RunOptions options, TimeSpan setup)
    {
        var run = NutsSampler.Run(_ => new MarginalDensity(system, coordinates), StartingPoints.Of(system, coordinates, options), options);
        var clock = Stopwatch.StartNew();
        var blocks = new CoefficientDraws(system, coordinates, run.DrawCount);
        blocks.Fill(run.Position, options.Seed, PopulationStream, options.Threads);
        var timings = new Timings(setup, run.WarmupTime, run.SamplingTime + clock.Elapsed);
        return NewPosterior(system, blocks, options, timings, run.ChainCount, run.DrawsPerChain, DrawKind.MarkovChains, run.Statistics, null, SamplerWarnings.Of(run, options));
    }

    private Posterior RunKnownScales(NormalSystem system, ScaleCoordinates coordinates, RunOptions options, TimeSpan setup)
    {
        var clock = Stopwatch.StartNew();
        options.Cancellation.ThrowIfCancellationRequested();
        var density = new MarginalDensity(system, coordinates);
        if (!double.IsFinite(density.LogLikelihood([])))
        {
            throw new ModelException(new Problem(
                ProblemCode.ImproperPosterior,
                "At the known scales the likelihood cannot be evaluated: sigma is zero, overflows, or leaves coefficients with flat priors undetermined.",
                "Give sigma a positive value, or the coefficients proper priors."));
        }

        var exact = new MarginalExactMoments(system, density);
        var blocks = new CoefficientDraws(system, coordinates, options.Chains * options.Draws);
        blocks.Fill(_ => [], options.Seed, PopulationStream, options.Threads);
        var timings = new Timings(setup, TimeSpan.Zero, clock.Elapsed);
        return NewPosterior(system, blocks, options, timings, options.Chains, options.Draws, DrawKind.Independent, null, exact, []);
    }

    private Posterior NewPosterior(
        NormalSystem system,
        CoefficientDraws blocks,
        RunOptions options,
        Timings timings,
        int chains,
        int draws,
        DrawKind kind,
        SamplerStatistics? sampler,
        ExactMoments? exact,
        ImmutableArray<FitWarning> warnings) => new()
        {
            Spec = system.Model.Spec,
            Engine = Name,
            Exactness = Exactness.Exact,
            DrawKind = kind,
            ChainCount = chains,
            DrawsPerChain = draws,
            Seed = options.Seed,
            Population = blocks.PopulationBlock,
            Scales = blocks.ScalesBlock,
            Effects = system.TermCount == 0 ? [] : [blocks.Effects(options.Seed)],
            Exact = exact,
            Sampler = sampler,
            Timings = timings,
            Warnings = warnings,
        };
}
