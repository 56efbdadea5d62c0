using TypedPooling.Data;

namespace TypedPooling.Binding;

/// <summary>What <see cref="CellData{TRow}"/> holds, with nothing of the row type in it. Immutable.</summary>
/// <param name="Signature">Of the reading plan that made them.</param>
/// <param name="Cells">The cells: numeric columns; levels of the factors, then those of the categorical predictors.</param>
/// <param name="Levels">The levels of each factor, all with rows, in order of first appearance.</param>
/// <param name="Categories">The levels of each categorical predictor, all with rows, in order of first appearance.</param>
/// <param name="DroppedRowCount">Rows dropped on request.</param>
internal sealed record CellsData(string Signature, ResponseCells Cells, LevelTable[] Levels, LevelTable[] Categories, long DroppedRowCount)
{
    /// <summary>The category and level of every level of a categorical predictor.</summary>
    public IndicatorColumn[] Indicators => [.. Categories.SelectMany((table, c) => Enumerable.Range(0, table.Count).Select(level => new IndicatorColumn(c, level)))];
}
