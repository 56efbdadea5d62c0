using TypedPooling.Data;
using TypedPooling.Inference.Hierarchy.Columns;
using TypedPooling.Inference.Hierarchy.GaussianSystem.Kernels;
using TypedPooling.Inference.Hierarchy.Sums;

namespace TypedPooling.Inference.Hierarchy.GaussianSystem;

/// <summary>A normal hierarchy with one grouping factor (or none), reduced to a few pseudo-rows a level. Immutable; shared by chains.</summary>
/// <remarks>
/// <para>
/// In a level j the rows of [Z X y] are rotated by an orthogonal Q so that Z becomes upper triangular in its first q rows and zero below. The
/// likelihood does not change, and falls apart in two: the first q rows, y_j = X_j beta + Z_j u_j + e, and all others, which no longer hold u_j. The
/// others are pooled over levels into one p x p triangular system and one sum of squares. So a level costs O(q^2 (q + p)) a density evaluation
/// however many rows it has.
/// </para>
/// <para>
/// Levels with the same Z_j and X_j form a class, which keeps their number, the mean of y_j and the scatter of y_j about it: the density then costs
/// O(classes). Zero rows stand in where a level has fewer than q rows, so that all levels have one shape. Rows of known error are scaled by their sd
/// beforehand (weights), sigma is then 1. Coefficients fixed by their prior are subtracted from y. The columns of coefficients that are joined to
/// theta stand behind those that are integrated. <see cref="LevelReducer"/> makes the rotation from sums. Sources: [Bates2015], [Chan1983].
/// </para>
/// </remarks>
internal sealed class NormalSystem : CoefficientSystem
{
    private NormalSystem(HierarchySums sums)
        : base(sums)
    {
        var own = sums.Factors.Length == 0 ? null : sums.Factors[0];
        LevelCount = own?.LevelCount ?? 0;
        TermCount = own?.TermCount ?? 0;
        LevelResponses = own?.Responses ?? [];
        Classes = DesignClasses.Of(own, PopulationCount, out var classOfLevel);
        ClassOfLevel = classOfLevel;
        Pooled = sums.Pooled[0];
        Pivot = own?.Pivot ?? EffectPivot.None;
        var total = Model.Cells.Total();
        TermRms = new double[TermCount];
        for (var a = 0; a < TermCount; a++)
            TermRms[a] = TypicalScales.RootMeanSquare(total, Model.Spec.Factors[0].Terms[a].Column, Model.Spec.Factors[0].OriginOf(a));
        Lanes = new ClassLanes(Classes, TermCount, PopulationCount, IntegratedCount);
        Joined = JoinedCoefficients.Of(this);
        Anchor = NewAnchor();
    }

    /// <summary>Number of levels J; 0 without a factor.</summary>
    public int LevelCount { get; }

    /// <summary>Number of varying terms q; 0 without a factor.</summary>
    public int TermCount { get; }

    /// <summary>Number of integrated population effects.</summary>
    public int IntegratedCount => Population.IntegratedCount;

    public override PopulationCoordinates Joined { get; }

    public override int Eliminated => LevelCount == 0 ? -1 : 0;

    public override int RestCount => 0;

    /// <summary>q^2 (q + p) a class and a solution for beta.</summary>
    public override double Cost
    {
        get
        {
            double q = TermCount, n = PopulationCount;
            return Classes.Count * (q * q * (q + n) + q * n * n) + n * n * n / 3;
        }
    }

    /// <summary>beta^ at typical scales, in pivoted coordinates: values of the density are computed from there. Empty where all of it
    /// cannot be evaluated there, or effects are joined.</summary>
    public double[] Anchor { get; } = [];

    /// <summary>The q pseudo-responses of each level. Length J q.</summary>
    public double[] LevelResponses { get; }

    /// <summary>Class of each level. Length J.</summary>
    public int[] ClassOfLevel { get; }

    /// <summary>The distinct pseudo-designs.</summary>
    public DesignClasses Classes { get; }

    /// <summary>The same, laid out for the density.</summary>
    public ClassLanes Lanes { get; }

    /// <summary>The rows that hold no varying effect, pooled.</summary>
    public PooledRows Pooled { get; }

    /// <summary>The varying effects of centred columns, and back.</summary>
    public EffectPivot Pivot { get; }

    /// <summary>Root mean square of each varying term's column, less the factor's own origin, over all rows, to scale starting points. Length
    /// q.</summary>
    public double[] TermRms { get; }

    /// <summary>Reduces a bound model.</summary>
    /// <param name="model">A model with at most one grouping factor.</param>
    /// <returns>The system. O(J m^2 (m + p)).</returns>
    public static NormalSystem Reduce(NormalBoundModel model) => new(HierarchySums.Of(model));

    public override TypicalScales Typical() => TypicalScales.Of(this);

    public override CoefficientWorkspace NewWorkspace() => new NormalSystemWorkspace(this);

    public override int CoordinateOf(int factor, int level) => throw new InvalidOperationException("No factor is left to the rest.");

    public override LevelRows RowsOf(int level)
    {
        var (c, q, p) = (ClassOfLevel[level], TermCount, PopulationCount);
        return new LevelRows(
            Classes.Varying.AsSpan(c * q * q, q * q), [], Classes.Population.AsSpan(c * q * p, q * p), [], LevelResponses.AsSpan(level * q, q));
    }

    private double[] NewAnchor()
    {
        if (TermCount == 0 || Joined.Count > 0)
            return [];
        var (sigma, sds) = TypicalScales.Of(this);
        var lambda = new double[TermCount * TermCount];
        for (var a = 0; a < TermCount; a++)
            lambda[a * TermCount + a] = sds[a];
        var pivoted = new double[lambda.Length];
        Pivot.PivotLambda(lambda, pivoted);
        var workspace = new NormalSystemWorkspace(this);
        return double.IsFinite(workspace.Solve(sigma, pivoted, [], [])) ? workspace.Mean : [];
    }
}
