using TypedPooling.Data;
using TypedPooling.Inference.Hierarchy.Columns;

namespace TypedPooling.Inference.Hierarchy.Sums;

/// <summary>A normal hierarchy of any number of grouping factors, reduced to sums: which levels meet, the moments by cell and by level, the
/// pseudo-rows of every factor, and the population effects. What every engine for normal responses stands on. Immutable.</summary>
/// <remarks>Features, the columns of X and of every Z less their origins, are those of <see cref="HierarchyColumns"/>.</remarks>
internal sealed class HierarchySums
{
    private HierarchySums(
        NormalBoundModel model,
        PopulationSystem population,
        HierarchyColumns columns,
        MomentTable cells,
        int[][] cellLevels,
        MomentTable[] levels,
        FactorSums[] factors,
        PooledRows[] pooled)
    {
        Model = model;
        Population = population;
        Columns = columns;
        Cells = cells;
        CellLevels = cellLevels;
        Levels = levels;
        Factors = factors;
        Pooled = pooled;
    }

    /// <summary>The model.</summary>
    public NormalBoundModel Model { get; }

    /// <summary>The estimated population effects.</summary>
    public PopulationSystem Population { get; }

    /// <summary>The layout of all coefficients.</summary>
    public HierarchyColumns Columns { get; }

    /// <summary>Features of X. Length p.</summary>
    public int[] PopulationFeatures => Columns.PopulationFeatures;

    /// <summary>Moments of all features by cell.</summary>
    public MomentTable Cells { get; }

    /// <summary>By factor, the level of each cell.</summary>
    public int[][] CellLevels { get; }

    /// <summary>By factor, moments of all features by level.</summary>
    public MomentTable[] Levels { get; }

    /// <summary>The pseudo-rows of each factor.</summary>
    public FactorSums[] Factors { get; }

    /// <summary>By factor, the rows that its pseudo-rows leave; without a factor one entry, all rows.</summary>
    public PooledRows[] Pooled { get; }

    /// <summary>Reduces a bound model.</summary>
    /// <param name="model">The model.</param>
    /// <param name="integratesAll">True where the precision of every population effect's prior is given, those of mixtures of normals too: all are
    /// integrated. False where only Normal and flat priors are.</param>
    /// <returns>The sums. O(cells w^2 + J w^3), w the number of features.</returns>
    public static HierarchySums Of(NormalBoundModel model, bool integratesAll = false)
    {
        var means = model.Cells.Total().Means(0).ToArray();
        var population = PopulationSystem.Of(model.Spec, means, integratesAll);
        var columns = new HierarchyColumns(model, population, means);
        var (x, z) = (columns.PopulationFeatures, columns.FactorFeatures);
        var cells = MomentTable.Of(model.Cells, columns.Features, population);
        var cellLevels = Enumerable.Range(0, z.Length).Select(k => model.CellLevels(k).ToArray()).ToArray();

        // With one factor cells and levels are numbered alike.
        var levels = z.Length == 1 ? [cells] : cellLevels.Select((own, k) => cells.Merge(own, model.Levels[k].Count)).ToArray();
        var factors = new FactorSums[z.Length];
        var pooled = new PooledRows[Math.Max(1, z.Length)];
        for (var k = 0; k < pooled.Length; k++)
        {
            var builder = new PooledRowsBuilder(x.Length);
            if (z.Length == 0)
                FactorSums.Of(cells, [], EffectPivot.None, x, builder, hasRotation: false);
            else
                factors[k] = FactorSums.Of(levels[k], z[k], columns.Pivots[k], x, builder, hasRotation: z.Length > 1);
            pooled[k] = builder.Build(model.Cells.RowCount);
        }

        return new HierarchySums(model, population, columns, cells, cellLevels, levels, factors, pooled);
    }

    /// <summary>The same sums with one of the factors, the effects of the others taken as known.</summary>
    /// <param name="factor">Index of the factor.</param>
    public HierarchySums Only(int factor) => new(
        Model, Population, Columns, Cells, [CellLevels[factor]], [Levels[factor]], [Factors[factor]], [Pooled[factor]]);

    /// <summary>Which levels of one factor meet which of another.</summary>
    /// <param name="first">The factor whose pseudo-rows hold the products.</param>
    /// <param name="second">The other.</param>
    /// <returns>The links; O(cells (log cells + q_k q_l)).</returns>
    public LevelLinks Links(int first, int second) =>
        LevelLinks.Of(Factors[first], Factors[second].Features, Cells, CellLevels[first], CellLevels[second]);

    /// <summary>X'Z_l of the rows that a factor leaves: all of it, less what its pseudo-rows hold.</summary>
    /// <param name="first">The factor.</param>
    /// <param name="second">Factor l.</param>
    /// <param name="links">Links of the two.</param>
    /// <returns>p x q_l by rows for each level.</returns>
    public double[] PooledLinks(int first, int second, LevelLinks links)
    {
        var (q, r, p) = (Factors[first].TermCount, Factors[second].TermCount, PopulationFeatures.Length);
        var (levels, features) = (Levels[second], Factors[second].Features);
        var pooled = new double[checked(levels.Count * p * r)];
        for (var i = 0; i < levels.Count; i++)
        {
            for (var a = 0; a < p; a++)
            {
                for (var b = 0; b < r; b++)
                    pooled[(i * p + a) * r + b] = levels.Product(i, PopulationFeatures[a], features[b]);
            }
        }

        var rows = Factors[first].PopulationRows;
        for (var j = 0; j < Factors[first].LevelCount; j++)
        {
            for (var at = links.Start[j]; at < links.Start[j + 1]; at++)
            {
                for (var a = 0; a < p; a++)
                {
                    for (var b = 0; b < r; b++)
                    {
                        for (var c = 0; c < q; c++)
                            pooled[(links.Other[at] * p + a) * r + b] -= rows[(j * q + c) * p + a] * links.Blocks[(at * q + c) * r + b];
                    }
                }
            }
        }

        return pooled;
    }
}
