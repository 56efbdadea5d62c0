using TypedPooling.Draws;
using TypedPooling.Model;

namespace TypedPooling.Engines;

/// <summary>An engine that maximises the likelihood and knows no priors: only values that priors fix (<see cref="FixedPrior"/>) bind it. What it
/// reports as the fitted model is <see cref="ModelSpec.WithoutPriors"/>.</summary>
public interface ILikelihoodEngine : INormalEngine
{
    /// <summary>What the engine maximises.</summary>
    LikelihoodCriterion Criterion { get; }
}
