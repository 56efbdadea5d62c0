using TypedPooling.Data;

namespace TypedPooling.Binding;

/// <summary>Rows as sums: all that a Normal likelihood needs. Immutable.</summary>
/// <param name="Signature">Of the reading plan that made them.</param>
/// <param name="Cells">Moments by cell: numeric columns, then an indicator column for each of <paramref name="Indicators"/>; weighted by 1 / sd^2
/// where the sd is known, or by the precision weight.</param>
/// <param name="Unweighted">One cell of unweighted moments where <paramref name="Cells"/> are weighted; null otherwise.</param>
/// <param name="Levels">The levels of each factor, all with rows, in order of first appearance.</param>
/// <param name="CellLevels">For each factor the level of each cell.</param>
/// <param name="Categories">The levels of each categorical predictor.</param>
/// <param name="Indicators">The category and level of each indicator column, in order of first appearance.</param>
/// <param name="LogResponseSum">Sum of the log of the response over all rows where that is what is modelled; 0 otherwise.</param>
/// <param name="DroppedRowCount">Rows dropped on request.</param>
internal sealed record CollapsedSums(
    string Signature,
    CellMoments Cells,
    CellMoments? Unweighted,
    LevelTable[] Levels,
    int[][] CellLevels,
    LevelTable[] Categories,
    IndicatorColumn[] Indicators,
    double LogResponseSum,
    long DroppedRowCount) : CollapsedRows(Signature, Levels, Categories, Indicators, DroppedRowCount)
{
    public override long RowCount => Cells.RowCount;

    public override int CellCount => Cells.CellCount;
}
