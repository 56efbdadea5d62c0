using System.Globalization;
using System.Text;
using System.Text.Json;

namespace TypedPooling.Export;

/// <summary>Writes the data of a program.</summary>
internal static class ProgramData
{
    // Beyond that the text would not fit a string.
    private const long MostRows = 20_000_000;

    /// <summary>As JSON, as CmdStan reads it: numbers, arrays, and matrices as arrays of rows.</summary>
    public static string Json(ProgramLayout layout, ProgramValues values)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
        {
            writer.WriteStartObject();
            foreach (var item in layout.Data)
            {
                writer.WritePropertyName(item.Name);
                var numbers = item.Read(values);
                if (item.Type.Length is null)
                    Write(writer, numbers[0]);
                else if (item.Type.Width is null)
                    Write(writer, numbers);
                else
                {
                    var rows = values.Rows.RowCount;
                    var width = numbers.Length / rows;
                    writer.WriteStartArray();
                    for (var row = 0; row < rows; row++)
                        Write(writer, numbers.AsSpan(row * width, width));
                    writer.WriteEndArray();
                }
            }

            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(stream.ToArray()).Replace(",\"", ",\n\"", StringComparison.Ordinal) + "\n";
    }

    /// <summary>As an R dump, as JAGS and R's <c>source</c> read it; a row with a count is there as often as it counts.</summary>
    /// <exception cref="ModelException">NotExportable: rows count too many, or a category has one level only.</exception>
    public static string Dump(ProgramLayout layout, ProgramValues values)
    {
        int[] from = [.. Enumerable.Range(0, values.Rows.RowCount)];
        if (layout.Count is not null)
        {
            var counts = values.Rows.Counts!;
            if (counts.Sum() > MostRows)
            {
                throw new ModelException(new Problem(
                    ProblemCode.NotExportable,
                    string.Create(CultureInfo.InvariantCulture, $"The rows stand for {counts.Sum()} rows, and JAGS needs each of them."),
                    "Use ToStanData(rows): Stan takes counts as they are.")
                { Term = layout.Count });
            }

            from = [.. from.SelectMany(row => Enumerable.Repeat(row, (int)counts[row]))];
        }

        var text = new StringBuilder();
        foreach (var item in layout.Data.Where(item => item.Name != layout.Count))
        {
            var numbers = item.Name == DataType.RowCount ? [from.Length] : item.Read(values);
            if (item.Type.Width is not null && numbers.Length == 0)
            {
                throw new ModelException(new Problem(
                    ProblemCode.NotExportable,
                    $"{item.Name} has one level in these rows, and JAGS has no matrix without columns.",
                    "Leave the category out of the model, or use ToStanData(rows).")
                { Term = item.Name });
            }

            text.Append(item.Name).Append(" <- ");
            if (item.Type.Length is null)
                text.Append(ProgramNumber.Literal(numbers[0]));
            else
                Write(text, item.Type, numbers, from, values.Rows.RowCount);
            text.Append('\n');
        }

        return text.ToString();
    }

    private static void Write(Utf8JsonWriter writer, ReadOnlySpan<double> numbers)
    {
        writer.WriteStartArray();
        foreach (var number in numbers)
            Write(writer, number);
        writer.WriteEndArray();
    }

    // Whole numbers without a point, also where they are large.
    private static void Write(Utf8JsonWriter writer, double number)
    {
        if (number == Math.Floor(number) && Math.Abs(number) < 1e15)
            writer.WriteNumberValue((long)number);
        else
            writer.WriteNumberValue(number);
    }

    // R stores a matrix column after column.
    private static void Write(StringBuilder text, DataType type, double[] numbers, int[] from, int rowCount)
    {
        var width = type.Width is null ? 1 : numbers.Length / rowCount;
        var rows = type.IsByRow ? from : [.. Enumerable.Range(0, numbers.Length)];
        var values = new List<string>();
        for (var c = 0; c < width; c++)
            values.AddRange(rows.Select(row => ProgramNumber.Literal(numbers[row * width + c])));
        var list = $"c({string.Join(", ", values)})";
        text.Append(
            type.Width is null
                ? list
                : string.Create(CultureInfo.InvariantCulture, $"structure({list}, .Dim = c({rows.Length}, {width}))"));
    }
}
