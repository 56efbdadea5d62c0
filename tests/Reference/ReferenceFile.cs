using System.Globalization;
using System.Text;

namespace TypedPooling.Tests.Reference;

/// <summary>
/// A CSV file next to the tests, as text: the first row names the columns, fields may be quoted, lines before it that start with # are comments.
/// </summary>
public sealed class ReferenceFile
{
    private readonly Dictionary<string, int> columns;

    private ReferenceFile(string[] header, List<string[]> rows)
    {
        columns = header.Select((name, index) => (name, index)).ToDictionary(c => c.name, c => c.index);
        Header = header;
        Rows = rows.ConvertAll(fields => new Row(this, fields));
    }

    public IReadOnlyList<string> Header { get; }

    public IReadOnlyList<Row> Rows { get; }

    /// <summary>Reads a file; the path is relative to the output folder, such as "reference/diagnostics_draws.csv".</summary>
    public static ReferenceFile Read(string path) => Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, path)));

    public static ReferenceFile Parse(string text)
    {
        var records = Records(text);
        if (records.Count == 0)
            throw new FormatException("The file has no header.");
        for (var i = 1; i < records.Count; i++)
        {
            if (records[i].Length != records[0].Length)
                throw new FormatException($"Row {i} has {records[i].Length} fields, the header {records[0].Length}.");
        }

        return new ReferenceFile(records[0], records[1..]);
    }

    /// <summary>A number as R, Stan and .NET write it; NaN where it is missing (empty or NA).</summary>
    public static double Number(string text) => text.Trim() switch
    {
        "" or "NA" or "NaN" or "nan" => double.NaN,
        "Inf" or "inf" or "+Inf" => double.PositiveInfinity,
        "-Inf" or "-inf" => double.NegativeInfinity,
        var number => double.Parse(number, NumberStyles.Float, CultureInfo.InvariantCulture),
    };

    /// <summary>All numbers of a column.</summary>
    public double[] Numbers(string column) => Rows.Select(row => row.Number(column)).ToArray();

    /// <summary>All texts of a column.</summary>
    public string[] Texts(string column) => Rows.Select(row => row.Text(column)).ToArray();

    private static List<string[]> Records(string text)
    {
        var records = new List<string[]>();
        var fields = new List<string>();
        var field = new StringBuilder();
        var quoted = false;
        var sawQuote = false;
        for (var i = 0; i <= text.Length; i++)
        {
            var end = i == text.Length;
            var c = end ? '\n' : text[i];
            if (end && quoted)
                throw new FormatException("A quote is never closed.");
            if (quoted && c == '"' && i + 1 < text.Length && text[i + 1] == '"')
                field.Append(text[++i]);
            else if (c == '"')
                (quoted, sawQuote) = (!quoted, true);
            else if (!quoted && c == '\n')
                EndRecord();
            else if (!quoted && c == ',')
                EndField();
            else if (quoted || (c != '\r' && c != '\uFEFF'))
                field.Append(c);
            if (records.Count == 0 && fields.Count == 0 && field.Length == 1 && c == '#' && !sawQuote)
            {
                // A comment before the header: on to the end of its line.
                field.Clear();
                while (i + 1 < text.Length && text[i + 1] != '\n')
                    i++;
            }
        }

        return records;

        void EndField()
        {
            fields.Add(field.ToString());
            field.Clear();
        }

        void EndRecord()
        {
            // A line with nothing at all is no record.
            if (fields.Count > 0 || field.Length > 0 || sawQuote)
            {
                EndField();
                records.Add([.. fields]);
                fields.Clear();
            }

            sawQuote = false;
        }
    }

    public sealed class Row
    {
        private readonly ReferenceFile file;
        private readonly string[] fields;

        internal Row(ReferenceFile file, string[] fields)
        {
            this.file = file;
            this.fields = fields;
        }

        public string Text(string column) =>
            file.columns.TryGetValue(column, out var index)
                ? fields[index]
                : throw new KeyNotFoundException($"There is no column '{column}'; there are {string.Join(", ", file.Header)}.");

        public double Number(string column) => ReferenceFile.Number(Text(column));
    }
}
