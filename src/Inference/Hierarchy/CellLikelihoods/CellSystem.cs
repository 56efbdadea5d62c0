using TypedPooling.Data;
using TypedPooling.Inference.Numerics;
using TypedPooling.Model;
using TypedPooling.Responses;

namespace TypedPooling.Inference.Hierarchy.CellLikelihoods;

/// <summary>The cells of a model sorted into blocks that share no varying effect, with population columns in well-conditioned coordinates. Immutable;
/// shared by threads.</summary>
/// <remarks>
/// <para>
/// With one grouping factor a block is a level, with several all cells together; without one there is a single block without effects.
/// <see cref="CellPlan"/> says in which order the effects v of a block stand; a cell names for each factor where its level's effects begin
/// (<see cref="CellPlaces"/>).
/// </para>
/// <para>
/// beta = Centre + Map beta~: population columns are centred, and Map then takes out what correlation the data's own information leaves, so that
/// beta~ is of the order of its standard error: first at the fit without varying effects, then, by <see cref="At"/>, with them. Varying columns are
/// centred too, factor by factor (<see cref="Bases"/>): effects u of the model are T^-1 of those of the centred columns.
/// </para>
/// </remarks>
internal sealed class CellSystem : CellLayout
{
    private readonly CompleteFit start;

    private CellSystem(CellBoundModel model, CellPlan plan, CompleteFit start, double typicalShape)
        : base(model, plan, start.Terms.Length)
    {
        this.start = start;
        TypicalShape = typicalShape;
        Model = model;
        var cells = model.Cells;
        var spec = model.Spec;
        EstimatedTerms = start.Terms;
        Bases = [.. spec.Factors.Select(factor => CentredColumns.Of(cells, [.. factor.Terms.Select(term => term.Column)]))];
        IsFree = [.. spec.Factors.Select(factor => factor.HasCorrelations && factor.Terms.All(term => term.Sd?.FixedValue is null))];
        for (var i = 0; i < Count; i++)
        {
            for (var k = 0; k < FactorCount; k++)
                Bases[k].Values.AsSpan(plan.Order[i] * TermCounts[k], TermCounts[k]).CopyTo(Varying.AsSpan(i * plan.Width + plan.Offsets[k]));
        }

        (CentredCentre, CentredMap, Centre, Map) = ([], [], [], []);
        Place(start.Estimates, start.Root);
        Constant = model.Family.AnchoredConstant(cells.View);
    }

    private CellSystem(CellSystem other, double[] centredCentre, double[] centredMap)
        : base(other)
    {
        (start, TypicalShape, Model) = (other.start, other.TypicalShape, other.Model);
        (EstimatedTerms, Bases, IsFree, Constant) = (other.EstimatedTerms, other.Bases, other.IsFree, other.Constant);
        (CentredCentre, CentredMap, Centre, Map) = ([], [], [], []);
        Place(centredCentre, centredMap);
    }

    public CellBoundModel Model { get; }

    /// <summary>The shape at the fit without varying effects, which is less than with them; 1 where there is none.</summary>
    public double TypicalShape { get; }

    /// <summary>The model's term of each estimated effect. Length p.</summary>
    public int[] EstimatedTerms { get; }

    /// <summary>beta at beta~ = 0, estimated effects only. Length p.</summary>
    public double[] Centre { get; private set; }

    /// <summary>beta = Centre + Map beta~, p x p by rows.</summary>
    public double[] Map { get; private set; }

    /// <summary><see cref="Centre"/> for the centred columns.</summary>
    public double[] CentredCentre { get; private set; }

    /// <summary><see cref="Map"/> for the centred columns.</summary>
    public double[] CentredMap { get; private set; }

    /// <summary>Number of grouping factors K.</summary>
    public int FactorCount => Plan.FactorCount;

    /// <summary>q of each factor.</summary>
    public int[] TermCounts => Plan.TermCounts;

    /// <summary>The rows' log likelihood with every cell at its anchor, but for what knows the shape (<see cref="ScaleTerm.Anchored"/>): what
    /// <see cref="ResponseCells.LogConstant"/> and the anchors' values leave, whose large parts cancel on paper.</summary>
    public double Constant { get; }

    /// <summary>The varying columns of each factor, centred.</summary>
    public CentredColumns[] Bases { get; }

    /// <summary>By factor, whether its covariance matrix is free, correlations and all sds: then it is as free for centred columns, and is searched
    /// there.</summary>
    public bool[] IsFree { get; }

    /// <summary>Sorts the cells of a model.</summary>
    /// <exception cref="ModelException">The population effects have no finite estimate: the response is separated.</exception>
    public static CellSystem Of(CellBoundModel model, CellPlan plan)
    {
        var response = model.Spec.Response;
        var start = CompleteFit.Of(model, new ResponseScales(1, 1));
        if (!response.HasShape)
            return new(model, plan, start, 1);
        var shape = response.Shape is { FixedValue: { } known } ? known : start.BestShape();
        return new(model, plan, CompleteFit.Of(model, new ResponseScales(1, shape)), shape);
    }

    /// <summary>The same cells with beta~ in other units and about another point.</summary>
    /// <param name="point">The point, which becomes 0. Length p.</param>
    /// <param name="information">That of beta~, whose inverse is the unit of the new one; empty to keep the units. p x p by rows, lower triangle
    /// read.</param>
    /// <returns>A new system; the units are kept where the information is not positive definite.</returns>
    public CellSystem At(ReadOnlySpan<double> point, ReadOnlySpan<double> information)
    {
        var p = PopulationCount;
        var centre = (double[])CentredCentre.Clone();
        for (var a = 0; a < p; a++)
        {
            for (var e = 0; e < p; e++)
                centre[a] += CentredMap[a * p + e] * point[e];
        }

        var root = information.ToArray();
        if (root.Length == 0 || !SmallCholesky.TryFactorise(root, p))
            return new CellSystem(this, centre, CentredMap);
        var map = new double[p * p];
        var column = new double[p];
        for (var c = 0; c < p; c++)
        {
            Array.Clear(column);
            column[c] = 1;
            SmallCholesky.SolveTransposed(root, column, p);
            for (var a = 0; a < p; a++)
            {
                for (var e = 0; e < p; e++)
                    map[a * p + c] += CentredMap[a * p + e] * column[e];
            }
        }

        return new CellSystem(this, centre, map);
    }

    /// <summary>The same cells with beta~ about given effects, in the same units.</summary>
    /// <param name="effects">The estimated population effects that become 0. Length p.</param>
    public CellSystem About(ReadOnlySpan<double> effects)
    {
        var centre = new double[PopulationCount];
        for (var a = 0; a < centre.Length; a++)
        {
            for (var e = 0; e < centre.Length; e++)
                centre[a] += start.Columns.Onto[a * centre.Length + e] * effects[e];
        }

        return new CellSystem(this, centre, CentredMap);
    }

    /// <summary>The system with given coordinates of the population effects.</summary>
    /// <param name="centredCentre">Their centre. Length p.</param>
    /// <param name="centredMap">Their map. p x p by rows.</param>
    public CellSystem With(double[] centredCentre, double[] centredMap) => new(this, centredCentre, centredMap);

    private void Place(double[] centredCentre, double[] centredMap)
    {
        var p = PopulationCount;
        (CentredCentre, CentredMap, Centre, Map) = (centredCentre, centredMap, new double[p], new double[p * p]);
        for (var a = 0; a < p; a++)
        {
            for (var e = 0; e < p; e++)
            {
                Centre[a] += start.Columns.Back[a * p + e] * centredCentre[e];
                for (var b = 0; b < p; b++)
                    Map[a * p + b] += start.Columns.Back[a * p + e] * centredMap[e * p + b];
            }
        }

        for (var i = 0; i < Known.Length; i++)
        {
            var own = start.Columns.Values.AsSpan(Plan.Order[i] * p, p);
            Known[i] = start.Known[Plan.Order[i]];
            for (var a = 0; a < p; a++)
            {
                Known[i] += own[a] * centredCentre[a];
                for (var b = 0; b < p; b++)
                    Population[i * p + b] += own[a] * centredMap[a * p + b];
            }
        }
    }

    public static double Value(ReadOnlySpan<double> columns, int column) => column == ModelSpec.Ones ? 1 : columns[column];
}
