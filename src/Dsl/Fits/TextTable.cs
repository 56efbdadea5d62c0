using System.Text;
using TypedPooling.Keys;

namespace TypedPooling;

/// <summary>Rows of text laid out in columns: the first to the left, the others to the right. Control characters, which keys and names may hold, are
/// escaped.</summary>
internal sealed class TextTable(params string[] header)
{
    private readonly List<string[]> rows = [Printed(header)];

    public void Add(params string[] cells) => rows.Add(Printed(cells));

    private static string[] Printed(string[] cells) => Array.ConvertAll(cells, KeyText.Printed);

    public override string ToString()
    {
        var widths = new int[rows[0].Length];
        foreach (var row in rows)
        {
            for (var c = 0; c < widths.Length; c++)
                widths[c] = Math.Max(widths[c], row[c].Length);
        }

        var text = new StringBuilder();
        foreach (var row in rows)
        {
            var line = new StringBuilder(row[0].PadRight(widths[0]));
            for (var c = 1; c < widths.Length; c++)
                line.Append("  ").Append(row[c].PadLeft(widths[c]));
            text.AppendLine(line.ToString().TrimEnd());
        }

        return text.ToString();
    }
}
