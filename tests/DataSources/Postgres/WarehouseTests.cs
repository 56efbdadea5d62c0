using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Xunit;

namespace TypedPooling.Tests.DataSources.Postgres;

/// <summary>A table of three servers behind a fourth: the program samples/Warehouse fits it and tells where the sums were made.</summary>
[Collection(nameof(PostgresCollection))]
public sealed class WarehouseTests(PostgresFixture fixture)
{
    private const int CafeCount = 60;
    private const int RowCount = 12_000;
    private static readonly Lock Making = new();
    private static string? printed;

    private static readonly (string Cafe, string City, bool Afternoon, double Wait)[] Rows = [.. Enumerable.Range(0, RowCount).Select(i =>
    {
        var cafe = i % CafeCount;
        var afternoon = i / CafeCount % 2 == 1;
        return ($"cafe {cafe}", $"city {cafe % 5}", afternoon, 4 + 0.05 * cafe - (afternoon ? 1 + 0.01 * cafe : 0) + 0.6 * Math.Sin(i * (double)i));
    })];

    [SkippableFact]
    public void The_servers_sum_where_their_partition_key_is_among_the_keys()
    {
        foreach (var name in new[] { "by café", "by café and city" })
        {
            var plans = Plans(name);

            Assert.NotEmpty(plans);
            Assert.All(plans, plan =>
            {
                Assert.EndsWith("the servers summed", plan.Text, StringComparison.Ordinal);
                Assert.Equal(CafeCount, plan.Groups);

                // What each foreign scan brought is groups: its own cafés, and every café is on one server.
                Assert.Equal(Federation.ShardCount, plan.Travelled.Length);
                Assert.Equal(CafeCount, plan.Travelled.Sum());
                Assert.Equal(Servers().RowsByShard().Select(rows => rows * CafeCount / RowCount), plan.Travelled);
            });
        }
    }

    [SkippableFact]
    public void The_rows_travel_where_the_partition_key_is_not_among_the_keys()
    {
        var plans = Plans("by city");

        Assert.NotEmpty(plans);
        Assert.All(plans, plan =>
        {
            Assert.EndsWith("the rows themselves, summed by the server in front", plan.Text, StringComparison.Ordinal);
            Assert.Equal(5, plan.Groups);
            Assert.Equal(RowCount, plan.Travelled.Sum());
            Assert.Equal(Servers().RowsByShard(), plan.Travelled);
        });
    }

    [SkippableFact]
    public void The_program_prints_the_fit_of_the_rows()
    {
        var model = PooledModel.Of<Row>().Normal(r => r.Wait, name: "Wait").Intercept().Slope(r => r.Afternoon, name: "Afternoon")
            .Varying(Group.By((Row r) => r.Cafe, "Cafe"), g => g.Intercept().Slope(r => r.Afternoon, name: "Afternoon"));

        var expected = model.Fit(Rows.Select(row => new Row(row.Cafe, row.Afternoon, row.Wait)));

        Assert.Contains(expected.Table.ToString().TrimEnd(), Printed(), StringComparison.Ordinal);
        Assert.Contains($"== by café: {RowCount} rows became {CafeCount} cells by ", Printed(), StringComparison.Ordinal);
    }

    private static (long Groups, long[] Travelled, string Text)[] Plans(string printed, string name) => [.. printed.Split("== ")
        .Single(part => part.StartsWith(name + ":", StringComparison.Ordinal)).Split('\n')
        .Select(line => Regex.Match(line.TrimEnd(), @"^query \d+: (\d+) groups; ([\d +]+) rows travelled between servers: .*$"))
        .Where(match => match.Success)
        .Select(match => (
            Number(match.Groups[1].Value), match.Groups[2].Value.Split(" + ").Select(Number).ToArray(), match.Value))];

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);

    private (long Groups, long[] Travelled, string Text)[] Plans(string name) => Plans(Printed(), name);

    private Federation Servers() => fixture.Servers();

    // The program runs once for all tests.
    private string Printed()
    {
        var servers = Servers();
        lock (Making)
        {
            if (printed is not null)
                return printed;
            servers.Fill(Rows);
            printed = Run(servers.Front.ConnectionString);
            return printed;
        }
    }

    private static string Run(string connectionString)
    {
        // The same configuration and framework as the tests: tests/DataSources/bin/Release/net10.0.
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        var output = Path.Combine("bin", folder.Parent!.Name, folder.Name);
        var root = folder.Parent!.Parent!.Parent!.Parent!.Parent!.FullName;
        var start = new ProcessStartInfo(
            Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet",
            [Path.Combine(root, "samples", "Warehouse", output, "Warehouse.dll"), connectionString])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = System.Text.Encoding.UTF8,
        };
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var text = process.StandardOutput.ReadToEnd();
        Assert.Equal(string.Empty, errors.GetAwaiter().GetResult());
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
        return text.ReplaceLineEndings("\n");
    }

    private sealed record Row(string Cafe, bool Afternoon, double Wait);
}
