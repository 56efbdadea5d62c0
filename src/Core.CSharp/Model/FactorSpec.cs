using System.Collections.Immutable;

namespace TypedPooling.Model;

/// <summary>A grouping factor and what varies over its levels.</summary>
/// <param name="Name">Name of the factor; unique in the model.</param>
/// <param name="Terms">The varying effects, in the order of u. Length q, at least 1.</param>
/// <param name="Correlation">Prior of the correlation matrix of the varying effects; without effect where q is 1, or where <see cref="Covariance"/>
/// is given.</param>
public sealed record FactorSpec(string Name, ImmutableArray<VaryingTerm> Terms, ICorrelationPrior Correlation)
{
    /// <summary>True where the prior of the correlations was left to the documented default.</summary>
    public bool HasDefaultPrior { get; init; }

    /// <summary>Prior of the whole covariance matrix of the varying effects, in place of priors of their sds (then null) and correlations; null where
    /// those are used.</summary>
    public ICovariancePrior? Covariance { get; init; }

    /// <summary>The point of the columns about which engines sample sds and correlations: of each term a value of its column, 0 for the intercept.
    /// Length q; empty where that point is 0.</summary>
    /// <remarks>
    /// With u the effects of the columns as they are and m this point, u_c = T u with u_c,0 = u_0 + sum_a m_a u_a and every slope as it is: Z u = Z_c
    /// u_c with columns less m, and Sigma_c = T Sigma T'. An engine reports u_c and its sds and correlations;
    /// <see cref="Data.CoefficientMap.AtZero"/> takes them to u. Only a factor whose effects are correlated and whose intercept varies has such a
    /// point.
    /// </remarks>
    public ImmutableArray<double> Origin { get; init; } = [];

    /// <summary>True where the priors of sds and correlations speak of the effects about <see cref="Origin"/>, false where of those about 0, as
    /// priors that a user names do.</summary>
    public bool IsStatedAtOrigin { get; init; }

    /// <summary>The point of a term's column about which engines sample; 0 where there is none.</summary>
    /// <param name="term">Index of the term.</param>
    /// <returns>A value of the column.</returns>
    public double OriginOf(int term) => Origin.IsDefaultOrEmpty ? 0 : Origin[term];

    /// <summary>True where correlations are estimated: more than one term, and a prior of the covariance or of correlations that may differ from
    /// 0.</summary>
    public bool HasCorrelations => Terms.Length > 1 && (Covariance is not null || !Correlation.IsIdentity);
}
