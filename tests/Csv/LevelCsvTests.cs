using TypedPooling.Tests.Reference;
using Xunit;

namespace TypedPooling.Tests.Csv;

/// <summary>Tables of levels as CSV files.</summary>
public sealed class LevelCsvTests
{
    [Fact]
    public void A_line_is_a_term_of_a_level_and_reads_back_to_the_last_bit()
    {
        var table = Table<string>(("a, \"b\"", 1.0 / 3), ("Zoë\n北京 #2", double.NaN), (string.Empty, double.NegativeInfinity), (" x", -1e-300));
        var file = ReferenceFile.Parse(Text(table));

        Assert.Equal(["level", "rows", "term", "mean", "sd", "lower", "upper", "probability"], file.Header);
        Assert.Equal(table.Levels.SelectMany(level => new[] { level.Key, level.Key }), file.Texts("level"));
        Assert.Equal(["Intercept", "x, y"], file.Texts("term")[..2]);
        Assert.Equal(table.Levels.SelectMany(level => level.Coefficients.Select(c => c.Mean)), file.Numbers("mean"));
        Assert.Equal(table.Levels.SelectMany(level => level.Coefficients.Select(c => c.Interval.Upper)), file.Numbers("upper"));
        Assert.All(file.Numbers("probability"), probability => Assert.Equal(0.89, probability));
    }

    [Theory]
    [InlineData("=1+1", "'=1+1")]
    [InlineData("+1", "'+1")]
    [InlineData("-1", "'-1")]
    [InlineData("@x", "'@x")]
    [InlineData("\t=1", "'\t=1")]
    [InlineData("=\"a\",b", "\"'=\"\"a\"\",b\"")]
    [InlineData("a=1", "a=1")]
    public void A_key_that_a_spreadsheet_would_take_for_a_formula_gets_an_apostrophe(string key, string cell) =>
        Assert.StartsWith(cell + ",2,Intercept,", Text(Table((key, 1))).Split('\n', 2)[1].ReplaceLineEndings("\n"), StringComparison.Ordinal);

    [Fact]
    public void Numbers_are_never_escaped_neither_as_keys_nor_in_cells()
    {
        Assert.StartsWith("-7,2,Intercept,-1.5,0.5,-2,-1,0.89\n", Text(Table((-7, -1.5))).Split('\n', 2)[1], StringComparison.Ordinal);
        Assert.StartsWith("-0.5,2,Intercept,-1.5,", Text(Table((-0.5, -1.5))).Split('\n', 2)[1], StringComparison.Ordinal);
        Assert.StartsWith("-0.5,2,Intercept,-1.5,", Text(Table((-0.50m, -1.5))).Split('\n', 2)[1], StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_has_the_text_of_a_writer()
    {
        var path = Path.Combine(AppContext.BaseDirectory, nameof(LevelCsvTests) + ".csv");
        var table = Table(("Zoë", 1.0));
        table.WriteCsv(path);

        Assert.Equal(Text(table), File.ReadAllText(path));
    }

    private static CoefficientTable<TKey> Table<TKey>(params (TKey Key, double Mean)[] levels) => new(
        "factor",
        0.89,
        ["Intercept", "x, y"],
        [.. levels.Select(level => new LevelCoefficients<TKey>(
            level.Key,
            2,
            [new(level.Mean, 0.5, new(level.Mean - 0.5, level.Mean + 0.5, 0.89)), new(level.Mean / 7, 0.5, new(0, level.Mean, 0.89))]))]);

    private static string Text<TKey>(CoefficientTable<TKey> table)
    {
        using var writer = new StringWriter();
        table.WriteCsv(writer);
        return writer.ToString();
    }
}
