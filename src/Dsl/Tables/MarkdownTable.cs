using System.Text;

namespace TypedPooling;

/// <summary>A table in GitHub's Markdown.</summary>
internal static class MarkdownTable
{
    public static string Of(PrintedTable table)
    {
        var text = new StringBuilder();
        if (table.Title.Length > 0)
            text.Append(Paragraph(table.Title)).Append("\n\n");
        Row(text, table.Header.Select(Escaped));
        Row(text, table.Alignments.Select(alignment => alignment == ColumnAlignment.Left ? "---" : "---:"));
        foreach (var row in table.Rows)
            Row(text, row.Select(Escaped));
        foreach (var note in table.Notes)
            text.Append('\n').Append(Paragraph(note)).Append('\n');
        return text.ToString();
    }

    private static void Row(StringBuilder text, IEnumerable<string> cells)
    {
        text.Append('|');
        foreach (var cell in cells)
            text.Append(' ').Append(cell).Append(" |");
        text.Append('\n');
    }

    // What would begin a list at the beginning of a line.
    private static string Paragraph(string line)
    {
        var escaped = Escaped(line);
        var digits = escaped.TakeWhile(char.IsAsciiDigit).Count();
        return escaped.StartsWith('-') || escaped.StartsWith('+') ? "\\" + escaped
            : digits > 0 && digits < escaped.Length && escaped[digits] is '.' or ')' ? escaped.Insert(digits, "\\")
            : escaped;
    }

    private static string Escaped(string text)
    {
        var escaped = new StringBuilder(text.Length);
        foreach (var sign in text)
        {
            _ = sign switch
            {
                '&' => escaped.Append("&amp;"),
                '<' => escaped.Append("&lt;"),
                '>' => escaped.Append("&gt;"),
                '\\' or '|' or '`' or '*' or '_' or '[' or ']' or '{' or '}' or '#' or '~' or '$' or '!' => escaped.Append('\\').Append(sign),
                _ => escaped.Append(sign),
            };
        }

        return escaped.ToString();
    }
}
