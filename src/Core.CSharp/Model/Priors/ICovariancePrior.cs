namespace TypedPooling;

/// <summary>A prior on the whole covariance matrix Sigma of the varying effects of one grouping factor, in place of priors on their sds and correlations.</summary>
public interface ICovariancePrior : IPrior
{
    /// <summary>True where the density falls fast enough, as any direction of Sigma goes to 0, to keep a posterior proper under a perfect fit.</summary>
    bool HasFloor { get; }

    /// <summary>Whether the prior fits a number of varying effects.</summary>
    /// <param name="termCount">Number of varying effects q, at least 1.</param>
    /// <returns>Null where it fits; else a sentence that says why not.</returns>
    string? ReasonAgainst(int termCount);

    /// <summary>Natural log of the density of Sigma = Lambda Lambda' over the q (q + 1) / 2 elements of its lower triangle, and its derivative for Lambda.</summary>
    /// <param name="factor">Lambda, q x q by rows, lower triangular with a positive diagonal. Length q^2.</param>
    /// <param name="gradient">Overwritten with the derivative for each element of the lower triangle of Lambda, zeros above it; empty where none is wanted. Length q^2 or 0.</param>
    /// <returns>The log density, all constants included; not finite where the inverse of Sigma overflows.</returns>
    double LogDensity(ReadOnlySpan<double> factor, Span<double> gradient);
}
