namespace TypedPooling.Inference.Scales;

/// <summary>Sigma, the shape and every Lambda at one theta. Mutable scratch of one chain.</summary>
internal sealed class ScalePoint
{
    public ScalePoint(int[] termCounts)
        : this([.. termCounts.Select(q => new FactorPoint(q))])
    {
    }

    public ScalePoint(FactorPoint[] factors) => Factors = factors;

    /// <summary>Residual sd; 1 where the error of each row is known, since rows are then weighted.</summary>
    public double Sigma { get; internal set; }

    /// <summary>Shape of the response, or its degrees of freedom; 1 where the family has neither.</summary>
    public double Shape { get; internal set; } = 1;

    /// <summary>The parts of each factor.</summary>
    public IReadOnlyList<FactorPoint> Parts => Factors;

    public FactorPoint[] Factors { get; }
}
