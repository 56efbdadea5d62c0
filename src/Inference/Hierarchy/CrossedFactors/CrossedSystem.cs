using TypedPooling.Data;
using TypedPooling.Inference.Hierarchy.Columns;
using TypedPooling.Inference.Hierarchy.GaussianSystem;
using TypedPooling.Inference.Hierarchy.Sums;
using TypedPooling.Inference.Numerics;

namespace TypedPooling.Inference.Hierarchy.CrossedFactors;

/// <summary>A normal hierarchy with several grouping factors, nested or crossed, reduced to sums: the factor with most effects in pseudo-rows by
/// level, all else (the rest) in a sparse matrix. Immutable; shared by chains.</summary>
/// <remarks>
/// The rows of a level j of the eliminated factor are rotated so that Z_j is q rows, y_j = R_j x + Z_j u_j + e, x the effects of all other factors
/// and beta; the rows that are left hold no u_j and are pooled into cross-products S of the columns of x. Levels with equal pseudo-rows form a class.
/// Numbers of S that cancel to rounding are zero: in nested factors there are none. The plan of MixedModels.jl is the model; sources: [Bates2015],
/// [Chan1983].
/// </remarks>
internal sealed class CrossedSystem : CoefficientSystem
{
    // What is left of a cross-product once its pseudo-rows are taken off, relative to the lengths of its columns, below which it is rounding.
    private const double RelativeTolerance = 1e-13;

    private readonly int[] nodeStart;       // by factor, the first of its levels among those of the rest; -1 for the eliminated one

    private CrossedSystem(HierarchySums sums, int integratedCount, CrossedPlan? known = null)
        : base(sums)
    {
        IntegratedCount = integratedCount;
        Factors = sums.Factors;
        var (levels, terms) = (Factors.Select(factor => factor.LevelCount), Factors.Select(factor => factor.TermCount));
        var plan = (known ?? CrossedPlan.Of([.. levels], [.. terms], sums.CellLevels, integratedCount)).Required();
        Eliminated = plan.Eliminated;
        Own = Eliminated < 0 ? FactorSums.None : Factors[Eliminated];
        nodeStart = plan.NodeStart;
        Layout = plan.Layout;
        var links = Factors.Select((_, k) => k == Eliminated ? null : sums.Links(Eliminated, k)).ToArray();
        Classes = EliminatedClasses.Of(Own, integratedCount, Population.Count, PopulationStart, links, CoordinateOf);
        Pairs = new PanelPairs(Layout, Classes.Start, Classes.Coordinates);

        PooledSquare = new double[Layout.Length];
        PooledTarget = new double[Layout.Order];
        PooledJoined = new double[Layout.Order * JoinedCount];
        JoinedSquare = new double[JoinedCount * JoinedCount];
        JoinedTarget = new double[JoinedCount];
        var pooled = sums.Pooled[Math.Max(0, Eliminated)];
        PooledSumOfSquares = pooled.SumOfSquares + DenseRows.Dot(pooled.Target, pooled.Target);
        Pool(sums, links);
        Joined = integratedCount == Population.IntegratedCount && JoinedCount > 0
            ? CrossedStarts.Joined(this, new CrossedSystem(sums, Population.Count))
            : PopulationCoordinates.None;
    }

    public override PopulationCoordinates Joined { get; }

    /// <summary>Number of integrated population effects, the last coordinates of the rest.</summary>
    public int IntegratedCount { get; }

    /// <summary>Number of joined population effects.</summary>
    public int JoinedCount => Population.Count - IntegratedCount;

    public override int Eliminated { get; }

    /// <summary>Its sums; without a factor one level of no pseudo-rows.</summary>
    public FactorSums Own { get; }

    /// <summary>The sums of each factor.</summary>
    public FactorSums[] Factors { get; }

    /// <summary>The eliminated levels.</summary>
    public EliminatedClasses Classes { get; }

    /// <summary>The coordinates of the rest and where their matrix keeps its numbers.</summary>
    public PanelLayout Layout { get; }

    /// <summary>Coordinate of the first population effect; those before are varying effects.</summary>
    public int PopulationStart => Layout.Order - IntegratedCount;

    public override int RestCount => PopulationStart;

    /// <summary>The pairs of coordinates of each class.</summary>
    public PanelPairs Pairs { get; }

    /// <summary>S, as the layout says; blocks of one level with itself are full. Natural coordinates.</summary>
    public double[] PooledSquare { get; }

    /// <summary>Columns of x times y over the pooled rows. Length: the order of the layout.</summary>
    public double[] PooledTarget { get; }

    /// <summary>y'y over the pooled rows.</summary>
    public double PooledSumOfSquares { get; }

    /// <summary>Columns of x times those of the joined effects over the pooled rows, order x <see cref="JoinedCount"/> by rows.</summary>
    public double[] PooledJoined { get; }

    /// <summary>Cross-products of the joined columns over the pooled rows, by rows.</summary>
    public double[] JoinedSquare { get; }

    /// <summary>Joined columns times y over the pooled rows. Length <see cref="JoinedCount"/>.</summary>
    public double[] JoinedTarget { get; }

    /// <summary>Operations of a value, roughly: the classes, and the factorisation of the rest.</summary>
    public override double Cost => Classes.Cost + Layout.Cost;

    /// <summary>Operations of a draw of all coefficients, roughly: a value, and q (2 q + d) a level.</summary>
    public double DrawCost => Cost + Enumerable.Range(0, Own.LevelCount).Sum(
        j => (double)Own.TermCount * (2 * Own.TermCount + Classes.Start[Classes.ClassOf[j] + 1] - Classes.Start[Classes.ClassOf[j]]));

    /// <summary>Reduces a bound model.</summary>
    /// <param name="model">A model with one grouping factor or more.</param>
    /// <returns>The system. O(cells m^2 + J d^2), and the numbers of the layout.</returns>
    public static CrossedSystem Reduce(NormalBoundModel model)
    {
        // The plan first: where it refuses, nothing is reduced.
        var plan = CrossedPlan.Of(model, model.Spec.Population.Count(term => PopulationSystem.IsIntegrated(term.Prior))).Required();
        return Of(HierarchySums.Of(model), plan);
    }

    /// <summary>The system of sums.</summary>
    /// <param name="sums">The sums.</param>
    /// <param name="plan">Their plan, where it is known already.</param>
    public static CrossedSystem Of(HierarchySums sums, CrossedPlan? plan = null) => new(sums, sums.Population.IntegratedCount, plan);

    public override int CoordinateOf(int factor, int level) => Layout.CoordinateOf[nodeStart[factor] + level];

    public override TypicalScales Typical() => TypicalScales.OfResponse(Model);

    public override CoefficientWorkspace NewWorkspace() => new CrossedWorkspace(this);

    public override LevelRows RowsOf(int level)
    {
        var (c, q) = (Classes.ClassOf[level], Classes.TermCount);
        var (start, d) = (Classes.Start[c], Classes.Start[c + 1] - Classes.Start[c]);
        return new LevelRows(
            Classes.Rows.AsSpan(c * q * q, q * q),
            Classes.Coordinates.AsSpan(start, d - IntegratedCount),
            Classes.RestRows.AsSpan(start * q, q * d),
            Classes.JoinedRows.AsSpan(c * q * JoinedCount, q * JoinedCount),
            Own.Responses.AsSpan(level * q, q));
    }

    // S and its targets: cross-products over all rows, less what the pseudo-rows hold.
    private void Pool(HierarchySums sums, LevelLinks?[] links)
    {
        var p = Population.Count;
        var (square, target) = sums.Pooled[Math.Max(0, Eliminated)].CrossProducts();
        var lengths = new double[Layout.Order];
        for (var a = 0; a < p; a++)
        {
            for (var b = 0; b < p; b++)
                AddPopulation(a, b, square[a * p + b]);
            if (a < IntegratedCount)
                PooledTarget[PopulationStart + a] = target[a];
            else
                JoinedTarget[a - IntegratedCount] = target[a];
        }

        for (var k = 0; k < Factors.Length; k++)
        {
            if (links[k] is { } link)
                PoolFactor(k, sums, sums.PooledLinks(Eliminated, k, link), lengths);
        }

        AddProducts(sums.Cells, sums.CellLevels);
        TakeOffRows();
        var whole = sums.Cells.Merge(new int[sums.Cells.Count], 1);
        Clean(lengths, Math.Sqrt(whole.Product(0, whole.Width - 1, whole.Width - 1)));
    }

    private void AddPopulation(int a, int b, double value)
    {
        var integrated = IntegratedCount;
        if (a < integrated && b < integrated)
        {
            if (a >= b)
                PooledSquare[Layout.PlaceOf(PopulationStart + a, PopulationStart + b)] = value;
        }
        else if (a < integrated)
        {
            PooledJoined[(PopulationStart + a) * JoinedCount + b - integrated] = value;
        }
        else if (b >= integrated)
        {
            JoinedSquare[(a - integrated) * JoinedCount + b - integrated] = value;
        }
    }

    // X'Z_l and Z_l'y; what the pseudo-rows hold of the first is taken off already.
    private void PoolFactor(int factor, HierarchySums sums, double[] pooledLinks, double[] lengths)
    {
        var (levels, x, features) = (sums.Levels[factor], sums.PopulationFeatures, Factors[factor].Features);
        var (r, p, integrated) = (features.Length, x.Length, IntegratedCount);
        for (var i = 0; i < levels.Count; i++)
        {
            var at = CoordinateOf(factor, i);
            for (var b = 0; b < r; b++)
            {
                PooledTarget[at + b] = levels.Product(i, features[b], levels.Width - 1);
                lengths[at + b] = Math.Sqrt(levels.Product(i, features[b], features[b]));
                for (var a = 0; a < p; a++)
                {
                    var value = pooledLinks[(i * p + a) * r + b];
                    var limit = RelativeTolerance * lengths[at + b] * Math.Sqrt(levels.Product(i, x[a], x[a]));
                    value = Math.Abs(value) <= limit ? 0 : value;
                    if (a < integrated)
                        PooledSquare[Layout.PlaceOf(PopulationStart + a, at + b)] = value;
                    else
                        PooledJoined[(at + b) * JoinedCount + a - integrated] = value;
                }
            }
        }
    }

    private void AddProducts(MomentTable cells, int[][] cellLevels)
    {
        for (var cell = 0; cell < cells.Count; cell++)
        {
            for (var k = 0; k < Factors.Length; k++)
            {
                for (var other = 0; other < Factors.Length; other++)
                {
                    if (k == Eliminated || other == Eliminated)
                        continue;
                    var (row, column) = (CoordinateOf(k, cellLevels[k][cell]), CoordinateOf(other, cellLevels[other][cell]));
                    if (row < column)
                        continue;
                    for (var a = 0; a < Factors[k].TermCount; a++)
                    {
                        for (var b = 0; b < Factors[other].TermCount; b++)
                            PooledSquare[Layout.PlaceOf(row + a, column + b)] +=
                                cells.Product(cell, Factors[k].Features[a], Factors[other].Features[b]);
                    }
                }
            }
        }
    }

    private void TakeOffRows()
    {
        var q = Classes.TermCount;
        var sums = new double[Classes.Count * q];
        for (var c = 0; c < sums.Length; c++)
            sums[c] = Classes.Sizes[c / q] * Classes.Means[c];
        for (var c = 0; c < Classes.Count; c++)
        {
            var start = Classes.Start[c];
            var d = Classes.Start[c + 1] - start;
            var rows = Classes.RestRows.AsSpan(start * q, q * d);
            var varying = d - IntegratedCount;
            for (var a = 0; a < varying; a++)
            {
                var row = Classes.Coordinates[start + a];
                for (var t = 0; t < q; t++)
                    PooledTarget[row] -= rows[t * d + a] * sums[c * q + t];
            }

            foreach (var (factor, at) in Classes.Links[c])
            {
                for (var a = at; a < at + Factors[factor].TermCount; a++)
                {
                    // Every pair of the lower triangle, and the whole of a level's block with itself.
                    var end = at + Factors[factor].TermCount;
                    for (var b = 0; b < end; b++)
                    {
                        var product = 0.0;
                        for (var t = 0; t < q; t++)
                            product += rows[t * d + a] * rows[t * d + b];
                        PooledSquare[Layout.PlaceOf(Classes.Coordinates[start + a], Classes.Coordinates[start + b])] -= Classes.Sizes[c] * product;
                    }
                }
            }
        }
    }

    private void Clean(double[] lengths, double responseLength)
    {
        for (var a = 0; a < PopulationStart; a++)
        {
            if (Math.Abs(PooledTarget[a]) <= RelativeTolerance * lengths[a] * responseLength)
                PooledTarget[a] = 0;
        }

        foreach (var panel in Layout.Panels)
        {
            for (var i = 0; i < panel.Width + panel.Below.Length; i++)
            {
                var row = i < panel.Width ? panel.Start + i : panel.Below[i - panel.Width];
                for (var b = 0; b < panel.Width && row < PopulationStart; b++)
                    Clean(ref PooledSquare[panel.ValueStart + i * panel.Width + b], lengths[row] * lengths[panel.Start + b]);
            }
        }

        for (var a = Layout.DenseStart; a < PopulationStart; a++)
        {
            for (var b = Layout.DenseStart; b < PopulationStart; b++)
                Clean(ref PooledSquare[Layout.PlaceOf(a, b)], lengths[a] * lengths[b]);
        }
    }

    private static void Clean(ref double value, double length)
    {
        if (Math.Abs(value) <= RelativeTolerance * length)
            value = 0;
    }
}
