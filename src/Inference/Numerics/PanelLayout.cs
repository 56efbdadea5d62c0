namespace TypedPooling.Inference.Numerics;

/// <summary>Where the numbers of a sparse symmetric matrix and of its Cholesky factor are: some levels eliminated one by one, each a panel of
/// columns, and all others in one dense panel with the population effects last. Immutable.</summary>
/// <remarks>
/// Levels that share a level of the eliminated factor are neighbours; eliminating one joins its neighbours. The next to go is the one with fewest
/// neighbours, until all that are left are neighbours of each other, or the dense panel would be cheaper ([GeorgeLiu1989]). Fully crossed factors
/// have no panel but the dense one, nested ones hardly more than the population effects in it. Where the dense panel would be too large, only its
/// order is known: nothing is placed.
/// </remarks>
internal sealed class PanelLayout
{
    /// <summary>Greatest order of the dense panel: four such matrices are a gigabyte.</summary>
    public const int MostDense = 5000;

    // Scattered operations take about this many times as long as those of the dense panel.
    private const double ScatterPenalty = 6;

    // Numbers in the tables of what a panel's column updates; beyond it memory, not time, is the limit.
    private const long MostTableNumbers = 30_000_000;

    // An ordering that has cost more than this, with too many levels left for the dense panel, is given up: a factorisation would take longer than
    // one of two dense panels of the greatest order.
    private const double MostCost = 2.0 * MostDense * MostDense * MostDense / 3;

    private readonly int[] panelOf;             // by coordinate before the dense panel

    private PanelLayout(int[] coordinateOf, Panel[] panels, int denseStart, int order, long visits)
    {
        CoordinateOf = coordinateOf;
        Panels = panels;
        DenseStart = denseStart;
        Order = order;
        Visits = visits;
        panelOf = [];
        if (IsTooLarge)
            return;
        var at = 0L;
        panelOf = new int[denseStart];
        for (var k = 0; k < panels.Length; k++)
        {
            panels[k].ValueStart = (int)at;
            at += (long)panels[k].Width * (panels[k].Width + panels[k].Below.Length);
            panelOf.AsSpan(panels[k].Start, panels[k].Width).Fill(k);
        }

        DenseValueStart = checked((int)at);
        Length = checked((int)(at + (long)DenseOrder * DenseOrder));
        foreach (var panel in panels)
            panel.Targets = TargetsOf(panel);
        Diagonal = [.. Enumerable.Range(0, order).Select(a => PlaceOf(a, a))];
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
    public bool IsTooLarge => DenseOrder > MostDense;

    /// <summary>Numbers in all.</summary>
    public int Length { get; }

    /// <summary>Places of the diagonal, by coordinate; none where nothing can be placed.</summary>
    public int[] Diagonal { get; } = [];

    /// <summary>Members of cliques that the ordering visited: what it cost.</summary>
    public long Visits { get; }

    /// <summary>Operations of a factorisation, roughly.</summary>
    public double Cost => Panels.Sum(panel => CostOf(panel.Width, panel.Below.Length)) + DenseCost(DenseOrder);

    /// <summary>Lays out the coordinates.</summary>
    /// <param name="widths">Number of effects of each level.</param>
    /// <param name="cliques">Levels that belong to one level of the eliminated factor, ascending, each list once.</param>
    /// <param name="populationCount">Population effects, the last coordinates.</param>
    /// <param name="mostTargets">Most numbers in the tables of what panels update; levels that would take more become dense.</param>
    /// <returns>The layout. The ordering takes memory in proportion to the cliques, and less time than a factorisation.</returns>
    public static PanelLayout Of(int[] widths, IReadOnlyList<int[]> cliques, int populationCount, long mostTargets = MostTableNumbers)
    {
        var sequence = new List<int>();
        var neighbours = new List<int[]>();
        var visits = Eliminate(widths, cliques, populationCount, sequence, neighbours);
        KeepTargets(widths, populationCount, mostTargets, sequence, neighbours);

        var coordinateOf = new int[widths.Length];
        Array.Fill(coordinateOf, -1);
        var at = 0;
        foreach (var level in sequence)
            at = Place(level, at);
        var denseStart = at;
        for (var level = 0; level < widths.Length; level++)
        {
            if (coordinateOf[level] < 0)
                at = Place(level, at);
        }

        var order = at + populationCount;
        if (order - denseStart > MostDense)
            return new PanelLayout(coordinateOf, [], denseStart, order, visits);
        var panels = new Panel[sequence.Count];
        for (var k = 0; k < panels.Length; k++)
            panels[k] = new Panel(coordinateOf[sequence[k]], widths[sequence[k]], Below(neighbours[k]), denseStart);
        return new PanelLayout(coordinateOf, panels, denseStart, order, visits);

        int Place(int level, int coordinate)
        {
            coordinateOf[level] = coordinate;
            return coordinate + widths[level];
        }

        int[] Below(int[] levels)
        {
            var below = new int[levels.Sum(level => widths[level]) + populationCount];
            var next = 0;
            foreach (var level in levels)
            {
                for (var a = 0; a < widths[level]; a++)
                    below[next++] = coordinateOf[level] + a;
            }

            Array.Sort(below, 0, next);
            for (var a = 0; a < populationCount; a++)
                below[next++] = order - populationCount + a;
            return below;
        }
    }

    /// <summary>Place of an element.</summary>
    /// <param name="row">Coordinate, not before <paramref name="column"/>'s panel.</param>
    /// <param name="column">Coordinate.</param>
    /// <returns>Index among the numbers.</returns>
    public int PlaceOf(int row, int column)
    {
        if (column >= DenseStart)
            return DenseValueStart + (row - DenseStart) * DenseOrder + column - DenseStart;
        var panel = Panels[panelOf[column]];
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

    private static double Saved(double order, double width) => DenseCost(order) - DenseCost(order - width);

    // Levels to eliminate one by one and the neighbours each leaves. Gives what that cost.
    private static long Eliminate(int[] widths, IReadOnlyList<int[]> cliques, int populationCount, List<int> sequence, List<int[]> neighbours)
    {
        double total = widths.Sum() + populationCount;
        var pairs = cliques.Sum(clique => clique.Length * (clique.Length - 1.0) / 2);
        if (pairs > 0.25 * widths.Length * (widths.Length - 1.0) / 2)
            return 0;

        // Goes on while eliminating is cheaper than what it takes off the dense panel. Where even the level with fewest neighbours would not be worth
        // it beside a dense panel of the greatest order, the dense panel stays too large: fill only grows from there on.
        var graph = new EliminationGraph(widths.Length, cliques);
        var cost = 0.0;
        while (graph.TryNext(out var level, out var met))
        {
            double below = populationCount;
            foreach (var other in met)
                below += widths[other];
            var own = CostOf(widths[level], below);
            cost += own;
            if (own > Saved(total, widths[level]) || (total > MostDense && (own > Saved(MostDense, widths[level]) || cost > MostCost)))
                break;
            total -= widths[level];
            var left = met.ToArray();
            graph.Eliminate(level, left);
            sequence.Add(level);
            neighbours.Add(left);
        }

        return graph.Visits;
    }

    // Cuts the sequence where the tables of targets would grow too large: the levels behind become dense, and what is dense needs no table.
    private static void KeepTargets(int[] widths, int populationCount, long mostTargets, List<int> sequence, List<int[]> neighbours)
    {
        var turn = new int[widths.Length];
        Array.Fill(turn, int.MaxValue);
        for (var k = 0; k < sequence.Count; k++)
            turn[sequence[k]] = k;
        var (low, high) = (0, sequence.Count);
        while (low < high)
        {
            var middle = (low + high + 1) / 2;
            if (Targets(middle) <= mostTargets)
                low = middle;
            else
                high = middle - 1;
        }

        sequence.RemoveRange(low, sequence.Count - low);
        neighbours.RemoveRange(low, neighbours.Count - low);

        long Targets(int kept)
        {
            var sum = 0L;
            for (var k = 0; k < kept && sum <= mostTargets; k++)
            {
                long inner = 0, dense = populationCount;
                foreach (var level in neighbours[k])
                {
                    if (turn[level] < kept)
                        inner += widths[level];
                    else
                        dense += widths[level];
                }

                sum += inner * (inner + 1) / 2 + inner * dense;
            }

            return sum;
        }
    }

    // Where the products of a panel's rows below go that do not go to the dense panel: (a, b), a >= b, by rows of the triangle.
    private int[] TargetsOf(Panel panel)
    {
        var below = panel.Below;
        var inner = panel.Inner;
        if (inner == 0)
            return [];
        var targets = new int[panel.TargetStart(below.Length)];
        for (var b = 0; b < inner; b++)
        {
            // The rows of the column's panel hold all of ours from here on.
            var column = Panels[panelOf[below[b]]];
            var from = 0;
            for (var a = b; a < below.Length; a++)
            {
                var offset = below[a] - column.Start;
                if (offset >= column.Width)
                {
                    from = Array.BinarySearch(column.Below, from, column.Below.Length - from, below[a]);
                    offset = column.Width + from;
                }

                targets[panel.TargetStart(a) + b] = column.ValueStart + offset * column.Width + below[b] - column.Start;
            }
        }

        return targets;
    }

    /// <summary>The columns of one level, with the rows below them that are not zero.</summary>
    /// <param name="start">First coordinate.</param>
    /// <param name="width">Number of columns.</param>
    /// <param name="below">Later coordinates, ascending.</param>
    /// <param name="denseStart">First coordinate of the dense panel.</param>
    internal sealed class Panel(int start, int width, int[] below, int denseStart)
    {
        /// <summary>First coordinate.</summary>
        public int Start => start;

        /// <summary>Number of columns.</summary>
        public int Width => width;

        /// <summary>Later coordinates whose rows are not zero, ascending.</summary>
        public int[] Below => below;

        /// <summary>Number of <see cref="Below"/> that come before the dense panel.</summary>
        public int Inner { get; } = Array.BinarySearch(below, denseStart) is var at && at < 0 ? ~at : at;

        /// <summary>Place of the panel's numbers: its own rows, then those below, width numbers each.</summary>
        public int ValueStart { get; set; }

        /// <summary>Places of the elements before the dense panel that eliminating the panel changes: for each row below, those of the columns up to
        /// it.</summary>
        public int[] Targets { get; set; } = [];

        /// <summary>First of a row's among <see cref="Targets"/>.</summary>
        /// <param name="a">Index of the row among those below.</param>
        public int TargetStart(int a) => a <= Inner ? a * (a + 1) / 2 : Inner * (Inner + 1) / 2 + (a - Inner) * Inner;
    }
}
