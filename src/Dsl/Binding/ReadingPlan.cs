using System.Globalization;
using TypedPooling.Declarations;
using TypedPooling.Files;
using TypedPooling.Responses;
using TypedPooling.Selectors;

namespace TypedPooling.Binding;

/// <summary>What is read from a row for a purpose, in which order, by one compiled delegate. Thread-safe.</summary>
/// <remarks>Values: the numeric columns, the response if asked for, the row weight and the count of equal rows where there
/// are such and they are asked for, then the offsets. Keys: the grouping factors, then the categorical predictors.</remarks>
internal sealed class ReadingPlan<TRow>
{
    public ReadingPlan(LoweredModel model, RowPurpose purpose)
    {
        var response = model.Declaration.Response;
        var reads = purpose is RowPurpose.Likelihood or RowPurpose.Program;
        var weighs = (reads || purpose == RowPurpose.Observation) && response.Weight is not null;
        var counts = reads && response.Count is not null;
        Purpose = purpose;
        NumericCount = model.Columns.Length;
        FactorCount = model.Declaration.Factors.Count;
        CategoryCount = model.Categories.Length;
        OffsetCount = model.Declaration.Offsets.Count;
        Response = reads ? NumericCount : -1;
        Weight = weighs ? NumericCount + (reads ? 1 : 0) : -1;
        Count = counts ? NumericCount + 1 + (weighs ? 1 : 0) : -1;
        WeightKind = weighs ? response.WeightKind : RowWeight.None;
        Family = response.Family;
        TakesLog = purpose == RowPurpose.Likelihood && Family.TakesLog;
        DropsMissing = reads && model.Declaration.DropsMissing;
        ColumnSelector[] columns =
        [
            .. model.Columns,
            .. reads ? new[] { response.Column } : [],
            .. weighs ? new[] { response.Weight! } : [],
            .. counts ? new[] { response.Count! } : [],
            .. model.Declaration.Offsets,
        ];
        KeySelector[] keys = [.. model.Declaration.Factors.Select(factor => factor.Key), .. model.Categories.Select(category => category.Selector)];
        Reader = new RowReader<TRow>(columns, keys);
        var family = Family.IsNormal ? string.Empty : $"{Family.Name} ";
        Signature = string.Join(
            '\n',
            [
                $"{family}columns {NumericCount} factors {FactorCount} weight {WeightKind} counts {Count >= 0}",
                $"offsets {OffsetCount} log {TakesLog} drops {DropsMissing}",
                .. columns.Select(column => column.Key),
                .. keys.Select(key => $"{key.KeyType}: {key.Key}"),
            ]);
        FileSignature = new(Parts(columns, keys));
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

    /// <summary>Number of the count of equal rows among the values; -1 where it is not read.</summary>
    public int Count { get; }

    /// <summary>What the row weight says; nothing where it is not read.</summary>
    public RowWeight WeightKind { get; }

    /// <summary>Distribution of the response; its link does not matter to the reading.</summary>
    public Family Family { get; }

    /// <summary>True where the log of the response is modelled, and the response is read.</summary>
    public bool TakesLog { get; }

    /// <summary>Whether rows with missing values are left out; never those to be predicted.</summary>
    public bool DropsMissing { get; }

    /// <summary>What a model must have in common with a file of data: no name of a type, and nothing of priors or link.</summary>
    public FileSignature FileSignature { get; }

    /// <summary>Equal for two models exactly where what they read of the same rows is.</summary>
    public string Signature { get; }

    private static string Text(string name, string formula) => name == formula ? name : $"{name}: {formula}";

    private IEnumerable<(string Part, string Text)> Parts(ColumnSelector[] columns, KeySelector[] keys)
    {
        yield return ("the distribution", Family.Name);
        yield return ("the meaning of weights", Count < 0 ? WeightKind.ToString() : Weight < 0 ? "Count" : $"{WeightKind} and Count");
        yield return ("what is done with rows of missing values", DropsMissing ? "dropped" : "refused");
        for (var i = 0; i < columns.Length; i++)
        {
            var part = i == Response ? "the response" : i == Weight || (i == Count && Weight < 0) ? "the weight"
                : i == Count ? "the count"
                : i < NumericCount ? string.Create(CultureInfo.InvariantCulture, $"column {i + 1}")
                : string.Create(CultureInfo.InvariantCulture, $"offset {i - columns.Length + OffsetCount + 1}");
            yield return (part, Text(columns[i].Name, columns[i].Formula));
        }

        for (var i = 0; i < keys.Length; i++)
        {
            var part = i < FactorCount
                ? string.Create(CultureInfo.InvariantCulture, $"factor {i + 1}")
                : string.Create(CultureInfo.InvariantCulture, $"category {i - FactorCount + 1}");
            yield return (part, Text(keys[i].Name, keys[i].Formula));
            yield return ($"the kind of keys of {part}", keys[i].NewIndex().KeyKind ?? "other");
        }
    }
}
