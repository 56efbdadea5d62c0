using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using TypedPooling.Draws;
using TypedPooling.Engines;
using TypedPooling.Inference.Numerics;
using TypedPooling.Inference.Sampling.QuasiRandom;
using TypedPooling.Randomness;

namespace TypedPooling.Inference.Sampling.Importance;

/// <summary>Proposals drawn from one mixture, and their importance ratios.</summary>
internal sealed class ProposalRound
{
    private readonly int dimension;

    private ProposalRound(int dimension, ProposalLayout layout, double[] positions, double[] logRatios)
    {
        this.dimension = dimension;
        Layout = layout;
        Positions = positions;
        LogRatios = logRatios;
    }

    /// <summary>Number of proposals S.</summary>
    public int Count => LogRatios.Length;

    /// <summary>How proposals are numbered.</summary>
    public ProposalLayout Layout { get; }

    /// <summary>Unconstrained positions (S x D).</summary>
    public double[] Positions { get; }

    /// <summary>Log target less log proposal density; negative infinity where the target cannot be evaluated. Length S.</summary>
    public double[] LogRatios { get; }

    /// <summary>Normalised weights. Length S; all zero where no ratio is positive.</summary>
    public double[] Weights { get; private set; } = [];

    /// <summary>1 / sum w^2; 0 where no ratio is positive.</summary>
    public double Ess { get; private set; }

    /// <summary>Log of the mean ratio; negative infinity where no ratio is positive.</summary>
    public double LogMean { get; private set; }

    /// <summary>Draws a round. The bits depend on seed, number of the round, layout and mixture, not on the number of densities (one a
    /// thread).</summary>
    /// <exception cref="OperationCanceledException">The round was cancelled before it had the least number of proposals; one cancelled later keeps
    /// those it has.</exception>
    public static ProposalRound Run(
        StudentMixture mixture,
        ProposalLayout layout,
        int number,
        ILogDensity[] densities,
        RunOptions options,
        Action<int>? proposed,
        IProposalSink? sink = null,
        int least = int.MaxValue)
    {
        var count = layout.Count;
        var round = new ProposalRound(mixture.Dimension, layout, new double[checked(count * mixture.Dimension)], new double[count]);
        sink?.Begin(count);
        var points = layout.ReplicateCount == 0 ? null : new ScrambledSobol(
            Math.Min(SobolSequence.MaximumDimension, mixture.Dimension + StudentMixture.UniformsBeforeNormals + (sink?.NormalCount ?? 0)),
            layout.Levels,
            layout.ReplicateCount,
            options.Seed,
            RandomAddresses.FirstScrambling(number));
        var blocks = layout.BlockCount;
        var isDone = new bool[blocks];
        var workers = Math.Min(densities.Length, blocks);
        var next = -1;
        if (workers == 1)
            Work(0);
        else
            Parallel.For(0, workers, new ParallelOptions { MaxDegreeOfParallelism = workers }, Work);

        // Blocks are begun in order and finished, so all before the first one missing are there.
        if (Array.IndexOf(isDone, false) is >= 0 and var missing)
        {
            var first = layout.First(missing);
            if (first.Count < least)
                options.Cancellation.ThrowIfCancellationRequested();
            round = new(mixture.Dimension, first, round.Positions[..(first.Count * mixture.Dimension)], round.LogRatios[..first.Count]);
        }

        round.Weigh();
        return round;

        void Work(int worker)
        {
            int block;
            while (!options.Cancellation.IsCancellationRequested && (block = Interlocked.Increment(ref next)) < blocks)
            {
                var first = block * ProposalLayout.BlockSize;
                var size = Math.Min(ProposalLayout.BlockSize, count - first);
                var random = RandomAddresses.ProposalBlock(options.Seed, number, block);
                if (points is null)
                    round.Draw(mixture, first, size, densities[worker], random, worker, sink);
                else
                    round.Place(
                        mixture, first, size, densities[worker], points, layout.ReplicateOf(block), layout.FirstPoint(block), random, worker, sink);
                round.Divide(mixture, first, size);
                isDone[block] = true;
                proposed?.Invoke(size);
            }
        }
    }

    private void Draw(StudentMixture mixture, int first, int size, ILogDensity density, PhiloxStream random, int worker, IProposalSink? sink)
    {
        for (var i = first; i < first + size; i++)
        {
            var z = Positions.AsSpan(i * dimension, dimension);
            mixture.Draw(random, z);
            LogRatios[i] = density.LogDensity(z);
            sink?.Keep(worker, i, []);
        }
    }

    private void Place(
        StudentMixture mixture,
        int first,
        int size,
        ILogDensity density,
        ScrambledSobol points,
        int replicate,
        int firstPoint,
        PhiloxStream random,
        int worker,
        IProposalSink? sink)
    {
        Span<double> uniforms = stackalloc double[size * points.Dimension];
        points.Fill(replicate, firstPoint, random, uniforms);
        var used = dimension + StudentMixture.UniformsBeforeNormals;
        for (var i = 0; i < size; i++)
        {
            var z = Positions.AsSpan((first + i) * dimension, dimension);
            var point = uniforms.Slice(i * points.Dimension, points.Dimension);
            mixture.Place(point[..used], z);
            LogRatios[first + i] = density.LogDensity(z);
            if (sink is null)
                continue;
            var normals = point[used..];
            foreach (ref var normal in normals)
                normal = InverseNormal.Of(normal);
            sink.Keep(worker, first + i, normals);
        }
    }

    // From log target to log target less log proposal density.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Divide(StudentMixture mixture, int first, int size)
    {
        var d = dimension;
        var positions = Positions.AsSpan(first * d, size * d);
        var ratios = LogRatios.AsSpan(first, size);
        var parts = mixture.PartCount;
        Span<Vector256<double>> scratch = stackalloc Vector256<double>[2 * d + (2 * parts)];
        var four = scratch[..d];
        var sds = scratch.Slice(d, d);
        var distances = scratch.Slice(2 * d, parts);
        var densities = scratch[(2 * d + parts)..];
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

    /// <summary>The weights with their errors.</summary>
    public DrawWeights ErrorsOf()
    {
        var squares = Array.ConvertAll(Weights, weight => weight * weight);
        return Layout.ReplicateCount == 0 ? new(Weights, squares) : new(Weights, squares, Layout.Replicates(), Layout.ReplicateCount);
    }
}
