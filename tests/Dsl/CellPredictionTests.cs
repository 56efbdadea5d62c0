using MathNet.Numerics.Integration;
using TypedPooling.Draws;
using TypedPooling.Predictions;
using TypedPooling.Tests.Dsl.Support;
using Xunit;
using static TypedPooling.Prior;
using Distributions = MathNet.Numerics.Distributions;

namespace TypedPooling.Tests.Dsl;

/// <summary>Predictions of proportions and counts, draw by draw: against their definitions, against quadrature by other rules, and against simulated
/// groups.</summary>
public sealed class CellPredictionTests
{
    private static readonly Group<Toss, string?> Site = Group.By((Toss t) => t.Site);
    private static readonly Group<Toss, int> Line = Group.By((Toss t) => t.Line);
    private static readonly Toss[] Rows = Toss.Many();
    private static readonly Toss Row = new() { Site = "site 2", Line = 1, X = 1.5, Known = 0.25, N = 40, Y = double.NaN };

    public static TheoryData<Link> Proportions => [Link.Logit, Link.Probit, Link.ComplementaryLogLog];

    private static BinomialModel<Toss> Binomial(Link link) =>
        PooledModel.Of<Toss>().Binomial(t => t.Wins, t => t.N, link).Intercept().Slope(t => t.X).Offset(t => t.Known)
        .Varying(Site, g => g.Intercept().Slope(t => t.X)).Varying(Line, g => g.Intercept());

    private static PoissonModel<Toss> Poisson =>
        PooledModel.Of<Toss>().Poisson(t => t.Wins, t => t.N).Intercept().Slope(t => t.X).Offset(t => t.Known)
        .Varying(Site, g => g.Intercept().Slope(t => t.X)).Varying(Line, g => g.Intercept());

    [Fact]
    public void The_linear_predictor_is_offset_population_and_groups()
    {
        var fit = Binomial(Link.Logit).Fit(Rows, new DrawnEngine());
        var (site, line) = (fit.For(Site)["site 2"], fit.For(Line)[1]);
        var expected =
            fit.Derive(
                d => 0.25 + d.Of(fit.Intercept) + 1.5 * d.Of(fit.Coefficient("X")) + d.Of(site.Effect("Intercept")) + 1.5 * d.Of(site.Effect("X"))
                    + d.Of(line.Effect("Intercept")));

        Near(expected.Draws, fit.PredictLink(Row).Draws, 1e-13);
        var held = fit.Derive(d => 0.25 + d.Of(fit.Intercept) + 1.5 * d.Of(fit.Coefficient("X")) + d.Of(line.Effect("Intercept")));
        Near(held.Draws, fit.PredictLink(Row, Site.Average()).Draws, 1e-13);
        Assert.Equal("link(Wins)[Site site 2, Line 1]", fit.PredictLink(Row).Name);
    }

    [Theory]
    [MemberData(nameof(Proportions))]
    public void The_mean_in_a_group_is_the_inverse_of_the_link(Link link)
    {
        var fit = Binomial(link).Fit(Rows, new DrawnEngine());

        Near([.. fit.PredictLink(Row).Draws.Select(eta => Inverse(link, eta))], fit.PredictMean(Row).Draws, 1e-13);
        Near(
            [.. fit.PredictLink(Row, Site.New("x")).Draws.Select(eta => Inverse(link, eta))],
            fit.PredictMean(Row with { Site = null }, Site.New("x")).Draws,
            1e-13);
        Assert.NotEqual(fit.PredictMean(Row, Site.New("x")).Draws[0], fit.PredictMean(Row, Site.New("y")).Draws[0]);
    }

    [Fact]
    public void The_rate_of_a_count_is_per_unit_of_exposure()
    {
        var fit = Poisson.Fit(Rows, new DrawnEngine());

        Near([.. fit.PredictLink(Row).Draws.Select(Math.Exp)], fit.PredictMean(Row with { N = -3 }).Draws, 1e-12);
    }

    [Theory]
    [MemberData(nameof(Proportions))]
    public void Quadrature_over_groups_agrees_with_another_rule(Link link)
    {
        double[] sds = [0.01, 0.3, 0.999, 1.001, 2, 5, 20];
        foreach (var sd in sds)
        {
            foreach (var eta in (double[])[-30, -8, -2, -0.3, 0, 1, 4, 9, 40])
            {
                var expected = 0.0;
                for (var panel = -400; panel < 400; panel++)
                    expected += GaussLegendreRule.Integrate(
                        z => Distributions.Normal.PDF(0, 1, z) * Inverse(link, eta + sd * z), panel / 40.0, (panel + 1) / 40.0, 8);
                Assert.Equal(expected, InverseLink.Mean(link, eta, sd * sd), 1e-11);
            }
        }
    }

    [Fact]
    public void Averages_have_their_closed_forms_and_limits()
    {
        Assert.Equal(Distributions.Normal.CDF(0, 1, 0.7 / Math.Sqrt(1 + 2.25)), InverseLink.Mean(Link.Probit, 0.7, 2.25), 1e-15);
        Assert.Equal(Math.Exp(0.7 + 1.125), InverseLink.Mean(Link.Log, 0.7, 2.25), 1e-12);
        foreach (var link in (Link[])[Link.Logit, Link.Probit, Link.ComplementaryLogLog])
        {
            Assert.Equal(InverseLink.Of(link, 0.4), InverseLink.Mean(link, 0.4, 0));
            Assert.Equal(0.5, InverseLink.Mean(link, 0.4, 1e12), 1e-5);
            Assert.Equal((0.0, 1.0), (InverseLink.Of(link, double.NegativeInfinity), InverseLink.Of(link, double.PositiveInfinity)));
            Assert.Equal((0.0, 1.0), (InverseLink.Of(link, -1e5), InverseLink.Of(link, 1e5)));
        }
    }

    [Theory]
    [InlineData(Link.Logit, false)]
    [InlineData(Link.Probit, true)]
    [InlineData(Link.ComplementaryLogLog, false)]
    [InlineData(Link.Log, true)]
    public void The_mean_over_groups_is_that_of_simulated_groups(Link link, bool holdsLine)
    {
        const int groups = 4000;
        var engine = new DrawnEngine(6);
        Fit<Toss> fit = link == Link.Log ? Poisson.Fit(Rows, engine) : Binomial(link).Fit(Rows, engine);
        LevelChoice<Toss>[] held = holdsLine ? [Line.Level(2)] : [];
        var expected = fit.PredictMeanOverGroups(Row with { Site = null }, held);
        var sum = new double[6];
        var squares = new double[6];
        for (var g = 0; g < groups; g++)
        {
            LevelChoice<Toss>[] choices = [Site.New($"new {g}"), holdsLine ? Line.Level(2) : Line.New(1000 + g)];
            var draws = fit.PredictMean(Row, choices).Draws;
            for (var s = 0; s < 6; s++)
            {
                sum[s] += draws[s];
                squares[s] += draws[s] * draws[s];
            }
        }

        for (var s = 0; s < 6; s++)
        {
            var mean = sum[s] / groups;
            var error = Math.Sqrt((squares[s] / groups - mean * mean) / groups);
            Assert.True(Math.Abs(mean - expected.Draws[s]) < 5 * error, $"draw {s}: {mean} +- {error}, {expected.Draws[s]}");
        }

        Assert.Equal(holdsLine ? "mean over groups(Wins)[Site (all), Line 2]" : "mean over groups(Wins)[Site (all), Line (all)]", expected.Name);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(400)]
    public void New_successes_have_the_mean_and_variance_of_their_draws(int trials)
    {
        const int draws = 20_000;
        var fit = Binomial(Link.Logit).Fit(Rows, new DrawnEngine(draws));
        var row = Row with { N = trials };
        var standardised = fit.PredictMean(row).Draws.Zip(fit.PredictNew(row).Draws, (p, y) => (y - trials * p) / Math.Sqrt(trials * p * (1 - p)))
            .ToArray();

        Assert.All(fit.PredictNew(row).Draws, y => Assert.True(y == Math.Floor(y) && y >= 0 && y <= trials));
        AssertStandard(standardised);
    }

    [Fact]
    public void New_counts_have_the_mean_and_variance_of_their_draws()
    {
        var fit = Poisson.Fit(Rows, new DrawnEngine(20_000));

        AssertStandard([.. fit.PredictMean(Row).Draws.Zip(fit.PredictNew(Row).Draws, (rate, y) => (y - 40 * rate) / Math.Sqrt(40 * rate))]);
    }

    [Fact]
    public void The_same_row_is_the_same_observation_and_rows_of_a_sequence_are_not()
    {
        var fit = PooledModel.Of<Toss>().Bernoulli(t => t.Won).Intercept().Varying(Site, g => g.Intercept()).Fit(Rows, new DrawnEngine());
        var two = fit.PredictNew([Row, Row]).ToArray();

        Assert.Equal(fit.PredictNew(Row).Draws.AsEnumerable(), fit.PredictNew(Row with { Won = true }).Draws);
        Assert.NotEqual(two[0].Draws.AsEnumerable(), two[1].Draws);
        Assert.Equal(fit.PredictNew(Row).Draws.AsEnumerable(), two[0].Draws);
        Assert.All(two[1].Draws, y => Assert.True(y is 0 or 1));
        Assert.Equal("new(Won)[Site site 2, row 2]", two[1].Name);
    }

    [Fact]
    public void Trials_are_looked_at_only_where_they_matter()
    {
        var fit = Binomial(Link.Logit).Fit(Rows, new DrawnEngine());

        Assert.NotNull(fit.PredictMean(Row with { N = 0 }));
        Assert.Equal(
            "[NotACount] N, row 1: The number of trials 'N' is not a positive whole number in 1 of 1 row; the first is 0. Correct the values or "
                + "leave such rows out.",
            Assert.Throws<ModelException>(() => fit.PredictNew(Row with { N = 0 })).Message);
    }

    [Fact]
    public void A_rate_over_groups_warns_that_its_mean_need_not_exist()
    {
        var fit = Poisson.Fit(Rows, new DrawnEngine());
        var bounded = PooledModel.Of<Toss>().Poisson(t => t.Wins).Intercept().Varying(Site, g => g.Intercept(Uniform(0, 3))).Fit(
            Rows, new DrawnEngine());

        Assert.Equal(FitWarningCode.MeanMayNotExist, fit.PredictMeanOverGroups(Row).Warnings.Single().Code);
        Assert.NotEmpty(fit.PredictMean(Row, Site.New("x")).Warnings);
        Assert.Empty(fit.PredictMean(Row).Warnings);
        Assert.Empty(bounded.PredictMeanOverGroups(Row).Warnings);
        Assert.Empty(Binomial(Link.Logit).Fit(Rows, new DrawnEngine()).PredictMeanOverGroups(Row).Warnings);
    }

    [Fact]
    public void A_function_of_a_normal_number_has_its_moments_and_quantiles()
    {
        var moments = new NormalMoments(0.5, 0.8);
        var transformed = new TransformedNormal(moments, x => Inverse(Link.Logit, x));
        double Moment(int power) =>
            GaussLegendreRule.Integrate(z => Distributions.Normal.PDF(0, 1, z) * Math.Pow(Inverse(Link.Logit, 0.5 + 0.8 * z), power), -9, 9, 200);

        Assert.Equal(Moment(1), transformed.Mean, 1e-12);
        Assert.Equal(Math.Sqrt(Moment(2) - Moment(1) * Moment(1)), transformed.Sd, 1e-12);
        Assert.Equal(Distributions.Normal.CDF(0.5, 0.8, Math.Log(0.3 / 0.7)), transformed.Below(0.3), 1e-12);
        Assert.Equal((0.0, 1.0), (transformed.Below(-1), transformed.Below(2)));
    }

    private static double Inverse(Link link, double eta) => link switch
    {
        Link.Logit => 1 / (1 + Math.Exp(-eta)),
        Link.Probit => Distributions.Normal.CDF(0, 1, eta),
        _ => eta < -5 ? Math.Exp(eta) * (1 - Math.Exp(eta) / 2 + Math.Exp(2 * eta) / 6 - Math.Exp(3 * eta) / 24) : 1 - Math.Exp(-Math.Exp(eta)),
    };

    private static void Near(IReadOnlyList<double> expected, IReadOnlyList<double> actual, double tolerance)
    {
        Assert.Equal(expected.Count, actual.Count);
        for (var s = 0; s < expected.Count; s++)
            Assert.True(Math.Abs(expected[s] - actual[s]) <= tolerance * (1 + Math.Abs(expected[s])), $"draw {s}: {expected[s]:R}, {actual[s]:R}");
    }

    // Mean 0 and variance 1 within 5 standard errors; fourth moments of counts this large are near 3, of few trials smaller or, at small variances,
    // larger.
    private static void AssertStandard(double[] values)
    {
        var n = values.Length;
        var fourth = values.Average(v => v * v * v * v);
        Assert.InRange(values.Average(), -5 / Math.Sqrt(n), 5 / Math.Sqrt(n));
        Assert.InRange(values.Average(v => v * v), 1 - 5 * Math.Sqrt(fourth / n), 1 + 5 * Math.Sqrt(fourth / n));
    }
}
