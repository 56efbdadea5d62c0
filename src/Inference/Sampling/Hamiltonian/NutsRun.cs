using System.Collections.Immutable;
using TypedPooling.Draws;

namespace TypedPooling.Inference.Sampling.Hamiltonian;

/// <summary>The draws of a NUTS run on unconstrained space, with what the sampler says of itself. Immutable.</summary>
internal sealed class NutsRun
{
    private readonly double[] positions;

    public NutsRun(int dimension, int chainCount, int drawsPerChain, double[] positions)
    {
        Dimension = dimension;
        ChainCount = chainCount;
        DrawsPerChain = drawsPerChain;
        this.positions = positions;
    }

    /// <summary>Length D of a position.</summary>
    public int Dimension { get; }

    /// <summary>Number of chains.</summary>
    public int ChainCount { get; }

    /// <summary>Number of draws a chain, warmup not counted; the same for all chains.</summary>
    public int DrawsPerChain { get; }

    /// <summary>Number of draws over all chains.</summary>
    public int DrawCount => ChainCount * DrawsPerChain;

    /// <summary>True where the run was cancelled and holds fewer draws than were asked for.</summary>
    public bool IsCutShort { get; internal init; }

    /// <summary>What the sampler reports of the kept draws.</summary>
    public required SamplerStatistics Statistics { get; init; }

    /// <summary>The part of the run's wall-clock time that went into warmup, start-up included; the chains' own times set the proportion.</summary>
    public TimeSpan WarmupTime { get; internal init; }

    /// <summary>The rest of the run's wall-clock time.</summary>
    public TimeSpan SamplingTime { get; internal init; }

    /// <summary>Density evaluations of each chain over the whole run, warmup included.</summary>
    public ImmutableArray<long> DensityEvaluations { get; internal init; }

    /// <summary>One position.</summary>
    /// <param name="draw">Number of the draw over all chains, chain after chain, from 0.</param>
    /// <returns>The unconstrained position, without a copy. Length D.</returns>
    public ReadOnlySpan<double> Position(int draw) => positions.AsSpan(draw * Dimension, Dimension);

    /// <summary>Copies all draws of one coordinate.</summary>
    /// <param name="coordinate">Index of the coordinate, from 0.</param>
    /// <param name="destination">Overwritten with the draws, chain after chain. Length <see cref="DrawCount"/>.</param>
    public void CopyCoordinate(int coordinate, Span<double> destination)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(coordinate);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(coordinate, Dimension);
        for (var draw = 0; draw < DrawCount; draw++)
            destination[draw] = positions[draw * Dimension + coordinate];
    }
}
