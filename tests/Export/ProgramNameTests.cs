using System.Text.Json;
using System.Text.RegularExpressions;
using TypedPooling.Export;
using Xunit;
using static TypedPooling.Prior;

namespace TypedPooling.Tests.Export;

/// <summary>Names of programs, and models whose names are no names in Stan, JAGS or R.</summary>
public sealed class ProgramNameTests
{
    [Theory]
    [InlineData("Wait", "Wait")]
    [InlineData("(Year - 1952) / 5", "Year_1952_5")]
    [InlineData("größe", "gr_e")]
    [InlineData("Café", "Caf")]
    [InlineData("2nd", "v2nd")]
    [InlineData("待ち時間", "v")]
    [InlineData("half \ud800 pair", "half_pair")]
    [InlineData("lp__", "lp")]
    [InlineData("model", "model_2")]
    [InlineData("normal", "normal_2")]
    [InlineData("class", "class_2")]
    [InlineData("T", "T_2")]
    [InlineData("N", "N_2")]
    [InlineData("eta", "eta_2")]
    public void Names_become_identifiers(string name, string identifier) =>
        Assert.Equal(identifier, new ProgramNames().Take(name));

    [Fact]
    public void Things_of_one_name_get_names_of_their_own()
    {
        var names = new ProgramNames();
        Assert.Equal(["a_b", "a_b_2", "a_b_3"], new[] { "a b", "a_b", "a-b" }.Select(names.Take));
    }

    [Fact]
    public void Nodes_that_a_prior_adds_in_Jags_keep_their_names()
    {
        var names = new ProgramNames();
        Assert.Equal("sd_g", names.TakeNumber("sd_g"));
        Assert.Equal("precision_sd_g_2", names.Take("precision_sd_g"));
        Assert.Equal("root_x", names.Take("root_x"));
        Assert.Equal("x_2", names.TakeNumber("x"));
    }

    [Fact]
    public void Columns_of_colliding_names_stay_apart_in_every_program()
    {
        var model = PooledModel.Of<Odd>()
            .Normal(r => r.Y, name: "data")
            .Intercept()
            .Slope(r => r.A, name: "b \"x\"")
            .Slope(r => r.B, name: "b_x\n} evil {")
            .Slope(r => r.A * r.B, name: "b_x_}_evil_{")
            .Varying(Group.By((Odd r) => r.Key, name: "data"), g => g.Intercept());

        string[] programs = [model.ToStan(), model.ToStan(new() { Effects = StanEffects.Centred, Arrays = StanArraySyntax.Suffix }), model.ToJags()];
        foreach (var program in programs)
        {
            Assert.DoesNotContain("\n} evil", program);
            Assert.Contains("b_b_x_evil_2", program);
            Assert.Contains("data_2", program);
            Assert.Contains("data_3", program);
            Assert.All(program, letter => Assert.True(letter is '\n' or (>= ' ' and <= '~')));
        }

        Odd[] rows =
        [
            new(1, 2, "Blue \"Door\", north", 1), new(2, 1, "naïve\n", 2), new(3, 5, "Blue \"Door\", north", 4), new(4, 1, "c", 3), new(2, 2, "c", 1),
            new(7, 3, "naïve\n", 5), new(1, 1, "c", 0), new(3, 4, "Blue \"Door\", north", 2),
        ];
        var data = JsonDocument.Parse(model.ToStanData(rows)).RootElement.EnumerateObject()
            .ToDictionary(item => item.Name, item => item.Value);
        Assert.Equal([1, 2, 1, 3, 3, 2, 3, 1], data["data_3"].EnumerateArray().Select(level => level.GetInt32()));
        Assert.Equal(3, data["J_data_3"].GetInt32());
        Assert.All(data.Keys, name => Assert.Matches($" {name};", model.ToStan()));
        Assert.Contains("data_3 <- c(1, 2, 1, 3, 3, 2, 3, 1)", model.ToJagsData(rows));
    }

    [Fact]
    public void Empty_data_are_refused()
    {
        var model = PooledModel.Of<Odd>().Normal(r => r.Y).Intercept();
        Assert.Equal(ProblemCode.NoRows, Assert.Throws<ModelException>(() => model.ToStanData([])).Problems.Single().Code);
        Assert.Equal(ProblemCode.NoRows, Assert.Throws<ModelException>(() => model.ToJagsData([])).Problems.Single().Code);
        Assert.Equal(ProblemCode.NoRows, Assert.Throws<ModelException>(() => model.ToFormula(FormulaDialect.Brms, [])).Problems.Single().Code);
    }

    [Fact]
    public void Jags_names_every_term_it_cannot_state()
    {
        var model = PooledModel.Of<Odd>().Normal(r => r.Y).Intercept(Flat).Slope(r => r.A, Flat).Varying(
            Group.By((Odd r) => r.Key), g => g.Intercept(Fixed(0)).Slope(r => r.A, Flat).Correlated(Lkj(1)));
        var problems = Assert.Throws<ModelException>(() => model.ToJags()).Problems;
        Assert.Equal(["Intercept", "A", "sd of A by Key", "Key"], problems.Select(problem => problem.Term));
        Assert.All(problems, problem => Assert.Equal(ProblemCode.NotExportable, problem.Code));
        Assert.Contains("b_Intercept has a flat prior", model.ToStan());
    }

    [Fact]
    public void Jags_refuses_a_category_of_one_level()
    {
        var model = PooledModel.Of<Odd>().Normal(r => r.Y).Intercept().Categorical(r => r.Key, name: "kind");
        Odd[] rows = [new(1, 2, "a", 1), new(2, 1, "a", 2), new(3, 5, "a", 4)];
        var problem = Assert.Throws<ModelException>(() => model.ToJagsData(rows)).Problems.Single();
        Assert.Equal((ProblemCode.NotExportable, "kind"), (problem.Code, problem.Term));
        Assert.Contains("structure(c(0, 0, 1)", model.ToJagsData([.. rows[..2], rows[2] with { Key = "b" }]));
    }

    [Fact]
    public void An_option_without_a_name_is_refused()
    {
        var model = PooledModel.Of<Odd>().Normal(r => r.Y).Intercept();
        Assert.Equal(
            ProblemCode.OptionOutOfRange,
            Assert.Throws<ModelException>(() => model.ToStan(new() { Effects = (StanEffects)7 })).Problems.Single().Code);
        Assert.Equal(
            ProblemCode.OptionOutOfRange,
            Assert.Throws<ModelException>(() => model.ToFormula((FormulaDialect)7)).Problems.Single().Code);
    }

    [Fact]
    public void The_older_syntax_of_arrays_is_what_the_script_makes_of_the_newer_one()
    {
        foreach (var @case in ExportCases.All)
        {
            foreach (var effects in Enum.GetValues<StanEffects>())
            {
                var rewritten = Regex.Replace(
                    @case.Stan(new() { Effects = effects }),
                    @"array\[(\w+)\] (int|vector)((?:<[^>]*>)?(?:\[\w+\])?) (\w+);",
                    "$2$3 $4[$1];");
                Assert.DoesNotContain("array[", rewritten);
                Assert.Equal(rewritten, @case.Stan(new() { Effects = effects, Arrays = StanArraySyntax.Suffix }));
            }
        }
    }

    private sealed record Odd(double A, double B, string Key, double Y);
}
