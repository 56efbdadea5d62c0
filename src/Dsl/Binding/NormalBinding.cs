using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using TypedPooling.Data;
using TypedPooling.Declarations;
using TypedPooling.Model;

namespace TypedPooling.Binding;

/// <summary>From a model and its sums to a <see cref="NormalBoundModel"/>: categories expanded, defaults decided, everything checked.</summary>
internal static class NormalBinding
{
    public static NormalBoundModel Bind(LoweredModel model, string signature, NormalSumsData sums)
    {
        var (spec, cells, total, standardization) = Decide(model, signature, sums);
        ImmutableArray<LevelTable> levels = [.. sums.Levels];
        var bound = new NormalBoundModel(spec, levels, cells, sums.CellLevels, sums.DroppedRowCount)
        {
            LogJacobian = 0 - sums.LogResponseSum - (standardization is null ? 0 : cells.RowCount * Math.Log(standardization.ResponseScale)),
            Standardization = standardization,
            Unweighted = sums.Unweighted is null ? null : total,
        };
        var byCell = ColumnsByCell.Of(bound);
        ThrowIfAny(
        [
            .. LevelTexts.Check(bound),
            .. GroupConstancy.Check(byCell, model.GroupConstants),
            .. Identification.Check(spec, total),
            .. FlatScales.Check(byCell),
            .. IdenticalFactors.Check(byCell),
            .. PerfectFit.Check(bound, sums.Unweighted is null ? total : cells.Total()),
        ]);
        return bound;
    }

    /// <summary>Binds the model of the likelihood alone: no priors, nothing standardised. What data leave without a maximum is for the engine to say.</summary>
    public static NormalBoundModel BindLikelihood(LoweredModel model, string signature, NormalSumsData sums)
    {
        if (model.Spec.IsStandardized)
            model = LoweredModel.Of(model.Declaration with { IsStandardized = false });
        var (spec, cells, _, _) = Decide(model, signature, sums);
        var bound = new NormalBoundModel(spec.WithoutPriors(), [.. sums.Levels], cells, sums.CellLevels, sums.DroppedRowCount) { LogJacobian = 0 - sums.LogResponseSum };
        var byCell = ColumnsByCell.Of(bound);
        ThrowIfAny([.. LevelTexts.Check(bound), .. GroupConstancy.Check(byCell, model.GroupConstants), .. IdenticalFactors.Check(byCell), .. PerfectFit.CheckLikelihood(bound, cells.Total())]);
        return bound;
    }

    /// <summary>Expands categories and decides every prior, without asking whether the data can be fitted.</summary>
    /// <returns>The model, the moments of its columns, their unweighted total, both standardised where the model is, and by what.</returns>
    public static (ModelSpec Spec, CellMoments Cells, CellMoments Total, Standardization? Standardization) Decide(LoweredModel model, string signature, NormalSumsData sums)
    {
        if (sums.Signature != signature)
            throw OtherModel();
        RefuseEmpty(model.Spec, sums.Cells.RowCount, sums.DroppedRowCount);

        var columns = BoundColumns.Of(model, sums.Categories, sums.Indicators);
        var isAsRead = columns.From.AsSpan().SequenceEqual([.. Enumerable.Range(0, sums.Cells.ColumnCount)]);
        var cells = isAsRead ? sums.Cells : sums.Cells.Select(columns.From);

        // Rows count equally here, also where they are weighted: sds of columns are those of the data as they stand.
        var total = sums.Unweighted is null ? cells.Total() : sums.Unweighted.Select(columns.From);
        ThrowIfAny(Overflow(columns.Spec, total));
        if (!model.Spec.IsStandardized)
            return (DefaultPriors.Decide(columns.Spec, total), cells, total, null);

        var standardization = Standardization.Of(columns.Spec, total);
        total = standardization.Apply(total);
        cells = standardization.Apply(cells);

        // Known errors are in units of the response: 1 / sd^2 grows by s_y^2.
        if (model.Spec.Response.KnownSd is not null)
            cells = cells.Reweight(standardization.ResponseScale * standardization.ResponseScale);
        return (DefaultPriors.Decide(columns.Spec, total), cells, total, standardization);
    }

    public static string Describe(NormalBoundModel bound)
    {
        var text = DescribeAny(bound);
        if (bound.Standardization is { } standardization)
            text.Append("\nStandardised: ").AppendJoin("; ", Scales(bound.Spec, standardization));
        return text.Append(ModelChecks.Of(bound)).ToString();
    }

    /// <summary>The model and the sizes of its data, whatever the response.</summary>
    public static StringBuilder DescribeAny(BoundModel bound)
    {
        var text = new StringBuilder(ModelPrinter.Print(bound.Spec)).Append("\n\n");
        text.Append(CultureInfo.InvariantCulture, $"{bound.RowCount} {(bound.RowCount == 1 ? "row" : "rows")}");
        if (bound.DroppedRowCount > 0)
            text.Append(CultureInfo.InvariantCulture, $" ({bound.DroppedRowCount} dropped for missing values)");
        for (var k = 0; k < bound.Levels.Length; k++)
            text.Append(CultureInfo.InvariantCulture, $"; {bound.Spec.Factors[k].Name}: {bound.Levels[k].Count} {(bound.Levels[k].Count == 1 ? "level" : "levels")}");
        return text;
    }

    private static IEnumerable<string> Scales(ModelSpec spec, Standardization standardization)
    {
        yield return Scale(spec.Response.Name, spec.Population.Any(term => term.Column == ModelSpec.Ones), standardization.ResponseOrigin, standardization.ResponseScale);
        for (var c = 0; c < spec.Columns.Length; c++)
            yield return Scale(spec.Columns[c].Name, standardization.IsCentred(c), standardization.Origins[c], standardization.Scales[c]);
    }

    private static string Scale(string name, bool isCentred, double origin, double scale) => isCentred
        ? string.Create(CultureInfo.InvariantCulture, $"{name} less {origin:G6}, over {scale:G6}")
        : string.Create(CultureInfo.InvariantCulture, $"{name} over {scale:G6}");

    public static ModelException OtherModel() => new(new Problem(
        ProblemCode.SumsOfAnotherModel,
        "The sums were made by a model with other columns, keys or response, or another rule for missing values.",
        "Make the sums with this model, or one that differs in priors only."));

    /// <exception cref="ModelException">EmptyModel, NoRows.</exception>
    public static void RefuseEmpty(ModelSpec spec, long rowCount, long dropped)
    {
        if (spec.Population.IsEmpty && spec.Factors.IsEmpty)
        {
            throw new ModelException(new Problem(
                ProblemCode.EmptyModel, "The model has neither a population effect nor a varying effect.", "Add Intercept(), Slope(...), Categorical(...) or Varying(...)."));
        }

        if (rowCount == 0)
            throw new ModelException(NoRows(dropped));
    }

    private static Problem NoRows(long dropped) => new(
        ProblemCode.NoRows,
        dropped == 0 ? "There are no rows." : string.Create(CultureInfo.InvariantCulture, $"No row is left: all {dropped} were dropped because a value was missing."),
        "Give at least one row in which every column and key of the model has a value.");

    // Finite numbers whose squares are not: nothing can be computed from them.
    public static List<Problem> Overflow(ModelSpec spec, CellMoments total)
    {
        var problems = new List<Problem>();
        var products = total.CrossProducts(0);
        for (var a = 0; a <= total.ColumnCount; a++)
        {
            if (double.IsFinite(products[a * (a + 1) / 2 + a]) && double.IsFinite(total.Means(0)[a]))
                continue;
            var name = a == total.ColumnCount ? spec.Response.Name : spec.Columns[a].Name;
            problems.Add(new(ProblemCode.NotFinite, $"The values of '{name}' are so large that their squares overflow.", "Use another unit.") { Term = name });
        }

        return problems;
    }

    public static void ThrowIfAny(List<Problem> problems)
    {
        if (problems.Count > 0)
            throw new ModelException(problems);
    }
}
