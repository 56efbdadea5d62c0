using TypedPooling.Data;
using TypedPooling.Draws;
using TypedPooling.Inference.Hierarchy.GaussianSystem;
using TypedPooling.Inference.Numerics;
using TypedPooling.Inference.Scales;
using TypedPooling.Model;

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

    private CrossedSystem(NormalBoundModel model, PopulationSystem population, int integratedCount)
    {
        var plan = CrossedPlan.Of(model, integratedCount).Required();
        Eliminated = plan.Eliminated;
        nodeStart = plan.NodeStart;
        Layout = plan.Layout;
        Model = model;
        Population = population;
        IntegratedCount = integratedCount;
        var spec = model.Spec;
        var total = model.Cells.Total();
        var features = new List<(int Column, double Origin)>();
        var x = Enumerable.Range(0, population.Count).Select(e => FeatureOf(population.Columns[e], population.Origin[e])).ToArray();
        var z = new int[spec.Factors.Length][];
        var origins = new double[z.Length][];
        for (var k = 0; k < z.Length; k++)
        {
            var columns = spec.Factors[k].Terms.Select(term => term.Column).ToArray();
            var isCentred = columns.Contains(ModelSpec.Ones);
            origins[k] = [.. columns.Select(column => isCentred && column != ModelSpec.Ones ? total.Means(0)[column] : 0)];
            z[k] = [.. columns.Select((column, a) => FeatureOf(column, origins[k][a]))];
        }

        var fixedEffects = population.FixedColumns.Select((column, e) => (column, population.FixedValues[e])).ToArray();
        var cells = MomentTable.Of(model.Cells, features.ToArray(), fixedEffects, population.Pivot.Response);
        var cellLevels = Enumerable.Range(0, z.Length).Select(k => model.CellLevels(k).ToArray()).ToArray();
        var levels = new MomentTable[z.Length];
        Factors = new FactorSums[z.Length];
        for (var k = 0; k < z.Length; k++)
        {
            levels[k] = cells.Merge(cellLevels[k], model.Levels[k].Count);
            Factors[k] = FactorSums.Of(
                levels[k],
                z[k],
                [.. origins[k].Select((origin, a) => origin - spec.Factors[k].OriginOf(a))],
                Array.FindIndex(z[k], feature => features[feature].Column == ModelSpec.Ones),
                x);
        }

        var own = Factors[Eliminated];
        var links =
            Factors.Select((factor, k) => k == Eliminated ? null : FactorSums.LinksOf(own, factor, cells, cellLevels[Eliminated], cellLevels[k]))
                .ToArray();
        Classes = EliminatedClasses.Of(own, integratedCount, x.Length, PopulationStart, LinksOf);
        Diagonal = [.. Enumerable.Range(0, Layout.Order).Select(a => Layout.PlaceOf(a, a))];
        (Places, PlaceStarts) = PlacesOfClasses();

        PooledSquare = new double[Layout.Length];
        PooledTarget = new double[Layout.Order];
        PooledJoined = new double[Layout.Order * JoinedCount];
        JoinedSquare = new double[JoinedCount * JoinedCount];
        JoinedTarget = new double[JoinedCount];
        PooledSumOfSquares = own.PooledSumOfSquares;
        Pool(cells, cellLevels, levels, links, x);
        Joined = integratedCount == population.IntegratedCount && JoinedCount > 0 ? CrossedStarts.Joined(this) : JoinedCoefficients.None;

        int FeatureOf(int column, double origin)
        {
            var at = features.IndexOf((column, origin));
            if (at < 0)
            {
                at = features.Count;
                features.Add((column, origin));
            }

            return at;
        }

        List<(int, int, double[])> LinksOf(int j)
        {
            var list = new List<(int, int, double[])>();
            for (var k = 0; k < links.Length; k++)
            {
                if (links[k] is not { } link)
                    continue;
                var size = own.TermCount * Factors[k].TermCount;
                for (var at = link.Start[j]; at < link.Start[j + 1]; at++)
                    list.Add((k, CoordinateOf(k, link.Other[at]), link.Blocks.AsSpan(at * size, size).ToArray()));
            }

            return list;
        }
    }

    public override NormalBoundModel Model { get; }

    public override PopulationSystem Population { get; }

    public override JoinedCoefficients Joined { get; }

    /// <summary>Number of integrated population effects, the last coordinates of the rest.</summary>
    public int IntegratedCount { get; }

    /// <summary>Number of joined population effects.</summary>
    public int JoinedCount => Population.Count - IntegratedCount;

    /// <summary>Index of the eliminated factor.</summary>
    public int Eliminated { get; }

    /// <summary>The sums of each factor.</summary>
    public FactorSums[] Factors { get; }

    /// <summary>The eliminated levels.</summary>
    public EliminatedClasses Classes { get; }

    /// <summary>The coordinates of the rest and where their matrix keeps its numbers.</summary>
    public PanelLayout Layout { get; }

    /// <summary>Coordinate of the first population effect; those before are varying effects.</summary>
    public int PopulationStart => Layout.Order - IntegratedCount;

    /// <summary>Places in the layout of the pairs of coordinates of each class, lower triangle by rows, class after class; empty where the layout is
    /// one dense panel.</summary>
    public int[] Places { get; }

    /// <summary>First of each class among <see cref="Places"/>.</summary>
    public int[] PlaceStarts { get; }

    /// <summary>Places of the diagonal. Length: the order of the layout.</summary>
    public int[] Diagonal { get; }

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

    /// <summary>Reduces a bound model.</summary>
    /// <param name="model">A model with two grouping factors or more.</param>
    /// <returns>The system. O(cells m^2 + J d^2), and the numbers of the layout.</returns>
    public static CrossedSystem Reduce(NormalBoundModel model)
    {
        var population = PopulationSystem.Of(model.Spec, model.Cells.Total());
        return new CrossedSystem(model, population, population.IntegratedCount);
    }

    /// <summary>The same model with the joined effects among the coordinates too.</summary>
    public CrossedSystem WithAllIntegrated() => new(Model, Population, Population.Count);

    /// <summary>First coordinate of a level of a factor of the rest.</summary>
    public int CoordinateOf(int factor, int level) => Layout.CoordinateOf[nodeStart[factor] + level];

    public override TypicalScales Typical() => TypicalScales.OfResponse(Model);

    public override CoefficientWorkspace NewWorkspace() => new CrossedWorkspace(this);

    public override void Uncentre(int factor, Span<double> lambda) => Factors[factor].UnpivotLambda(lambda);

    public override ExactMoments Moments(CoefficientWorkspace workspace, ScalePoint point) =>
        new CrossedExactMoments(this, (CrossedWorkspace)workspace, point);

    private (int[] Places, int[] Starts) PlacesOfClasses()
    {
        var places = new List<int>();
        var starts = new int[Classes.Count];
        for (var c = 0; c < Classes.Count && Layout.Panels.Length > 0; c++)
        {
            starts[c] = places.Count;
            var own = Classes.Coordinates.AsSpan(Classes.Start[c]..Classes.Start[c + 1]);
            for (var a = 0; a < own.Length; a++)
            {
                for (var b = 0; b <= a; b++)
                    places.Add(Layout.PlaceOf(own[a], own[b]));
            }
        }

        return ([.. places], starts);
    }

    // S and its targets: cross-products over all rows, less what the pseudo-rows hold.
    private void Pool(MomentTable cells, int[][] cellLevels, MomentTable[] levels, LevelLinks?[] links, int[] x)
    {
        var own = Factors[Eliminated];
        var p = x.Length;
        var lengths = new double[Layout.Order];
        for (var a = 0; a < p; a++)
        {
            for (var b = 0; b < p; b++)
                AddPopulation(a, b, own.PooledSquare[a * p + b]);
            if (a < IntegratedCount)
                PooledTarget[PopulationStart + a] = own.PooledTarget[a];
            else
                JoinedTarget[a - IntegratedCount] = own.PooledTarget[a];
        }

        for (var k = 0; k < Factors.Length; k++)
        {
            if (links[k] is { } link)
                PoolFactor(k, FactorSums.PooledLinksOf(own, Factors[k], link, levels[k], x), levels[k], x, lengths);
        }

        AddProducts(cells, cellLevels, lengths);
        TakeOffRows();
        Clean(lengths, Math.Sqrt(levels[Eliminated].Merge(new int[own.LevelCount], 1).Product(0, cells.Width - 1, cells.Width - 1)));
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
    private void PoolFactor(int factor, double[] pooledLinks, MomentTable levels, int[] x, double[] lengths)
    {
        var sums = Factors[factor];
        var (r, p, integrated) = (sums.TermCount, x.Length, IntegratedCount);
        for (var i = 0; i < sums.LevelCount; i++)
        {
            var at = CoordinateOf(factor, i);
            for (var b = 0; b < r; b++)
            {
                PooledTarget[at + b] = levels.Product(i, sums.Features[b], levels.Width - 1);
                lengths[at + b] = Math.Sqrt(levels.Product(i, sums.Features[b], sums.Features[b]));
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

    private void AddProducts(MomentTable cells, int[][] cellLevels, double[] lengths)
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
