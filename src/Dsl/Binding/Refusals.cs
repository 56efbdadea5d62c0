using System.Globalization;
using TypedPooling.Data;
using TypedPooling.Model;

namespace TypedPooling.Binding;

/// <summary>What data of every kind must have before a model is bound to them.</summary>
internal static class Refusals
{
    /// <exception cref="ModelException">EmptyModel, NoRows.</exception>
    public static void ThrowIfEmpty(ModelSpec spec, CollapsedRows data)
    {
        if (spec.Population.IsEmpty && spec.Factors.IsEmpty)
        {
            throw new ModelException(new Problem(
                ProblemCode.EmptyModel,
                "The model has neither a population effect nor a varying effect.",
                "Add Intercept(), Slope(...), Categorical(...) or Varying(...)."));
        }

        if (data.RowCount == 0)
            throw new ModelException(NoRows(data.DroppedRowCount));
    }

    /// <summary>Refuses finite numbers whose squares are not: nothing can be computed from them.</summary>
    /// <exception cref="ModelException">NotFinite.</exception>
    public static void ThrowIfOverflowing(ModelSpec spec, CellMoments total)
    {
        var problems = new List<Problem>();
        var products = total.CrossProducts(0);
        for (var a = 0; a <= total.ColumnCount; a++)
        {
            if (double.IsFinite(products[a * (a + 1) / 2 + a]) && double.IsFinite(total.Means(0)[a]))
                continue;
            var name = a == total.ColumnCount ? spec.Response.Name : spec.Columns[a].Name;
            problems.Add(new(ProblemCode.NotFinite, $"The values of '{name}' are so large that their squares overflow.", "Use another unit.")
            { Term = name });
        }

        ThrowIfAny(problems);
    }

    /// <exception cref="ModelException">There is a problem.</exception>
    public static void ThrowIfAny(List<Problem> problems)
    {
        if (problems.Count > 0)
            throw new ModelException(problems);
    }

    private static Problem NoRows(long dropped) => new(
        ProblemCode.NoRows,
        dropped == 0
            ? "There are no rows."
            : string.Create(CultureInfo.InvariantCulture, $"No row is left: all {dropped} were dropped because a value was missing."),
        "Give at least one row in which every column and key of the model has a value.");
}
