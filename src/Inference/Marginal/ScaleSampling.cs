using System.Collections.Immutable;
using System.Diagnostics;
using TypedPooling.Draws;
using TypedPooling.Engines;
using TypedPooling.Inference.Hierarchy.GaussianSystem;
using TypedPooling.Inference.Posteriors;
using TypedPooling.Inference.Sampling.Hamiltonian;
using TypedPooling.Inference.Sampling.Importance;
using TypedPooling.Inference.Scales;

namespace TypedPooling.Inference.Marginal;

/// <summary>The two ways to draw theta. Importance sampling gives independent draws in a fixed number of density evaluations, and the evidence with
/// them; NUTS needs no more than a gradient, whatever D and the tails.</summary>
internal static class ScaleSampling
{
    // Searches for a mode, whatever the number of chains.
    private const int Starts = 4;

    /// <summary>Independent draws, or why there are none.</summary>
    /// <param name="system">The coefficients.</param>
    /// <param name="coordinates">The scales.</param>
    /// <param name="options">The options, validated.</param>
    /// <param name="setup">What the setup took.</param>
    /// <param name="refused">A run for the same posterior in other coordinates that was refused. Draws are refused too where it met mass that they do
    /// not hold, such as that of another mode.</param>
    public static (Posterior? Posterior, ImportanceRun? Run, ImmutableArray<ImportanceRefusal> Refusals) RunImportance(
        CoefficientSystem system, ScaleCoordinates coordinates, RunOptions options, TimeSpan setup, ImportanceRun? refused = null)
    {
        if (HeavyTails.Refusal(system.Model.Spec) is { } heavy)
            return (null, null, [heavy]);

        var clock = Stopwatch.StartNew();
        var draws = new ProposalDraws(system, coordinates, options.Seed);
        var run = ImportanceSampler.Run(
            draws.NewDensity,
            StartingPoints.Of(system, coordinates, options with { Chains = Starts }),
            options,
            new ImportanceSettings { LogSds = coordinates.LogSds },
            draws);
        if (!run.IsAccepted || run.MissesMassOf(refused))
            return (null, run, run.Refusals);

        var drawsPerChain = Math.Min(options.Draws, run.ProposalCount / ImportanceSettings.Default.ProposalsPerDraw / options.Chains);
        var resampled = run.Resample(options.Chains * drawsPerChain);
        var builder = new PosteriorBuilder(MarginalEngine.EngineName, Exactness.Exact, system.Model.Spec, options) { DrawsPerChain = drawsPerChain };
        var posterior = draws.Of(run, resampled, options.Threads).Posterior(builder) with
        {
            Importance = run.Statistics,
            SamplingReason = run.Weights.ReplicateCount == 0
                ? "Scales drawn independently by importance sampling, every check passed"
                : "Scales drawn independently by importance sampling from quasi-random proposals, every check passed",
            Weights = resampled.Weights,
            Weighted = draws.Weighted(run),
            LogEvidence = system.Model.Spec.HasProperPriors ? new LogEvidence(run.LogNormalizer, run.LogNormalizerError) : null,
            Timings = new Timings(setup, TimeSpan.Zero, clock.Elapsed),
            Warnings = builder.Cancelled,
        };
        return (posterior, run, []);
    }

    /// <summary>Markov chains.</summary>
    public static Posterior RunNuts(CoefficientSystem system, ScaleCoordinates coordinates, RunOptions options, TimeSpan setup, string reason)
    {
        var run = NutsSampler.Run(_ => new MarginalDensity(system, coordinates), StartingPoints.Of(system, coordinates, options), options);
        var clock = Stopwatch.StartNew();
        var draws = new CoefficientDraws(system, coordinates, run.DrawCount, options.Seed);
        draws.Fill(run.Position, options.Threads);
        var builder = new PosteriorBuilder(
            MarginalEngine.EngineName,
            Exactness.Exact,
            system.Model.Spec,
            options)
        { DrawKind = DrawKind.MarkovChains, DrawsPerChain = run.DrawsPerChain };
        return draws.Posterior(builder) with
        {
            Sampler = run.Statistics,
            SamplingReason = reason,
            Timings = new Timings(setup, run.WarmupTime, run.SamplingTime + clock.Elapsed),
            Warnings = SamplerWarnings.Of(run, options),
        };
    }
}
