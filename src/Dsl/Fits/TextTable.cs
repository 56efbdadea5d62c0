using System.Text;

namespace TypedPooling;

/// <summary>Rows of text laid out in columns: the first to the left, the others to the right.</summary>
internal sealed class TextTable(params string[] header)
{
    private readonly List<string[]> rows = [header];

    public void Add(params string[] cells) => rows.Add(cells);

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
