using TypedPooling.Tests.Dsl.Support;
using Xunit;
using static TypedPooling.Prior;

namespace TypedPooling.Tests.Dsl;

/// <summary>What is refused of models of proportions and counts, with the message a user sees.</summary>
public sealed class CountProblemTests
{
    private static readonly Group<Toss, string?> Site = Group.By((Toss t) => t.Site);

    private static BernoulliModel<Toss> Bernoulli => PooledModel.Of<Toss>().Bernoulli(t => t.Y).Intercept();

    private static BinomialModel<Toss> Binomial => PooledModel.Of<Toss>().Binomial(t => t.Y, t => t.N).Intercept();

    private static PoissonModel<Toss> Poisson => PooledModel.Of<Toss>().Poisson(t => t.Y, t => t.N).Intercept();

    private static Toss[] With(int row, Func<Toss, Toss> change, int? also = null)
    {
        var rows = Toss.Many();
        rows[row - 1] = change(rows[row - 1]);
        if (also is { } other)
            rows[other - 1] = change(rows[other - 1]);
        return rows;
    }

    private static string Refusal(Func<object> act) => Assert.Throws<ModelException>(act).Message.ReplaceLineEndings("\n");

    [Theory]
    [InlineData(2, "2")]
    [InlineData(-1, "-1")]
    [InlineData(0.5, "0.5")]
    public void Refuses_a_Bernoulli_response_that_is_neither_0_nor_1(double value, string text) => Assert.Equal(
        $"[NotBinary] Y, row 3: The response 'Y' of a Bernoulli model is neither 0 nor 1 in 2 of 60 rows; the first is {text}. Correct the values or "
            + $"leave such rows out.",
        Refusal(() => Bernoulli.Bind(With(3, t => t with { Y = value }, also: 9))));

    [Theory]
    [InlineData(-1, "-1")]
    [InlineData(1.5, "1.5")]
    [InlineData(1e300, "1E+300")]
    public void Refuses_counts_that_are_not_whole_numbers(double value, string text)
    {
        Assert.Equal(
            $"[NotACount] Y, row 4: The response 'Y' of a Poisson model is not a whole number of 0 or more in 1 of 60 rows; the first is {text}. "
                + $"Correct the values or leave such rows out.",
            Refusal(() => Poisson.Bind(With(4, t => t with { Y = value }))));
        Assert.Equal(
            $"[NotACount] Y, row 4: The response 'Y' of a Binomial model is not a whole number of 0 or more in 1 of 60 rows; the first is {text}. "
                + $"Correct the values or leave such rows out.",
            Refusal(() => Binomial.Bind(With(4, t => t with { Y = value }))));
    }

    [Fact]
    public void Refuses_more_successes_than_trials() => Assert.Equal(
        "[MoreSuccessesThanTrials] Y, row 5: The successes 'Y' are more than the trials 'N' in 1 of 60 rows; the first is 9 of 6. Correct the values "
            + "or leave such rows out.",
        Refusal(() => Binomial.Bind(With(5, t => t with { Y = 9 }))));

    [Theory]
    [InlineData(0, "0")]
    [InlineData(-2, "-2")]
    [InlineData(2.5, "2.5")]
    public void Refuses_trials_that_are_not_positive_whole_numbers(double value, string text) => Assert.Equal(
        $"[NotACount] N, row 2: The number of trials 'N' is not a positive whole number in 1 of 60 rows; the first is {text}. Correct the values or "
            + $"leave such rows out.",
        Refusal(() => Binomial.Bind(With(2, t => t with { N = value }))));

    [Fact]
    public void Refuses_an_exposure_that_is_not_positive() => Assert.Equal(
        "[NotPositive] N, row 2: The exposure 'N' is not a positive number in 1 of 60 rows; the first is 0. Correct the values or leave such "
            + "rows out.",
        Refusal(() => Poisson.Bind(With(2, t => t with { N = 0 }))));

    [Fact]
    public void Lists_every_kind_of_fault_with_its_first_row()
    {
        var rows = With(2, t => t with { Y = -1, N = double.NaN });
        rows[6] = rows[6] with { Y = 50 };
        rows[8] = rows[8] with { Y = double.PositiveInfinity, Site = null };
        rows[10] = null!;
        rows[12] = rows[12] with { Gap = null };
        var problems = Assert.Throws<ModelException>(() => Binomial.Slope(t => t.Gap).Varying(Site, g => g.Intercept()).Bind(rows)).Problems;

        Assert.Equal(
            [(ProblemCode.NotACount, "Y", 2L), (ProblemCode.NotFinite, "N", 2L), (
                ProblemCode.MoreSuccessesThanTrials, "Y", 7L), (ProblemCode.NotFinite, "Y", 9L), (ProblemCode.NullKey, "Site", 9L),
            (ProblemCode.MissingValues, null, 11L), (ProblemCode.MissingValues, "Gap", 13L)],
            problems.Select(p => (p.Code, p.Term, p.Row!.Value)));
    }

    [Fact]
    public void Refuses_no_rows_and_no_terms()
    {
        Assert.StartsWith("[NoRows] There are no rows.", Refusal(() => Bernoulli.Bind([])), StringComparison.Ordinal);
        Assert.StartsWith("[EmptyModel]", Refusal(() => PooledModel.Of<Toss>().Poisson(t => t.Y).Bind(Toss.Many())), StringComparison.Ordinal);
    }

    [Fact]
    public void Refuses_true_or_false_where_a_number_is_due_and_links_that_are_not_of_probabilities()
    {
        Assert.Contains(
            "The response 'Won' of a Poisson model is true or false",
            Refusal(() => PooledModel.Of<Toss>().Poisson(t => t.Won)),
            StringComparison.Ordinal);
        Assert.Contains(
            "The number of trials 'Won' of a Binomial model is true or false",
            Refusal(() => PooledModel.Of<Toss>().Binomial(t => t.Y, t => t.Won)),
            StringComparison.Ordinal);
        Assert.Equal(
            "[NotForThisFamily] Y: A Bernoulli model cannot use the link Log: it does not map probabilities to all real numbers. Choose Link.Logit, "
                + "Link.Probit or Link.ComplementaryLogLog.",
            Refusal(() => PooledModel.Of<Toss>().Bernoulli(t => t.Y, Link.Log)));
        Assert.Throws<ModelException>(() => PooledModel.Of<Toss>().Binomial(t => t.Y, t => t.N, Link.Identity));
    }

    [Fact]
    public void Refuses_flat_priors_on_columns_that_the_data_cannot_tell_apart() =>
        Assert.Equal(
            ProblemCode.NotIdentified,
            Assert.Throws<ModelException>(() => Bernoulli.Slope(t => t.X, Flat).Slope(t => 2 * t.X, Flat, "twice").Bind(Toss.Many())).Code);

    [Fact]
    public void Refuses_a_group_level_predictor_that_varies_in_a_group() =>
        Assert.Equal(
            ProblemCode.VariesWithinGroup,
            Assert.Throws<ModelException>(() => Bernoulli.Varying(Site, g => g.Intercept().PredictedBy(t => t.X)).Bind(Toss.Many())).Code);

    [Fact]
    public void Recognises_a_flat_intercept_without_successes_failures_or_events()
    {
        var flat = PooledModel.Of<Toss>().Bernoulli(t => t.Y).Intercept(Flat);
        Assert.Equal(
            "[Separated] Intercept: 'Y' has only successes in every row: the likelihood does not fall as the coefficient of 'Intercept' grows "
                + "without bound; its prior is flat, so the posterior is improper. Give it a proper prior, such as Normal(0, 2.5).",
            Refusal(() => flat.Bind(Toss.Many().Select(t => t with { Y = 1 }))));
        Assert.Contains("only failures", Refusal(() => flat.Bind(Toss.Many().Select(t => t with { Y = 0 }))), StringComparison.Ordinal);
        Assert.Contains(
            "'Y' has no events in any row",
            Refusal(() => PooledModel.Of<Toss>().Poisson(t => t.Y).Intercept(Flat).Bind(Toss.Many().Select(t => t with { Y = 0 }))),
            StringComparison.Ordinal);
        Assert.NotNull(Bernoulli.Bind(Toss.Many().Select(t => t with { Y = 1 })));
        Assert.NotNull(flat.Bind(Toss.Many()));
    }

    [Theory]
    [InlineData("indicator", 0.0, true)]
    [InlineData("indicator", 1.0, true)]
    [InlineData("threshold", 0.0, true)]
    [InlineData("overlap", 0.0, false)]
    [InlineData("touching", 0.0, true)]
    public void Recognises_a_column_that_separates(string how, double success, bool isRefused)
    {
        var rows = Enumerable.Range(0, 20).Select(i => (how, i) switch
        {
            ("indicator", _) => new Toss { X = i < 5 ? 1 : 0, Y = i < 5 ? success : i % 2 },
            ("threshold", _) => new Toss { X = 100 + i, Y = i < 7 ? 1 - success : success },
            ("overlap", _) => new Toss { X = i, Y = i is 3 or 11 ? 1 : i > 9 ? 1 - success : success },
            _ => new Toss { X = i / 5, Y = i < 5 ? 1 : i < 10 ? i % 2 : 0 },
        }).ToArray();
        var bernoulli = PooledModel.Of<Toss>().Bernoulli(t => t.Y).Intercept(Flat).Slope(t => t.X, Flat);

        if (isRefused)
            Assert.Equal(
                (ProblemCode.Separated, "X"),
                Assert.Throws<ModelException>(() => bernoulli.Bind(rows)).Problems.Select(p => (p.Code, p.Term)).Single());
        else
            Assert.NotNull(bernoulli.Bind(rows));
        Assert.NotNull(PooledModel.Of<Toss>().Bernoulli(t => t.Y).Intercept(Flat).Slope(t => t.X).Bind(rows));
        if (how is "indicator" or "threshold")
            Assert.Contains(
                "the likelihood has no maximum",
                Refusal(() => PooledModel.Of<Toss>().Bernoulli(t => t.Y).Intercept().Slope(t => t.X).Fit(rows, new DrawnLikelihoodEngine())),
                StringComparison.Ordinal);
    }

    [Fact]
    public void Recognises_a_category_without_events()
    {
        var rows = Toss.Many().Select(t => t with { Wins = t.Kind == "a" ? 0 : t.Wins + 1 }).ToArray();
        var model = PooledModel.Of<Toss>().Poisson(t => t.Wins).Intercept(Flat).Categorical(t => t.Kind, Flat, reference: "c");

        Assert.Equal("Kind[a]", Assert.Throws<ModelException>(() => model.Bind(rows)).Problems.Single().Term);
        Assert.NotNull(model.Bind(Toss.Many().Select(t => t with { Wins = t.Wins + 1 })));
    }

    [Fact]
    public void A_flat_sd_counts_only_levels_that_bound_their_effect()
    {
        var model = PooledModel.Of<Toss>().Bernoulli(t => t.Y).Intercept().Varying(Site, g => g.Intercept(Flat));
        Assert.NotNull(model.Bind(Toss.Many()));
        Assert.Equal(
            "[ImproperPosterior] sd(Site: Intercept): A flat prior on sd(Site: Intercept) needs at least 3 levels of Site with both successes and "
                + "failures, but only 2 of 5 are such: the posterior would be improper. "
            + "Give it a proper prior, such as HalfNormal or Exponential.",
            Refusal(() => model.Bind(Toss.Many().Select(t => t with { Y = t.Site is "site 0" or "site 1" ? t.Y : 1 }))));
    }

    [Fact]
    public void Says_which_engines_there_are_where_none_of_the_catalogue_fits()
    {
        if (TypedPooling.Inference.EngineCatalogue.All.Any(engine => engine is TypedPooling.Engines.IEngine))
            return;
        Assert.Contains(
            "No engine here draws from the posterior of a Bernoulli model exactly; those for Normal responses are Marginal, Gibbs",
            Refusal(() => Bernoulli.Fit(Toss.Many())),
            StringComparison.Ordinal);
    }
}
