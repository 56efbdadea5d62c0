using System.Collections.Immutable;

namespace TypedPooling.Inference.Hierarchy.Unpooled;

/// <summary>How far each level of a factor is pulled from its own rows towards the population.</summary>
internal interface IPoolingAnalysis
{
    /// <summary>The estimates of all rows together on every column of the model, the grouping ignored: the coefficients of the varying terms. NaN
    /// where the rows do not determine one. Length q.</summary>
    ImmutableArray<double> CompletePooling { get; }

    /// <summary>The level's own estimates for its varying terms; population effects that do not vary, and effects of other factors, are taken at
    /// their posterior means.</summary>
    /// <param name="level">Number of the level, from 0.</param>
    /// <returns>One coefficient a varying term, or null where the level's rows do not determine them all. Length q.</returns>
    double[]? NoPooling(int level);

    /// <summary>The pooling matrix W_j of a level: its posterior mean over the draws.</summary>
    /// <param name="level">Number of the level, from 0.</param>
    /// <returns>q x q by rows; with one varying term the weight of the level's own estimate, in [0, 1].</returns>
    double[] PoolingMatrix(int level);

    /// <summary>The eigenvalues of W_j in ascending order, their posterior means over the draws: 0 is complete pooling, 1 none.</summary>
    /// <param name="level">Number of the level, from 0.</param>
    /// <returns>q numbers in [0, 1].</returns>
    double[] PoolingEigenvalues(int level);

    /// <summary>Number of rows of a level.</summary>
    /// <param name="level">Number of the level, from 0.</param>
    long Rows(int level);
}
