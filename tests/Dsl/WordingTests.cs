using TypedPooling.Tests.Dsl.Support;
using Xunit;

namespace TypedPooling.Tests.Dsl;

/// <summary>Small things that a user meets: names of responses, keys mistyped, percentages for probabilities, numbers in print.</summary>
public sealed class WordingTests
{
    private static readonly double[] Y = [.. Enumerable.Range(0, 60).Select(i => 1 + i % 6 + Math.Sin(i * i))];

    private static readonly Lazy<NormalLikelihoodFit<Visit>> Shared = new(() => PooledModel.Of<Visit>()
        .Normal(v => v.Wait)
        .Intercept()
        .Varying(Group.By((Visit v) => v.Cafe), g => g.Intercept())
        .Fit(Rows.Cafe, Engine.MaximumLikelihood));

    public static TheoryData<string, PooledModel<int>> NamedResponses()
    {
        var start = PooledModel.Of<int>();
        return new()
        {
            { "Normal", start.Normal(i => Y[i], name: "y").Intercept() },
            { "LogNormal", start.LogNormal(i => Y[i], name: "y").Intercept() },
            { "known sd", start.Normal(i => Y[i], knownSd: i => Y[i] + 1, name: "y").Intercept() },
            { "Bernoulli", start.Bernoulli(i => Y[i] > 3, name: "y").Intercept() },
            { "Binomial", start.Binomial(i => Math.Round(Y[i]), trials: i => Math.Round(Y[i]) + 3, name: "y").Intercept() },
            { "Poisson", start.Poisson(i => Math.Round(Y[i]), name: "y").Intercept() },
            { "exposure", start.Poisson(i => Math.Round(Y[i]), exposure: i => Y[i] + 2, name: "y").Intercept() },
            { "NegativeBinomial", start.NegativeBinomial(i => Math.Round(Y[i]), name: "y").Intercept() },
            { "NegativeBinomial, exposure", start.NegativeBinomial(i => Math.Round(Y[i]), exposure: i => Y[i] + 2, name: "y").Intercept() },
            { "Gamma", start.Gamma(i => Y[i], name: "y").Intercept() },
            { "StudentT", start.StudentT(i => Y[i], name: "y").Intercept() },
        };
    }

    [Theory]
    [MemberData(nameof(NamedResponses))]
    public void A_response_of_any_family_can_be_an_element_of_an_array_and_named(string verb, PooledModel<int> model)
    {
        Assert.NotEmpty(verb);
        Assert.Equal("y", model.Spec.Response.Name);
        Assert.Contains("y", model.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_response_without_a_name_of_its_own_asks_for_one()
    {
        Func<int, double> read = i => Y[i];
        var problem = Assert.Throws<ModelException>(() => PooledModel.Of<int>().Normal(i => read(i)));

        Assert.Equal(ProblemCode.NameNeeded, problem.Code);
        Assert.Equal("y", PooledModel.Of<int>().Normal(i => read(i), name: "y").Spec.Response.Name);
    }

    [Fact]
    public void A_model_over_indices_is_fitted()
    {
        var fit = PooledModel.Of<int>().Normal(i => Y[i], name: "y").Intercept().Varying(Group.By((int i) => i % 6, "group"), g => g.Intercept())
            .Fit(Enumerable.Range(0, Y.Length), Engine.MaximumLikelihood);

        Assert.Equal(6, fit.For(Group.By((int i) => i % 6, "group")).Keys.Count);
    }

    [Theory]
    [InlineData("1 ", "'1'")]
    [InlineData(" 19x", "'19'")]
    public void A_key_that_no_row_has_is_answered_by_the_nearest_one(string asked, string nearest)
    {
        var suggestion = Assert.Throws<ModelException>(() => Shared.Value.For(Group.By((Visit v) => v.Cafe)).Level(asked)).Problems[0].Suggestion;

        Assert.Contains(nearest, suggestion, StringComparison.Ordinal);
        Assert.StartsWith("Did you mean ", suggestion, StringComparison.Ordinal);
    }

    [Fact]
    public void A_key_that_is_near_no_other_gets_no_suggestion()
    {
        var refusal = Assert.Throws<ModelException>(() => Shared.Value.For(Group.By((Visit v) => v.Cafe)).Level("Montmartre"));

        Assert.Null(refusal.Problems[0].Suggestion);
        Assert.DoesNotContain("Did you mean", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(95, "For 95 % write 0.95.")]
    [InlineData(89.5, "For 89.5 % write 0.895.")]
    [InlineData(0, "Use 0.89 or 0.95, for instance.")]
    [InlineData(100, "Use 0.89 or 0.95, for instance.")]
    [InlineData(double.NaN, "Use 0.89 or 0.95, for instance.")]
    public void A_percentage_in_place_of_a_probability_is_refused_with_what_to_write(double probability, string remedy)
    {
        var fit = Shared.Value;
        Action[] intervals =
        [
            () => fit.Intercept.Interval(probability),
            () => fit.For(Group.By((Visit v) => v.Cafe)).Coefficients(probability),
            () => fit.ProfileInterval(fit.Sigma, probability),
        ];

        Assert.All(
            intervals, interval => Assert.Contains(remedy, Assert.Throws<ArgumentOutOfRangeException>(interval).Message, StringComparison.Ordinal));
    }

    [Fact]
    public void Numbers_print_rounded()
    {
        Assert.Equal("2.412 to 3.052 (89%)", new Interval(2.4123456, 3.0523456, 0.89).ToString());
        Assert.Equal("-1200 to 3400 (95%)", new Interval(-1200.4, 3400.2, 0.95).ToString());
        Assert.Equal("1.235 (sd 0.123; 1.000 to 1.500 (89%))", new CoefficientEstimate(1.23456, 0.12345, new Interval(1, 1.5, 0.89)).ToString());
        Assert.Equal("1.235 (se 0.123)", new LeastSquaresEstimate(1.23456, 0.12345).ToString());
        Assert.Equal("1.235 (sd 0.123)", new MeanAndSd(1.23456, 0.12345).ToString());
    }

    [Fact]
    public void Rows_of_a_table_print_rounded_with_the_diagnostics_that_they_have()
    {
        var row = new SummaryRow(Shared.Value.Table.Rows[0].Parameter, 1.23456, 0.12345, 1.0321, 1.4567, 3987.6, 3900.2, 1.00123) { Median = 1.2 };

        Assert.Equal("Intercept: 1.235 (sd 0.123; 89% 1.032 to 1.457), ess_bulk 3988, ess_tail 3900, rhat 1.001", row.ToString());
        Assert.Equal("Intercept: 1.235 (sd 0.123; 89% 1.032 to 1.457), ess_bulk 3988, ess_tail 3900", (row with { RHat = double.NaN }).ToString());
        Assert.Equal("Intercept: 1.235 (sd 0.123; 89% 1.032 to 1.457)", (row with { EssBulk = double.NaN, RHat = double.NaN }).ToString());
        Assert.Equal(
            "Intercept: posterior median 1.200 (89% 1.032 to 1.457; its posterior mean may not exist), ess_bulk 3988, ess_tail 3900",
            (row with { HasUnsureMean = true, RHat = double.NaN }).ToString());
        Assert.Equal(Shared.Value.Intercept.ToString(), Shared.Value.Table.Rows[0].ToString());
    }

    [Fact]
    public void A_pooling_factor_says_what_0_and_1_mean()
    {
        var text = Shared.Value.For(Group.By((Visit v) => v.Cafe)).Shrinkage().ToString();

        Assert.Matches(@"^Cafe +rows +Intercept none +partial +pooling factor\r?\n", text);
        Assert.EndsWith(
            $"Pooling factor: 0 is the level's own rows only, 1 the population only.{Environment.NewLine}", text, StringComparison.Ordinal);
    }
}
