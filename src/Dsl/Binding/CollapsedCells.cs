using TypedPooling.Data;
using TypedPooling.Files;
using TypedPooling.Responses;

namespace TypedPooling.Binding;

/// <summary>Rows as cells: those that are equal to the model collapsed to one. Immutable.</summary>
/// <param name="Signature">Of the reading plan that made them.</param>
/// <param name="Family">Distribution of the response; its link does not matter.</param>
/// <param name="Cells">The cells: numeric columns; levels of the factors, then those of the categorical predictors.</param>
/// <param name="Levels">The levels of each factor, all with rows, in order of first appearance.</param>
/// <param name="Categories">The levels of each categorical predictor, all with rows, in order of first appearance.</param>
/// <param name="DroppedRowCount">Rows dropped on request.</param>
internal sealed record CollapsedCells(
    string Signature, CellsFamily Family, ResponseCells Cells, LevelTable[] Levels, LevelTable[] Categories, long DroppedRowCount)
    : CollapsedRows(Signature, Levels, Categories, IndicatorColumn.All(Categories), DroppedRowCount)
{
    public override long RowCount => Cells.RowCount;

    public override int CellCount => Cells.Count;

    public override CollapsedRows WithoutFactors(int[] columns, string signature)
    {
        var selected = Cells.Select(columns, [.. Enumerable.Range(Levels.Length, Categories.Length)]);
        var builder = new ResponseCellsBuilder(columns.Length, Categories.Length, Family);
        builder.Add(selected, [.. Categories.Select(table => Enumerable.Range(0, table.Count).ToArray())]);
        return this with { Signature = signature, Cells = builder.Build(), Levels = [] };
    }

    /// <summary>Reads cells.</summary>
    /// <param name="reader">The file.</param>
    /// <param name="plan">How the model reads rows.</param>
    /// <param name="levels">The levels of each factor.</param>
    /// <param name="categories">Those of each categorical predictor.</param>
    /// <param name="dropped">Rows dropped on request.</param>
    /// <exception cref="ModelException">FileDamaged.</exception>
    public static CollapsedCells Read<TRow>(FileReader reader, ReadingPlan<TRow> plan, LevelTable[] levels, LevelTable[] categories, long dropped)
    {
        LevelTable[] tables = [.. levels, .. categories];
        var family = (CellsFamily)plan.Family;
        var cells = ResponseCells.Read(reader, plan.NumericCount, [.. tables.Select(table => table.Count)], family);
        for (var k = 0; k < tables.Length; k++)
            DataFile.CheckOrder(tables[k].Count, Enumerable.Range(0, cells.Count).Select(cell => cells.Levels[cell * tables.Length + k]));

        // Cells that are equal would be one where rows are added.
        var builder = new ResponseCellsBuilder(plan.NumericCount, tables.Length, family);
        builder.Add(cells, [.. tables.Select(table => Enumerable.Range(0, table.Count).ToArray())]);
        FileDamage.Unless(builder.Count == cells.Count, "two cells are equal");
        return new(plan.Signature, family, cells, levels, categories, dropped);
    }

    public override bool IsClosed => true;

    public override CollapsedRows Closed() => this;

    public override void Write(FileWriter writer) => Cells.Write(writer);
}
