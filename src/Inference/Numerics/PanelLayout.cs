namespace TypedPooling.Inference.Numerics;

/// <summary>Where the numbers of a sparse symmetric matrix and of its Cholesky factor are: some levels eliminated one by one, each a panel of
/// columns, and all others in one dense panel with the population effects last. Immutable.</summary>
/// <remarks>
/// Levels that share a level of the eliminated factor are neighbours; eliminating one joins its neighbours. The next to go is the one with fewest
/// neighbours, until all that are left are neighbours of each other, or the dense panel would be cheaper ([GeorgeLiu1989]). Fully crossed factors
/// have no panel but the dense one, nested ones hardly more than the population effects in it.
/// </remarks>
internal sealed class PanelLayout
{
    // Scattered operations take about this many times as long as those of the dense panel.
    private const double ScatterPenalty = 6;

    // Numbers in the tables of what a panel's column updates; beyond it memory, not time, is the limit.
    private const long MostTargets = 30_000_000;

    // Order of the dense panel: four such matrices are a gigabyte.
    private const int MostDense = 5000;

    private PanelLayout(int[] coordinateOf, Panel[] panels, int denseStart, int order)
    {
        CoordinateOf = coordinateOf;
        Panels = panels;
        DenseStart = denseStart;
        Order = order;
        var at = 0L;
        for (var k = 0; k < panels.Length; k++)
        {
            panels[k].ValueStart = (int)at;
            at += (long)panels[k].Width * (panels[k].Width + panels[k].Below.Length);
        }

        IsTooLarge = DenseOrder > MostDense;
        if (IsTooLarge)
            return;
        DenseValueStart = checked((int)at);
        Length = checked((int)(at + (long)DenseOrder * DenseOrder));
        foreach (var panel in panels)
            panel.Targets = TargetsOf(panel);
    }

    /// <summary>Coordinate of the first effect of each level, levels of all factors but the eliminated one in turn.</summary>
    public int[] CoordinateOf { get; }

    /// <summary>The panels before the dense one, in order of elimination.</summary>
    public Panel[] Panels { get; }

    /// <summary>First coordinate of the dense panel.</summary>
    public int DenseStart { get; }

    /// <summary>Number of coordinates s, population effects included.</summary>
    public int Order { get; }

    /// <summary>Number of coordinates of the dense panel.</summary>
    public int DenseOrder => Order - DenseStart;

    /// <summary>Place of the dense panel among the numbers, square, by rows.</summary>
    public int DenseValueStart { get; }

    /// <summary>True where the dense panel would take too much memory; then nothing can be placed.</summary>
    public bool IsTooLarge { get; }

    /// <summary>Numbers in all.</summary>
    public int Length { get; }

    /// <summary>Operations of a factorisation, roughly.</summary>
    public double Cost => Panels.Sum(panel => CostOf(panel.Width, panel.Below.Length)) + DenseCost(DenseOrder);

    /// <summary>Lays out the coordinates.</summary>
    /// <param name="widths">Number of effects of each level.</param>
    /// <param name="cliques">Levels that belong to one level of the eliminated factor, ascending, each list once.</param>
    /// <param name="populationCount">Population effects, the last coordinates.</param>
    /// <returns>The layout.</returns>
    public static PanelLayout Of(int[] widths, IReadOnlyList<int[]> cliques, int populationCount)
    {
        var sequence = new List<int>();
        var neighbours = new List<int[]>();
        var left = Eliminate(widths, cliques, populationCount, sequence, neighbours);

        var coordinateOf = new int[widths.Length];
        var at = 0;
        foreach (var level in sequence.Concat(left))
        {
            coordinateOf[level] = at;
            at += widths[level];
        }

        var order = at + populationCount;
        var panels = new Panel[sequence.Count];
        for (var k = 0; k < panels.Length; k++)
        {
            var below = neighbours[k].SelectMany(level => Enumerable.Range(coordinateOf[level], widths[level])).Order();
            panels[k] = new Panel(
                coordinateOf[sequence[k]], widths[sequence[k]], [.. below, .. Enumerable.Range(order - populationCount, populationCount)]);
        }

        var denseStart = left.Count == 0 ? order - populationCount : coordinateOf[left[0]];
        return new PanelLayout(coordinateOf, panels, denseStart, order);
    }

    /// <summary>Place of an element.</summary>
    /// <param name="row">Coordinate, not before <paramref name="column"/>'s panel.</param>
    /// <param name="column">Coordinate.</param>
    /// <returns>Index among the numbers.</returns>
    /// <exception cref="InvalidOperationException">The element is not in the pattern.</exception>
    public int PlaceOf(int row, int column)
    {
        if (column >= DenseStart)
            return DenseValueStart + (row - DenseStart) * DenseOrder + column - DenseStart;
        var (low, high) = (0, Panels.Length - 1);
        while (low < high)
        {
            var middle = (low + high + 1) / 2;
            if (Panels[middle].Start <= column)
                low = middle;
            else
                high = middle - 1;
        }

        var panel = Panels[low];
        var offset = row - panel.Start;
        if (offset >= panel.Width)
        {
            offset = Array.BinarySearch(panel.Below, row);
            if (offset < 0)
                throw new InvalidOperationException($"Element ({row}, {column}) is not in the pattern.");
            offset += panel.Width;
        }

        return panel.ValueStart + offset * panel.Width + column - panel.Start;
    }

    private static double CostOf(double width, double below) => ScatterPenalty * width * (below + width) * (below + width);

    private static double DenseCost(double order) => order * order * order / 3;

    // Levels to eliminate one by one and the neighbours each leaves; the rest is returned, ascending.
    private static List<int> Eliminate(int[] widths, IReadOnlyList<int[]> cliques, int populationCount, List<int> sequence, List<int[]> neighbours)
    {
        var all = Enumerable.Range(0, widths.Length).ToList();
        double total = widths.Sum() + populationCount;
        var pairs = cliques.Sum(clique => clique.Length * (clique.Length - 1.0) / 2);
        if (pairs > 0.25 * widths.Length * (widths.Length - 1.0) / 2)
            return all;

        var joined = all.Select(_ => new HashSet<int>()).ToArray();
        foreach (var clique in cliques)
        {
            foreach (var level in clique)
                joined[level].UnionWith(clique);
        }

        var queue = new PriorityQueue<int, (int, int)>();
        foreach (var level in all)
        {
            joined[level].Remove(level);
            queue.Enqueue(level, (joined[level].Count, level));
        }

        // Goes on while eliminating is cheaper than what it takes off the dense panel.
        var isGone = new bool[widths.Length];
        var remaining = widths.Length;
        var targets = 0L;
        while (queue.TryDequeue(out var level, out var key))
        {
            if (isGone[level] || key.Item1 != joined[level].Count)
                continue;
            var own = joined[level].Order().ToArray();
            double below = own.Sum(other => widths[other]) + populationCount;
            targets += (long)(below * (below + 1) / 2);
            if (CostOf(widths[level], below) > DenseCost(total) - DenseCost(total - widths[level]) || targets > MostTargets)
                break;
            isGone[level] = true;
            remaining--;
            total -= widths[level];
            sequence.Add(level);
            neighbours.Add(own);
            foreach (var other in own)
            {
                joined[other].UnionWith(own);
                joined[other].Remove(other);
                joined[other].Remove(level);
                queue.Enqueue(other, (joined[other].Count, other));
            }
        }

        return remaining == 0 ? [] : [.. all.Where(level => !isGone[level])];
    }

    // Where the products of a panel's rows below go: (a, b), a >= b, by rows of the triangle.
    private int[] TargetsOf(Panel panel)
    {
        var below = panel.Below;
        var targets = new int[below.Length * (below.Length + 1) / 2];
        var at = 0;
        for (var a = 0; a < below.Length; a++)
        {
            for (var b = 0; b <= a; b++)
                targets[at++] = PlaceOf(below[a], below[b]);
        }

        return targets;
    }

    /// <summary>The columns of one level, with the rows below them that are not zero.</summary>
    /// <param name="start">First coordinate.</param>
    /// <param name="width">Number of columns.</param>
    /// <param name="below">Later coordinates, ascending.</param>
    internal sealed class Panel(int start, int width, int[] below)
    {
        /// <summary>First coordinate.</summary>
        public int Start => start;

        /// <summary>Number of columns.</summary>
        public int Width => width;

        /// <summary>Later coordinates whose rows are not zero, ascending.</summary>
        public int[] Below => below;

        /// <summary>Place of the panel's numbers: its own rows, then those below, width numbers each.</summary>
        public int ValueStart { get; set; }

        /// <summary>Places of the elements that eliminating the panel changes.</summary>
        public int[] Targets { get; set; } = [];
    }
}
