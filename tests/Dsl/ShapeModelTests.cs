using TypedPooling.Draws;
using TypedPooling.Engines;
using TypedPooling.Tests.Dsl.Support;
using Xunit;
using static TypedPooling.Prior;

namespace TypedPooling.Tests.Dsl;

/// <summary>Models of NegativeBinomial, Gamma and StudentT responses as users write them: cells, defaults, fits, predictions, and what is
/// refused.</summary>
public sealed class ShapeModelTests
{
    private static readonly Group<Toss, string?> Site = Group.By((Toss t) => t.Site);
    private static readonly Toss[] Rows = Toss.Many();
    private static readonly RunOptions Short = new() { Chains = 2, Warmup = 300, Draws = 300 };

    private static NegativeBinomialModel<Toss> Counts =>
        PooledModel.Of<Toss>().NegativeBinomial(t => t.Wins, exposure: t => t.N, shape: Exponential(0.1)).Intercept().Varying(
            Site, g => g.Intercept());

    private static GammaModel<Toss> Positive =>
        PooledModel.Of<Toss>().Gamma(t => 100 * t.Wins + 50).Intercept().Offset(t => t.Known).Varying(Site, g => g.Intercept());

    private static StudentTModel<Toss> Heavy =>
        PooledModel.Of<Toss>().StudentT(t => 10 * t.Wins + t.N + 0.1 * t.Line).Intercept().Offset(t => t.Known).Varying(Site, g => g.Intercept());

    [Fact]
    public void Cells_hold_rows_that_are_equal_to_the_model()
    {
        var counts = Counts.Bind(Rows).Cells;
        var positive = Positive.Bind(Rows).Cells;

        // By site, exposure and count; by site and offset.
        Assert.Equal(Rows.Select(t => (t.Site, t.N, t.Wins)).Distinct().Count(), counts.Count);
        Assert.Equal(counts.Rows.ToArray().Select(n => (double)n), counts.Sizes.ToArray());
        Assert.Equal(Rows.Select(t => (double)t.Wins).Distinct().Order(), counts.Responses.ToArray().Distinct().Order());
        Assert.Equal(Rows.Select(t => (t.Site, t.Known)).Distinct().Count(), positive.Count);
        Assert.Equal(Rows.Sum(t => 100 * t.Wins + 50), positive.Responses.ToArray().Sum());
        Assert.Equal(Rows.Sum(t => Math.Log(100 * t.Wins + 50)), positive.LogResponseSum, 1e-10);
    }

    [Fact]
    public void Defaults_are_scaled_by_what_lies_about_the_linear_predictor()
    {
        var logs = Rows.Select(t => Math.Log(100 * t.Wins + 50) - t.Known).ToArray();
        var sd = Math.Sqrt(logs.Sum(x => Math.Pow(x - logs.Average(), 2)) / (logs.Length - 1));
        var positive = Positive.Bind(Rows).Spec;
        var heavy = Heavy.Bind(Rows).Spec;

        Assert.Equal(new NormalPrior(logs.Average(), 2.5 * sd).Text, positive.Population[0].Prior!.Text);
        Assert.Equal("ExponentialOnInverseRoot(1)", positive.Response.Shape!.Text);
        Assert.Equal("Gamma(2, 0.1) above 1", heavy.Response.Shape!.Text);
        var values = Rows.Select(t => 10 * t.Wins + t.N + 0.1 * t.Line - t.Known).ToArray();
        Assert.Equal(
            1 / Math.Sqrt(values.Sum(x => Math.Pow(x - values.Average(), 2)) / (values.Length - 1)),
            ((ExponentialPrior)heavy.Response.Sigma!).Rate,
            1e-12);
        Assert.Equal("Normal(0, 2.5)", Counts.Bind(Rows).Spec.Population[0].Prior!.Text);
        Assert.Contains("~ Gamma(2, 0.1) above 1  (default)", Heavy.Describe(Rows), StringComparison.Ordinal);
    }

    [Fact]
    public void Fits_show_their_shape_in_the_table_and_give_it_as_a_quantity()
    {
        var counts = Counts.Fit(Rows, Short);
        var positive = Positive.Fit(Rows, Short);
        var heavy = Heavy.Fit(Rows, Short);

        Assert.Contains("\nshape ", counts.ToString(), StringComparison.Ordinal);
        Assert.Contains("\ndegrees of freedom ", heavy.ToString(), StringComparison.Ordinal);
        Assert.True(counts.Shape.Mean > 0 && positive.Shape.Mean > 0 && heavy.Sigma.Mean > 0);
        Assert.All(heavy.DegreesOfFreedom.Draws, nu => Assert.True(nu >= 1));
        Assert.InRange(positive.PredictMean(Rows[0]).Mean, 50, 1000);
        Assert.InRange(heavy.PredictMean(Rows[0]).Mean, 5, 60);
    }

    [Fact]
    public void Merged_cells_are_those_of_all_rows()
    {
        var (whole, parts) = (Positive.Bind(Rows).Cells, Positive.Bind(Positive.Read(Rows[..20]).Merge(Positive.Read(Rows[20..]))).Cells);
        Assert.Equal(whole.Responses.ToArray().Order(), parts.Responses.ToArray().Order());
        Assert.Equal(whole.LogResponseSum, parts.LogResponseSum, 1e-10);
        Assert.Equal(whole.ResponseMean, parts.ResponseMean, 1e-12);
        Assert.Equal(whole.ResponseSd, parts.ResponseSd, 1e-12);
        Assert.Equal(Counts.Bind(Rows).Cells.Sizes.ToArray(), Counts.Bind(Counts.Read(Rows[..20]).Add(Rows[20..])).Cells.Sizes.ToArray());
    }

    [Fact]
    public void New_observations_have_the_mean_and_variance_of_their_draws()
    {
        var engine = new DrawnEngine(20_000);
        var row = Rows[2] with { N = 40 };
        var counts = Counts.Fit(Rows, engine);
        AssertStandard(
            counts.PredictMean(row).Draws.Zip(counts.PredictNew(row).Draws, counts.Shape.Draws),
            (mean, phi) => (40 * mean, 40 * mean + 1600 * mean * mean / phi));
        var positive = Positive.Fit(Rows, engine);
        AssertStandard(
            positive.PredictMean(row).Draws.Zip(positive.PredictNew(row).Draws, positive.Shape.Draws), (mean, alpha) => (mean, mean * mean / alpha));
        var heavy = Heavy.Fit(Rows, engine);
        var (sigma, news, freedoms) = (heavy.Sigma.Draws, heavy.PredictNew(row).Draws, heavy.DegreesOfFreedom.Draws);
        AssertStandard(
            heavy.PredictMean(row).Draws.Select((mean, s) => (mean / sigma[s], news[s] / sigma[s], freedoms[s])),
            (mean, nu) => (mean, nu / (nu - 2)));
        Assert.All(counts.PredictNew(row).Draws, y => Assert.Equal(Math.Floor(y), y));
        Assert.Equal(FitWarningCode.MeanMayNotExist, heavy.PredictNew(row).Warnings.Single().Code);

        static void AssertStandard(
            IEnumerable<(double Mean, double Draw, double Shape)> draws, Func<double, double, (double Mean, double Variance)> moments)
        {
            var z = draws.Select(d => (d.Draw - moments(d.Mean, d.Shape).Mean) / Math.Sqrt(moments(d.Mean, d.Shape).Variance)).ToArray();
            Assert.Equal(0, z.Average(), 5 / Math.Sqrt(z.Length));
            var squares = z.Select(x => x * x).ToArray();
            var error = Math.Sqrt(squares.Sum(x => Math.Pow(x - squares.Average(), 2)) / squares.Length / squares.Length);
            Assert.Equal(1, squares.Average(), 5 * error);
        }
    }

    [Fact]
    public void Means_over_groups_of_a_log_link_add_half_the_variance()
    {
        var fit = Positive.Fit(Rows, new DrawnEngine());
        var sd = fit.For(Site).Sd("Intercept").Draws;

        var expected = fit.PredictLink(Rows[3], Site.Average()).Draws.Select((eta, s) => Math.Exp(eta + 0.5 * sd[s] * sd[s])).ToArray();

        var actual = fit.PredictMeanOverGroups(Rows[3]).Draws;
        for (var s = 0; s < expected.Length; s++)
            Assert.Equal(expected[s], actual[s], 1e-12 * expected[s]);
    }

    [Theory]
    [InlineData(0, "0")]
    [InlineData(-1.5, "-1.5")]
    public void Refuses_Gamma_responses_that_are_not_positive(double value, string text) => Assert.Equal(
        $"[NotPositive] Y, row 4: The response 'Y' of a Gamma model is not positive in 1 of 60 rows; the first is {text}. Correct the values or "
            + $"leave such rows out.",
        Refusal(
            () => PooledModel.Of<Toss>().Gamma(t => t.Y).Intercept().Bind([.. Rows.Select((t, i) => t with { Y = i == 3 ? value : 1 + t.Wins })])));

    [Fact]
    public void Refuses_counts_and_exposures_as_those_of_a_Poisson_model()
    {
        Assert.StartsWith(
            "[NotACount] Y, row 4: The response 'Y' of a NegativeBinomial model is not a whole number of 0 or more in 1 of 60 rows; the first is "
                + "0.5.",
            Refusal(
                () => PooledModel.Of<Toss>().NegativeBinomial(t => t.Y).Intercept().Bind(
                    [.. Rows.Select((t, i) => t with { Y = i == 3 ? 0.5 : 1 })])), StringComparison.Ordinal);
        Assert.StartsWith(
            "[NotPositive] N, row 2: The exposure 'N' is not a positive number in 1 of 60 rows; the first is 0.",
            Refusal(() => Counts.Bind([.. Rows.Select((t, i) => t with { N = i == 1 ? 0 : 1 })])),
            StringComparison.Ordinal);
        Assert.StartsWith(
            "[NotFinite] Y, row 1:",
            Refusal(() => PooledModel.Of<Toss>().StudentT(t => t.Y).Intercept().Bind([Rows[0] with { Y = double.NaN }])),
            StringComparison.Ordinal);
        Assert.Contains(
            "'Y' has no events in any row",
            Refusal(() => PooledModel.Of<Toss>().NegativeBinomial(t => t.Y).Intercept(Flat).Bind(Rows.Select(t => t with { Y = 0 }))),
            StringComparison.Ordinal);
    }

    [Fact]
    public void Refuses_priors_that_do_not_fit_a_shape()
    {
        Assert.Equal(
            "[ImproperPosterior] shape: A flat prior on the shape makes the posterior improper: at large values the response becomes Poisson "
                + "and the likelihood stops falling. Give it a proper prior, such as Gamma(2, 0.1), or use the default prior.",
            Refusal(() => PooledModel.Of<Toss>().NegativeBinomial(t => t.Wins, shape: Flat)));
        Assert.StartsWith(
            "[ImproperPosterior] degrees of freedom: A flat prior on the degrees of freedom",
            Refusal(() => PooledModel.Of<Toss>().StudentT(t => t.Y, degreesOfFreedom: Flat)),
            StringComparison.Ordinal);
        Assert.StartsWith(
            "[PriorOutOfRange] shape: Fixed(0) on the shape allows only the value 0.",
            Refusal(() => PooledModel.Of<Toss>().Gamma(t => t.Y, shape: Fixed(0))),
            StringComparison.Ordinal);
        Assert.StartsWith(
            "[PriorOutOfRange] shape: Uniform(-1, 4) on the shape allows values below 0",
            Refusal(() => PooledModel.Of<Toss>().Gamma(t => t.Y, shape: Uniform(-1, 4))),
            StringComparison.Ordinal);
        Assert.Throws<ModelException>(() => Gamma(2, 0.1).Above(-1));
        Assert.Throws<ModelException>(() => Gamma(2, 0.1).Above(1e9));
        Assert.Throws<ModelException>(() => ExponentialOnInverseRoot(0));
        Assert.Contains("true or false", Refusal(() => PooledModel.Of<Toss>().StudentT(t => t.Won)), StringComparison.Ordinal);
    }

    [Fact]
    public void Refuses_responses_that_are_fitted_so_closely_that_the_posterior_is_improper()
    {
        Toss[] constant = [.. Rows.Select(t => t with { Y = 3 })];
        Assert.StartsWith(
            "[ImproperPosterior] Y: 'Y' is the same in every row, and the prior of the shape",
            Refusal(() => PooledModel.Of<Toss>().Gamma(t => t.Y).Intercept().Bind(constant)),
            StringComparison.Ordinal);
        Assert.NotNull(PooledModel.Of<Toss>().Gamma(t => t.Y, shape: Gamma(2, 0.1)).Intercept().Bind(constant));
        Assert.StartsWith(
            "[ImproperPosterior] Y: 60 of 60 rows have the same 'Y'",
            Refusal(() => PooledModel.Of<Toss>().StudentT(t => t.Y).Intercept().Bind(constant)),
            StringComparison.Ordinal);
        Assert.NotNull(PooledModel.Of<Toss>().StudentT(t => t.Y, sigma: Fixed(1)).Intercept().Bind(constant));

        // Rounded values: some rows alike, which only tails heavier than any t of one degree of freedom could make all of.
        Assert.Contains(
            "by Gamma(2, 0.1).Above(1)",
            Refusal(() => PooledModel.Of<Toss>().StudentT(t => t.Wins, degreesOfFreedom: Gamma(2, 0.1)).Intercept().Bind(Rows)),
            StringComparison.Ordinal);
        Assert.NotNull(PooledModel.Of<Toss>().StudentT(t => t.Wins).Intercept().Bind(Rows));
    }

    private static string Refusal(Func<object> act) => Assert.Throws<ModelException>(act).Message.ReplaceLineEndings("\n");
}
