using System.Globalization;

namespace TypedPooling.Tests.Dsl.Support;

/// <summary>A data file of tests/data: a header, then records; fields may be quoted, and then hold commas but no quotes.</summary>
internal static class CsvFile
{
    public static IReadOnlyList<T> Read<T>(string name, Func<Func<string, string>, T> record)
    {
        var lines = File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "data", name));
        var header = Fields(lines[0]);
        return [.. lines.Skip(1).Where(line => line.Length > 0).Select(line =>
        {
            var fields = Fields(line);
            return record(column => fields[Array.IndexOf(header, column)]);
        })];
    }

    public static double Number(string field) => double.Parse(field, NumberStyles.Float, CultureInfo.InvariantCulture);

    private static string[] Fields(string line)
    {
        var fields = new List<string> { string.Empty };
        var isQuoted = false;
        foreach (var letter in line)
        {
            if (letter == '"')
                isQuoted = !isQuoted;
            else if (letter == ',' && !isQuoted)
                fields.Add(string.Empty);
            else
                fields[^1] += letter;
        }

        return [.. fields];
    }
}
