using System.Collections.Immutable;
using System.Globalization;
using TypedPooling.Declarations;

namespace TypedPooling.Binding;

/// <summary>A group-level predictor has one value in each group: its variance there is exactly 0.</summary>
internal static class GroupConstancy
{
    public static IEnumerable<Problem> Check(ColumnsByCell model, ImmutableArray<GroupConstant> constants)
    {
        foreach (var (factor, column) in constants)
        {
            if (FirstVarying(model, factor, column) is not { } found)
                continue;
            var name = model.Spec.Columns[column].Name;
            var factorName = model.Spec.Factors[factor].Name;
            yield return new(
                ProblemCode.VariesWithinGroup,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"'{name}' predicts effects of {factorName}, so it must have one value in each level. It varies within {found.Count} "
                        + $"of {model.Levels(factor).Count} levels."),
                "Give all rows of a level the same value, or use Slope for a predictor that varies within levels.")
            {
                Term = name,
                Level = model.Levels(factor).Text(found.Level),
                IsLevelOfData = true,
            };
        }
    }

    private static (int Level, int Count)? FirstVarying(ColumnsByCell model, int factor, int column)
    {
        var value = new double[model.Levels(factor).Count];
        var varies = new bool[value.Length];
        Array.Fill(value, double.NaN);
        for (var cell = 0; cell < model.Count; cell++)
        {
            var level = model.Level(factor, cell);
            var mean = model.Value(cell, column);
            varies[level] |= model.Varies(cell, column) || (!double.IsNaN(value[level]) && value[level] != mean);
            value[level] = mean;
        }

        var first = Array.IndexOf(varies, true);
        return first < 0 ? null : (first, varies.Count(each => each));
    }
}
