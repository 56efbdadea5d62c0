using System.Collections.Concurrent;
using System.Globalization;
using System.Runtime.CompilerServices;
using TypedPooling.Data;
using TypedPooling.Inference.Hierarchy.Sums;
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

    // Operations of a factorisation from which the work is told: some tenths of a second an evaluation.
    private const double LargeCost = 1e8;

    // Of one evaluation, in operations of a factorisation: the inverse takes two more; with cells Newton's steps take some four.
    private const double NormalFactorisations = 3;
    private const double CellFactorisations = 6;

    // Plans live as long as their models: choosing an engine and running it order the levels once.
    private static readonly ConditionalWeakTable<BoundModel, ConcurrentDictionary<int, Lazy<CrossedPlan>>> plans = [];

    /// <summary>Operations of a value of the density at most, roughly.</summary>
    public double Cost => LevelCost + Layout.Cost;

    /// <summary>Bytes of an evaluation with derivatives, roughly.</summary>
    public double Bytes => 8 * DenseMatrices * (Layout.IsTooLarge ? (double)Layout.DenseOrder * Layout.DenseOrder : Layout.Length);

    /// <summary>Number of varying effects of all factors.</summary>
    public long EffectCount { get; private init; }

    /// <summary>Plans a model, once for each number of population effects: the plan is kept as long as the model.</summary>
    /// <param name="model">A model of sums or cells.</param>
    /// <param name="populationCount">Number of population effects among the coordinates.</param>
    /// <returns>The plan; O(cells log cells), and the ordering of the rest.</returns>
    public static CrossedPlan Of(BoundModel model, int populationCount) =>
        plans.GetValue(model, _ => new()).GetOrAdd(populationCount, count => new Lazy<CrossedPlan>(() => Of(
            [.. model.Levels.Select(levels => levels.Count)],
            [.. model.Spec.Factors.Select(factor => factor.Terms.Length)],
            [.. model.Spec.Factors.Select((_, k) => LevelsOf(model, k))],
            count))).Value;

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
        return new CrossedPlan(eliminated, nodeStart, met, PanelLayout.Of([.. widths], cliques, populationCount), cost)
        {
            EffectCount = counts.Sum(),
        };
    }

    /// <summary>The plan, if its matrices can be held.</summary>
    /// <param name="other">An engine that needs no such matrices.</param>
    /// <exception cref="ModelException">The dense end is too large.</exception>
    public CrossedPlan Required(string other = "Engine.Gibbs")
    {
        if (!Layout.IsTooLarge)
            return this;
        throw new ModelException(new Problem(
            ProblemCode.EngineRefuses,
            string.Create(
                CultureInfo.InvariantCulture,
                $"Integrating the coefficients out would take dense matrices of order {Layout.DenseOrder:N0}, about {Bytes / 1e9:N1} GB of memory "
                    + $"and {Cost:0e0} operations an evaluation. The greatest order is {PanelLayout.MostDense:N0}."),
            $"Fit the model with {other}, which needs no such matrix, or with one grouping factor fewer."));
    }

    /// <summary>What a fit takes, as sentences, where it is much work: told before anything large is allocated or computed.</summary>
    /// <param name="model">A model of sums or cells.</param>
    /// <returns>Null where there are fewer than two grouping factors, or little work.</returns>
    public static string? WorkOf(BoundModel model)
    {
        if (model.Spec.Factors.Length < 2)
            return null;
        var isNormal = model is NormalBoundModel;
        var plan = Of(model, isNormal ? model.Spec.Population.Count(term => PopulationSystem.IsIntegrated(term.Prior)) : 0);
        if (plan.Cost < LargeCost)
            return null;
        var evaluation = plan.Cost * (isNormal ? NormalFactorisations : CellFactorisations);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"Integrating the {plan.EffectCount:N0} varying effects out takes about {evaluation:0e0} operations an evaluation, derivatives included, "
                + $"and {plan.Bytes / 1e9:N1} GB of memory. A search for the maximum of the likelihood makes some ten to twenty evaluations a "
                + $"parameter. These are rough estimates, made from the pattern of the levels: they can be off by a factor of three.");
    }

    /// <summary>Operations of a level of q effects that touches d coordinates of the rest, roughly.</summary>
    public static double LevelCostOf(double q, double d) => q * q * (2 * q + d) + q * d * d;

    /// <summary>The level of each cell of a model.</summary>
    public static int[] LevelsOf(BoundModel model, int factor)
    {
        if (model is NormalBoundModel normal)
            return normal.CellLevels(factor).ToArray();
        var cells = ((CellBoundModel)model).Cells;
        var levels = new int[cells.Count];
        for (var i = 0; i < levels.Length; i++)
            levels[i] = cells.Levels[i * cells.FactorCount + factor];
        return levels;
    }

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
