using TypedPooling.Randomness;

namespace TypedPooling.Inference.Variational;

/// <summary>The approximation of the scales of one factor, or of sigma: an inverse gamma, an inverse Wishart or a tabulated distribution, updated
/// from the expected squares of what it scales.</summary>
internal abstract class ScaleApproximation
{
    /// <summary>Updates the distribution.</summary>
    /// <param name="count">Number of vectors that Sigma scales: levels, or rows.</param>
    /// <param name="squares">Expected sum of their outer products, q x q by rows.</param>
    public abstract void Update(double count, ReadOnlySpan<double> squares);

    /// <summary>A lower triangular root of the scale at which the coefficients' conditional has the expected precision: (E Sigma^-1)^-1.</summary>
    /// <param name="lambda">Overwritten. q x q by rows.</param>
    public abstract void Effective(Span<double> lambda);

    /// <summary>The part of the bound: -count / 2 (E log |Sigma| - log |effective Sigma|), less the divergence from the prior.</summary>
    /// <param name="count">As <see cref="Update"/>.</param>
    public abstract double Bound(double count);

    /// <summary>Draws a lower triangular root of Sigma.</summary>
    /// <param name="stream">Randomness.</param>
    /// <param name="lambda">Overwritten. q x q by rows.</param>
    public abstract void Sample(PhiloxStream stream, Span<double> lambda);
}
