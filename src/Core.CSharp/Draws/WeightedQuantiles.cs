namespace TypedPooling.Draws;

/// <summary>Quantiles of weighted values: linear between values, each standing at the middle of its weight. Finds the part of the order it needs by buckets of equal width, so that only that part is sorted.</summary>
/// <remarks>O(N) a quantile where values are spread over their range; where nearly all share a bucket, O(N log N).</remarks>
internal sealed class WeightedQuantiles
{
    private const int BucketCount = 2048;

    private readonly double[] values;
    private readonly double[] weights;
    private readonly ushort[] bucketOf;
    private readonly int count;
    private readonly double least;
    private readonly double greatest;
    private readonly double[] below = new double[BucketCount + 1];      // weight below each bucket
    private readonly int[] sizes = new int[BucketCount];

    public WeightedQuantiles(ReadOnlySpan<double> values, ReadOnlySpan<double> weights)
    {
        // What has no weight may be anywhere.
        this.values = new double[values.Length];
        this.weights = new double[values.Length];
        (least, greatest) = (double.PositiveInfinity, double.NegativeInfinity);
        for (var i = 0; i < values.Length; i++)
        {
            if (!(weights[i] > 0))
                continue;
            (this.values[count], this.weights[count++]) = (values[i], weights[i]);
            (least, greatest) = (Math.Min(least, values[i]), Math.Max(greatest, values[i]));
        }

        bucketOf = new ushort[count];

        // Where the range is no finite positive number everything is in one bucket.
        var scale = (BucketCount - 1) / (greatest - least);
        if (!double.IsFinite(scale) || greatest - least == double.PositiveInfinity)
            scale = 0;
        for (var i = 0; i < count; i++)
        {
            var bucket = scale == 0 ? 0 : (int)((this.values[i] - least) * scale);
            bucketOf[i] = (ushort)bucket;
            sizes[bucket]++;
            below[bucket + 1] += this.weights[i];
        }

        for (var bucket = 0; bucket < BucketCount; bucket++)
            below[bucket + 1] += below[bucket];
    }

    /// <summary>The quantile at a probability in [0, 1].</summary>
    public double At(double p)
    {
        if (p is <= 0 or >= 1)
            return p <= 0 ? least : greatest;

        // The values on either side of p may stand in the buckets next to the one whose weight passes p.
        var middle = Math.Clamp(Array.FindIndex(below, 1, sum => sum >= p) - 1, 0, BucketCount - 1);
        if (p > below[BucketCount])
            middle = Array.FindLastIndex(sizes, size => size > 0);
        var first = middle > 0 ? Array.FindLastIndex(sizes, middle - 1, size => size > 0) : -1;
        var last = middle < BucketCount - 1 ? Array.FindIndex(sizes, middle + 1, size => size > 0) : -1;
        if (first < 0)
            first = middle;
        if (last < 0)
            last = middle;

        var near = sizes[first] + (middle > first ? sizes[middle] : 0) + (last > middle ? sizes[last] : 0);
        var (sorted, positions) = (new double[near], new double[near]);
        for (int i = 0, at = 0; at < near; i++)
        {
            if (bucketOf[i] >= first && bucketOf[i] <= last)
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

        return Between(sorted, positions, p);
    }

    private static double Between(double[] sorted, double[] positions, double p)
    {
        var at = Array.BinarySearch(positions, p);
        if (at >= 0)
            return sorted[at];
        at = ~at;
        if (at == 0)
            return sorted[0];
        if (at == sorted.Length)
            return sorted[^1];
        var part = (p - positions[at - 1]) / (positions[at] - positions[at - 1]);
        return sorted[at - 1] == sorted[at] ? sorted[at] : sorted[at - 1] + (part * (sorted[at] - sorted[at - 1]));
    }
}
