using System.Globalization;
using TypedPooling.Engines;
using TypedPooling.Randomness;
using TypedPooling.Tests.Dsl.Support;
using Xunit;
using static TypedPooling.Prior;

namespace TypedPooling.Tests.Dsl;

/// <summary>Posterior predictive checks: numbers by hand, data that a model does not describe, and data that it does.</summary>
public sealed class PredictiveCheckTests
{
    private static readonly Group<Toss, string?> Site = Group.By((Toss t) => t.Site);
    private static readonly Toss[] Rows = Toss.Many(30);

    private static readonly Lazy<PoissonFit<Toss>> Fitted = new(() => PooledModel.Of<Toss>().Poisson(t => t.Wins, t => t.N).Intercept()
        .Slope(t => t.X).Varying(Site, g => g.Intercept()).Fit(Rows, new DrawnEngine(90)));

    private static PoissonFit<Toss> Fit => Fitted.Value;

    private static CheckOptions Draws(int draws) => new() { Draws = draws };

    private static double Variance(IReadOnlyList<double> y) => y.Sum(v => (v - y.Average()) * (v - y.Average())) / (y.Count - 1);

    [Fact]
    public void A_statistic_of_the_data_stands_beside_that_of_every_replicate()
    {
        var range = Statistic.Of("range", y => y.Max() - y.Min());
        Statistic[] statistics =
            [Statistic.Mean, Statistic.Sd, Statistic.Minimum, Statistic.Maximum, Statistic.Zeros, Statistic.VarianceOverMean, range];
        Func<double[], double>[] functions =
        [
            y => y.Average(), y => Math.Sqrt(Variance(y)), y => y.Min(), y => y.Max(), y => y.Count(v => v == 0) / 30.0,
            y => Variance(y) / y.Average(), y => y.Max() - y.Min(),
        ];
        var check = Fit.Check(Rows, new CheckOptions { Draws = 40, Probability = 0.5 }, statistics);
        var data = Rows.Select(t => (double)t.Wins).ToArray();
        var replicates = Fit.Simulate(Rows, 40).Responses().ToArray();

        Assert.Equal((30, 40), (check.ObservationCount, check.DrawCount));
        for (var i = 0; i < statistics.Length; i++)
        {
            var row = check.Of(statistics[i]);
            var (observed, own) = (functions[i](data), replicates.Select(functions[i]).ToArray());
            Assert.Equal(observed, row.Observed, 1e-12);
            Assert.All(own.Zip(row.Replicated), pair => Assert.Equal(pair.First, pair.Second, 1e-12));
            Assert.Equal(own.Average(), row.Mean, 1e-12);
            Assert.Equal(Math.Sqrt(Variance(own)), row.Sd, 1e-12);
            Assert.Equal(own.Count(t => t >= observed - 1e-12) / 40.0, row.ProbabilityAtLeast, 1e-12);
            Assert.Equal(own.Count(t => t <= observed + 1e-12) / 40.0, row.ProbabilityAtMost, 1e-12);
            Assert.Equal(0.5, row.Interval.Probability);
            Assert.InRange(own.Count(t => t > row.Interval.Lower && t < row.Interval.Upper), 0, 20);
            Assert.InRange(own.Count(t => t >= row.Interval.Lower && t <= row.Interval.Upper), 20, 40);
        }

        Assert.Equal(["range"], Fit.Check(Rows, Draws(10), range).Rows.Select(row => row.Name));
        Assert.Equal(ProblemCode.UnknownTerm, Assert.Throws<ModelException>(() => Fit.Check(Rows, Draws(10), range).Of(Statistic.Mean)).Code);
    }

    [Fact]
    public void Pearsons_dispersion_is_measured_about_the_expectations_of_each_draw()
    {
        var row = Fit.Check(Rows, Draws(25), Statistic.Dispersion).Of(Statistic.Dispersion);
        var simulation = Fit.Simulate(Rows, 25);
        var rates = Fit.PredictMean(Rows).Select(q => q.Draws.ToArray()).ToArray();
        var (observed, replicated) = (new double[25], new double[25]);
        for (var s = 0; s < 25; s++)
        {
            var y = simulation.Responses(s);
            for (var i = 0; i < Rows.Length; i++)
            {
                var mean = Rows[i].N * rates[i][simulation.FitDraws[s]];
                observed[s] += Math.Pow(Rows[i].Wins - mean, 2) / mean / Rows.Length;
                replicated[s] += Math.Pow(y[i] - mean, 2) / mean / Rows.Length;
            }
        }

        Assert.Equal(observed.Average(), row.Observed, 1e-10);
        Assert.Equal(replicated.Average(), row.Mean, 1e-10);
        Assert.Equal(observed.Zip(replicated).Count(pair => pair.Second >= pair.First) / 25.0, row.ProbabilityAtLeast, 1e-12);
    }

    [Fact]
    public void By_level_each_statistic_is_of_the_rows_of_a_level()
    {
        var check = Fit.CheckByLevel(Site, Rows, Draws(20), Statistic.Mean, Statistic.Maximum);
        var replicates = Fit.Simulate(Rows, 20).Responses().ToArray();

        Assert.Equal(10, check.Rows.Length);
        for (var j = 0; j < 5; j++)
        {
            int[] own = [.. Enumerable.Range(0, 30).Where(i => i % 5 == j)];
            var mean = check.Of(Statistic.Mean, "site " + j);
            Assert.Equal(own.Average(i => Rows[i].Wins), mean.Observed, 1e-12);
            Assert.Equal(replicates.Average(y => own.Average(i => y[i])), mean.Mean, 1e-12);
            Assert.Equal(own.Max(i => Rows[i].Wins), check.Of(Statistic.Maximum, "site " + j).Observed);
        }

        Assert.Equal(["mean"], Fit.CheckByLevel(Site, Rows, Draws(10)).Rows.Select(row => row.Name).Distinct());
        Assert.Contains("of 5 levels is unusual, where chance gives 0.1 at most", check.Findings[0], StringComparison.Ordinal);
        Assert.Equal(
            ProblemCode.UnknownTerm, Assert.Throws<ModelException>(() => Fit.CheckByLevel(Group.By((Toss t) => t.Kind), Rows)).Code);
    }

    [Fact]
    public void Replicates_for_new_groups_have_new_effects()
    {
        var options = new CheckOptions { Draws = 30, Groups = ReplicatedGroups.New };
        var row = Fit.Check(Rows, options, Statistic.Mean).Of(Statistic.Mean);
        Assert.Equal(Fit.Simulate(Rows, 30, Site.NewLevels()).Responses().Average(y => y.Average()), row.Mean, 1e-12);
        Assert.Contains("30 replicates for new groups", Fit.Check(Rows, options).ToString(), StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => Fit.Check(Rows, options with { Groups = (ReplicatedGroups)7 }));
    }

    [Fact]
    public void A_row_that_stands_for_several_is_replicated_as_often()
    {
        var rows = Parcel.Rows();
        var model = PooledModel.Of<Parcel>().Normal(p => p.Y).Intercept().Slope(p => p.X);
        var options = new RunOptions { Chains = 1, Draws = 400 };
        var counted = model.Count(p => p.N).Fit(rows, options).Check(rows, Draws(400));
        var repeated = model.Fit(Parcel.Repeated(rows), options).Check(Parcel.Repeated(rows), Draws(400));

        Assert.Equal(rows.Sum(row => row.N), counted.ObservationCount);
        foreach (var (one, other) in counted.Rows.Zip(repeated.Rows))
        {
            // The fits are the same, the replicates are not.
            Assert.Equal(other.Observed, one.Observed, 1e-9 * (1 + Math.Abs(other.Observed)));
            Assert.Equal(0, (one.Mean - other.Mean) / Math.Sqrt((one.Sd * one.Sd + other.Sd * other.Sd) / 400), 5.0);
        }
    }

    [Fact]
    public void Cancellation_progress_and_rows_that_cannot_be_used()
    {
        var reports = new List<int>();
        Fit.Check(Rows, new CheckOptions { Draws = 30, Progress = new Reports(reports) });
        Assert.Equal([30], reports);
        using var source = new CancellationTokenSource();
        source.Cancel();
        Assert.ThrowsAny<OperationCanceledException>(() => Fit.Check(Rows, new CheckOptions { Cancellation = source.Token }));
        Assert.Equal(ProblemCode.NoRows, Assert.Throws<ModelException>(() => Fit.Check([])).Code);
        Assert.Equal(ProblemCode.NotPositive, Assert.Throws<ModelException>(() => Fit.Check([Rows[0] with { N = -1 }])).Code);
        Assert.Equal(ProblemCode.OptionOutOfRange, Assert.Throws<ModelException>(() => Fit.Check(Rows, Draws(91))).Code);
        Assert.Throws<ArgumentOutOfRangeException>(() => Fit.Check(Rows, new CheckOptions { Probability = 1 }));
        Assert.Throws<ArgumentNullException>(() => Fit.Check(Rows, (Statistic)null!));
        Assert.Throws<ArgumentException>(() => Statistic.Of(string.Empty, y => 0));
        var single = Fit.Check(Rows.Take(1), Draws(10), Statistic.Sd);
        Assert.True(double.IsNaN(single.Rows[0].ProbabilityAtLeast) && !single.Rows[0].IsUnusual);
        Assert.Contains("not a number", single.Findings[0], StringComparison.Ordinal);
    }

    [Fact]
    public void Overdispersed_counts_fitted_as_Poisson_show_it()
    {
        var rows = Counts(3, 200, shape: 1.5, slope: 0);
        var poisson = PooledModel.Of<Toss>().Poisson(t => t.Wins).Intercept().Fit(rows, new() { Chains = 1, Draws = 1000 });
        var check = poisson.Check(rows);

        // mu = 4: variance mu + mu^2 / 1.5, over mu.
        var dispersion = check.Of(Statistic.Dispersion);
        Assert.InRange(dispersion.Observed, 2.5, 5);
        Assert.Equal(0, dispersion.ProbabilityAtLeast);
        Assert.InRange(dispersion.Mean, 0.95, 1.05);
        Assert.True(check.Of(Statistic.Zeros).IsUnusual && check.Of(Statistic.Zeros).Observed > check.Of(Statistic.Zeros).Mean);
        Assert.True(check.Of(Statistic.Sd).IsUnusual && check.Of(Statistic.Maximum).IsUnusual && !check.Of(Statistic.Mean).IsUnusual);
        Assert.Contains(check.Findings, finding => finding.Contains("overdispersed", StringComparison.Ordinal));
        Assert.Contains("0 of 1,000 are as large", check.ToString(), StringComparison.Ordinal);

        var right = PooledModel.Of<Toss>().NegativeBinomial(t => t.Wins).Intercept().Fit(rows, new() { Chains = 1, Draws = 1000 }).Check(rows);
        Assert.Equal("Nothing is unusual: every statistic of the data is among those of the replicates.", Assert.Single(right.Findings));
    }

    [Fact]
    public void A_slope_left_out_shows_in_a_statistic_that_looks_for_it()
    {
        var rows = Counts(4, 150, shape: 1e9, slope: 0.4);
        var slope = Statistic.Of("slope on X", y => Slope(rows, y));
        var without = PooledModel.Of<Toss>().Poisson(t => t.Wins).Intercept().Fit(rows, new() { Chains = 1, Draws = 500 }).Check(rows, slope);
        Assert.Equal(0, without.Of(slope).ProbabilityAtLeast);
        var with = PooledModel.Of<Toss>().Poisson(t => t.Wins).Intercept().Slope(t => t.X).Fit(rows, new() { Chains = 1, Draws = 500 })
            .Check(rows, slope);
        Assert.InRange(with.Of(slope).ProbabilityAtLeast, 0.05, 0.95);
    }

    [Fact]
    public void Statistics_of_a_right_model_are_seldom_unusual()
    {
        // 60 data sets of a Poisson model with its parameters: at most 2 % of each statistic are due, since data are used twice.
        var unusual = 0;
        for (var run = 0; run < 60; run++)
        {
            var rows = Counts(100 + (ulong)run, 60, shape: 1e9, slope: 0.3);
            var fit = PooledModel.Of<Toss>().Poisson(t => t.Wins).Intercept(Normal(1, 2)).Slope(t => t.X, Normal(0, 1))
                .Fit(rows, new() { Chains = 1, Draws = 400, Seed = (ulong)run });
            unusual += fit.Check(rows).Rows.Count(row => row.IsUnusual);
        }

        // 360 statistics, most of them conservative: 7 are due at most, with an sd of 2.7 or so and some dependence within data.
        Assert.InRange(unusual, 0, 16);
    }

    private static double Slope(Toss[] rows, IReadOnlyList<double> y)
    {
        var (meanX, meanY) = (rows.Average(t => t.X), y.Average());
        return rows.Select((t, i) => (t.X - meanX) * (y[i] - meanY)).Sum() / rows.Sum(t => (t.X - meanX) * (t.X - meanX));
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

    private sealed class Reports(List<int> into) : IProgress<int>
    {
        public void Report(int value) => into.Add(value);
    }
}
