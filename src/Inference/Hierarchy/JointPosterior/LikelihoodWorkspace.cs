using TypedPooling.Responses;

namespace TypedPooling.Inference.Hierarchy.JointPosterior;

/// <summary>Evaluates a likelihood. Mutable scratch of one chain.</summary>
internal abstract class LikelihoodWorkspace
{
    /// <summary>The log likelihood and its derivatives.</summary>
    /// <param name="scales">Residual sd and shape; without meaning where the family has none.</param>
    /// <param name="beta">beta~. Length p.</param>
    /// <param name="effects">u~, factor after factor.</param>
    /// <param name="onPopulation">Overwritten with the derivative for beta~. Length p.</param>
    /// <param name="onEffects">Overwritten with the derivative for u~.</param>
    /// <param name="onScales">Derivatives for sigma and the shape; 0 where the family has none.</param>
    /// <returns>The log, all constants included; NaN or infinite where it overflows.</returns>
    public abstract double Evaluate(
        in ResponseScales scales,
        ReadOnlySpan<double> beta,
        ReadOnlySpan<double> effects,
        Span<double> onPopulation,
        Span<double> onEffects,
        out ResponseScales onScales);

    /// <summary>Minus the second derivatives for coefficients at the last point (their expectations where the likelihood is not concave), within each
    /// block: beta~, and the effects of each level of a factor.</summary>
    /// <param name="population">Overwritten, p x p by rows.</param>
    /// <param name="effects">For each factor overwritten, q x q by rows, level after level.</param>
    public abstract void Information(Span<double> population, double[][] effects);

    /// <summary>Weighted sum of squared residuals at the last point of a Normal or StudentT response, sigma^2 by the rows; 0 for other
    /// families.</summary>
    public virtual double SumOfSquares => 0;
}
