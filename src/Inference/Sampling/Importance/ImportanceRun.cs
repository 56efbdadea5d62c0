using System.Collections.Immutable;
using TypedPooling.Draws;
using TypedPooling.Randomness;

namespace TypedPooling.Inference.Sampling.Importance;

/// <summary>Weighted draws on unconstrained space, with what the checks say of them. Immutable.</summary>
internal sealed class ImportanceRun
{
    private readonly double[] positions;
    private readonly ulong seed;

    public ImportanceRun(int dimension, double[] positions, DrawWeights weights, ulong seed)
    {
        Dimension = dimension;
        Weights = weights;
        this.positions = positions;
        this.seed = seed;
    }

    /// <summary>Length D of a position.</summary>
    public int Dimension { get; }

    /// <summary>Number of proposals S of the final round; 0 where the run was refused before it.</summary>
    public int ProposalCount => Weights.Count;

    /// <summary>Normalised weights of the proposals, with weighted means, quantiles and errors of any quantity. Length S.</summary>
    public DrawWeights Weights { get; }

    /// <summary>Natural log of the integral of the density over unconstrained space, constants as in the density; NaN without proposals.</summary>
    public double LogNormalizer { get; internal init; } = double.NaN;

    /// <summary>Monte Carlo standard error of <see cref="LogNormalizer"/>, in natural log units, by the delta method; from the variance between
    /// replicates where proposals are quasi-random.</summary>
    public double LogNormalizerError { get; internal init; } = double.NaN;

    /// <summary>Shape of the generalised Pareto tail of the weights; NaN without proposals. Source: [Vehtari2024].</summary>
    public double ParetoK { get; internal init; } = double.NaN;

    /// <summary>Effective sample size of the weights, 1 / sum w^2, in draws; 0 without proposals.</summary>
    public double WeightEss { get; internal init; }

    /// <summary>Greatest difference between two half-samples over means and sds of all coordinates and the log normaliser, in combined standard
    /// errors; of quasi-random proposals, whose errors are known less well, as many as make a normal difference as unlikely. NaN without
    /// proposals.</summary>
    public double HalvesDifference { get; internal init; } = double.NaN;

    /// <summary>Effective sample size of the weights over the number of proposals, for each adaptive round and then the final one.</summary>
    public ImmutableArray<double> Efficiencies { get; internal init; } = [];

    /// <summary>Density evaluations of the whole run, the search for modes included.</summary>
    public long DensityEvaluations { get; internal init; }

    /// <summary>The numbers of the run by themselves.</summary>
    public ImportanceStatistics Statistics =>
        new(ProposalCount, WeightEss, ParetoK, HalvesDifference, Efficiencies, DensityEvaluations, Weights.ReplicateCount);

    /// <summary>The checks that failed, each with its reason; empty where the sample may be used.</summary>
    public ImmutableArray<ImportanceRefusal> Refusals { get; internal init; } = [];

    /// <summary>Whether another run for the same posterior, whose own draws need not be trusted, met mass that this one did not: its normaliser is
    /// greater by more than three Monte Carlo standard errors of both.</summary>
    /// <param name="other">The other run; null or without proposals for none.</param>
    public bool MissesMassOf(ImportanceRun? other)
    {
        var error = LogNormalizerError;
        var otherError = other is not null && double.IsFinite(other.LogNormalizerError) ? other.LogNormalizerError : 0;
        return LogNormalizer < (other?.LogNormalizer ?? double.NaN) - 3 * Math.Sqrt(error * error + otherError * otherError);
    }

    /// <summary>True where every check passed.</summary>
    public bool IsAccepted => Refusals.IsEmpty;

    /// <summary>One proposal.</summary>
    /// <param name="proposal">Number of the proposal, from 0.</param>
    /// <returns>The unconstrained position, without a copy. Length D.</returns>
    public ReadOnlySpan<double> Position(int proposal) => positions.AsSpan(proposal * Dimension, Dimension);

    /// <summary>Copies one coordinate of all proposals.</summary>
    /// <param name="coordinate">Index of the coordinate, from 0.</param>
    /// <param name="destination">Overwritten. Length S.</param>
    public void CopyCoordinate(int coordinate, Span<double> destination)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(coordinate);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(coordinate, Dimension);
        for (var i = 0; i < ProposalCount; i++)
            destination[i] = positions[i * Dimension + coordinate];
    }

    /// <summary>Makes draws of equal weight by systematic resampling, in random order.</summary>
    /// <param name="count">Number of draws N, at least 1 and at most S; with fewer than 5 proposals a draw many draws are repeated.</param>
    /// <returns>The draws. The same run and count give the same draws.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There are fewer proposals than draws asked for.</exception>
    /// <remarks>O(S + N).</remarks>
    public ResampledDraws Resample(int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, ProposalCount);
        return new ResampledDraws(this, count, RandomAddresses.Resampling(seed));
    }

    /// <summary>The proposals that have a weight, by number.</summary>
    public int[] WeightedProposals()
    {
        var weights = Weights.Weights;
        var proposals = new List<int>(weights.Length);
        for (var i = 0; i < weights.Length; i++)
        {
            if (weights[i] > 0)
                proposals.Add(i);
        }

        return [.. proposals];
    }

    /// <summary>The weights of all proposals but such as have none.</summary>
    /// <param name="proposals">What <see cref="WeightedProposals"/> gives.</param>
    public DrawWeights WeightsOf(int[] proposals)
    {
        if (proposals.Length == ProposalCount)
            return Weights;
        return Weights.ReplicateCount == 0
            ? new DrawWeights(Of(Weights.Weights), Of(Weights.ErrorWeights))
            : new DrawWeights(Of(Weights.Weights), Of(Weights.ErrorWeights), Of(Weights.Replicates), Weights.ReplicateCount);

        T[] Of<T>(ReadOnlySpan<T> all)
        {
            var chosen = new T[proposals.Length];
            for (var i = 0; i < chosen.Length; i++)
                chosen[i] = all[proposals[i]];
            return chosen;
        }
    }
}
