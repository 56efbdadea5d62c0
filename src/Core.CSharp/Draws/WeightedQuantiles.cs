using System.Buffers;
using System.Runtime.CompilerServices;

namespace TypedPooling.Draws;

/// <summary>Quantiles of weighted values: linear between values, each standing at the middle of its weight; what has no weight may be anywhere. Finds
/// the part of the order it needs by buckets of equal width, so that only that part is sorted.</summary>
/// <remarks>O(N) a quantile where values are spread over their range; where nearly all share a bucket, O(N log N). Rents its scratch: dispose
/// it.</remarks>
internal readonly ref struct WeightedQuantiles
{
    private const int BucketCount = 1024;

    private readonly ReadOnlySpan<double> values;
    private readonly ReadOnlySpan<double> weights;
    private readonly double least;
    private readonly double greatest;
    private readonly ushort[] bucketOf;
    private readonly double[] below;         // weight below each bucket; one more than buckets
    private readonly int[] sizes;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public WeightedQuantiles(ReadOnlySpan<double> values, ReadOnlySpan<double> weights)
    {
        this.values = values;
        this.weights = weights;
        (least, greatest) = (double.PositiveInfinity, double.NegativeInfinity);
        for (var i = 0; i < values.Length; i++)
        {
            var value = values[i];
            if (!(weights[i] > 0))
                continue;
            if (value < least)
                least = value;
            if (value > greatest)
                greatest = value;
        }

        bucketOf = ArrayPool<ushort>.Shared.Rent(values.Length);
        below = ArrayPool<double>.Shared.Rent(BucketCount + 1);
        sizes = ArrayPool<int>.Shared.Rent(BucketCount);
        Array.Clear(below, 0, BucketCount + 1);
        Array.Clear(sizes, 0, BucketCount);

        // Where the range is no finite positive number everything is in one bucket.
        var scale = (BucketCount - 1) / (greatest - least);
        if (!double.IsFinite(scale) || double.IsPositiveInfinity(greatest - least))
            scale = 0;
        for (var i = 0; i < values.Length; i++)
        {
            var weight = weights[i];
            if (!(weight > 0))
                continue;
            var bucket = scale == 0 ? 0 : (int)((values[i] - least) * scale);
            bucketOf[i] = (ushort)bucket;
            sizes[bucket]++;
            below[bucket + 1] += weight;
        }

        for (var bucket = 0; bucket < BucketCount; bucket++)
            below[bucket + 1] += below[bucket];
    }

    /// <summary>The quantile at a probability in [0, 1].</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public double At(double probability)
    {
        if (probability is <= 0 or >= 1)
            return probability <= 0 ? least : greatest;

        // The values on either side of probability may stand in the buckets next to the one whose weight passes probability.
        var middle = 0;
        while (middle < BucketCount - 1 && below[middle + 1] < probability)
            middle++;
        while (middle > 0 && sizes[middle] == 0)
            middle--;
        var first = middle;
        while (first > 0 && (first == middle || sizes[first] == 0))
            first--;
        var last = middle;
        while (last < BucketCount - 1 && (last == middle || sizes[last] == 0))
            last++;

        var near = 0;
        for (var bucket = first; bucket <= last; bucket++)
            near += sizes[bucket];
        var (sorted, positions) = (new double[near], new double[near]);
        for (int i = 0, at = 0; at < near; i++)
        {
            if ((uint)(bucketOf[i] - first) <= (uint)(last - first) && weights[i] > 0)
                (sorted[at], positions[at++]) = (values[i], weights[i]);
        }

        Array.Sort(sorted, positions);
        var sum = below[first];
        for (var i = 0; i < near; i++)
        {
            var weight = positions[i];
            positions[i] = sum + (0.5 * weight);
            sum += weight;
        }

        return Between(sorted, positions, probability);
    }

    /// <summary>Gives the scratch back.</summary>
    public void Dispose()
    {
        ArrayPool<ushort>.Shared.Return(bucketOf);
        ArrayPool<double>.Shared.Return(below);
        ArrayPool<int>.Shared.Return(sizes);
    }

    private static double Between(double[] sorted, double[] positions, double probability)
    {
        var at = Array.BinarySearch(positions, probability);
        if (at >= 0)
            return sorted[at];
        at = ~at;
        if (at == 0)
            return sorted[0];
        if (at == sorted.Length)
            return sorted[^1];
        var part = (probability - positions[at - 1]) / (positions[at] - positions[at - 1]);
        return sorted[at - 1] == sorted[at] ? sorted[at] : sorted[at - 1] + (part * (sorted[at] - sorted[at - 1]));
    }
}
