namespace TypedPooling;

/// <summary>Collects the rows of a <see cref="PrintedTable"/>: the first column to the left, the others to the right.</summary>
internal sealed class TableBuilder(params string[] header)
{
    private readonly List<string[]> rows = [];

    public void Add(params string[] cells) => rows.Add(cells);

    /// <summary>The table.</summary>
    /// <param name="title">A line above it; empty for none.</param>
    /// <param name="notes">Lines below it.</param>
    public PrintedTable Build(string title = "", params IEnumerable<string> notes) => new(
        title,
        [.. header],
        [.. rows.Select(cells => cells.ToArray())],
        [.. header.Select((_, c) => c == 0 ? ColumnAlignment.Left : ColumnAlignment.Right)],
        notes);
}
