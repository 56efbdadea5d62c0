using TypedPooling.Data;
using TypedPooling.Model;

namespace TypedPooling.Inference.CellLikelihoods;

/// <summary>The cells of a model sorted into groups that share no varying effect, with population columns in well-conditioned coordinates. Immutable; shared by threads.</summary>
/// <remarks>
/// <para>
/// With one grouping factor a group is a level, with several all cells together; without one there is a single group without effects. In group g the effects of all its levels stand one after the other, v of length Q_g, level by level;
/// a cell names for each factor where its level's effects begin.
/// </para>
/// <para>
/// beta = Center + Map b: population columns are standardised, and Map then takes out what correlation the data's own information leaves (at the fit without varying effects), so that b is of the order of its standard error.
/// </para>
/// </remarks>
internal sealed class CellSystem
{
    private CellSystem(CellBoundModel model, ResponseCurve curve, CompleteFit start, double typicalShape)
    {
        TypicalShape = typicalShape;
        Model = model;
        Curve = curve;
        Center = start.Estimates;
        Map = start.Root;
        var cells = model.Cells;
        var spec = model.Spec;
        var (c, k, m) = (cells.Count, spec.Factors.Length, cells.ColumnCount);
        PopulationCount = start.Columns.Length;
        EstimatedTerms = start.Terms;
        TermCounts = [.. spec.Factors.Select(factor => factor.Terms.Length)];
        FactorCount = k;

        var order = Enumerable.Range(0, c).ToArray();
        var groupOf = k == 1 ? cells.Levels.ToArray() : new int[c];
        Array.Sort(groupOf, order);
        Starts = k == 1 ? new int[model.Levels[0].Count + 1] : [0, c];
        for (var i = 0; k == 1 && i < c; i++)
            Starts[groupOf[i] + 1] = i + 1;

        // A level without cells cannot be: levels are those that rows have.
        Sizes = k == 1 ? [.. Enumerable.Repeat(TermCounts[0], model.Levels[0].Count)] : [Enumerable.Range(0, k).Sum(f => model.Levels[f].Count * TermCounts[f])];
        FactorStarts = new int[k];
        for (var f = 1; f < k; f++)
            FactorStarts[f] = FactorStarts[f - 1] + model.Levels[f - 1].Count * TermCounts[f - 1];

        Responses = new double[c];
        Trials = new double[c];
        Known = new double[c];
        Population = new double[c * PopulationCount];
        Varying = new double[c * TermCounts.Sum()];
        Places = new int[c * k];
        for (var i = 0; i < c; i++)
        {
            var from = order[i];
            var columns = cells.Columns.Slice(from * m, m);
            Responses[i] = cells.Responses[from];
            Trials[i] = cells.Sizes[from];
            Known[i] = start.Known[from];
            for (var b = 0; b < PopulationCount; b++)
            {
                for (var a = 0; a < PopulationCount; a++)
                {
                    var x = Value(columns, start.Columns[a]);
                    Known[i] += b == 0 ? x * Center[a] : 0;
                    Population[i * PopulationCount + b] += x * Map[a * PopulationCount + b];
                }
            }

            var at = i * TermCounts.Sum();
            for (var f = 0; f < k; f++)
            {
                var level = cells.Levels[from * k + f];
                Places[i * k + f] = k == 1 ? 0 : FactorStarts[f] + level * TermCounts[f];
                foreach (var term in spec.Factors[f].Terms)
                    Varying[at++] = Value(columns, term.Column);
            }
        }
    }

    public CellBoundModel Model { get; }

    /// <summary>The curve; where it knows a shape a thread takes a scratch of its own.</summary>
    public ResponseCurve Curve { get; }

    /// <summary>The shape at the fit without varying effects, which is less than with them; 1 where there is none.</summary>
    public double TypicalShape { get; }

    /// <summary>Number of estimated population effects p.</summary>
    public int PopulationCount { get; }

    /// <summary>The model's term of each estimated effect. Length p.</summary>
    public int[] EstimatedTerms { get; }

    /// <summary>beta at b = 0, estimated effects only. Length p.</summary>
    public double[] Center { get; }

    /// <summary>beta = Center + Map b, p x p by rows.</summary>
    public double[] Map { get; }

    /// <summary>Number of grouping factors K.</summary>
    public int FactorCount { get; }

    /// <summary>q of each factor.</summary>
    public int[] TermCounts { get; }

    /// <summary>First cell of each group, and the number of cells. Length groups + 1.</summary>
    public int[] Starts { get; }

    /// <summary>Q of each group.</summary>
    public int[] Sizes { get; }

    /// <summary>With several factors, where the effects of each begin.</summary>
    public int[] FactorStarts { get; }

    /// <summary>Successes or events by sorted cell.</summary>
    public double[] Responses { get; }

    /// <summary>Trials or exposure by sorted cell.</summary>
    public double[] Trials { get; }

    /// <summary>Offsets, fixed effects and X Center by sorted cell.</summary>
    public double[] Known { get; }

    /// <summary>X Map, cells x p.</summary>
    public double[] Population { get; }

    /// <summary>Columns of the varying terms, factor after factor, by sorted cell.</summary>
    public double[] Varying { get; }

    /// <summary>Where the effects of a cell's level begin in its group, by sorted cell and factor.</summary>
    public int[] Places { get; }

    /// <summary>Number of groups.</summary>
    public int GroupCount => Sizes.Length;

    /// <summary>The group of a level and where its effects begin there.</summary>
    public (int Group, int At) PlaceOf(int factor, int level) => FactorCount == 1 ? (level, 0) : (0, FactorStarts[factor] + level * TermCounts[factor]);

    /// <summary>Sorts the cells of a model.</summary>
    /// <exception cref="ModelException">The population effects have no finite estimate: the response is separated.</exception>
    public static CellSystem Of(CellBoundModel model)
    {
        var response = model.Spec.Response;
        var curve = ResponseCurve.Of(response.Family)!;
        var start = CompleteFit.Of(model, curve);
        if (!response.HasShape)
            return new(model, curve, start, 1);
        var shape = response.Shape is FixedPrior known ? known.Value : start.BestShape(model, curve);
        curve.Set(new ResponseScales(1, shape));
        return new(model, curve, CompleteFit.Of(model, curve), shape);
    }

    internal static double Value(ReadOnlySpan<double> columns, int column) => column == ModelSpec.Ones ? 1 : columns[column];
}
