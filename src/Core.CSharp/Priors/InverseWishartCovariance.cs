using System.Collections.Immutable;

namespace TypedPooling;

/// <summary>A prior of a covariance matrix Sigma (q x q) that is inverse Wishart, perhaps given one mixing variable for each effect.</summary>
/// <remarks>
/// Without mixing Sigma ~ InverseWishart(nu_0, Psi_0). With it Sigma | w ~ InverseWishart(nu_0, Psi_0 + 2 nu diag(w)) and
/// w_i ~ Gamma(1/2, rate 1 / A_i^2). Then nu_0 is nu + q - 1, Psi_0 is 0, and w_i | Sigma ~ Gamma((nu + q) / 2, rate nu (Sigma^-1)_ii + 1 / A_i^2).
/// Source: [Huang2013].
/// </remarks>
/// <param name="DegreesOfFreedom">nu_0, above q - 1.</param>
/// <param name="ScaleMatrix">Psi_0 by rows, in products of the units of the effects; zeros where all of the scale is mixed. Length q^2.</param>
/// <param name="MixingDegreesOfFreedom">nu; 0 without mixing.</param>
/// <param name="MixingScales">A, in units of the effects. Length q; empty without mixing.</param>
public sealed record InverseWishartCovariance(
    double DegreesOfFreedom,
    ImmutableArray<double> ScaleMatrix,
    double MixingDegreesOfFreedom,
    ImmutableArray<double> MixingScales)
{
    /// <summary>True where the scale matrix has mixing variables.</summary>
    public bool IsMixture => MixingDegreesOfFreedom > 0;
}
