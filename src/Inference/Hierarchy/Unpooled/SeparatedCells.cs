using TypedPooling.Data;
using TypedPooling.Responses;

namespace TypedPooling.Inference.Hierarchy.Unpooled;

/// <summary>Finds the cells that coefficients without pooling separate: those whose predictors run to infinity where the likelihood is
/// maximised.</summary>
/// <remarks>
/// Separation does not depend on the curve, only on which cells keep their predictor from minus infinity, from infinity, or from both
/// (<see cref="CellsFamily.Bounds"/>). So it is looked for with logistic curves: log sigma(eta) where a cell keeps it up, log sigma(-eta) where it
/// keeps it down. Newton's step then goes along a direction d that separates, where there is one: of one level, or of all coefficients together. That
/// x'd never moves a cell against what keeps it is checked and is the certificate. Cells that d moves are left out, and the rest is looked at again:
/// what it determines is the limit of the estimates. Source: [AlbertAnderson1984].
/// </remarks>
internal static class SeparatedCells
{
    // A step of a predictor, relative to the greatest, below which it counts as 0.
    private const double NoStep = 1e-8;

    // A search that nears a maximum takes no step of a predictor as long as this.
    private const double LeastStep = 0.1;

    private static readonly ResponseCurve Logistic = new LaneCurve<LogitCurve>();

    /// <summary>By cell whether it is left.</summary>
    /// <param name="family">The family.</param>
    /// <param name="cells">The cells.</param>
    /// <param name="levelOf">The level of each.</param>
    /// <param name="levelCount">Number of levels.</param>
    /// <param name="own">Columns of the levels' own coefficients.</param>
    /// <param name="shared">Columns of the shared ones.</param>
    public static bool[] Left(CellsFamily family, ResponseCells cells, int[] levelOf, int levelCount, int[] own, int[] shared)
    {
        var left = new bool[cells.Count];
        Array.Fill(left, true);
        if (family.Outcomes is null)
            return left;
        while (left.Contains(true))
        {
            var design = UnpooledDesign.Of(cells, left, levelOf, levelCount, own, shared);
            var bounds = design.Cells.Select(i => family.Bounds(cells.Responses[i], cells.Sizes[i])).ToArray();
            var a = bounds.Select(bound => bound.FromBelow ? 1.0 : 0).ToArray();
            var n = bounds.Select(bound => (bound.FromBelow ? 1.0 : 0) + (bound.FromAbove ? 1 : 0)).ToArray();
            var weightSlopes = new double[a.Length];
            var search = new ArrowSearch(design, new double[a.Length], own.Length, shared.Length);
            var moved = new List<int>();
            search.Climb(
                (eta, slopes, weights) => Logistic.SumWithCurvatures(eta, a, n, default, slopes, weights, weightSlopes),
                () =>
                {
                    foreach (var list in design.CellsOfLevel)
                        Certify(search, list, bounds, ownOnly: true, moved);
                    if (moved.Count == 0)
                        Certify(search, [.. Enumerable.Range(0, a.Length)], bounds, ownOnly: false, moved);
                    return moved.Count > 0;
                });
            if (moved.Count == 0)
                return left;
            foreach (var at in moved)
                left[design.Cells[at]] = false;
        }

        return left;
    }

    private static void Certify(ArrowSearch search, List<int> list, (bool FromBelow, bool FromAbove)[] bounds, bool ownOnly, List<int> found)
    {
        var greatest = 0.0;
        foreach (var i in list)
            greatest = Math.Max(greatest, Math.Abs(search.Moved(i, ownOnly)));
        if (!(greatest > LeastStep))
            return;
        var moved = new List<int>();
        foreach (var i in list)
        {
            var step = search.Moved(i, ownOnly);
            if (Math.Abs(step) <= NoStep * greatest)
                continue;
            if (step > 0 ? bounds[i].FromAbove : bounds[i].FromBelow)
                return;
            moved.Add(i);
        }

        found.AddRange(moved);
    }
}
