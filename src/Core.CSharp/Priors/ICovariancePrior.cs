using TypedPooling.Randomness;

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

    /// <summary>Draws a covariance matrix Sigma = Lambda Lambda' from the prior, as its lower Cholesky factor Lambda.</summary>
    /// <param name="termCount">Number of varying effects q, one that the prior fits.</param>
    /// <param name="stream">Gives the random numbers; moved on.</param>
    /// <param name="factor">Overwritten with Lambda, q x q by rows, in units of the effects, zeros above the diagonal. Length q^2.</param>
    /// <exception cref="InvalidOperationException">The prior is improper.</exception>
    /// <remarks>Elements are not finite where very few degrees of freedom leave the range of a double.</remarks>
    void SampleFactor(int termCount, PhiloxStream stream, Span<double> factor);
}
