using System.Globalization;
using TypedPooling.Data;
using TypedPooling.Inference.Hierarchy.CrossedFactors;
using TypedPooling.Inference.Numerics;

namespace TypedPooling.Inference.Hierarchy.CellLikelihoods;

/// <summary>Which effects of which cells meet: the order of the cells, the factor whose levels are eliminated one by one (the leaves), and where the
/// numbers of all other effects (the rest) are. Made from the pattern of the cells alone. Immutable; shared by threads.</summary>
/// <remarks>
/// A block is a set of effects that share no cell with others: a level where there is one grouping factor, everything where there are several. In a
/// block the effects of its leaves come first, level by level, then the coordinates of the rest. Without a factor there is one block without effects.
/// </remarks>
internal sealed class CellPlan
{
    private readonly int[] nodeStart;

    private CellPlan(CellBoundModel model)
    {
        TermCounts = [.. model.Spec.Factors.Select(factor => factor.Terms.Length)];
        Offsets = [.. TermCounts.Select((_, k) => TermCounts[..k].Sum())];
        Width = TermCounts.Sum();
        Order = [.. Enumerable.Range(0, model.Cells.Count)];
        nodeStart = new int[FactorCount];
        Layout = PanelLayout.Of([], [], 0);
        if (FactorCount == 0)
        {
            (Eliminated, LeafCells, Starts, Neighbours) = (-1, [0], [0], []);
            return;
        }

        int[][] met = [];
        if (FactorCount > 1)
        {
            var plan = CrossedPlan.Of(model, 0).Required("Engine.Nuts");
            (Eliminated, nodeStart, met, Layout) = (plan.Eliminated, plan.NodeStart, plan.Met, plan.Layout);
            Cost = plan.Cost;
        }

        LeafCount = model.Levels[Eliminated].Count;
        LeafTermCount = TermCounts[Eliminated];
        var leaves = CrossedPlan.LevelsOf(model, Eliminated);
        LeafCells = CountsOf(leaves, LeafCount);
        SortByLeaf(leaves);
        Starts = new int[LeafCount + 1];
        Neighbours = [];
        if (FactorCount == 1)
            return;
        (Starts, Neighbours) = NeighboursOf(model, met, plan: nodeStart);
        RequireMemory(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes);
    }

    private CellPlan(int cellCount, int termCount)
    {
        (TermCounts, Offsets, Width, LeafCount, LeafTermCount) = ([termCount], [0], termCount, 1, termCount);
        Order = [.. Enumerable.Range(0, cellCount)];
        (nodeStart, Layout) = ([-1], PanelLayout.Of([], [], 0));
        (LeafCells, Starts, Neighbours) = ([0, cellCount], [0, 0], []);
    }

    /// <summary>Number of grouping factors K.</summary>
    public int FactorCount => TermCounts.Length;

    /// <summary>Varying terms of each factor.</summary>
    public int[] TermCounts { get; }

    /// <summary>The first of each factor's terms among those of all factors.</summary>
    public int[] Offsets { get; }

    /// <summary>Varying terms of all factors.</summary>
    public int Width { get; }

    /// <summary>Cells of the model, those of one leaf after the other.</summary>
    public int[] Order { get; }

    /// <summary>Index of the factor whose levels are leaves; -1 without a factor.</summary>
    public int Eliminated { get; }

    /// <summary>Number of leaves J.</summary>
    public int LeafCount { get; }

    /// <summary>Effects of a leaf q; 0 without a factor.</summary>
    public int LeafTermCount { get; }

    /// <summary>First ordered cell of each leaf, and the number of cells. Length J + 1.</summary>
    public int[] LeafCells { get; }

    /// <summary>Greatest number of cells of a leaf.</summary>
    public int MostLeafCells => Enumerable.Range(0, LeafCount).Select(leaf => LeafCells[leaf + 1] - LeafCells[leaf]).DefaultIfEmpty().Max();

    /// <summary>First of each leaf among <see cref="Neighbours"/>, and their number. Length J + 1.</summary>
    public int[] Starts { get; }

    /// <summary>Coordinates of the rest that share a cell with each leaf, ascending.</summary>
    public int[] Neighbours { get; }

    /// <summary>The coordinates of the rest; none with one factor.</summary>
    public PanelLayout Layout { get; }

    /// <summary>Operations of a factorisation with several factors, roughly; 0 with one.</summary>
    public double Cost { get; }

    /// <summary>Bytes that a search needs at once, roughly: the rest's matrix, its inverse and the packed copies of both, what leaves and rest share,
    /// twice, and some twenty numbers a cell.</summary>
    public double Bytes => 8 * (5.0 * Layout.Length + 2.0 * Neighbours.Length * LeafTermCount + 20.0 * Order.Length);

    /// <summary>Number of effects of all factors.</summary>
    public long EffectCount => (long)BlockCount * BlockSize;

    /// <summary>Number of blocks: J with one factor, 1 otherwise.</summary>
    public int BlockCount => FactorCount == 1 ? LeafCount : 1;

    /// <summary>Number of effects of each block.</summary>
    public int BlockSize => FactorCount == 1 ? LeafTermCount : LeafCount * LeafTermCount + Layout.Order;

    /// <summary>Plans the cells of a model.</summary>
    /// <returns>The plan. O(cells log cells), and the ordering of the rest.</returns>
    /// <exception cref="ModelException">The dense end of the rest takes too much memory.</exception>
    public static CellPlan Of(CellBoundModel model) => new(model);

    /// <summary>The plan of one leaf alone, without a rest.</summary>
    /// <param name="cellCount">Its cells.</param>
    /// <param name="termCount">Its effects.</param>
    public static CellPlan OfLeaf(int cellCount, int termCount) => new(cellCount, termCount);

    /// <summary>First ordered cell of a block, and of the next.</summary>
    public (int First, int Last) CellsOf(int block) => FactorCount == 1 ? (LeafCells[block], LeafCells[block + 1]) : (0, Order.Length);

    /// <summary>First leaf of a block, and the first of the next.</summary>
    public (int First, int Last) LeavesOf(int block) => FactorCount == 1 ? (block, block + 1) : (0, LeafCount);

    /// <summary>The block of a level, and where its effects begin there.</summary>
    public (int Block, int At) PlaceOf(int factor, int level) => FactorCount == 1 ? (level, 0)
        : factor == Eliminated ? (0, level * LeafTermCount)
        : (0, LeafCount * LeafTermCount + CoordinateOf(factor, level));

    /// <summary>First coordinate of a level of the rest.</summary>
    public int CoordinateOf(int factor, int level) => Layout.CoordinateOf[nodeStart[factor] + level];

    // Cells of a leaf in the order of the model.
    private void SortByLeaf(int[] leaves)
    {
        var next = LeafCells[..^1];
        for (var cell = 0; cell < leaves.Length; cell++)
            Order[next[leaves[cell]]++] = cell;
    }

    private static int[] CountsOf(int[] levels, int count)
    {
        var starts = new int[count + 1];
        foreach (var level in levels)
            starts[level + 1]++;
        for (var j = 0; j < count; j++)
            starts[j + 1] += starts[j];
        return starts;
    }

    private (int[] Starts, int[] Neighbours) NeighboursOf(CellBoundModel model, int[][] met, int[] plan)
    {
        // Factor of each node of the rest: nodes of a factor stand together.
        var widths = new int[Layout.CoordinateOf.Length];
        for (var k = 0; k < plan.Length; k++)
        {
            if (k != Eliminated)
                widths.AsSpan(plan[k], model.Levels[k].Count).Fill(TermCounts[k]);
        }

        var starts = new int[LeafCount + 1];
        for (var j = 0; j < LeafCount; j++)
            starts[j + 1] = checked(starts[j] + met[j].Sum(node => widths[node]));
        var neighbours = new int[starts[^1]];
        for (var j = 0; j < LeafCount; j++)
        {
            var at = starts[j];
            foreach (var node in met[j])
            {
                for (var b = 0; b < widths[node]; b++)
                    neighbours[at++] = Layout.CoordinateOf[node] + b;
            }

            neighbours.AsSpan(starts[j]..at).Sort();
        }

        return (starts, neighbours);
    }

    /// <summary>Refuses a search that needs more memory than there is.</summary>
    /// <param name="available">Bytes.</param>
    /// <exception cref="ModelException">It needs more.</exception>
    public void RequireMemory(double available)
    {
        if (Bytes <= available)
            return;
        throw new ModelException(new Problem(
            ProblemCode.EngineRefuses,
            string.Create(
                CultureInfo.InvariantCulture,
                $"Integrating {EffectCount:N0} varying effects out would take about {Bytes / 1e9:N1} GB of memory, and {Cost:0e0} operations a "
                    + $"factorisation; there are {available / 1e9:N1} GB."),
            "Use Engine.Nuts, which needs less, or fit the model with one grouping factor fewer."));
    }
}
