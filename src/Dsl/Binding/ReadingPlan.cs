using TypedPooling.Building;
using TypedPooling.Selectors;

namespace TypedPooling.Binding;

/// <summary>What is read from a row, in which order, by one compiled delegate.</summary>
/// <remarks>Values: the numeric columns, the response, then the known sd if any. Keys: the grouping factors, then the categorical predictors.</remarks>
internal sealed class ReadingPlan<TRow>
{
    public ReadingPlan(LoweredModel model)
    {
        var response = model.Declaration.Response;
        NumericCount = model.Columns.Length;
        FactorCount = model.Declaration.Factors.Count;
        CategoryCount = model.Categories.Length;
        HasKnownSd = response.KnownSd is not null;
        DropsMissing = model.Declaration.DropsMissing;
        ColumnSelector[] columns = [.. model.Columns, response.Column, .. response.KnownSd is { } knownSd ? new[] { knownSd } : []];
        KeySelector[] keys = [.. model.Declaration.Factors.Select(factor => factor.Key), .. model.Categories.Select(category => category.Selector)];
        Reader = new RowReader<TRow>(columns, keys);
        Signature = string.Join(
            '\n',
            [
                $"columns {NumericCount} factors {FactorCount} known sd {HasKnownSd} drops {DropsMissing}",
                .. columns.Select(column => column.Key),
                .. keys.Select(key => $"{key.KeyType}: {key.Key}"),
            ]);
    }

    public RowReader<TRow> Reader { get; }

    public int NumericCount { get; }

    public int FactorCount { get; }

    public int CategoryCount { get; }

    public bool HasKnownSd { get; }

    public bool DropsMissing { get; }

    /// <summary>Equal for two models exactly where their sums of the same rows are.</summary>
    public string Signature { get; }
}
