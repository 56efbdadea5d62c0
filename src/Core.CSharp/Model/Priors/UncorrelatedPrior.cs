namespace TypedPooling;

/// <summary>The varying effects of a factor are independent a priori: their correlation matrix is the identity and is not estimated.</summary>
public sealed record UncorrelatedPrior : ICorrelationPrior
{
    /// <inheritdoc/>
    public string Text => "Uncorrelated";

    /// <inheritdoc/>
    public bool IsProper => true;

    /// <inheritdoc/>
    public override string ToString() => Text;
}
