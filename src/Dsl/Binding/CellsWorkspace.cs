using TypedPooling.Data;
using TypedPooling.Declarations;
using TypedPooling.Responses;

namespace TypedPooling.Binding;

/// <summary>Collapses rows to cells in one pass. Used once, by one thread.</summary>
/// <remarks>Levels of categorical predictors are kept as numbers: which indicators they become is known when the pass ends.</remarks>
internal sealed class CellsWorkspace<TRow> : CollapsingWorkspace<TRow>
{
    private readonly ReadingPlan<TRow> plan;
    private readonly CellsFamily family;
    private readonly ResponseCellsBuilder cells;

    public CellsWorkspace(ReadingPlan<TRow> plan)
        : base(plan)
    {
        this.plan = plan;
        family = (CellsFamily)plan.Family;
        cells = new ResponseCellsBuilder(plan.NumericCount, plan.FactorCount + plan.CategoryCount, family);
    }

    private double Size => plan.WeightKind == RowWeight.None ? 1 : Weight;

    protected override CollapsedRows Collapse()
    {
        // A level whose rows were all dropped is no level, and numbers follow the first row that counts.
        var built = cells.Build();
        var numbers = new int[Tables.Length][];
        var kept = new List<int>[Tables.Length];
        for (var k = 0; k < Tables.Length; k++)
        {
            numbers[k] = new int[Tables[k].Count];
            Array.Fill(numbers[k], -1);
            kept[k] = [];
            for (var cell = 0; cell < built.Count; cell++)
            {
                var level = built.Levels[cell * Tables.Length + k];
                if (numbers[k][level] >= 0)
                    continue;
                numbers[k][level] = kept[k].Count;
                kept[k].Add(level);
            }
        }

        LevelTable[] tables = [.. kept.Select((levels, k) => Kept(k, levels))];
        if (!tables.AsSpan().SequenceEqual(Tables))
        {
            var renumbered = new ResponseCellsBuilder(plan.NumericCount, Tables.Length, family);
            renumbered.Add(built, numbers);
            built = renumbered.Build();
        }

        return new CollapsedCells(plan.Signature, family, built, tables[..plan.FactorCount], tables[plan.FactorCount..], DroppedRowCount);
    }

    protected override void AddCollapsed(CollapsedRows other) =>
        cells.Add(((CollapsedCells)other).Cells, [.. other.Levels.Concat(other.Categories).Select((table, key) => NumbersHere(key, table))]);

    protected override void AddRow()
    {
        var offset = 0.0;
        foreach (var value in Offsets)
            offset += value;
        if (!double.IsFinite(offset))
        {
            Faults.NotFinite(plan.Reader.Columns[^1].Name, RowNumber, offset);
            return;
        }

        // Where a shape says how counts vary, those of different exposures are no sum: the exposure is an offset.
        if (family.ExposureIsOffset)
            cells.Add(Values, offset + Math.Log(Size), Levels, Response, 1, family.LogConstant(Response, 1), 0, Replicates);
        else
            cells.Add(Values, offset, Levels, Response, Size, family.LogConstant(Response, Size), family.Saturated(Response, Size), Replicates);
    }
}
