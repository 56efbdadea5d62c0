using System.Collections.Immutable;

namespace TypedPooling;

/// <summary>The coefficients of one level by no pooling, partial pooling and complete pooling; each list in the order of the varying terms, length
/// q.</summary>
/// <typeparam name="TKey">Type of the factor's keys.</typeparam>
/// <param name="Key">The level's key.</param>
/// <param name="Rows">Number of rows of the level.</param>
/// <param name="NoPooling">Least squares of its own rows; null where they do not determine a coefficient.</param>
/// <param name="PartialPooling">Of the multilevel model.</param>
/// <param name="CompletePooling">Of the model without varying effects: the same for every level, but for group-level predictors.</param>
/// <remarks>Immutable and therefore thread-safe.</remarks>
public sealed record LevelPooling<TKey>(
    TKey Key,
    long Rows,
    ImmutableArray<LeastSquaresEstimate?> NoPooling,
    ImmutableArray<MeanAndSd> PartialPooling,
    ImmutableArray<MeanAndSd> CompletePooling);
