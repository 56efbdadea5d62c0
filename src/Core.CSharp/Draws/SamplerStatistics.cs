using System.Collections.Immutable;

namespace TypedPooling.Draws;

/// <summary>What a Markov chain sampler reports of its own run, after warmup. Arrays by draw run chain after chain.</summary>
/// <param name="LogDensity">Log density of the sampled (unconstrained) position, by draw.</param>
/// <param name="AcceptanceRate">Mean acceptance statistic of the trajectory, by draw, in [0, 1].</param>
/// <param name="Divergent">Whether the trajectory diverged, by draw.</param>
/// <param name="TreeDepth">Depth of the trajectory's tree, by draw.</param>
/// <param name="Leapfrogs">Number of gradient evaluations, by draw.</param>
/// <param name="StepSize">Adapted step size, by chain.</param>
/// <param name="EnergyBfmi">Energy Bayesian fraction of missing information (E-BFMI), by chain; below 0.3 the sampler explores the energy badly.
/// Source: [Betancourt2016].</param>
/// <param name="MaximumTreeDepth">The depth at which trajectories were cut.</param>
public sealed record SamplerStatistics(
    ImmutableArray<double> LogDensity,
    ImmutableArray<double> AcceptanceRate,
    ImmutableArray<bool> Divergent,
    ImmutableArray<int> TreeDepth,
    ImmutableArray<int> Leapfrogs,
    ImmutableArray<double> StepSize,
    ImmutableArray<double> EnergyBfmi,
    int MaximumTreeDepth)
{
    /// <summary>Number of divergent trajectories over all chains.</summary>
    public int DivergenceCount => Divergent.Count(d => d);

    /// <summary>Number of trajectories cut at the greatest depth.</summary>
    public int DepthLimitCount => TreeDepth.Count(d => d >= MaximumTreeDepth);
}
