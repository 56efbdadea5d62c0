using TypedPooling.Data;
using TypedPooling.Inference.Hierarchy.Columns;
using TypedPooling.Inference.Hierarchy.CrossedFactors;
using TypedPooling.Inference.Hierarchy.JointPosterior;
using TypedPooling.Inference.Hierarchy.Sums;
using TypedPooling.Inference.Scales;
using TypedPooling.Model;

namespace TypedPooling.Inference.Gibbs;

/// <summary>A normal hierarchy of any number of grouping factors, reduced to what a sweep of the Gibbs sampler reads. Immutable; shared by
/// chains.</summary>
internal sealed class GibbsSystem
{
    // A joint draw of all coefficients is chosen up to this many operations, about a millisecond.
    private const double MostJointOperations = 2e6;

    // Operations of a density with the coefficients integrated out, times the number of scales: some milliseconds a sweep at most.
    private const double MostCollapsedOperations = 4e5;

    // Coefficients over rows: given the coefficients, sigma's autocorrelation is at most about this.
    private const double CrowdedShare = 0.3;

    private GibbsSystem(HierarchySums sums, CrossedSystem[] blocks)
    {
        Model = sums.Model;
        Population = sums.Population;
        Factors = sums.Factors;
        Blocks = blocks;
        Links = new LevelLinks?[Factors.Length][];
        PooledLinks = new double[Factors.Length][][];
        for (var k = 0; k < Factors.Length; k++)
        {
            Links[k] = [.. Factors.Select((_, other) => other == k ? null : sums.Links(k, other))];
            PooledLinks[k] = blocks.Length == 1 ? [] : [.. Links[k].Select((links, other) => links is null ? [] : sums.PooledLinks(k, other, links))];
        }

        var spec = Model.Spec;
        Scales =
        [
            .. spec.Factors.Select(
                factor => new ScaleCoordinates(spec with { Factors = [factor], Response = spec.Response with { Sigma = null, KnownSd = "known" } })),
        ];
        (Columns, Likelihood) = (sums.Columns, new SumsLikelihood(Model, sums.Columns, sums.Cells));
    }

    /// <summary>The model.</summary>
    public NormalBoundModel Model { get; }

    /// <summary>The estimated population effects.</summary>
    public PopulationSystem Population { get; }

    /// <summary>The sums of each factor.</summary>
    public FactorSums[] Factors { get; }

    /// <summary>Coordinates and prior of the scales of each factor alone.</summary>
    public ScaleCoordinates[] Scales { get; }

    /// <summary>The joint draws of a sweep: one of all coefficients, or one of beta and each factor's effects.</summary>
    public CrossedSystem[] Blocks { get; }

    /// <summary>By factor and other factor, which of their levels meet; null at the factor itself.</summary>
    public LevelLinks?[][] Links { get; }

    /// <summary>By factor and other factor, what the other's effects take off X'y of the rows that the first leaves, see
    /// <see cref="HierarchySums.PooledLinks"/>; empty where all coefficients are drawn jointly.</summary>
    public double[][][] PooledLinks { get; }

    /// <summary>The layout of all coefficients.</summary>
    public HierarchyColumns Columns { get; }

    /// <summary>Residual sums of squares.</summary>
    public SumsLikelihood Likelihood { get; }

    /// <summary>True where one draw of a sweep holds all coefficients.</summary>
    public bool IsJoint => Blocks.Length == 1;

    /// <summary>True where sigma is estimated.</summary>
    public bool HasSigma => Model.Spec.Response is { KnownSd: null, Sigma: not { FixedValue: not null } };

    /// <summary>True where sigma is reported: estimated, or fixed and so a constant; not where errors are known by row.</summary>
    public bool ReportsSigma => Model.Spec.Response.KnownSd is null;

    /// <summary>True where draws of the effects are kept; those of a single factor are made again when they are read.</summary>
    public bool KeepsEffects => Factors.Length > 1;

    /// <summary>True where sigma is drawn with all coefficients integrated out too: where they are drawn jointly, and are so many that sigma would
    /// hardly move given them.</summary>
    public bool CollapsesSigma => HasSigma && IsJoint && (CollapsesFactors || CoefficientCount > CrowdedShare * Model.RowCount);

    /// <summary>True where all scales are drawn with all coefficients integrated out too: several factors, which the data may hardly tell apart,
    /// drawn jointly and cheaply.</summary>
    public bool CollapsesFactors =>
        Factors.Length > 1 && IsJoint && Scales.Sum(scales => scales.Dimension) * Blocks[0].Cost <= MostCollapsedOperations;

    /// <summary>Number of estimated coefficients, population and varying.</summary>
    public long CoefficientCount => Population.Count + Factors.Sum(factor => (long)factor.LevelCount * factor.TermCount);

    /// <summary>Reduces a bound model.</summary>
    /// <param name="model">A model the engine supports.</param>
    /// <param name="allowJoint">False to draw one factor at a time however small the model is.</param>
    /// <returns>The system. O(cells w^2), w the number of columns, and a sort of the cells where there are several factors.</returns>
    public static GibbsSystem Reduce(NormalBoundModel model, bool allowJoint = true)
    {
        var sums = HierarchySums.Of(model, integratesAll: true);
        if (sums.Factors.Length <= 1)
            return new GibbsSystem(sums, [CrossedSystem.Of(sums)]);
        return allowJoint && JointPlan(model, sums.Population.Count) is { } plan
            ? new GibbsSystem(sums, [CrossedSystem.Of(sums, plan)])
            : new GibbsSystem(sums, [.. sums.Factors.Select((_, k) => CrossedSystem.Of(sums.Only(k)))]);
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
        var levels = shapes.Select(shape => shape.Levels * (CrossedPlan.LevelCostOf(shape.Terms, p) + shape.Terms * (2 * shape.Terms + p))).ToArray();
        var joint = shapes.Length == 1 ? levels[0] + p * p * p / 3 : JointPlan(model, (int)p)?.Cost;
        if (joint is null)
            return residual + scales + levels.Sum() + shapes.Sum(shape => p * p * p / 3 + 2 * cells * shape.Terms * shapes.Length);
        var dimension = 1 + shapes.Sum(shape => shape.Terms * (shape.Terms + 1) / 2);
        return residual + scales + joint.Value * (shapes.Length > 1 && dimension * joint <= MostCollapsedOperations ? 1 + 7 * dimension : 1);
    }

    // The plan of a joint draw of all coefficients of several factors; null where it would take too long.
    private static CrossedPlan? JointPlan(NormalBoundModel model, int populationCount)
    {
        var plan = CrossedPlan.Of(model, populationCount);
        return plan.Cost <= MostJointOperations ? plan : null;
    }
}
