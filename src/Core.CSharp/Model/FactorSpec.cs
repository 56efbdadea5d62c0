using System.Collections.Immutable;

namespace TypedPooling.Model;

/// <summary>A grouping factor and what varies over its levels.</summary>
/// <param name="Name">Name of the factor; unique in the model.</param>
/// <param name="Terms">The varying effects, in the order of u. Length q, at least 1.</param>
/// <param name="Correlation">Prior of the correlation matrix of the varying effects; without effect where q is 1, or where <see cref="Covariance"/> is given.</param>
public sealed record FactorSpec(string Name, ImmutableArray<VaryingTerm> Terms, ICorrelationPrior Correlation)
{
    /// <summary>True where the prior of the correlations was left to the documented default.</summary>
    public bool HasDefaultPrior { get; init; }

    /// <summary>Prior of the whole covariance matrix of the varying effects, in place of priors of their sds (then null) and correlations; null where those are used.</summary>
    public ICovariancePrior? Covariance { get; init; }

    /// <summary>True where correlations are estimated: more than one term, and a prior of the covariance or one of correlations that is not <see cref="UncorrelatedPrior"/>.</summary>
    public bool HasCorrelations => Terms.Length > 1 && (Covariance is not null || Correlation is not UncorrelatedPrior);
}
