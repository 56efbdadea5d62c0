using TypedPooling.Declarations;
using TypedPooling.Model;
using TypedPooling.Responses;
using TypedPooling.Selectors;

namespace TypedPooling.Binding;

/// <summary>What is read from a row, in which order, by one compiled delegate.</summary>
/// <remarks>Values: the numeric columns, the response, the row weight if any, then the offsets. Keys: the grouping factors, then the categorical predictors.</remarks>
internal sealed class ReadingPlan<TRow>
{
    public ReadingPlan(LoweredModel model)
    {
        var response = model.Declaration.Response;
        NumericCount = model.Columns.Length;
        FactorCount = model.Declaration.Factors.Count;
        CategoryCount = model.Categories.Length;
        WeightKind = response.WeightKind;
        OffsetCount = model.Declaration.Offsets.Count;
        Family = response.Family;
        TakesLog = response.Family == Family.LogNormal;
        DropsMissing = model.Declaration.DropsMissing;
        ColumnSelector[] columns = [.. model.Columns, response.Column, .. response.Weight is { } weight ? new[] { weight } : [], .. model.Declaration.Offsets];
        KeySelector[] keys = [.. model.Declaration.Factors.Select(factor => factor.Key), .. model.Categories.Select(category => category.Selector)];
        Reader = new RowReader<TRow>(columns, keys);
        Signature = string.Join(
            '\n',
            [
                $"{(Family.IsNormal ? string.Empty : $"{Family.Name} ")}columns {NumericCount} factors {FactorCount} weight {WeightKind} offsets {OffsetCount} log {TakesLog} drops {DropsMissing}",
                .. columns.Select(column => column.Key),
                .. keys.Select(key => $"{key.KeyType}: {key.Key}"),
            ]);
    }

    public RowReader<TRow> Reader { get; }

    public int NumericCount { get; }

    public int FactorCount { get; }

    public int CategoryCount { get; }

    public RowWeight WeightKind { get; }

    /// <summary>Number of offsets: where sums are made they are taken from the response, or its log, as it is read.</summary>
    public int OffsetCount { get; }

    /// <summary>Distribution of the response; its link does not matter to the reading.</summary>
    public Family Family { get; }

    /// <summary>True where the sums are of the log of the response.</summary>
    public bool TakesLog { get; }

    public bool DropsMissing { get; }

    /// <summary>Equal for two models exactly where their sums or cells of the same rows are.</summary>
    public string Signature { get; }
}
