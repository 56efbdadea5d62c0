using System.Collections.Immutable;
using TypedPooling.Model;
using TypedPooling.Selectors;

namespace TypedPooling.Declarations;

/// <summary>The distinct columns of a declaration. Selectors with the same canonical text are one column; the first name a user gave it is its name
/// everywhere.</summary>
internal sealed class ColumnTable
{
    private readonly List<ColumnSelector> numeric = [];
    private readonly List<bool> named = [];
    private readonly Dictionary<string, int> numericNumbers = [];
    private readonly List<CategoryDeclaration> categories = [];
    private readonly Dictionary<string, int> categoryNumbers = [];

    private ColumnTable()
    {
    }

    public ImmutableArray<ColumnSelector> Numeric => [.. numeric];

    public ImmutableArray<CategoryDeclaration> Categories => [.. categories];

    public IEnumerable<ColumnSpec> Specs => numeric.Select(column => new ColumnSpec(column.Name, column.Formula))
        .Concat(
            categories.Select(category => new ColumnSpec(category.Selector.Name, category.Selector.Formula) { Category = category.Selector.Name }));

    public static ColumnTable Of(ModelDeclaration declaration)
    {
        var table = new ColumnTable();
        foreach (var term in declaration.Population)
        {
            if (term is SlopeDeclaration slope)
                table.Add(slope.Column, slope.IsNamed);
            else if (term is CategoryDeclaration category)
                table.Add(category);
        }

        foreach (var term in declaration.Factors.SelectMany(factor => factor.Terms))
        {
            if (term.Column is not null)
                table.Add(term.Column, term.IsNamed);
            foreach (var predictor in term.Predictors)
                table.Add(predictor.Column, predictor.IsNamed);
        }

        // Products come last, when the names of their parts are settled.
        foreach (var term in declaration.Factors.SelectMany(factor => factor.Terms).Where(term => term.Column is not null))
        {
            foreach (var predictor in term.Predictors)
            {
                var name = $"{table.NameOf(table.IndexOf(term.Column!))}:{table.NameOf(table.IndexOf(predictor.Column))}";
                table.Add(ColumnSelector.Product(term.Column!, predictor.Column) with { Name = name }, isNamed: false);
            }
        }

        return table;
    }

    public int IndexOf(ColumnSelector column) => numericNumbers[column.Key];

    public int IndexOf(CategoryDeclaration category) => numeric.Count + categoryNumbers[category.Selector.Key];

    public string NameOf(int column) => column < numeric.Count ? numeric[column].Name : categories[column - numeric.Count].Selector.Name;

    private void Add(ColumnSelector column, bool isNamed)
    {
        if (!numericNumbers.TryGetValue(column.Key, out var number))
        {
            numericNumbers.Add(column.Key, numeric.Count);
            numeric.Add(column);
            named.Add(isNamed);
        }
        else if (isNamed && !named[number])
        {
            numeric[number] = column;
            named[number] = true;
        }
    }

    private void Add(CategoryDeclaration category)
    {
        if (categoryNumbers.TryAdd(category.Selector.Key, categories.Count))
            categories.Add(category);
    }
}
