using TypedPooling.Data;
using TypedPooling.Files;

namespace TypedPooling.Binding;

/// <summary>What <see cref="ModelData{TRow}"/> holds, with nothing of the row type in it. Immutable.</summary>
/// <param name="Signature">Of the reading plan that made them.</param>
/// <param name="Levels">The levels of each factor, all with rows, in order of first appearance.</param>
/// <param name="Categories">The levels of each categorical predictor.</param>
/// <param name="Indicators">The category and level of each indicator column: the levels that rows had.</param>
/// <param name="DroppedRowCount">Rows dropped on request.</param>
internal abstract record CollapsedRows(
    string Signature, LevelTable[] Levels, LevelTable[] Categories, IndicatorColumn[] Indicators, long DroppedRowCount)
{
    /// <summary>Whether rows were read, or queries summed them.</summary>
    public DataOrigin Origin { get; init; }

    /// <summary>Number of rows; one that stands for several counts as so many.</summary>
    public abstract long RowCount { get; }

    /// <summary>Number of cells.</summary>
    public abstract int CellCount { get; }

    /// <summary>False where blocks of rows are open, which only rows that are added need.</summary>
    public abstract bool IsClosed { get; }

    /// <summary>The same without what only rows that are added need.</summary>
    public abstract CollapsedRows Closed();

    /// <summary>The same rows as data of a model without grouping factors.</summary>
    /// <param name="columns">For each numeric column of that model its number here.</param>
    /// <param name="signature">Of its reading plan.</param>
    public abstract CollapsedRows WithoutFactors(int[] columns, string signature);

    /// <summary>Writes sums or cells; levels are written before.</summary>
    public abstract void Write(FileWriter writer);

    /// <summary>What is said where data meet a model of another signature.</summary>
    public static ModelException OtherModel() => new(new Problem(
        ProblemCode.SumsOfAnotherModel,
        "The model that read these data has different columns, keys, response or rule for missing values.",
        "Read the rows with this model, or with one that differs only in priors or link."));
}

/// <summary>An indicator column: the number of the categorical predictor and of its level.</summary>
internal readonly record struct IndicatorColumn(int Category, int Level)
{
    /// <summary>An indicator for every level of every categorical predictor.</summary>
    public static IndicatorColumn[] All(LevelTable[] categories) =>
        [.. categories.SelectMany((table, c) => Enumerable.Range(0, table.Count).Select(level => new IndicatorColumn(c, level)))];
}
