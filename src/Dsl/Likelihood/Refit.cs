using TypedPooling.Inference.MaximumLikelihood;

namespace TypedPooling.Likelihood;

/// <summary>A maximum that was found again. Immutable.</summary>
/// <param name="LogLikelihood">The log criterion there.</param>
/// <param name="IsConverged">Whether the search reached it.</param>
/// <param name="IsSingular">Whether an estimate lies on the boundary.</param>
/// <param name="Population">Every population effect, in the order of the model.</param>
/// <param name="Scales">Sigma, shape, sds and correlations, in the order they are reported; NaN for the correlation of an sd of 0.</param>
internal sealed record Refit(double LogLikelihood, bool IsConverged, bool IsSingular, double[] Population, double[] Scales)
{
    /// <summary>Where a further search may begin; null where searches begin on their own.</summary>
    public CellStart? Place { get; init; }
}
