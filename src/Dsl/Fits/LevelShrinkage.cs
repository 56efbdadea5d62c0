using System.Collections.Immutable;

namespace TypedPooling;

/// <summary>How far one level is pulled from its own rows towards the population.</summary>
/// <typeparam name="TKey">Type of the factor's keys.</typeparam>
/// <param name="Key">The level's key.</param>
/// <param name="Rows">Number of rows of the level.</param>
/// <param name="NoPooling">The level's own least squares, a coefficient a varying term; null where its rows do not determine them all.</param>
/// <param name="PartialPooling">Posterior means of the level's coefficients, in the same order.</param>
/// <param name="PoolingMatrix">W_j, q x q by rows, averaged over the posterior of the scales: E[u_j] = W_j (b_j - beta) given the scales. With one
/// term the weight of the level's own mean.</param>
/// <param name="PoolingEigenvalues">Eigenvalues of W_j in ascending order, averaged likewise; each in [0, 1], 0 complete pooling, 1 none.</param>
/// <remarks>Immutable and therefore thread-safe.</remarks>
public sealed record LevelShrinkage<TKey>(
    TKey Key,
    long Rows,
    ImmutableArray<double>? NoPooling,
    ImmutableArray<double> PartialPooling,
    ImmutableArray<double> PoolingMatrix,
    ImmutableArray<double> PoolingEigenvalues);
