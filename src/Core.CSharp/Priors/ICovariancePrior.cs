using TypedPooling.Randomness;

namespace TypedPooling;

/// <summary>A prior on the whole covariance matrix Sigma of the varying effects of one grouping factor, in place of priors on their sds and
/// correlations.</summary>
public interface ICovariancePrior : IPrior
{
    /// <summary>True where the density falls fast enough, as any direction of Sigma goes to 0, to keep a posterior proper under a perfect
    /// fit.</summary>
    bool HasFloor { get; }

    /// <summary>Whether the prior fits a number of varying effects.</summary>
    /// <param name="termCount">Number of varying effects q, at least 1.</param>
    /// <returns>Null where it fits; else a sentence that says why not.</returns>
    string? ReasonAgainst(int termCount);

    /// <summary>What the prior says of the sd of one varying effect, the others integrated out.</summary>
    /// <param name="term">Index of the effect.</param>
    /// <param name="termCount">Number of varying effects q, one that the prior fits.</param>
    /// <returns>A prior on that sd, in units of the effect; null where it has no closed form.</returns>
    IScalePrior? SdPrior(int term, int termCount);

    /// <summary>The power c for which each correlation rho has a density proportional to (1 - rho^2)^c, all else integrated out.</summary>
    /// <param name="termCount">Number of varying effects q, at least 2, one that the prior fits.</param>
    /// <returns>c, eta + q / 2 - 2 for a correlation matrix that is LKJ(eta); null where the density is another.</returns>
    double? CorrelationExponent(int termCount);

    /// <summary>The prior as an inverse Wishart, perhaps a mixture of them.</summary>
    /// <param name="termCount">Number of varying effects q, at least 1.</param>
    /// <returns>The form; null where there is none, or where the prior does not fit that number of effects.</returns>
    InverseWishartCovariance? Conjugate(int termCount);

    /// <summary>Natural log of the density of Sigma = Lambda Lambda' over the q (q + 1) / 2 elements of its lower triangle, and its derivative for
    /// Lambda.</summary>
    /// <param name="factor">Lambda, q x q by rows, lower triangular with a positive diagonal. Length q^2.</param>
    /// <param name="gradient">Overwritten with the derivative for each element of the lower triangle of Lambda, zeros above it; empty where none is
    /// wanted. Length q^2 or 0.</param>
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
