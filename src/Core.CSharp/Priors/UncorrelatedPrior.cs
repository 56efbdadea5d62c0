using TypedPooling.Randomness;

namespace TypedPooling;

/// <summary>The varying effects of a factor are independent a priori: their correlation matrix is the identity and is not estimated.</summary>
public sealed record UncorrelatedPrior : ICorrelationPrior
{
    /// <inheritdoc/>
    public string Text => "Uncorrelated";

    /// <inheritdoc/>
    public bool IsProper => true;

    /// <inheritdoc/>
    public bool IsIdentity => true;

    /// <inheritdoc/>
    public double? Concentration => null;

    /// <inheritdoc/>
    public void SampleFactor(int size, PhiloxStream stream, Span<double> factor)
    {
        factor[..(size * size)].Clear();
        for (var r = 0; r < size; r++)
            factor[r * size + r] = 1;
    }

    /// <inheritdoc/>
    public override string ToString() => Text;
}
