using TypedPooling.Data;
using TypedPooling.Inference.Numerics;

namespace TypedPooling.Inference.Hierarchy.CellLikelihoods;

/// <summary>Where each cell adds to the precision matrix of the effects of its levels, and where a leaf's products go. Immutable; shared by
/// threads.</summary>
internal sealed class CellPlaces
{
    // Distinct sets of neighbours whose places are kept as a table: beyond this many numbers they are computed again each time.
    private const long MostTargets = 50_000_000;

    /// <summary>Finds the places.</summary>
    /// <param name="plan">The plan of the cells.</param>
    /// <param name="model">The model it was made for.</param>
    public CellPlaces(CellPlan plan, CellBoundModel model)
    {
        var cells = model.Cells;
        var factorCount = cells.FactorCount;
        RestFactors = [.. Enumerable.Range(0, factorCount).Where(k => k != plan.Eliminated)];
        if (plan.BlockCount != 1 || factorCount < 2)
            RestFactors = [];
        var rest = RestFactors.Length;
        PairCount = rest * (rest + 1) / 2;
        Effects = new int[cells.Count * factorCount];
        CrossAt = new int[cells.Count * rest];
        RestAt = new int[cells.Count * PairCount];
        var coordinates = new int[rest];
        for (var leaf = 0; leaf < plan.LeafCount; leaf++)
        {
            var neighbours = plan.Neighbours.AsSpan(plan.Starts[leaf]..plan.Starts[leaf + 1]);
            for (var i = plan.LeafCells[leaf]; i < plan.LeafCells[leaf + 1]; i++)
            {
                var from = plan.Order[i] * factorCount;
                for (var k = 0; k < factorCount; k++)
                    Effects[i * factorCount + k] = plan.PlaceOf(k, cells.Levels[from + k]).At;
                for (var r = 0; r < rest; r++)
                {
                    coordinates[r] = plan.CoordinateOf(RestFactors[r], cells.Levels[from + RestFactors[r]]);
                    CrossAt[i * rest + r] = plan.Starts[leaf] * plan.LeafTermCount + neighbours.BinarySearch(coordinates[r]);
                    for (var s = 0; s <= r; s++)
                        RestAt[i * PairCount + r * (r + 1) / 2 + s] = coordinates[r] >= coordinates[s]
                            ? plan.Layout.PlaceOf(coordinates[r], coordinates[s])
                            : ~plan.Layout.PlaceOf(coordinates[s], coordinates[r]);
                }
            }
        }

        Strides = StridesOf(plan.Layout);
        Diagonal = [.. Enumerable.Range(0, plan.Layout.Order).Select(a => plan.Layout.PlaceOf(a, a))];
        (Targets, TargetsOf) = TargetsOfLeaves(plan);
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

    /// <summary>Places of the rest's diagonal, by coordinate.</summary>
    public int[] Diagonal { get; }

    /// <summary>By set of neighbours where the products of a leaf's columns go: (a, b), a >= b, by rows of the triangle. Null where they all are in
    /// the dense panel, or would take too much room.</summary>
    public int[]?[] Targets { get; }

    /// <summary>Index among <see cref="Targets"/> by leaf.</summary>
    public int[] TargetsOf { get; }

    private static int[] StridesOf(PanelLayout layout)
    {
        var strides = new int[layout.Order];
        Array.Fill(strides, layout.DenseOrder);
        foreach (var panel in layout.Panels)
            strides.AsSpan(panel.Start, panel.Width).Fill(panel.Width);
        return strides;
    }

    private static (int[]?[] Targets, int[] Of) TargetsOfLeaves(CellPlan plan)
    {
        var of = new int[plan.LeafCount];
        var targets = new List<int[]?>();
        var known = new Dictionary<int, List<(int Leaf, int Number)>>();
        var total = 0L;
        for (var leaf = 0; leaf < of.Length; leaf++)
        {
            var own = plan.Neighbours.AsSpan(plan.Starts[leaf]..plan.Starts[leaf + 1]);
            var hash = new HashCode();
            foreach (var coordinate in own)
                hash.Add(coordinate);
            if (!known.TryGetValue(hash.ToHashCode(), out var candidates))
                known.Add(hash.ToHashCode(), candidates = []);
            of[leaf] = -1;
            foreach (var (other, number) in candidates)
            {
                if (plan.Neighbours.AsSpan(plan.Starts[other]..plan.Starts[other + 1]).SequenceEqual(own))
                    of[leaf] = number;
            }

            if (of[leaf] >= 0)
                continue;
            of[leaf] = targets.Count;
            candidates.Add((leaf, targets.Count));
            if (own.Length == 0 || own[0] >= plan.Layout.DenseStart || total > MostTargets)
            {
                targets.Add(null);
                continue;
            }

            var places = new int[own.Length * (own.Length + 1) / 2];
            var at = 0;
            for (var a = 0; a < own.Length; a++)
            {
                for (var b = 0; b <= a; b++)
                    places[at++] = plan.Layout.PlaceOf(own[a], own[b]);
            }

            total += places.Length;
            targets.Add(places);
        }

        return ([.. targets], of);
    }
}
