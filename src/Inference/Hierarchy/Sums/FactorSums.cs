using TypedPooling.Inference.Hierarchy.Columns;

namespace TypedPooling.Inference.Hierarchy.Sums;

/// <summary>A grouping factor's part of the sums: q pseudo-rows a level that hold its effects, and the rows that are left, pooled over levels.
/// Immutable.</summary>
/// <remarks>
/// Rotating the rows of level j so that Z_j becomes q rows and zeros leaves the likelihood as it is: y_j = X_j beta + Z_j u_j + e in the q
/// pseudo-rows, and rows without u_j. <see cref="LevelReducer"/> makes them, and says when a column counts as one that the level cannot tell from
/// earlier ones: it has a row of zeros. The pseudo-rows are N_j Z_j'[Z X y].
/// </remarks>
internal sealed class FactorSums
{
    private FactorSums(int levelCount, int[] features, int populationCount, EffectPivot pivot, bool hasRotation)
    {
        var q = features.Length;
        Features = features;
        Pivot = pivot;
        LevelCount = levelCount;
        Rows = new double[checked(levelCount * q * q)];
        PopulationRows = new double[checked(levelCount * q * populationCount)];
        Responses = new double[levelCount * q];
        Rotation = hasRotation ? new double[Rows.Length] : [];
    }

    /// <summary>Number of levels J.</summary>
    public int LevelCount { get; }

    /// <summary>Number of varying terms q.</summary>
    public int TermCount => Features.Length;

    /// <summary>Features of Z. Length q.</summary>
    public int[] Features { get; }

    /// <summary>Centred columns and back.</summary>
    public EffectPivot Pivot { get; }

    /// <summary>Z_j in pseudo-rows, q x q by rows each, upper triangular.</summary>
    public double[] Rows { get; }

    /// <summary>X_j in pseudo-rows, q x p by rows each.</summary>
    public double[] PopulationRows { get; }

    /// <summary>y_j in pseudo-rows, q each.</summary>
    public double[] Responses { get; }

    /// <summary>N_j, q x q by rows each; empty where there is no other factor to link.</summary>
    public double[] Rotation { get; }

    /// <summary>No factor: one level without varying effects or rows.</summary>
    public static FactorSums None { get; } = new(1, [], 0, EffectPivot.None, hasRotation: false);

    /// <summary>Rotates the sums of each level.</summary>
    /// <param name="levels">Moments by level.</param>
    /// <param name="features">Features of Z. Length q.</param>
    /// <param name="pivot">Their pivot.</param>
    /// <param name="population">Features of X. Length p.</param>
    /// <param name="pooled">Is given the rows that are left.</param>
    /// <param name="hasRotation">Whether N_j is wanted.</param>
    /// <returns>The sums. O(J w^2 (w + p)), w the number of features.</returns>
    public static FactorSums Of(
        MomentTable levels, int[] features, EffectPivot pivot, int[] population, PooledRowsBuilder pooled, bool hasRotation)
    {
        var (q, p) = (features.Length, population.Length);
        var sums = new FactorSums(levels.Count, features, p, pivot, hasRotation);
        var reducer = new LevelReducer(levels, features, population);
        for (var j = 0; j < levels.Count; j++)
        {
            if (levels.Weight[j] == 0)
                continue;
            reducer.Reduce(j, pooled);
            reducer.Varying.CopyTo(sums.Rows, j * q * q);
            reducer.PopulationRows.CopyTo(sums.PopulationRows, j * q * p);
            reducer.Response.CopyTo(sums.Responses, j * q);
            if (hasRotation)
                reducer.CopyRotation(sums.Rotation.AsSpan(j * q * q, q * q));
        }

        return sums;
    }
}
