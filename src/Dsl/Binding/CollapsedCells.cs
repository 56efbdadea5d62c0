using TypedPooling.Data;

namespace TypedPooling.Binding;

/// <summary>Rows as cells: those that are equal to the model collapsed to one. Immutable.</summary>
/// <param name="Signature">Of the reading plan that made them.</param>
/// <param name="Cells">The cells: numeric columns; levels of the factors, then those of the categorical predictors.</param>
/// <param name="Levels">The levels of each factor, all with rows, in order of first appearance.</param>
/// <param name="Categories">The levels of each categorical predictor, all with rows, in order of first appearance.</param>
/// <param name="DroppedRowCount">Rows dropped on request.</param>
internal sealed record CollapsedCells(string Signature, ResponseCells Cells, LevelTable[] Levels, LevelTable[] Categories, long DroppedRowCount)
    : CollapsedRows(Signature, Levels, Categories, IndicatorColumn.All(Categories), DroppedRowCount)
{
    public override long RowCount => Cells.RowCount;

    public override int CellCount => Cells.Count;
}
