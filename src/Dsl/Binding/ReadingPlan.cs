using TypedPooling.Declarations;
using TypedPooling.Responses;
using TypedPooling.Selectors;

namespace TypedPooling.Binding;

/// <summary>What is read from a row for a purpose, in which order, by one compiled delegate. Thread-safe.</summary>
/// <remarks>Values: the numeric columns, the response if asked for, the row weight if there is one and it is asked for, then the offsets. Keys: the
/// grouping factors, then the categorical predictors.</remarks>
internal sealed class ReadingPlan<TRow>
{
    public ReadingPlan(LoweredModel model, RowPurpose purpose)
    {
        var response = model.Declaration.Response;
        var reads = purpose == RowPurpose.Likelihood;
        var weighs = purpose switch
        {
            RowPurpose.Likelihood => response.Weight is not null,
            RowPurpose.Observation => response.WeightKind is RowWeight.KnownSd or RowWeight.Precision or RowWeight.Trials or RowWeight.Exposure,
            _ => false,
        };
        Purpose = purpose;
        NumericCount = model.Columns.Length;
        FactorCount = model.Declaration.Factors.Count;
        CategoryCount = model.Categories.Length;
        OffsetCount = model.Declaration.Offsets.Count;
        Response = reads ? NumericCount : -1;
        Weight = weighs ? NumericCount + (reads ? 1 : 0) : -1;
        WeightKind = weighs ? response.WeightKind : RowWeight.None;
        Family = response.Family;
        TakesLog = reads && Family.TakesLog;
        DropsMissing = reads && model.Declaration.DropsMissing;
        ColumnSelector[] columns =
        [
            .. model.Columns,
            .. reads ? new[] { response.Column } : [],
            .. weighs ? new[] { response.Weight! } : [],
            .. model.Declaration.Offsets,
        ];
        KeySelector[] keys = [.. model.Declaration.Factors.Select(factor => factor.Key), .. model.Categories.Select(category => category.Selector)];
        Reader = new RowReader<TRow>(columns, keys);
        var family = Family.IsNormal ? string.Empty : $"{Family.Name} ";
        Signature = string.Join(
            '\n',
            [
                $"{family}columns {NumericCount} factors {FactorCount} weight {WeightKind} offsets {OffsetCount} log {TakesLog} drops {DropsMissing}",
                .. columns.Select(column => column.Key),
                .. keys.Select(key => $"{key.KeyType}: {key.Key}"),
            ]);
    }

    public RowReader<TRow> Reader { get; }

    public RowPurpose Purpose { get; }

    public int NumericCount { get; }

    public int FactorCount { get; }

    public int CategoryCount { get; }

    /// <summary>Number of offsets, the last of the values.</summary>
    public int OffsetCount { get; }

    /// <summary>Number of the response among the values; -1 where it is not read.</summary>
    public int Response { get; }

    /// <summary>Number of the row weight among the values; -1 where it is not read.</summary>
    public int Weight { get; }

    /// <summary>What the row weight says; nothing where it is not read.</summary>
    public RowWeight WeightKind { get; }

    /// <summary>Distribution of the response; its link does not matter to the reading.</summary>
    public Family Family { get; }

    /// <summary>True where the log of the response is modelled, and the response is read.</summary>
    public bool TakesLog { get; }

    /// <summary>Whether rows with missing values are left out; never those to be predicted.</summary>
    public bool DropsMissing { get; }

    /// <summary>Equal for two models exactly where what they read of the same rows is.</summary>
    public string Signature { get; }
}
