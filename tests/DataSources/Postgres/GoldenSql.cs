using System.Text;
using System.Text.RegularExpressions;
using Xunit;

namespace TypedPooling.Tests.DataSources.Postgres;

/// <summary>The SQL of each case and provider, as committed in <c>tests/DataSources/Postgres/golden</c>. Tests compare; they never rewrite.</summary>
internal static class GoldenSql
{
    private const string Heading = "-- case: ";
    private static readonly Lock Writing = new();

    /// <summary>Asserts that queries are those of the golden text of a provider.</summary>
    /// <param name="provider">Name of the file.</param>
    /// <param name="name">The case.</param>
    /// <param name="sent">The queries, in order.</param>
    public static void Holds(string provider, string name, IReadOnlyList<string> sent)
    {
        // Constants that the data decide are not part of the text: another order of summation moves their last digit.
        var text = string.Join("\n\n", sent.Select(sql => Regex.Replace(sql.ReplaceLineEndings("\n").Trim(), @"-?\d+\.\d{5,}(?:E[+-]?\d+)?", "#"))) + "\n";
        var golden = Sections(Path.Combine(AppContext.BaseDirectory, "golden", provider + ".sql"));
        if (golden.TryGetValue(name, out var expected) && expected == text)
            return;
        var actual = Path.Combine(AppContext.BaseDirectory, "golden", provider + ".actual.sql");
        lock (Writing)
        {
            var sections = Sections(File.Exists(actual) ? actual : Path.Combine(AppContext.BaseDirectory, "golden", provider + ".sql"));
            sections[name] = text;
            Directory.CreateDirectory(Path.GetDirectoryName(actual)!);
            File.WriteAllText(actual, string.Join('\n', sections.Select(section => Heading + section.Key + "\n" + section.Value)));
        }

        Assert.Equal(expected, text);
        Assert.Fail($"The case {name} is not in the golden text of {provider}. Where the change is meant, copy {actual} over it.");
    }

    // Sections in their order; none where there is no file.
    private static SortedDictionary<string, string> Sections(string file)
    {
        var sections = new SortedDictionary<string, string>(StringComparer.Ordinal);
        if (!File.Exists(file))
            return sections;
        foreach (var part in File.ReadAllText(file, Encoding.UTF8).ReplaceLineEndings("\n").Split(Heading, StringSplitOptions.RemoveEmptyEntries))
        {
            var end = part.IndexOf('\n', StringComparison.Ordinal);
            sections[part[..end]] = part[(end + 1)..].TrimEnd('\n') + "\n";
        }

        return sections;
    }
}
