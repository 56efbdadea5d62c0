using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using TypedPooling.Engines;
using TypedPooling.Inference.Density;
using TypedPooling.Randomness;

namespace TypedPooling.Inference.Importance;

/// <summary>Proposals drawn from one mixture, and their importance ratios.</summary>
internal sealed class ProposalRound
{
    // Streams 0, 1, ... of a seed belong to chains, 2^40 to starting points; a round has 2^32 blocks of its own.
    private const ulong FirstStream = 1UL << 41;
    internal const ulong ResamplingStream = FirstStream - 1;

    // Proposals that share a stream of random numbers: fixed, so that threads change nothing. A block that was begun is finished even where the run was cancelled: of a million groups it takes half a second.
    private const int BlockSize = 64;

    private readonly int dimension;

    private ProposalRound(int dimension, double[] positions, double[] logRatios)
    {
        this.dimension = dimension;
        Positions = positions;
        LogRatios = logRatios;
    }

    /// <summary>Number of proposals S.</summary>
    internal int Count => LogRatios.Length;

    /// <summary>Unconstrained positions (S x D).</summary>
    internal double[] Positions { get; }

    /// <summary>Log target less log proposal density; negative infinity where the target cannot be evaluated. Length S.</summary>
    internal double[] LogRatios { get; }

    /// <summary>Normalised weights. Length S; all zero where no ratio is positive.</summary>
    internal double[] Weights { get; private set; } = [];

    /// <summary>1 / sum w^2; 0 where no ratio is positive.</summary>
    internal double Ess { get; private set; }

    /// <summary>Log of the mean ratio; negative infinity where no ratio is positive.</summary>
    internal double LogMean { get; private set; }

    /// <summary>Standard error of <see cref="LogMean"/>, by the delta method: the relative error of the mean.</summary>
    internal double LogMeanError => Ess > 0 ? Math.Sqrt(Math.Max(0, (1 / Ess) - (1.0 / Count))) : double.NaN;

    /// <summary>Draws a round. The bits depend on seed, number of the round and mixture, not on the number of densities (one a thread).</summary>
    /// <exception cref="OperationCanceledException">The round was cancelled before it had the least number of proposals; one cancelled later keeps those it has.</exception>
    internal static ProposalRound Run(
        StudentMixture mixture,
        int count,
        int number,
        ILogDensity[] densities,
        RunOptions options,
        Action<int>? proposed,
        IProposalSink? sink = null,
        int least = int.MaxValue)
    {
        var round = new ProposalRound(mixture.Dimension, new double[checked(count * mixture.Dimension)], new double[count]);
        sink?.Begin(count);
        var blocks = (count + BlockSize - 1) / BlockSize;
        var isDone = new bool[blocks];
        var workers = Math.Min(densities.Length, blocks);
        var next = -1;
        if (workers == 1)
            Work(0);
        else
            Parallel.For(0, workers, new ParallelOptions { MaxDegreeOfParallelism = workers }, Work);

        // Blocks are begun in order and finished, so all before the first one missing are there.
        var missing = Array.IndexOf(isDone, false);
        if (missing >= 0 && (long)missing * BlockSize < least)
            options.Cancellation.ThrowIfCancellationRequested();
        if (missing >= 0)
            round = round.First(missing * BlockSize);
        round.Weigh();
        return round;

        void Work(int worker)
        {
            int block;
            while (!options.Cancellation.IsCancellationRequested && (block = Interlocked.Increment(ref next)) < blocks)
            {
                var first = block * BlockSize;
                var size = Math.Min(BlockSize, count - first);
                var random = new PhiloxStream(options.Seed, FirstStream + ((ulong)number << 32) + (ulong)block);
                round.Fill(mixture, first, size, densities[worker], random, worker, sink);
                isDone[block] = true;
                proposed?.Invoke(size);
            }
        }
    }

    private ProposalRound First(int count) => new(dimension, Positions[..(count * dimension)], LogRatios[..count]);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Fill(StudentMixture mixture, int first, int size, ILogDensity density, PhiloxStream random, int worker, IProposalSink? sink)
    {
        var d = dimension;
        var positions = Positions.AsSpan(first * d, size * d);
        var ratios = LogRatios.AsSpan(first, size);
        for (var i = 0; i < size; i++)
        {
            var z = positions.Slice(i * d, d);
            mixture.Draw(random, z);
            ratios[i] = density.LogDensity(z);
            sink?.Keep(worker, first + i);
        }

        var parts = mixture.PartCount;
        Span<Vector256<double>> scratch = stackalloc Vector256<double>[(2 * d) + (2 * parts)];
        var four = scratch[..d];
        var sds = scratch.Slice(d, d);
        var distances = scratch.Slice(2 * d, parts);
        var densities = scratch[((2 * d) + parts)..];
        for (var i = 0; i < size; i += 4)
        {
            StudentMixture.Load(positions, i, four);
            var log = Vector256.Log(mixture.Density(four, sds, distances, densities));
            for (var lane = 0; lane < 4 && i + lane < size; lane++)
            {
                var ratio = ratios[i + lane] - log[lane];
                ratios[i + lane] = double.IsFinite(ratio) ? ratio : double.NegativeInfinity;
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Weigh()
    {
        var weights = new double[Count];
        var largest = double.NegativeInfinity;
        foreach (var log in LogRatios)
            largest = Math.Max(largest, log);
        Weights = weights;
        LogMean = largest;
        if (double.IsNegativeInfinity(largest))
            return;

        var sum = 0.0;
        for (var i = 0; i < weights.Length; i++)
            sum += weights[i] = Math.Exp(LogRatios[i] - largest);
        var squares = 0.0;
        for (var i = 0; i < weights.Length; i++)
        {
            weights[i] /= sum;
            squares += weights[i] * weights[i];
        }

        Ess = 1 / squares;
        LogMean = largest + Math.Log(sum / weights.Length);
    }
}
