using System.Numerics;
using TypedPooling.Inference.Sampling.QuasiRandom;

namespace TypedPooling.Inference.Sampling.Importance;

/// <summary>How the proposals of a round are numbered: in blocks that one thread makes, and where they are quasi-random the blocks of the replicates
/// in turn, so that a round that was cancelled has the same part of each.</summary>
/// <param name="Count">Number of proposals S.</param>
/// <param name="ReplicateCount">Number of independent replicates R; 0 where proposals are independent.</param>
/// <param name="Levels">m: a replicate has 2^m proposals; 0 where proposals are independent.</param>
internal readonly record struct ProposalLayout(int Count, int ReplicateCount, int Levels)
{
    // Proposals that share a stream of random numbers: fixed, so that threads change nothing. A block that was begun is finished even where the run
    // was cancelled: of a million levels it takes half a second.
    public const int BlockSize = 64;

    // R is between this and twice this. Errors are uncertain by 1 / sqrt(2 R), 13 to 18 %; halves of the proposals have 8 replicates at least; and
    // more would leave each of them fewer points, which are less even.
    private const int LeastReplicates = 16;

    /// <summary>Number of blocks.</summary>
    public int BlockCount => (Count + BlockSize - 1) / BlockSize;

    /// <summary>Independent proposals.</summary>
    public static ProposalLayout Independent(int count) => new(count, 0, 0);

    /// <summary>Quasi-random proposals, rounded up to whole replicates, where asked for and possible; independent ones otherwise.</summary>
    /// <param name="needed">Least number of proposals.</param>
    /// <param name="dimension">D. A point has D + 2 coordinates: component, chi-squared number, D normal ones.</param>
    /// <param name="kind">What is asked for.</param>
    public static ProposalLayout Of(int needed, int dimension, ProposalKind kind)
    {
        if (kind == ProposalKind.Independent || dimension + StudentMixture.UniformsBeforeNormals > SobolSequence.MaximumDimension
            || needed < LeastReplicates * BlockSize)
            return Independent(needed);
        var levels = Math.Min(BitOperations.Log2((uint)(needed / LeastReplicates)), ScrambledSobol.MaximumLevels);
        var size = 1 << levels;
        var replicates = (needed + size - 1) / size;
        return new(checked(replicates * size), replicates, levels);
    }

    /// <summary>The replicate of a block.</summary>
    public int ReplicateOf(int block) => block % ReplicateCount;

    /// <summary>Number, within its replicate, of a block's first point.</summary>
    public int FirstPoint(int block) => block / ReplicateCount * BlockSize;

    /// <summary>What is left where only the first blocks were made: as many of every replicate.</summary>
    public ProposalLayout First(int blocks) =>
        this with { Count = BlockSize * (ReplicateCount == 0 ? blocks : blocks / ReplicateCount * ReplicateCount) };

    /// <summary>The replicate of every proposal. Length S.</summary>
    public int[] Replicates()
    {
        var replicates = new int[Count];
        for (var i = 0; i < replicates.Length; i++)
            replicates[i] = ReplicateOf(i / BlockSize);
        return replicates;
    }
}
