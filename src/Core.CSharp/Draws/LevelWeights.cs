using System.Collections.Immutable;

namespace TypedPooling.Draws;

/// <summary>Weights over the varying effects of one level, in a linear combination of coefficients.</summary>
/// <param name="Factor">Index of the grouping factor.</param>
/// <param name="Level">Number of the level, from 0.</param>
/// <param name="Weights">Weights b over the effects. Length q.</param>
public readonly record struct LevelWeights(int Factor, int Level, ImmutableArray<double> Weights);
