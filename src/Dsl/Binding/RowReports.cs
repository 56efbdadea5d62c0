namespace TypedPooling.Binding;

/// <summary>How often a reader tells how far it is: every 1 % of the rows where their number is known before they are read, every 16,384 rows
/// otherwise, and at the end.</summary>
internal static class RowReports
{
    /// <summary>Number of rows between two reports where nobody knows how many there are.</summary>
    public const int RowsOfUnknownNumber = 1 << 14;      // 1 % of 1.6 million rows

    /// <summary>Number of rows between two reports, at least 1.</summary>
    /// <param name="rows">The rows; not enumerated.</param>
    public static int Between<TRow>(IEnumerable<TRow> rows) =>
        rows.TryGetNonEnumeratedCount(out var count) ? Math.Max(1, count / 100) : RowsOfUnknownNumber;
}
