using TypedPooling.Data;
using TypedPooling.Declarations;
using TypedPooling.Keys;
using TypedPooling.Model;

namespace TypedPooling.Binding;

/// <summary>The columns of a model once the levels of its categorical predictors are known.</summary>
/// <param name="Spec">The model with a column and a population effect for every level but the reference; defaults still open.</param>
/// <param name="From">For each column its number in the sums: numeric columns, then indicators.</param>
/// <param name="NumericCount">Number of numeric columns.</param>
internal sealed record BoundColumns(ModelSpec Spec, int[] From, int NumericCount)
{
    /// <exception cref="ModelException">UnknownTerm: a reference level that no row has. NameNeeded: a level that gives a column the name of
    /// another.</exception>
    public static BoundColumns Of(LoweredModel model, LevelTable[] categories, IndicatorColumn[] indicators)
    {
        var numericCount = model.Columns.Length;
        var columns = model.Spec.Columns.Take(numericCount).ToList();
        var from = Enumerable.Range(0, numericCount).ToList();
        var expanded = new int[model.Categories.Length][];
        var problems = new List<Problem>();
        for (var c = 0; c < expanded.Length; c++)
        {
            var category = model.Categories[c];
            var table = categories[c];
            var indicatorOf = new Dictionary<int, int>();
            for (var i = 0; i < indicators.Length; i++)
            {
                if (indicators[i].Category == c)
                    indicatorOf.Add(indicators[i].Level, i);
            }

            var levels = category.Sorted(table).Where(indicatorOf.ContainsKey).ToArray();
            var reference = category.Reference is null
                ? levels[0]
                : Array.Find([.. levels, -1], level => level < 0 || table.Text(level) == category.Reference);
            if (reference < 0)
            {
                problems.Add(UnknownReference(category, table, levels));
                continue;
            }

            var name = category.Selector.Name;
            expanded[c] = [.. Enumerable.Range(columns.Count, levels.Length - 1)];
            foreach (var level in levels.Where(level => level != reference))
            {
                var text = table.Text(level);
                columns.Add(
                    new(
                        KeyText.Printed($"{name}[{text}]"),
                        KeyText.Printed($"[{category.Selector.Formula} = {text}]"))
                    {
                        Category = name,
                        CategoryLevel = text,
                        ReferenceLevel = table.Text(reference),
                    });
                from.Add(numericCount + indicatorOf[level]);
            }
        }

        if (problems.Count > 0)
            throw new ModelException(problems);
        var population = model.Spec.Population.SelectMany(term => term.Column < numericCount
            ? [term]
            : expanded[term.Column - numericCount].Select(column => term with { Name = columns[column].Name, Column = column }));
        var spec = model.Spec with { Columns = [.. columns], Population = [.. population] };
        TableNames.Check(spec);
        return new(spec, [.. from], numericCount);
    }

    private static Problem UnknownReference(CategoryDeclaration category, LevelTable table, int[] levels)
    {
        var shown = string.Join(", ", levels.Take(10).Select(level => $"'{table.Text(level)}'")) + (levels.Length > 10 ? ", ..." : string.Empty);
        return new(
            ProblemCode.UnknownTerm,
            $"No row has the reference level '{category.Reference}' of '{category.Selector.Name}'.",
            "Choose a level that the data have.")
        {
            Term = category.Selector.Name,
            Level = category.Reference,
            Suggestion = $"The data have {shown}.",
        };
    }
}
