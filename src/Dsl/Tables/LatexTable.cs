using System.Text;

namespace TypedPooling;

/// <summary>A table in LaTeX, without packages.</summary>
internal static class LatexTable
{
    public static string Of(PrintedTable table)
    {
        var text = new StringBuilder();
        if (table.Title.Length > 0)
            text.Append(Escaped(table.Title)).Append("\n\n");
        text.Append("\\begin{tabular}{");
        foreach (var alignment in table.Alignments)
            text.Append(alignment == ColumnAlignment.Left ? 'l' : 'r');
        text.Append("}\n\\hline\n");
        Row(text, table.Header);
        text.Append("\\hline\n");
        foreach (var row in table.Rows)
            Row(text, row);
        text.Append("\\hline\n\\end{tabular}\n");
        foreach (var note in table.Notes)
            text.Append('\n').Append(Escaped(note)).Append('\n');
        return text.ToString();
    }

    private static void Row(StringBuilder text, IEnumerable<string> cells) => text.AppendJoin(" & ", cells.Select(Escaped)).Append(" \\\\\n");

    private static string Escaped(string text)
    {
        var escaped = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            var sign = text[i];
            _ = sign switch
            {
                '\\' => escaped.Append("\\textbackslash{}"),
                '~' => escaped.Append("\\textasciitilde{}"),
                '^' => escaped.Append("\\textasciicircum{}"),
                '&' or '%' or '$' or '#' or '_' or '{' or '}' => escaped.Append('\\').Append(sign),
                '<' or '>' or '|' => escaped.Append('$').Append(sign).Append('$'),

                // After the end of a row these would be its options; in braces they are signs.
                '[' or ']' or '*' => escaped.Append('{').Append(sign).Append('}'),

                // Of a number the sign of mathematics; two in a row would be a dash, and so would quotes be others.
                '-' when i == 0 && text.Length > 1 && char.IsAsciiDigit(text[1]) => escaped.Append("$-$"),
                '-' or '`' or '\'' when i + 1 < text.Length && text[i + 1] == sign => escaped.Append(sign).Append("{}"),
                _ => escaped.Append(sign),
            };
        }

        return escaped.ToString();
    }
}
