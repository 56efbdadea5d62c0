using Xunit;

namespace TypedPooling.Tests.DataSources.Queries;

/// <summary>The SQL that is sent, as texts in the folder golden: a change of it is seen and read.</summary>
public sealed class GoldenSqlTests
{
    private static readonly Group<Measurement, string> BySchool = Group.By((Measurement m) => m.School);

    [Theory]
    [InlineData("sqlite")]
    [InlineData("parquet")]
    public void Sums_of_slopes_and_a_category(string name) => Check(name, "sums", source => PooledModel.Of<Measurement>().Normal(m => m.Y).Intercept()
        .Slope(m => m.X).Categorical(m => m.Label).DropRowsWithMissingValues().Varying(BySchool.Nested(m => m.Class), g => g.Intercept())
        .Query(source.Rows));

    [Theory]
    [InlineData("sqlite")]
    [InlineData("parquet")]
    public void Sums_about_the_means_of_groups_that_lie_far_apart(string name) => Check(
        name,
        "means",
        source => PooledModel.Of<Measurement>().Normal(m => m.Y).Intercept().Slope(m => (m.Whole - 1) / 2.5).Varying(BySchool, g => g.Intercept())
            .Query(source.Rows),
        row => row.Y += 1e10 * row.School[^1]);

    [Theory]
    [InlineData("sqlite")]
    [InlineData("parquet")]
    public void Cells_of_counts(string name) => Check(name, "cells", source => PooledModel.Of<Measurement>()
        .Poisson(m => m.Events, exposure: m => m.Exposure).Intercept().Slope(m => m.Flag).Varying(BySchool, g => g.Intercept()).Query(source.Rows));

    private static void Check(string name, string what, Action<Source> run, Action<Measurement>? change = null)
    {
        var rows = Measurement.Some();
        rows.ForEach(change ?? (_ => { }));
        using var source = Source.Of(name, rows);
        run(source);
        var sent = string.Join("\n\n", source.Sent.Select(source.WithoutPaths)).ReplaceLineEndings("\n") + "\n";
        var file = Path.Combine(AppContext.BaseDirectory, "golden", $"{name}-{what}.sql");
        var expected = File.Exists(file) ? File.ReadAllText(file).ReplaceLineEndings("\n") : string.Empty;
        if (expected != sent)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllText(file + ".actual", sent);
        }

        Assert.Equal(expected, sent);
    }
}
