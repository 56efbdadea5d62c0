using System.Globalization;
using TypedPooling.Data;
using TypedPooling.Engines;
using Xunit;

namespace TypedPooling.Tests.Samples;

/// <summary>The program Shards: rows that never meet, and the fit that they would give together.</summary>
public sealed class ShardsTests : IDisposable
{
    private static readonly string Csv = Path.Combine(AppContext.BaseDirectory, "data", "radon.csv");

    // As the sample declares it: its files are those of this model.
    private static readonly NormalModel<Home> Model = PooledModel.Of<Home>().Normal(h => h.LogRadon).Intercept().Slope(h => h.Floor)
        .Slope(h => h.LogUranium).Varying(Group.By((Home h) => h.County), g => g.Intercept().Slope(h => h.Floor));

    private readonly string folder = Directory.CreateTempSubdirectory("shards").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void Files_of_shards_give_the_fit_of_all_rows()
    {
        // Counties on several shards, counties on one, and a shard of one row.
        var lines = File.ReadAllLines(Csv);
        string[] files =
        [
            Shard("first", lines[1..2]),
            Shard("second", lines[2..500].Where((_, row) => row % 2 == 0)),
            Shard("third", [.. lines[2..500].Where((_, row) => row % 2 == 1), .. lines[500..]]),
        ];

        var merged = files.Select(Model.LoadData).Aggregate((all, next) => all.Merge(next));
        var whole = Model.Read(Rows(lines[1..]));
        var (fit, expected) = (Model.Fit(merged), Model.Fit(whole));
        var (reml, expectedReml) = (Model.Fit(merged, Engine.RestrictedMaximumLikelihood), Model.Fit(whole, Engine.RestrictedMaximumLikelihood));
        var printed = SampleRun.With("Shards", ["merge", .. files]);

        Assert.Equal((whole.RowCount, whole.CellCount), (merged.RowCount, merged.CellCount));
        SumsAgree(Model.Bind(whole), Model.Bind(merged));
        Assert.Equal(expected.Table.Rows.Length, fit.Table.Rows.Length);
        foreach (var (row, other) in fit.Table.Rows.Zip(expected.Table.Rows))
        {
            Assert.Equal(other.Parameter.Name, row.Parameter.Name);
            Assert.Equal(other.Mean, row.Mean, 1e-9 * other.Sd);
            Assert.Equal(1, row.Sd / other.Sd, 1e-9);
        }

        Assert.Equal(expectedReml.Likelihood.LogLikelihood, reml.Likelihood.LogLikelihood, 1e-9);
        Assert.Equal(string.Empty, printed.Errors);
        Assert.Contains(expected.Table.ToString().TrimEnd(), string.Join('\n', printed.Lines), StringComparison.Ordinal);
    }

    [Fact]
    public void The_demonstration_prints_equal_means()
    {
        var pairs = SampleRun.Of("Shards").Lines.Where(line => line.Contains("   all rows ", StringComparison.Ordinal))
            .Select(line => line.Split(" merged ")[1].Split("all rows")).ToArray();

        Assert.Equal(7, pairs.Length);
        Assert.All(pairs, pair => Assert.Equal(pair[1].Trim(), pair[0].Trim()));
    }

    [Fact]
    public void A_wrong_call_is_answered_by_the_usage()
    {
        var run = SampleRun.With("Shards", "merge");

        Assert.Equal(2, run.ExitCode);
        Assert.StartsWith("Usage: Shards read", run.Errors, StringComparison.Ordinal);
    }

    // Cross-products of x and y to 1e-12 sqrt(Sxx Syy), county by county.
    private static void SumsAgree(NormalBoundModel expected, NormalBoundModel actual)
    {
        var cellOf = Enumerable.Range(0, actual.Cells.CellCount).ToDictionary(cell => actual.Levels[0].Text(actual.CellLevels(0)[cell]));
        for (var cell = 0; cell < expected.Cells.CellCount; cell++)
        {
            var other = cellOf[expected.Levels[0].Text(expected.CellLevels(0)[cell])];
            var products = expected.Cells.CrossProducts(cell);
            var found = actual.Cells.CrossProducts(other);
            Assert.Equal(expected.Cells.Rows(cell), actual.Cells.Rows(other));
            for (var a = 0; a <= expected.Cells.ColumnCount; a++)
            {
                Assert.Equal(expected.Cells.Means(cell)[a], actual.Cells.Means(other)[a], 1e-14);
                for (var b = 0; b <= a; b++)
                {
                    var scale = Math.Sqrt(products[a * (a + 1) / 2 + a] * products[b * (b + 1) / 2 + b]);
                    Assert.Equal(products[a * (a + 1) / 2 + b], found[a * (a + 1) / 2 + b], 1e-12 * scale + 1e-28);
                }
            }
        }
    }

    private static IEnumerable<Home> Rows(IEnumerable<string> lines) => lines.Select(line => line.Split(',')).Select(fields => new Home(
        fields[0], int.Parse(fields[1], CultureInfo.InvariantCulture), Number(fields[3]), Number(fields[4])));

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);

    private string Shard(string name, IEnumerable<string> rows)
    {
        string[] lines = [File.ReadLines(Csv).First(), .. rows];
        var (csv, file) = (Path.Combine(folder, name + ".csv"), Path.Combine(folder, name + ".data"));
        File.WriteAllLines(csv, lines);
        var run = SampleRun.With("Shards", "read", csv, file);
        Assert.Equal(string.Empty, run.Errors);
        Assert.StartsWith($"{lines.Length - 1} rows of ", run.Lines[0], StringComparison.Ordinal);
        return file;
    }

    private sealed record Home(string County, int Floor, double LogRadon, double LogUranium);
}
