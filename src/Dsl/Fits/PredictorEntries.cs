namespace TypedPooling;

/// <summary>Predictors of a draw with the variances of their varying effects, and the moments of their expected responses. Scratch of one
/// thread.</summary>
/// <remarks>Arrays have an element for each entry; beyond the last there are zeros up to whole lanes.</remarks>
/// <param name="factors">Number of factors K.</param>
internal sealed class PredictorEntries(int factors)
{
    // Of any vector.
    private const int Lanes = 8;

    private double[] eta = [];
    private double[] sizes = [];
    private double[] weights = [];
    private double[] variances = [];
    private double[] means = [];
    private double[] ofEffects = [];
    private double[] squares = [];
    private double[] spreads = [];

    /// <summary>Number of entries.</summary>
    public int Count { get; private set; }

    /// <summary>The same, up to whole lanes.</summary>
    public int PaddedCount => (Count + Lanes - 1) / Lanes * Lanes;

    /// <summary>Linear predictors without varying effects.</summary>
    public Span<double> Eta => eta.AsSpan(0, PaddedCount);

    /// <summary>What expectations are multiplied by.</summary>
    public Span<double> Sizes => sizes.AsSpan(0, PaddedCount);

    /// <summary>What an entry counts for; of all entries together the number of rows.</summary>
    public Span<double> Weights => weights.AsSpan(0, PaddedCount);

    /// <summary>Variance of the varying effects.</summary>
    public Span<double> Variances => variances.AsSpan(0, PaddedCount);

    /// <summary>E[m], m the expected response given the effects.</summary>
    public Span<double> Means => means.AsSpan(0, PaddedCount);

    /// <summary>var(m).</summary>
    public Span<double> OfEffects => ofEffects.AsSpan(0, PaddedCount);

    /// <summary>E[m^2], where the link is Log.</summary>
    public Span<double> Squares => squares.AsSpan(0, PaddedCount);

    /// <summary>E[m (1 - m)], where m is a probability or a share.</summary>
    public Span<double> Spreads => spreads.AsSpan(0, PaddedCount);

    /// <summary>By factor its part of the variance of the varying effects.</summary>
    public double[][] Parts { get; } = [.. Enumerable.Range(0, factors).Select(_ => Array.Empty<double>())];

    /// <summary>By factor var(E[m | its effects]).</summary>
    public double[][] Shared { get; } = [.. Enumerable.Range(0, factors).Select(_ => Array.Empty<double>())];

    /// <summary>Begins anew.</summary>
    public void Clear() => Count = 0;

    /// <summary>Adds entries of one variance.</summary>
    /// <param name="count">Number of entries.</param>
    /// <param name="parts">By factor its part of the variance.</param>
    /// <returns>Number of the first: its predictor, size and weight are to be written.</returns>
    public int Add(int count, ReadOnlySpan<double> parts)
    {
        var first = Count;
        var sum = 0.0;
        foreach (var part in parts)
            sum += part;
        Grow(Count + count + Lanes);
        Count += count;
        variances.AsSpan(first, count).Fill(sum);
        for (var k = 0; k < Parts.Length; k++)
            Parts[k].AsSpan(first, count).Fill(parts[k]);
        return first;
    }

    /// <summary>Ends the entries: zeros up to whole lanes.</summary>
    public void Close()
    {
        foreach (var own in (double[][])[eta, sizes, weights, variances, .. Parts])
            own.AsSpan(Count, PaddedCount - Count).Clear();
    }

    private void Grow(int count)
    {
        if (eta.Length >= count)
            return;
        count = Math.Max(count, 2 * eta.Length);
        Resize(ref eta);
        Resize(ref sizes);
        Resize(ref weights);
        Resize(ref variances);
        Resize(ref means);
        Resize(ref ofEffects);
        Resize(ref squares);
        Resize(ref spreads);
        for (var k = 0; k < Parts.Length; k++)
        {
            Resize(ref Parts[k]);
            Resize(ref Shared[k]);
        }

        void Resize(ref double[] own) => Array.Resize(ref own, count);
    }
}
