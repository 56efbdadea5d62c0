namespace TypedPooling;

/// <summary>The difference estimator of an elpd of all rows from a simple random sample of them: what a plug-in says of every row, corrected by what
/// leaving out says of the sample. Immutable.</summary>
/// <remarks>
/// With a_i the plug-in log p(y_i | estimates), c_i the number of rows that row i stands for, n = sum of c_i, N rows of which m are sampled, and d_j
/// = c_j (elpd_j - a_j): elpd = sum c_i a_i + (N / m) sum d_j, without bias whatever the plug-in. Its sampling variance is N^2 (1 - m / N) var(d) /
/// m. The variance over rows like these is n var(elpd_i), estimated without bias as sum c_i a_i^2 + (N / m) sum c_j (elpd_j^2 - a_j^2) - (elpd^2 -
/// sampling variance) / n. Sources: [Magnusson2019], [Magnusson2020].
/// </remarks>
/// <param name="PlugIns">a_i of every row. Length N.</param>
/// <param name="Counts">c_i. Length N.</param>
/// <param name="Sampled">Numbers of the sampled rows, ascending. Length m.</param>
internal sealed record SubsampledElpd(double[] PlugIns, long[] Counts, int[] Sampled)
{
    /// <summary>Number of all rows, each as often as it counts.</summary>
    public long ObservationCount => Counts.Sum();

    /// <summary>What a sum over the sample is multiplied by.</summary>
    public double Expansion => (double)PlugIns.Length / Sampled.Length;

    /// <summary>Estimates a sum over all rows.</summary>
    /// <param name="values">elpd_j of the sampled rows. Length m.</param>
    /// <returns>The sum, the sd of its estimate over samples, and that over rows like these.</returns>
    public (double Sum, double SamplingSe, double Se) Estimate(double[] values) => Estimate(values, PlugIns);

    /// <summary>Estimates a sum of differences from another model of the same rows and the same sample.</summary>
    /// <param name="values">Differences of elpd_j. Length m.</param>
    /// <param name="other">The other model's sample.</param>
    public (double Sum, double SamplingSe, double Se) Estimate(double[] values, SubsampledElpd other) =>
        Estimate(values, [.. PlugIns.Zip(other.PlugIns, (a, b) => a - b)]);

    private (double Sum, double SamplingSe, double Se) Estimate(double[] values, double[] plugIns)
    {
        double sum = 0, squares = 0, gap = 0, squareGap = 0, n = 0;
        for (var i = 0; i < plugIns.Length; i++)
        {
            n += Counts[i];
            sum += Counts[i] * plugIns[i];
            squares += Counts[i] * plugIns[i] * plugIns[i];
        }

        var m = Sampled.Length;
        for (var j = 0; j < m; j++)
        {
            var (count, plugIn) = (Counts[Sampled[j]], plugIns[Sampled[j]]);
            gap += count * (values[j] - plugIn);
            squareGap += count * (values[j] - plugIn) * (values[j] + plugIn);
        }

        var spread = 0.0;
        for (var j = 0; j < m; j++)
        {
            var deviation = Counts[Sampled[j]] * (values[j] - plugIns[Sampled[j]]) - gap / m;
            spread += deviation * deviation;
        }

        var rows = (double)plugIns.Length;
        var total = sum + Expansion * gap;
        var sampling = rows * rows * (1 - m / rows) * (spread / (m - 1)) / m;
        var variance = squares + Expansion * squareGap - (total * total - sampling) / n;
        return (total, Math.Sqrt(sampling), Math.Sqrt(Math.Max(0, variance)));
    }
}
