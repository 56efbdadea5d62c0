using TypedPooling.Data;

namespace TypedPooling.Binding;

/// <summary>Keeps rows as they are read, those with faults too. Used once, by one thread.</summary>
internal sealed class ScanWorkspace<TRow>(ReadingPlan<TRow> plan, RowFaultsWorkspace faults, bool[]? ignored = null)
    : RowsWorkspace<TRow>(plan, faults, ignored)
{
    private readonly List<double> values = [];
    private readonly List<int> levels = [];
    private readonly List<long> numbers = [];

    /// <summary>Reads rows; what is wrong with them is counted and left to the caller.</summary>
    /// <param name="rows">The rows; enumerated once.</param>
    /// <param name="rowsBefore">Number of rows that came before them.</param>
    /// <exception cref="ModelException">A selector threw.</exception>
    public ScannedRows Scan(IEnumerable<TRow> rows, long rowsBefore)
    {
        var seen = Read(rows, rowsBefore, null, default) - rowsBefore;
        return new(seen, [.. values], [.. levels], [.. numbers], Tables);
    }

    protected override void AddRow()
    {
        if (Plan.TakesLog)
            Values[Plan.Response] = Math.Log(Response);
        values.AddRange(Values);
        levels.AddRange(Levels);
        numbers.Add(RowNumber);
    }

    protected override void AddFaultyRow() => AddRow();
}

/// <summary>What <see cref="ScanWorkspace{TRow}"/> read.</summary>
/// <param name="Seen">Number of rows looked at, those that are null or dropped included.</param>
/// <param name="Values">Values, row after row; the response is its log where that is modelled.</param>
/// <param name="Levels">Numbers of the keys in <paramref name="Tables"/>, row after row.</param>
/// <param name="Numbers">Numbers of the rows, from 1. Length: number of rows read.</param>
/// <param name="Tables">The levels of each key, in these rows.</param>
internal sealed record ScannedRows(long Seen, double[] Values, int[] Levels, long[] Numbers, LevelTable[] Tables);
