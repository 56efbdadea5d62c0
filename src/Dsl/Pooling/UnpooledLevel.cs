using System.Collections.Immutable;

namespace TypedPooling;

/// <summary>One level by its own rows alone.</summary>
/// <typeparam name="TKey">Type of the factor's keys.</typeparam>
/// <param name="Key">The level's key.</param>
/// <param name="Rows">Number of rows of the level.</param>
/// <param name="Coefficients">Its coefficients, in the order of the varying terms; null where its rows do not determine one. Length q.</param>
/// <remarks>Immutable and therefore thread-safe.</remarks>
public sealed record UnpooledLevel<TKey>(TKey Key, long Rows, ImmutableArray<LeastSquaresEstimate?> Coefficients);
