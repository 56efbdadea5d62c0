using TypedPooling.Draws;
using TypedPooling.Engines;
using TypedPooling.Inference.Hierarchy.GaussianSystem;
using TypedPooling.Model;

namespace TypedPooling.Inference.Marginal;

/// <summary>What every posterior of the Marginal engine has.</summary>
internal static class MarginalPosterior
{
    /// <summary>The engine's name.</summary>
    public const string EngineName = "Marginal";

    /// <summary>A posterior of independent draws; the caller adds what it knows of the run.</summary>
    public static Posterior Of(CoefficientSystem system, CoefficientDraws draws, RunOptions options, int drawsPerChain) => new()
    {
        Spec = system.Model.Spec,
        Engine = EngineName,
        Exactness = Exactness.Exact,
        DrawKind = DrawKind.Independent,
        ChainCount = options.Chains,
        DrawsPerChain = drawsPerChain,
        Seed = options.Seed,
        Population = draws.PopulationBlock,
        Scales = draws.ScalesBlock,
        Effects = draws.Effects(),
        Timings = new Timings(TimeSpan.Zero, TimeSpan.Zero, TimeSpan.Zero),
    };
}
