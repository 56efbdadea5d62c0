using TypedPooling.Draws;
using TypedPooling.Engines;
using TypedPooling.Tests.Dsl.Support;
using TypedPooling.Tests.Json;
using TypedPooling.Tests.Reference;
using Xunit;

namespace TypedPooling.Tests.Csv;

/// <summary>Draws as columns and as CSV files, which R read: tests/reference/make_draws_csv.R.</summary>
public sealed class DrawCsvTests
{
    private static readonly Group<Visit, string> Cafe = Group.By((Visit v) => v.Cafe);

    [Theory]
    [InlineData("draws_csv.csv", 0)]
    [InlineData("draws_csv_1.csv", 1)]
    [InlineData("draws_csv_2.csv", 2)]
    public void Files_are_those_that_R_read(string file, int chain)
    {
        var columns = DrawCsvCases.Columns;
        using var writer = new StringWriter { NewLine = "\r\n" };
        (chain == 0 ? columns : columns.Chain(chain)).WriteCsv(writer);

        Assert.Equal(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "reference", file)), writer.ToString());
    }

    [Fact]
    public void R_found_every_chain_name_and_number()
    {
        var columns = DrawCsvCases.Columns;
        var rows = ReferenceFile.Read("reference/draws_csv_expected.csv").Rows.ToLookup(row => row.Text("variable"));
        Assert.Equal(
            ["lp__", "accept_stat__", "stepsize__", "treedepth__", "n_leapfrog__", "divergent__", .. columns.Names], rows.Select(row => row.Key));
        foreach (var name in columns.Names)
        {
            double[] draws = [.. columns[name]];
            var expected = rows[name].ToDictionary(row => row.Text("quantity"), row => row.Number("value"));
            Assert.Equal((DrawCsvCases.Chains, DrawCsvCases.Draws), ((int)expected["nchains"], (int)expected["niterations"]));
            Assert.Equal((draws.Count(double.IsNaN), draws.Count(double.IsPositiveInfinity)), ((int)expected["nan"], (int)expected["inf"]));
            if (!draws.All(double.IsFinite))
                continue;
            Assert.Equal(Diagnostics.Mean(draws), expected["mean"], 1e-12);
            Assert.Equal(Diagnostics.RHat(draws, DrawCsvCases.Chains), expected["rhat"], 1e-10);
            Assert.Equal(Diagnostics.EssBulk(draws, DrawCsvCases.Chains), expected["ess_bulk"], 1e-8);

            // Files of one chain each, bound together, are the same draws.
            Assert.Equal(expected["mean"], expected["mean_of_chain_files"], 1e-15);
        }
    }

    [Fact]
    public void Columns_have_the_names_of_the_table_and_its_draws()
    {
        var draws = JsonCases.Fit.Draws();

        Assert.Equal(JsonCases.Fit.Table.Rows.Select(row => row.Parameter.Name), draws.Names);
        Assert.Equal(JsonCases.Fit.Sigma.Draws, draws["sigma"].AsEnumerable());
        Assert.Equal(JsonCases.Fit.Coefficient(v => v.Afternoon).Draws, draws["Afternoon"].AsEnumerable());
        Assert.Equal(200, draws.DrawCount);
        Assert.Equal("sigmas", Assert.Throws<ModelException>(() => draws["sigmas"]).Problems[0].Term);
    }

    [Fact]
    public void Columns_of_levels_are_their_effects()
    {
        var draws = JsonCases.Fit.For(Cafe).Draws();
        var level = JsonCases.Fit.For(Cafe)["2"];

        Assert.Equal(2 * 20, draws.Names.Length);
        Assert.Equal(level.Effect("Intercept").Draws, draws["Cafe[2, Intercept]"].AsEnumerable());
        Assert.Equal(level.Effect(v => v.Afternoon).Draws, draws["Cafe[2, Afternoon]"].AsEnumerable());
    }

    [Fact]
    public void A_chain_is_its_part_of_the_draws()
    {
        var fit = JsonCases.Model.Fit(JsonCases.Visits, Engine.Nuts, new() { Chains = 3, Draws = 20, Warmup = 100 });
        var second = fit.Draws().Chain(2);

        Assert.Equal((1, 20, 20), (second.ChainCount, second.DrawsPerChain, second.DrawCount));
        Assert.Equal(fit.Sigma.Draws[20..40], second["sigma"].AsEnumerable());
        Assert.Throws<ArgumentOutOfRangeException>(() => fit.Draws().Chain(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => fit.Draws().Chain(4));

        // The sampler's columns are those of the chain too.
        using var writer = new StringWriter();
        second.WriteCsv(writer);
        var file = ReferenceFile.Parse(writer.ToString());
        Assert.Equal(fit.Posterior.Sampler!.LogDensity[20..40], file.Numbers("lp__"));
        Assert.Equal(Enumerable.Repeat(fit.Posterior.Sampler.StepSize[1], 20), file.Numbers("stepsize__"));
        Assert.Equal(second["sigma"].AsEnumerable(), file.Numbers("sigma"));
        Assert.Contains("# id = 2\n", writer.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_has_the_text_of_a_writer_and_replaces_what_was_there()
    {
        var path = Path.Combine(AppContext.BaseDirectory, nameof(A_file_has_the_text_of_a_writer_and_replaces_what_was_there) + ".csv");
        File.WriteAllText(path, new string('x', 1_000_000));
        using var writer = new StringWriter();
        DrawCsvCases.Columns.WriteCsv(writer);
        DrawCsvCases.Columns.WriteCsv(path);

        Assert.Equal(writer.ToString(), File.ReadAllText(path));
        Assert.Equal((byte)'#', File.ReadAllBytes(path)[0]);
        Assert.Throws<ArgumentException>(() => DrawCsvCases.Columns.WriteCsv(string.Empty));
    }

    [Theory]
    [InlineData("Marginal", "independent")]
    [InlineData("Gibbs", "of Markov chains")]
    [InlineData("MaximumLikelihood", "of the normal approximation of a point estimate")]
    [InlineData("Variational", "of an approximation of the posterior")]
    public void The_header_says_what_the_draws_are(string engine, string kind)
    {
        INormalEngine chosen = engine switch
        {
            "Marginal" => Engine.Marginal,
            "Gibbs" => Engine.Gibbs,
            "MaximumLikelihood" => Engine.MaximumLikelihood,
            _ => Engine.Variational,
        };
        var model = PooledModel.Of<Visit>().Normal(v => v.Wait).Intercept().Varying(Cafe, g => g.Intercept());
        using var writer = new StringWriter();
        model.Fit(JsonCases.Visits, chosen, new() { Chains = 2, Draws = 50, Warmup = 50 }).Draws().WriteCsv(writer);

        Assert.Contains($"# draws are {kind}\n", writer.ToString(), StringComparison.Ordinal);
        Assert.Contains("\n# seed = 1\n", writer.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("lp__", writer.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Levels_of_one_printed_name_are_refused_in_columns()
    {
        var rows = new[] { "a\n", "a\\n" }.SelectMany(key => new Visit[] { new(key, true, 1), new(key, true, 2) });
        var fit = PooledModel.Of<Visit>().Normal(v => v.Wait, sigma: Prior.Fixed(1)).Intercept().Varying(Cafe, g => g.Intercept(Prior.Fixed(1))).Fit(rows);

        Assert.Equal(ProblemCode.NameNeeded, Assert.Throws<ModelException>(() => fit.For(Cafe).Draws()).Code);
    }
}
