using System.Globalization;
using MathNet.Numerics;
using TypedPooling.Engines;
using TypedPooling.Randomness;
using TypedPooling.Tests.Dsl.Support;
using Xunit;
using static TypedPooling.Prior;
using Gaussian = MathNet.Numerics.Distributions.Normal;

namespace TypedPooling.Tests.Dsl;

/// <summary>Residuals: closed forms, data that a model does not describe, data that it does, and what is refused.</summary>
public sealed class ResidualTests
{
    private static readonly Group<Toss, string?> Site = Group.By((Toss t) => t.Site);
    private static readonly RunOptions Draws = new() { Chains = 1, Draws = 4000 };

    private static Toss[] Rows(int count = 24) => [.. Toss.Many(count).Select((t, i) => t with { Y = (1 + i * 5 % 7) / 9.0, N = 6 + i % 3 })];

    [Fact]
    public void Where_nothing_is_unknown_residuals_are_those_of_the_distribution_itself()
    {
        var rows = Rows();
        var fit = PooledModel.Of<Toss>().Poisson(t => t.Wins, t => t.N).Intercept(Fixed(-0.7)).Slope(t => t.X, Fixed(0.2)).Fit(rows, Draws);
        var residuals = fit.Residuals(rows);
        Assert.Equal(ResidualKind.LeaveOneOut, residuals.Kind);
        for (var i = 0; i < rows.Length; i++)
        {
            var mean = rows[i].N * Math.Exp(-0.7 + 0.2 * rows[i].X);
            var own = residuals.Rows[i];
            var (below, atMost) = (Cdf(rows[i].Wins - 1, mean), Cdf(rows[i].Wins, mean));
            Assert.Equal(i + 1, own.Row);
            Assert.Equal(rows[i].Wins, own.Observed);
            Assert.Equal(mean, own.Mean, 1e-10);
            Assert.Equal(rows[i].Wins - mean, own.Response, 1e-10);
            Assert.Equal((rows[i].Wins - mean) / Math.Sqrt(mean), own.Pearson, 1e-10);
            Assert.InRange(own.Probability, below - 1e-12, atMost + 1e-12);
            Assert.Equal(Gaussian.InvCDF(0, 1, own.Probability), own.Quantile, 1e-12);
            Assert.Equal(Math.Exp(-mean), own.ProbabilityOfZero, 1e-12);
        }

        // Shares of the probability of a response, each row its own.
        var shares = residuals.Rows.Select((own, i) => (own.Probability - Cdf(own.Observed - 1, own.Mean))
            / (Cdf(own.Observed, own.Mean) - Cdf(own.Observed - 1, own.Mean))).ToArray();
        Assert.Equal(rows.Length, shares.Distinct().Count());
        Assert.InRange(shares.Average(), 0.25, 0.75);

        static double Cdf(double y, double mean) => y < 0 ? 0 : SpecialFunctions.GammaUpperRegularized(y + 1, mean);
    }

    [Fact]
    public void Leaving_a_row_out_gives_the_closed_form_of_a_normal_mean()
    {
        // mu ~ N(0, 4), y ~ N(mu, 1): mu given n others of mean m is N(n m / (n + 1/4), 1 / (n + 1/4)).
        Toss[] rows = [.. new[] { 0.3, -1.2, 2.4, 0.7, 1.1, -0.2 }.Select(y => new Toss { Y = y })];
        var fit = PooledModel.Of<Toss>().Normal(t => t.Y, sigma: Fixed(1)).Intercept(Normal(0, 2)).Fit(rows, Draws);
        var residuals = fit.Residuals(rows);
        var inSample = fit.ResidualsInSample(rows);
        for (var i = 0; i < rows.Length; i++)
        {
            var others = rows.Where((_, j) => j != i).Sum(t => t.Y);
            var (mean, sd) = (others / 5.25, Math.Sqrt(1 + 1 / 5.25));
            var (all, sdOfAll) = ((others + rows[i].Y) / 6.25, Math.Sqrt(1 + 1 / 6.25));
            Assert.Equal(mean, residuals.Rows[i].Mean, 0.05);
            Assert.Equal(sd, residuals.Rows[i].Sd, 0.05);
            Assert.Equal(Gaussian.CDF(mean, sd, rows[i].Y), residuals.Rows[i].Probability, 0.02);
            Assert.Equal(all, inSample.Rows[i].Mean, 0.03);
            Assert.Equal(Gaussian.CDF(all, sdOfAll, rows[i].Y), inSample.Rows[i].Probability, 0.02);
            Assert.True(Math.Abs(inSample.Rows[i].Response) < Math.Abs(residuals.Rows[i].Response) + 0.05);
            Assert.True(double.IsNaN(inSample.Rows[i].ParetoK) && !double.IsNaN(residuals.Rows[i].ParetoK));
        }
    }

    [Fact]
    public void The_effects_of_a_row_alone_in_its_level_are_integrated_out()
    {
        // Sites 0 to 4 have one row each: y ~ N(1, 0.25 + 4) without the row.
        Toss[] rows = [.. new[] { -3, 1.4, 5.2, 0.6, 2.9 }.Select((y, i) => new Toss { Y = y, Site = "site " + i })];
        var fit = PooledModel.Of<Toss>().Normal(t => t.Y, sigma: Fixed(0.5)).Intercept(Fixed(1)).Varying(Site, g => g.Intercept(Fixed(2)))
            .Fit(rows, Draws);
        Assert.All(fit.Residuals(rows).Rows, own =>
        {
            Assert.Equal(1, own.Mean, 0.16);
            Assert.Equal(Math.Sqrt(4.25), own.Sd, 0.1);
            Assert.Equal(Gaussian.CDF(1, Math.Sqrt(4.25), own.Observed), own.Probability, 0.03);
        });
        Assert.All(fit.ResidualsInSample(rows).Rows, own => Assert.InRange(Math.Abs(own.Response), 0, 0.4));
        Assert.All(fit.ResidualsOfNewGroups(rows).Rows, own => Assert.Equal(Gaussian.CDF(1, Math.Sqrt(4.25), own.Observed), own.Probability, 0.03));
    }

    [Fact]
    public void Neither_threads_nor_the_order_of_levels_change_a_bit()
    {
        var rows = Rows(40);
        var fit = PooledModel.Of<Toss>().Binomial(t => t.Wins, t => t.N).Intercept().Varying(Site, g => g.Intercept())
            .Fit(rows, new() { Chains = 1, Draws = 200 });
        var one = fit.Residuals(rows, new() { Threads = 1 });
        Assert.Equal(one.Rows.ToArray(), fit.Residuals(rows, new() { Threads = 4 }).Rows.ToArray());
        Assert.Equal(Enumerable.Range(1, 40).Select(i => (long)i), one.Rows.Select(own => own.Row));
        Assert.NotEqual(one.Rows.ToArray(), fit.ResidualsInSample(rows).Rows.ToArray());
        Assert.NotEqual(fit.ResidualsOfNewGroups(rows).Rows.ToArray(), fit.ResidualsInSample(rows).Rows.ToArray());
    }

    [Fact]
    public void A_row_that_stands_for_several_has_as_many_residuals()
    {
        var rows = Parcel.Rows();
        var model = PooledModel.Of<Parcel>().Normal(p => p.Y).Intercept().Slope(p => p.X);
        var counted = model.Count(p => p.N).Fit(rows, Draws).Residuals(rows);
        var repeated = model.Fit(Parcel.Repeated(rows), Draws).Residuals(Parcel.Repeated(rows));
        Assert.Equal(rows.Sum(row => row.N), counted.Rows.Length);
        foreach (var (one, other) in counted.Rows.Zip(repeated.Rows))
            Assert.Equal(other.Probability, one.Probability, 1e-6);
    }

    [Fact]
    public void Overdispersed_counts_fitted_as_Poisson_show_it_and_their_own_family_does_not()
    {
        var rows = Counts(3, 200, shape: 1.5, slope: 0);
        var options = new RunOptions { Chains = 1, Draws = 1000 };
        var poisson = PooledModel.Of<Toss>().Poisson(t => t.Wins).Intercept().Fit(rows, options).Residuals(rows);
        Assert.InRange(poisson.Test("dispersion").Observed, 2, 5);
        Assert.True(poisson.Test("zeros").Observed > 2 * poisson.Test("zeros").Expected);
        Assert.All(poisson.Tests, test => Assert.True(test.PValue < 1e-4, $"{test}"));
        Assert.Contains(poisson.Findings, finding => finding.StartsWith("The data are overdispersed: ", StringComparison.Ordinal));
        Assert.Contains(poisson.Findings, finding => finding.StartsWith("There are more zeros than the model gives: ", StringComparison.Ordinal));
        Assert.Contains(poisson.Findings, finding => finding.StartsWith("There are outliers: ", StringComparison.Ordinal));

        var right = PooledModel.Of<Toss>().NegativeBinomial(t => t.Wins).Intercept().Fit(rows, options).Residuals(rows);
        Assert.All(right.Tests, test => Assert.True(test.PValue > 0.01, $"{test}"));
        Assert.StartsWith("Nothing is unusual", Assert.Single(right.Findings), StringComparison.Ordinal);
        Assert.Contains("Leave-one-out residuals of the NegativeBinomial model of Wins: 200 rows", right.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_slope_left_out_shows_as_overdispersion_and_in_the_residuals_against_the_column()
    {
        var rows = Counts(4, 150, shape: 1e9, slope: 0.4);
        var options = new RunOptions { Chains = 1, Draws = 1000 };
        var without = PooledModel.Of<Toss>().Poisson(t => t.Wins).Intercept().Fit(rows, options).Residuals(rows);
        Assert.True(without.Test("dispersion").PValue < 1e-4);
        Assert.InRange(Correlation(rows, without), 0.5, 1);
        var with = PooledModel.Of<Toss>().Poisson(t => t.Wins).Intercept().Slope(t => t.X).Fit(rows, options).Residuals(rows);
        Assert.All(with.Tests, test => Assert.True(test.PValue > 0.01, $"{test}"));
        Assert.InRange(Correlation(rows, with), -0.25, 0.25);
    }

    [Fact]
    public void Underdispersed_counts_show_it()
    {
        // Every count is 4 or 5.
        Toss[] rows = [.. Enumerable.Range(0, 80).Select(i => new Toss { Wins = 4 + i % 2 })];
        var residuals = PooledModel.Of<Toss>().Poisson(t => t.Wins).Intercept().Fit(rows, new() { Chains = 1, Draws = 1000 }).Residuals(rows);
        Assert.Contains(residuals.Findings, finding => finding.StartsWith("The data are underdispersed: ", StringComparison.Ordinal));
    }

    [Fact]
    public void Tests_of_a_right_model_have_small_p_values_as_seldom_as_they_should()
    {
        // 100 data sets of 60 counts in 10 sites, parameters fixed: 5 of each test are due below 0.05, with an sd of 2.2 if p-values were uniform.
        var small = new Dictionary<string, int>();
        for (var run = 0; run < 100; run++)
        {
            var rows = Counts(500 + (ulong)run, 60, shape: 1e9, slope: 0.3);
            var fit = PooledModel.Of<Toss>().Poisson(t => t.Wins).Intercept(Normal(1, 2)).Slope(t => t.X, Normal(0, 1))
                .Varying(Site, g => g.Intercept(Exponential(2))).Fit(rows, new() { Chains = 1, Draws = 400, Seed = (ulong)run });
            foreach (var test in fit.Residuals(rows).Tests.Where(test => test.PValue < 0.05))
                small[test.Name] = small.GetValueOrDefault(test.Name) + 1;
        }

        Assert.All(small, pair => Assert.True(pair.Value <= 16, $"{pair}"));
    }

    [Fact]
    public void In_sample_residuals_and_those_of_new_groups_have_no_tests()
    {
        var rows = Rows(40);
        var fit = PooledModel.Of<Toss>().Binomial(t => t.Wins, t => t.N).Intercept().Varying(Site, g => g.Intercept())
            .Fit(rows, new() { Chains = 1, Draws = 200 });
        Assert.All(fit.ResidualsInSample(rows).Tests.Concat(fit.ResidualsOfNewGroups(rows).Tests), test => Assert.True(double.IsNaN(test.PValue)));
        Assert.Contains("Such residuals need not be uniform", fit.ResidualsInSample(rows).ToString(), StringComparison.Ordinal);
        Assert.StartsWith("In-sample residuals of", fit.ResidualsInSample(rows).ToString(), StringComparison.Ordinal);
        Assert.StartsWith("Residuals for new groups of", fit.ResidualsOfNewGroups(rows).ToString(), StringComparison.Ordinal);
        Assert.Equal(40, fit.ResidualsOfNewGroups(rows.Select(t => t with { Site = "elsewhere" })).Rows.Length);
    }

    [Fact]
    public void Other_rows_cancellation_and_unknown_tests_are_refused()
    {
        var rows = Rows();
        var fit = PooledModel.Of<Toss>().Binomial(t => t.Wins, t => t.N).Intercept().Fit(rows, new() { Chains = 1, Draws = 200 });
        Assert.Equal(ProblemCode.OtherRows, Assert.Throws<ModelException>(() => fit.Residuals(rows.Skip(1))).Code);
        Assert.Equal(ProblemCode.OtherRows, Assert.Throws<ModelException>(() => fit.ResidualsInSample(rows.Skip(1))).Code);
        Assert.Equal(ProblemCode.NoRows, Assert.Throws<ModelException>(() => fit.ResidualsOfNewGroups([])).Code);
        Assert.Equal(ProblemCode.UnknownTerm, Assert.Throws<ModelException>(() => fit.Residuals(rows).Test("symmetry")).Code);
        Assert.Throws<ArgumentNullException>(() => fit.Residuals(null!));
        Assert.Equal(ProblemCode.OptionOutOfRange, Assert.Throws<ModelException>(() => fit.Residuals(rows, new() { Threads = -1 })).Code);
        using var source = new CancellationTokenSource();
        source.Cancel();
        Assert.ThrowsAny<OperationCanceledException>(() => fit.Residuals(rows, new() { Cancellation = source.Token }));
    }

    private static double Correlation(Toss[] rows, ResidualTable residuals)
    {
        var (x, z) = (rows.Select(t => t.X).ToArray(), residuals.Rows.Select(own => own.Quantile).ToArray());
        var (meanX, meanZ) = (x.Average(), z.Average());
        return x.Zip(z).Sum(pair => (pair.First - meanX) * (pair.Second - meanZ))
            / Math.Sqrt(x.Sum(v => (v - meanX) * (v - meanX)) * z.Sum(v => (v - meanZ) * (v - meanZ)));
    }

    private static Toss[] Counts(ulong seed, int count, double shape, double slope)
    {
        var stream = new PhiloxStream(seed, 1);
        return
        [
            .. Enumerable.Range(0, count).Select(i =>
            {
                var x = i % 5 - 2.0;
                var rate = 4 * Math.Exp(slope * x) * (shape > 1e8 ? 1 : stream.NextGamma(shape) / shape);
                return new Toss { X = x, Wins = (int)stream.NextPoisson(rate), Site = (i % 10).ToString(CultureInfo.InvariantCulture) };
            }),
        ];
    }
}
