namespace TypedPooling.Draws;

/// <summary>The weighted sample behind equal-weight draws: means and quantiles read off it have smaller errors than those of the draws.
/// Immutable.</summary>
/// <param name="Weights">Weights of the proposals, of their mean and of its error. Length M.</param>
/// <param name="Population">The population effects, in the order of the model, a value a proposal.</param>
/// <param name="Scales">The scale parameters, in the order of <see cref="Posterior.Scales"/>, a value a proposal.</param>
public sealed record WeightedDraws(DrawWeights Weights, DrawBlock Population, DrawBlock Scales);
