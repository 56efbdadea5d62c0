using TypedPooling.Inference.Numerics;

namespace TypedPooling.Inference.Hierarchy.CellLikelihoods;

/// <summary>Where each cell adds to the precision matrix of the effects of its levels, and where a leaf's products go. Immutable; shared by
/// threads.</summary>
internal sealed class CellPlaces
{
    /// <summary>Finds the places.</summary>
    /// <param name="plan">The plan of the cells.</param>
    /// <param name="levels">Levels of the factors, by cell of the model. Length C K.</param>
    public CellPlaces(CellPlan plan, ReadOnlySpan<int> levels)
    {
        var (count, factorCount) = (plan.Order.Length, plan.FactorCount);
        RestFactors = [.. Enumerable.Range(0, factorCount).Where(k => k != plan.Eliminated)];
        if (plan.BlockCount != 1 || factorCount < 2)
            RestFactors = [];
        var rest = RestFactors.Length;
        PairCount = rest * (rest + 1) / 2;
        Effects = new int[count * factorCount];
        CrossAt = new int[count * rest];
        RestAt = new int[count * PairCount];
        var coordinates = new int[rest];
        for (var leaf = 0; leaf < plan.LeafCount; leaf++)
        {
            var neighbours = plan.Neighbours.AsSpan(plan.Starts[leaf]..plan.Starts[leaf + 1]);
            for (var i = plan.LeafCells[leaf]; i < plan.LeafCells[leaf + 1]; i++)
            {
                var from = plan.Order[i] * factorCount;
                for (var k = 0; k < factorCount; k++)
                    Effects[i * factorCount + k] = plan.PlaceOf(k, levels[from + k]).At;
                for (var r = 0; r < rest; r++)
                {
                    coordinates[r] = plan.CoordinateOf(RestFactors[r], levels[from + RestFactors[r]]);
                    CrossAt[i * rest + r] = plan.Starts[leaf] * plan.LeafTermCount + neighbours.BinarySearch(coordinates[r]);
                    for (var s = 0; s <= r; s++)
                        RestAt[i * PairCount + r * (r + 1) / 2 + s] = coordinates[r] >= coordinates[s]
                            ? plan.Layout.PlaceOf(coordinates[r], coordinates[s])
                            : ~plan.Layout.PlaceOf(coordinates[s], coordinates[r]);
                }
            }
        }

        Strides = StridesOf(plan.Layout);
        Pairs = new PanelPairs(plan.Layout, plan.Starts, plan.Neighbours);
        IsPlainPair = rest == 1 && plan.Width == 2;
    }

    /// <summary>The factors whose levels are coordinates of the rest, in the order of the model.</summary>
    public int[] RestFactors { get; }

    /// <summary>Pairs of factors of the rest, each with itself included.</summary>
    public int PairCount { get; }

    /// <summary>Where the effects of a cell's level begin in its block, by ordered cell and factor.</summary>
    public int[] Effects { get; }

    /// <summary>Where a cell's products of its leaf with each factor of the rest begin: the first of the q rows, in the numbers that leaves and rest
    /// share (q rows of as many numbers as the leaf has neighbours).</summary>
    public int[] CrossAt { get; }

    /// <summary>Where a cell's products of two factors of the rest begin in the rest's matrix, pair after pair (0,0), (1,0), (1,1), ...; the
    /// complement of the place where the second of the pair has the later coordinate, and so the rows.</summary>
    public int[] RestAt { get; }

    /// <summary>Numbers from one row of the rest's matrix to the next, by the coordinate of the column.</summary>
    public int[] Strides { get; }

    /// <summary>The pairs of neighbours of each leaf.</summary>
    public PanelPairs Pairs { get; }

    /// <summary>True with two factors of one effect each.</summary>
    public bool IsPlainPair { get; }

    private static int[] StridesOf(PanelLayout layout)
    {
        var strides = new int[layout.Order];
        Array.Fill(strides, layout.DenseOrder);
        foreach (var panel in layout.Panels)
            strides.AsSpan(panel.Start, panel.Width).Fill(panel.Width);
        return strides;
    }
}
