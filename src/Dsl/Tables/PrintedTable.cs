using System.Collections.Immutable;
using System.Text;
using TypedPooling.Keys;

namespace TypedPooling;

/// <summary>A table as it is shown: a title, a header, rows of text, and notes below. Immutable.</summary>
/// <remarks>What every table of this library has in common; text, Markdown, LaTeX and the pages of reports are made of it. Control characters, which
/// keys and names may hold, are shown as escapes such as <c>\n</c>. Thread-safe: any number of threads may read it at once.</remarks>
public sealed class PrintedTable : ITabular
{
    /// <summary>A table of your own.</summary>
    /// <param name="title">A line above it; empty for none.</param>
    /// <param name="header">Names of the columns. Length c, at least 1.</param>
    /// <param name="rows">The rows; each has c cells.</param>
    /// <param name="alignments">The side each column is set to. Length c.</param>
    /// <param name="notes">Lines below it; possibly none.</param>
    /// <exception cref="ArgumentException">There is no column, or a row or the alignments do not have c elements.</exception>
    public PrintedTable(
        string title,
        IEnumerable<string> header,
        IEnumerable<IEnumerable<string>> rows,
        IEnumerable<ColumnAlignment> alignments,
        IEnumerable<string> notes)
    {
        ArgumentNullException.ThrowIfNull(title);
        ArgumentNullException.ThrowIfNull(header);
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentNullException.ThrowIfNull(alignments);
        ArgumentNullException.ThrowIfNull(notes);
        Title = KeyText.Printed(title);
        Header = [.. header.Select(KeyText.Printed)];
        Rows = [.. rows.Select(row => row.Select(KeyText.Printed).ToImmutableArray())];
        Alignments = [.. alignments];
        Notes = [.. notes.Select(KeyText.Printed)];
        if (Header.IsEmpty)
            throw new ArgumentException("A table must have a column.", nameof(header));
        if (Alignments.Length != Header.Length)
            throw new ArgumentException($"Give an alignment for each of the {Header.Length} columns.", nameof(alignments));
        if (Rows.Any(row => row.Length != Header.Length))
            throw new ArgumentException($"Each row must have {Header.Length} cells, as the header has.", nameof(rows));
    }

    /// <summary>The line above the table; empty where it has none.</summary>
    public string Title { get; }

    /// <summary>Names of the columns; one may be empty. Length c.</summary>
    public ImmutableArray<string> Header { get; }

    /// <summary>The rows; each has c cells.</summary>
    public ImmutableArray<ImmutableArray<string>> Rows { get; }

    /// <summary>The side each column is set to. Length c.</summary>
    public ImmutableArray<ColumnAlignment> Alignments { get; }

    /// <summary>The lines below the table.</summary>
    public ImmutableArray<string> Notes { get; }

    /// <summary>The table in plain text: title, header and rows in columns two spaces apart, notes.</summary>
    public override string ToString()
    {
        var widths = Header.Select((name, c) => Rows.Select(row => row[c].Length).Append(name.Length).Max()).ToArray();
        var text = new StringBuilder();
        if (Title.Length > 0)
            text.AppendLine(Title);
        foreach (var row in Rows.Prepend(Header))
        {
            var cells = row.Select((cell, c) => Alignments[c] == ColumnAlignment.Left ? cell.PadRight(widths[c]) : cell.PadLeft(widths[c]));
            text.AppendLine(string.Join("  ", cells).TrimEnd());
        }

        foreach (var note in Notes)
            text.AppendLine(note);
        return text.ToString();
    }

    ImmutableArray<PrintedTable> ITabular.ToTables() => [this];
}
