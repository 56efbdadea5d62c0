using System.Collections.Immutable;
using TypedPooling.Data;
using TypedPooling.Draws;
using TypedPooling.Inference.Hierarchy.GaussianSystem.Kernels;
using TypedPooling.Inference.Scales;
using TypedPooling.Model;

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
/// The rotation is made from sums: with R the Cholesky factor of the level's centred cross-products and means taken against the global pivot, [Z X y]
/// has the same cross-products as the m + 2 rows [sqrt(W) (1, mean - x*); R], which a Householder factorisation then rotates. No product of uncentred
/// columns is ever formed.
/// </para>
/// <para>
/// Levels with the same Z_j and X_j form a class, which keeps their number, the mean of y_j and the scatter of y_j about it: the density then costs
/// O(classes). Zero rows stand in where a level has fewer than q rows, so that all levels have one shape. Rows of known error are scaled by their sd
/// beforehand (weights), sigma is then 1. Coefficients fixed by their prior are subtracted from y. The columns of coefficients that are joined to
/// theta stand behind those that are integrated. Sources: [Bates2015], [Chan1983].
/// </para>
/// </remarks>
internal sealed class NormalSystem : CoefficientSystem
{
    private NormalSystem(
        NormalBoundModel model,
        PopulationSystem population,
        int levelCount,
        int termCount,
        double[] levelResponses,
        int[] classOfLevel,
        DesignClasses classes,
        PooledRows pooled,
        double[] varyingOrigin,
        int varyingInterceptIndex,
        double[] termRms)
    {
        VaryingInterceptIndex = varyingInterceptIndex;
        Model = model;
        Population = population;
        LevelCount = levelCount;
        TermCount = termCount;
        LevelResponses = levelResponses;
        ClassOfLevel = classOfLevel;
        Classes = classes;
        Pooled = pooled;
        VaryingOrigin = varyingOrigin;
        TermRms = termRms;
        Lanes = new ClassLanes(classes, termCount, population.Count, population.IntegratedCount);
        Joined = JoinedCoefficients.Of(this);
        Anchor = NewAnchor();
    }

    public override NormalBoundModel Model { get; }

    public override PopulationSystem Population { get; }

    /// <summary>Number of levels J; 0 without a factor.</summary>
    public int LevelCount { get; }

    /// <summary>Number of varying terms q; 0 without a factor.</summary>
    public int TermCount { get; }

    /// <summary>Number of integrated population effects.</summary>
    public int IntegratedCount => Population.IntegratedCount;

    public override JoinedCoefficients Joined { get; }

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

    /// <summary>x* of each varying term less the factor's own origin where Z is centred, 0 where not; the intercept's own entry is 0. Length
    /// q.</summary>
    public double[] VaryingOrigin { get; }

    /// <summary>Root mean square of each varying term's column, less the factor's own origin, over all rows, to scale starting points. Length
    /// q.</summary>
    public double[] TermRms { get; }

    /// <summary>Index of the intercept among the varying terms where Z is centred; -1 otherwise.</summary>
    public int VaryingInterceptIndex { get; }

    /// <summary>Reduces a bound model.</summary>
    /// <param name="model">A model with at most one grouping factor.</param>
    /// <returns>The system. O(J m^2 (m + p)).</returns>
    public static NormalSystem Reduce(NormalBoundModel model)
    {
        var spec = model.Spec;
        var cells = model.Cells;
        var total = cells.Total();
        ImmutableArray<VaryingTerm> terms = spec.Factors.IsEmpty ? [] : spec.Factors[0].Terms;
        var q = terms.Length;
        var population = PopulationSystem.Of(spec, total);
        var varyingPivot = Pivot.Of(terms.Any(t => t.Column == ModelSpec.Ones), total, withResponse: false);
        var p = population.Count;
        var reducer = new LevelReducer(cells.ColumnCount, [.. terms.Select(t => t.Column)], varyingPivot, population);

        var levelCount = q == 0 ? 0 : model.Levels[0].Count;
        var responses = new double[levelCount * q];
        var designs = new DesignClassesBuilder(q, p, levelCount);
        var pooled = new PooledRowsBuilder(p);
        for (var j = 0; j < cells.CellCount; j++)
        {
            // With one factor cells and levels are numbered alike.
            reducer.Reduce(cells, j, pooled);
            if (q > 0)
                reducer.Response.CopyTo(responses.AsSpan(j * q, q));
            if (q > 0)
                designs.Add(reducer.Varying, reducer.PopulationRows);
        }

        var classes = designs.Build(responses, out var classOfLevel);
        var rms = new double[q];
        var origin = new double[q];
        for (var a = 0; a < q; a++)
        {
            var own = spec.Factors[0].OriginOf(a);
            origin[a] = varyingPivot.At(terms[a].Column) - own;
            rms[a] = TypicalScales.RootMeanSquare(total, terms[a].Column, own);
        }

        var intercept = terms.Select((t, a) => (t, a)).Where(x => x.t.Column == ModelSpec.Ones).Select(x => x.a).DefaultIfEmpty(-1).First();
        return new NormalSystem(
            model, population, levelCount, q, responses, classOfLevel, classes, pooled.Build(cells.RowCount), origin, intercept, rms);
    }

    public override TypicalScales Typical() => TypicalScales.Of(this);

    public override CoefficientWorkspace NewWorkspace() => new NormalSystemWorkspace(this);

    public override void Uncentre(int factor, Span<double> lambda)
    {
        for (var a = 0; a < TermCount && VaryingInterceptIndex >= 0; a++)
        {
            for (var b = 0; b < TermCount && VaryingOrigin[a] != 0; b++)
                lambda[VaryingInterceptIndex * TermCount + b] -= VaryingOrigin[a] * lambda[a * TermCount + b];
        }
    }

    /// <summary>Turns weights b over u into those over T u that give the same combination, T^-T b.</summary>
    /// <param name="weights">Changed. Length q.</param>
    public void PivotWeights(Span<double> weights)
    {
        for (var a = 0; a < TermCount && VaryingInterceptIndex >= 0; a++)
            weights[a] -= VaryingOrigin[a] * weights[VaryingInterceptIndex];
    }

    public override ExactMoments Moments(CoefficientWorkspace workspace, ScalePoint point) =>
        new NormalExactMoments(this, (NormalSystemWorkspace)workspace, point);

    /// <summary>Turns Lambda into T Lambda, the root that belongs to centred columns.</summary>
    /// <param name="lambda">Lambda, q x q by rows.</param>
    /// <param name="pivoted">Overwritten with T Lambda; no longer lower triangular. Length q^2.</param>
    public void PivotLambda(ReadOnlySpan<double> lambda, Span<double> pivoted)
    {
        lambda.CopyTo(pivoted);
        if (VaryingInterceptIndex < 0)
            return;
        var q = TermCount;
        var intercept = pivoted.Slice(VaryingInterceptIndex * q, q);
        for (var a = 0; a < q; a++)
        {
            if (VaryingOrigin[a] == 0)
                continue;
            for (var b = 0; b < q; b++)
                intercept[b] += VaryingOrigin[a] * lambda[a * q + b];
        }
    }

    /// <summary>Turns a derivative for T Lambda into one for Lambda: T' times it.</summary>
    /// <param name="gradient">Derivative for T Lambda, q x q by rows; overwritten with that for Lambda.</param>
    public void PivotGradient(Span<double> gradient)
    {
        if (VaryingInterceptIndex < 0)
            return;
        var q = TermCount;
        var intercept = gradient.Slice(VaryingInterceptIndex * q, q);
        for (var a = 0; a < q; a++)
        {
            if (VaryingOrigin[a] == 0)
                continue;
            for (var b = 0; b < q; b++)
                gradient[a * q + b] += VaryingOrigin[a] * intercept[b];
        }
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
        PivotLambda(lambda, pivoted);
        var workspace = new NormalSystemWorkspace(this);
        return double.IsFinite(workspace.Solve(sigma, pivoted, [], [])) ? workspace.Mean : [];
    }
}
