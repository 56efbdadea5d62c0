using TypedPooling.Data;
using TypedPooling.Inference.Hierarchy.CrossedFactors;
using TypedPooling.Inference.Scales;
using TypedPooling.Model;

namespace TypedPooling.Inference.Gibbs;

/// <summary>A normal hierarchy of any number of grouping factors, reduced to what a sweep of the Gibbs sampler reads. Immutable; shared by
/// chains.</summary>
internal sealed class GibbsSystem
{
    // A joint draw of all coefficients is chosen up to this many operations (about a millisecond), as long as the dense part has at most this many
    // coefficients.
    private const double MostJointOperations = 2e6;
    private const int MostJointCoefficients = 400;

    // Operations of a density with the coefficients integrated out, times the number of scales: some milliseconds a sweep at most.
    private const double MostCollapsedOperations = 4e5;

    // Coefficients over rows: given the coefficients, sigma's autocorrelation is at most about this.
    private const double CrowdedShare = 0.3;

    private GibbsSystem(
        NormalBoundModel model,
        PopulationLayout population,
        FactorSums[] factors,
        ScaleCoordinates[] scales,
        CellResiduals residuals,
        Elimination[] eliminations,
        double[][] pooledTargets)
    {
        Model = model;
        Population = population;
        Factors = factors;
        Scales = scales;
        Residuals = residuals;
        Eliminations = eliminations;
        PooledTargets = pooledTargets;
    }

    /// <summary>The model.</summary>
    public NormalBoundModel Model { get; }

    /// <summary>The estimated population effects.</summary>
    public PopulationLayout Population { get; }

    /// <summary>The sums of each factor.</summary>
    public FactorSums[] Factors { get; }

    /// <summary>Coordinates and prior of the scales of each factor alone.</summary>
    public ScaleCoordinates[] Scales { get; }

    /// <summary>Residual sums of squares.</summary>
    public CellResiduals Residuals { get; }

    /// <summary>The joint draws of a sweep: one of all coefficients, or one a factor.</summary>
    public Elimination[] Eliminations { get; }

    /// <summary>R'y of the pooled rows of each joint draw, before other factors' effects are taken off.</summary>
    public double[][] PooledTargets { get; }

    /// <summary>True where one draw of a sweep holds all coefficients.</summary>
    public bool IsJoint => Factors.Length <= 1 || Eliminations.Length == 1;

    /// <summary>True where sigma is estimated.</summary>
    public bool HasSigma => Model.Spec.Response is { KnownSd: null, Sigma: not { FixedValue: not null } };

    /// <summary>True where sigma is reported: estimated, or fixed and so a constant; not where errors are known by row.</summary>
    public bool ReportsSigma => Model.Spec.Response.KnownSd is null;

    /// <summary>True where draws of the effects are kept; those of a single factor are made again when they are read.</summary>
    public bool KeepsEffects => Factors.Length > 1;

    /// <summary>True where sigma is drawn with all coefficients integrated out too: where they are drawn jointly, and are so many that sigma would
    /// hardly move given them.</summary>
    public bool CollapsesSigma => HasSigma && Eliminations.Length == 1 && (CollapsesFactors || CoefficientCount > CrowdedShare * Model.RowCount);

    /// <summary>True where all scales are drawn with all coefficients integrated out too: several factors, which the data may hardly tell apart,
    /// drawn jointly and cheaply.</summary>
    public bool CollapsesFactors =>
        Factors.Length > 1 && Eliminations.Length == 1 && Scales.Sum(scales => scales.Dimension) * Eliminations[0].Cost <= MostCollapsedOperations;

    /// <summary>Number of estimated coefficients, population and varying.</summary>
    public long CoefficientCount => Population.Count + Factors.Sum(factor => (long)factor.LevelCount * factor.TermCount);

    /// <summary>Reduces a bound model.</summary>
    /// <param name="model">A model the engine supports.</param>
    /// <param name="allowJoint">False to draw one factor at a time however small the model is.</param>
    /// <returns>The system. O(cells m^2), and a sort of the cells where there are several factors.</returns>
    public static GibbsSystem Reduce(NormalBoundModel model, bool allowJoint = true)
    {
        var spec = model.Spec;
        var total = model.Cells.Total();
        var population = PopulationLayout.Of(spec, total);
        var features = new List<(int Column, double Origin)>();
        var x = population.Columns.Select((column, e) => FeatureOf(column, population.Origin[e])).ToArray();
        var z = new int[spec.Factors.Length][];
        var origins = new double[z.Length][];
        var intercepts = new int[z.Length];
        for (var k = 0; k < z.Length; k++)
        {
            var columns = spec.Factors[k].Terms.Select(term => term.Column).ToArray();
            intercepts[k] = Array.IndexOf(columns, ModelSpec.Ones);
            origins[k] = [.. columns.Select(column => intercepts[k] < 0 || column == ModelSpec.Ones ? 0 : total.Means(0)[column])];
            z[k] = [.. columns.Select((column, a) => FeatureOf(column, origins[k][a]))];
        }

        var cells = MomentTable.Of(model.Cells, features.ToArray(), population.FixedEffects, population.ResponseOrigin);
        var cellLevels = Enumerable.Range(0, z.Length).Select(k => model.CellLevels(k).ToArray()).ToArray();
        var levels = new MomentTable[z.Length];
        var factors = new FactorSums[z.Length];
        for (var k = 0; k < z.Length; k++)
        {
            levels[k] = cells.Merge(cellLevels[k], model.Levels[k].Count);
            factors[k] = FactorSums.Of(
                levels[k], z[k], [.. origins[k].Select((origin, a) => origin - spec.Factors[k].OriginOf(a))], intercepts[k], x);
        }

        if (z.Length > 1)
            FactorSums.Link(factors, cells, cellLevels, levels, x);
        var whole = cells.Merge(new int[cells.Count], 1);
        var (eliminations, targets) = Eliminate(factors, cells, cellLevels, whole, x, allowJoint);
        var scales = spec.Factors
            .Select(
                factor => new ScaleCoordinates(spec with { Factors = [factor], Response = spec.Response with { Sigma = null, KnownSd = "known" } }))
            .ToArray();
        return new GibbsSystem(
            model,
            population,
            factors,
            scales,
            new CellResiduals(cells, cellLevels, x, z, features.Select(feature => feature.Column).ToArray()),
            eliminations,
            targets);

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
    }

    /// <summary>Operations of a sweep, roughly and without reducing anything.</summary>
    /// <param name="model">A model the engine supports.</param>
    public static double EstimateCost(NormalBoundModel model)
    {
        double p = model.Spec.Population.Count(term => term.Prior?.FixedValue is null);
        double cells = model.Cells.CellCount;
        var shapes = model.Spec.Factors.Select((factor, k) => (Levels: (double)model.Levels[k].Count, Terms: (double)factor.Terms.Length)).ToArray();
        var residual = 2 * cells * (1 + shapes.Length + p);
        if (shapes.Length == 0)
            return residual + p * p * p;

        // Slice steps of the scales: some seven evaluations a coordinate on q x q matrices, twice.
        var scales = shapes.Sum(shape => 14 * Math.Pow(shape.Terms, 4) * (shape.Terms + 1) + shape.Levels * shape.Terms * (2 * shape.Terms + p));
        var first = shapes.MaxBy(shape => shape.Levels * shape.Terms);
        var rest = shapes.Sum(shape => shape.Levels * shape.Terms) - first.Levels * first.Terms + p;
        var joint = Elimination.CostOf(first.Levels, first.Levels, first.Terms, rest);
        if (shapes.Length > 1 && (rest > MostJointCoefficients || joint > MostJointOperations))
            return residual + scales + shapes.Sum(
                shape => Elimination.CostOf(shape.Levels, shape.Levels, shape.Terms, p) + 2 * cells * shape.Terms * shapes.Length);
        var dimension = 1 + shapes.Sum(shape => shape.Terms * (shape.Terms + 1) / 2);
        return residual + scales + joint * (shapes.Length > 1 && dimension * joint <= MostCollapsedOperations ? 1 + 7 * dimension : 1);
    }

    private static (Elimination[] Eliminations, double[][] Targets) Eliminate(
        FactorSums[] factors, MomentTable cells, int[][] cellLevels, MomentTable whole, int[] x, bool allowJoint)
    {
        var p = x.Length;
        if (factors.Length == 0)
        {
            var square = new double[p * p];
            var target = new double[p];
            for (var a = 0; a < p; a++)
            {
                target[a] = whole.Product(0, x[a], whole.Width - 1);
                for (var b = 0; b < p; b++)
                    square[a * p + b] = whole.Product(0, x[a], x[b]);
            }

            return ([new Elimination(-1, 0, 0, p, [], [], square, [])], [target]);
        }

        // The factor with the most effects is eliminated, the others are dense.
        var counts = factors.Select(factor => (long)factor.LevelCount * factor.TermCount).ToArray();
        var first = Array.IndexOf(counts, counts.Max());
        var rest = counts.Sum() - counts[first] + p;
        if (factors.Length > 1 && allowJoint && rest <= MostJointCoefficients
            && Elimination.CostOf(factors[first].LevelCount, factors[first].LevelCount, factors[first].TermCount, rest) <= MostJointOperations)
        {
            var (joint, target) = JointElimination.Of(factors, first, cells, cellLevels, whole, x);
            return ([joint], [target]);
        }

        return (
            [.. factors.Select(
                (factor, k) => new Elimination(
                    k, factor.LevelCount, factor.TermCount, p, factor.Rows, factor.PopulationRows, factor.PooledSquare, []))],
            [.. factors.Select(factor => factor.PooledTarget)]);
    }
}
