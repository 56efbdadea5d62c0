using System.Globalization;
using TypedPooling.Data;
using TypedPooling.Inference.Numerics;

namespace TypedPooling.Inference.Hierarchy.CrossedFactors;

/// <summary>Which factor of a model is eliminated level by level and how the rest is laid out, from the pattern of cells alone.</summary>
/// <param name="Eliminated">Index of the factor with most effects; -1 without a factor.</param>
/// <param name="NodeStart">By factor, the first of its levels among those of the rest; -1 for the eliminated one.</param>
/// <param name="Met">By level of the eliminated factor, the levels of the rest that share a cell with it, ascending.</param>
/// <param name="Layout">The rest.</param>
/// <param name="LevelCost">Operations of the eliminated levels, each a class of its own.</param>
internal sealed record CrossedPlan(int Eliminated, int[] NodeStart, int[][] Met, PanelLayout Layout, double LevelCost)
{
    // Dense matrices of an evaluation with derivatives: sums, Cholesky factor, inverse, and the inverse of the Cholesky factor.
    private const double DenseMatrices = 4;

    /// <summary>Operations of a value of the density at most, roughly.</summary>
    public double Cost => LevelCost + Layout.Cost;

    /// <summary>Plans a model of sums.</summary>
    /// <param name="model">A model of two factors or more.</param>
    /// <param name="populationCount">Number of integrated population effects.</param>
    /// <returns>The plan; O(cells log cells), and the ordering of the rest.</returns>
    public static CrossedPlan Of(NormalBoundModel model, int populationCount) => Of(
        [.. model.Levels.Select(levels => levels.Count)],
        [.. model.Spec.Factors.Select(factor => factor.Terms.Length)],
        [.. model.Spec.Factors.Select((_, k) => model.CellLevels(k).ToArray())],
        populationCount);

    /// <summary>Plans a pattern of cells.</summary>
    /// <param name="levelCounts">Levels of each factor.</param>
    /// <param name="termCounts">Varying effects of each.</param>
    /// <param name="cellLevels">By factor, the level of each cell.</param>
    /// <param name="populationCount">Population effects among the coordinates.</param>
    /// <returns>The plan; O(cells log cells), and the ordering of the rest.</returns>
    public static CrossedPlan Of(int[] levelCounts, int[] termCounts, int[][] cellLevels, int populationCount)
    {
        if (levelCounts.Length == 0)
            return new CrossedPlan(-1, [], [], PanelLayout.Of([], [], populationCount), 0);
        var counts = levelCounts.Select((count, k) => (long)count * termCounts[k]).ToArray();
        var eliminated = Array.IndexOf(counts, counts.Max());
        var nodeStart = new int[counts.Length];
        var widths = new List<int>();
        for (var k = 0; k < counts.Length; k++)
        {
            nodeStart[k] = k == eliminated ? -1 : widths.Count;
            if (k != eliminated)
                widths.AddRange(Enumerable.Repeat(termCounts[k], levelCounts[k]));
        }

        var met = MetBy(levelCounts[eliminated], eliminated, cellLevels, nodeStart);
        var cost = 0.0;
        foreach (var levels in met)
        {
            cost += LevelCostOf(termCounts[eliminated], levels.Sum(level => widths[level]) + populationCount);
        }

        var cliques = met.Where(levels => levels.Length > 0).Distinct(new SameLevels()).ToArray();
        return new CrossedPlan(eliminated, nodeStart, met, PanelLayout.Of([.. widths], cliques, populationCount), cost);
    }

    /// <summary>The plan, if its matrices can be held.</summary>
    /// <param name="other">An engine that needs no such matrices.</param>
    /// <exception cref="ModelException">The dense end is too large.</exception>
    public CrossedPlan Required(string other = "Engine.Gibbs")
    {
        if (!Layout.IsTooLarge)
            return this;
        double order = Layout.DenseOrder;
        var gigabytes = DenseMatrices * 8 * order * order / 1e9;
        throw new ModelException(new Problem(
            ProblemCode.EngineRefuses,
            string.Create(
                CultureInfo.InvariantCulture,
                $"Integrating the coefficients out would take dense matrices of order {order:N0}, about {gigabytes:N1} GB of memory. "
                    + $"The greatest order is {PanelLayout.MostDense:N0}."),
            $"Fit the model with {other}, which needs no such matrix, or with one grouping factor fewer."));
    }

    /// <summary>Operations of a level of q effects that touches d coordinates of the rest, roughly.</summary>
    public static double LevelCostOf(double q, double d) => q * q * (2 * q + d) + q * d * d;

    // The levels of the rest that each eliminated level meets.
    private static int[][] MetBy(int levelCount, int eliminated, int[][] cellLevels, int[] nodeStart)
    {
        var own = cellLevels[eliminated];
        var start = new int[levelCount + 1];
        foreach (var level in own)
            start[level + 1] += cellLevels.Length - 1;
        for (var j = 0; j < levelCount; j++)
            start[j + 1] += start[j];
        var nodes = new int[start[^1]];
        var next = start[..^1];
        for (var cell = 0; cell < own.Length; cell++)
        {
            for (var k = 0; k < cellLevels.Length; k++)
            {
                if (k != eliminated)
                    nodes[next[own[cell]]++] = nodeStart[k] + cellLevels[k][cell];
            }
        }

        var met = new int[levelCount][];
        for (var j = 0; j < levelCount; j++)
        {
            var mine = nodes.AsSpan(start[j]..start[j + 1]);
            mine.Sort();
            var count = 0;
            foreach (var node in mine)
            {
                if (count == 0 || mine[count - 1] != node)
                    mine[count++] = node;
            }

            met[j] = mine[..count].ToArray();
        }

        return met;
    }

    private sealed class SameLevels : IEqualityComparer<int[]>
    {
        public bool Equals(int[]? x, int[]? y) => x.AsSpan().SequenceEqual(y);

        public int GetHashCode(int[] levels)
        {
            var hash = new HashCode();
            foreach (var level in levels)
                hash.Add(level);
            return hash.ToHashCode();
        }
    }
}
