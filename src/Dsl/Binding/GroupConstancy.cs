using System.Collections.Immutable;
using System.Globalization;
using TypedPooling.Building;
using TypedPooling.Data;

namespace TypedPooling.Binding;

/// <summary>A group-level predictor has one value in each group: its variance there is exactly 0, which the sums tell because a cell's first row is its pivot.</summary>
internal static class GroupConstancy
{
    public static IEnumerable<Problem> Check(NormalBoundModel model, ImmutableArray<GroupConstant> constants)
    {
        foreach (var (factor, column) in constants)
        {
            if (FirstVarying(model, factor, column) is not { } found)
                continue;
            var name = model.Spec.Columns[column].Name;
            var factorName = model.Spec.Factors[factor].Name;
            yield return new(
                ProblemCode.VariesWithinGroup,
                string.Create(CultureInfo.InvariantCulture, $"'{name}' predicts effects of {factorName} and must have one value in each of its groups, but in {found.Count} of {model.Levels[factor].Count} it varies."),
                "Give every row of a group the same value, or use Slope for a predictor of rows.")
            {
                Term = name,
                Level = model.Levels[factor].Text(found.Level),
            };
        }
    }

    private static (int Level, int Count)? FirstVarying(NormalBoundModel model, int factor, int column)
    {
        var cells = model.Cells;
        var value = new double[model.Levels[factor].Count];
        var varies = new bool[value.Length];
        Array.Fill(value, double.NaN);
        var cellLevels = model.CellLevels(factor);
        for (var cell = 0; cell < cells.CellCount; cell++)
        {
            var level = cellLevels[cell];
            var mean = cells.Means(cell)[column];
            varies[level] |= cells.CrossProducts(cell)[column * (column + 1) / 2 + column] > 0 || (!double.IsNaN(value[level]) && value[level] != mean);
            value[level] = mean;
        }

        var first = Array.IndexOf(varies, true);
        return first < 0 ? null : (first, varies.Count(each => each));
    }
}
