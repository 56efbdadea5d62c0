using MathNet.Numerics.Distributions;
using TypedPooling.Draws;
using TypedPooling.Engines;
using TypedPooling.Inference.MaximumLikelihood;
using TypedPooling.Tests.Reference;
using Xunit;
using static TypedPooling.Prior;

namespace TypedPooling.Tests.Dsl;

/// <summary>Profile intervals, the bootstrap and covariances of fits from cells, against lme4, glmmTMB and closed forms.</summary>
public sealed class LikelihoodAnswerTests
{
    private static readonly Group<Herd, string> ByHerd = Group.By((Herd h) => h.Name, "herd");
    private static readonly Group<Trial, string> Subject = Group.By((Trial t) => t.Subject, "subject");
    private static readonly Group<Trial, string> Item = Group.By((Trial t) => t.Item, "item");
    private static readonly Group<Count, string> ByGroup = Group.By((Count c) => c.Name, "group");

    private static readonly Herd[] Herds = [.. ReferenceFile.Read("data/cbpp.csv").Rows.Select(
        row => new Herd(row.Text("herd"), row.Text("period"), (int)row.Number("incidence"), (int)row.Number("size")))];

    private static readonly Trial[] Trials = [.. ReferenceFile.Read("data/trials_crossed.csv").Rows.Select(
        row => new Trial(row.Text("subject"), row.Text("item"), row.Number("x"), (int)row.Number("size"), (int)row.Number("successes")))];

    private static readonly Count[] Counts = [.. ReferenceFile.Read("data/counts.csv").Rows.Select(
        row => new Count(row.Text("group"), row.Number("x"), row.Number("exposure"), (int)row.Number("y")))];

    private static ICellLikelihoodEngine Ml => Engine.MaximumLikelihood;

    private static BinomialModel<Herd> HerdModel =>
        PooledModel.Of<Herd>().Binomial(h => h.Incidence, h => h.Size).Intercept().Categorical(h => h.Period).Varying(ByHerd, g => g.Intercept());

    private static BinomialModel<Trial> TrialModel => PooledModel.Of<Trial>().Binomial(t => t.Successes, t => t.Size).Intercept().Slope(t => t.X)
        .Varying(Subject, g => g.Intercept()).Varying(Item, g => g.Intercept());

    private static NegativeBinomialModel<Count> CountModel => PooledModel.Of<Count>().NegativeBinomial(c => c.Y, c => c.Exposure).Intercept()
        .Slope(c => c.X).Varying(ByGroup, g => g.Intercept());

    public static TheoryData<string, string, double, double, double, double> Profiles
    {
        get
        {
            var data = new TheoryData<string, string, double, double, double, double>();
            foreach (var row in ReferenceFile.Read("reference/glmer_profiles.csv").Rows)
            {
                data.Add(
                    row.Text("model"),
                    row.Text("parameter"),
                    row.Number("lower"),
                    row.Number("upper"),
                    row.Number("confint_lower"),
                    row.Number("confint_upper"));
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Profiles))]
    public void Profile_intervals_are_those_of_glmer(string model, string parameter, double lower, double upper, double low, double high)
    {
        var interval = model == "cbpp"
            ? Interval(HerdModel.Fit(Herds, Ml), Named(parameter))
            : Interval(TrialModel.Fit(Trials, Ml), Named(parameter));

        // Refits of glmer's own deviance function, and its spline.
        Assert.Equal(lower, interval.Lower, 2e-5);
        Assert.Equal(upper, interval.Upper, 2e-5);
        Assert.Equal(low, interval.Lower, 5e-4);
        Assert.Equal(high, interval.Upper, 5e-4);

        static Interval Interval<TRow>(Fit<TRow> fit, string name) => ((ILikelihoodFit)fit).ProfileInterval(fit.Quantity(name), 0.95);
    }

    public static TheoryData<string> Covariances => ["cbpp", "trials", "sleepstudy", "sleepstudy_some", "counts_nb"];

    [Theory]
    [MemberData(nameof(Covariances))]
    public void Covariances_are_those_of_the_curvature_in_R(string model)
    {
        var covariance = model switch
        {
            "cbpp" => HerdModel.Fit(Herds, Ml).Likelihood.FullCovariance(),
            "trials" => TrialModel.Fit(Trials, Ml).Likelihood.FullCovariance(),
            "counts_nb" => CountModel.Fit(Counts, Ml).Likelihood.FullCovariance(),
            _ => LmerModels.Fit(
                "sleepstudy.csv",
                "Reaction ~ Days + (Days | Subject)",
                Engine.MaximumLikelihood,
                i => model == "sleepstudy" || 7 * i % 11 < 4 + i / 10 % 6).Fit.Likelihood.FullCovariance(),
        };
        var rows = ReferenceFile.Read("reference/likelihood_covariances.csv").Rows.Where(row => row.Text("model") == model).ToList();
        Assert.Equal(covariance.Names.Length * (covariance.Names.Length + 1) / 2, rows.Count);
        foreach (var row in rows)
        {
            var (a, b) = (NameOf(row.Text("row")), NameOf(row.Text("column")));
            var scale = covariance.StandardError(a) * covariance.StandardError(b);
            Assert.True(
                Math.Abs(row.Number("value") - covariance.Of(a, b)) <= 2e-4 * scale,
                $"cov({a}, {b}) is {covariance.Of(a, b):R}, R's {row.Number("value"):R}.");
        }

        string NameOf(string text) => !model.StartsWith("sleepstudy", StringComparison.Ordinal) ? Named(text) : text switch
        {
            "sd:(Intercept)" => "sd(Subject: Intercept)",
            "sd:Days" => "sd(Subject: Days)",
            "cor" => covariance.Names.Single(name => name.StartsWith("cor", StringComparison.Ordinal)),
            _ => Named(text),
        };
    }

    [Fact]
    public void Likelihood_ratios_are_those_of_anova()
    {
        var expected = ReferenceFile.Read("reference/glmer_tests.csv").Rows.ToDictionary(row => row.Text("test"));
        var full = HerdModel.Fit(Herds, Ml);
        var binomial = PooledModel.Of<Herd>().Binomial(h => h.Incidence, h => h.Size).Intercept();
        Check("cbpp_period", LikelihoodRatio.Test(binomial.Varying(ByHerd, g => g.Intercept()).Fit(Herds, Ml), full), testsOneSd: false);
        Check("cbpp_herd", LikelihoodRatio.Test(binomial.Categorical(h => h.Period).Fit(Herds, Ml), full), testsOneSd: true);
        var noItem = PooledModel.Of<Trial>().Binomial(t => t.Successes, t => t.Size).Intercept().Slope(t => t.X)
            .Varying(Subject, g => g.Intercept());
        Check("trials_item", LikelihoodRatio.Test(noItem.Fit(Trials, Ml), TrialModel.Fit(Trials, Ml)), testsOneSd: true);

        void Check(string name, LikelihoodRatio test, bool testsOneSd)
        {
            Assert.Equal(expected[name].Number("chisq"), test.ChiSquared, 2e-6);
            Assert.Equal(expected[name].Number("df"), test.DegreesOfFreedom);
            Assert.Equal(expected[name].Number("p"), test.PValue, 2e-6 * test.PValue);
            Assert.Equal(testsOneSd, test.TestsOneSd);

            // One sd alone: half the mass is at 0.
            Assert.Equal(testsOneSd ? 0.5 * test.PValue : test.PValue, test.BoundaryPValue!.Value, 1e-12 * test.PValue);
        }
    }

    [Fact]
    public void A_varying_slope_with_its_correlation_is_tested_by_a_mixture_of_two_and_one_degrees()
    {
        var model = PooledModel.Of<Count>().LogNormal(c => c.Y + 0.5).Intercept().Slope(c => c.X);
        var intercepts = model.Varying(ByGroup, g => g.Intercept()).Fit(Counts, Engine.MaximumLikelihood);
        var slopes = model.Varying(ByGroup, g => g.Intercept().Slope(c => c.X)).Fit(Counts, Engine.MaximumLikelihood);
        var test = new LikelihoodRatio(5, 2, true) { TestsOneSd = true };
        Assert.Equal(0.5 * (1 - ChiSquared.CDF(2, 5)) + 0.5 * (1 - ChiSquared.CDF(1, 5)), test.BoundaryPValue!.Value, 1e-12);
        Assert.Null(new LikelihoodRatio(5, 2, true).BoundaryPValue);
        Assert.Equal(1, new LikelihoodRatio(0, 1, true) { TestsOneSd = true }.BoundaryPValue);
        test = LikelihoodRatio.Test(intercepts, slopes);
        Assert.True(test.TestsOneSd);
        Assert.Equal(2, test.DegreesOfFreedom);
        Assert.Contains("allowing for the boundary", test.ToString());
    }

    [Fact]
    public void At_the_ends_of_a_profile_interval_a_cold_fit_has_lost_the_quantile_of_chi_squared()
    {
        var half = 0.5 * ChiSquared.InvCDF(1, 0.95);
        var counts = CountModel.Fit(Counts, Ml);
        Check(
            counts,
            counts.Quantity("shape"),
            v => PooledModel.Of<Count>().NegativeBinomial(c => c.Y, c => c.Exposure, shape: Fixed(v)).Intercept().Slope(c => c.X)
                .Varying(ByGroup, g => g.Intercept()).Fit(Counts, Ml));
        var gamma = PooledModel.Of<Count>().Gamma(c => c.Y + 0.5).Intercept().Slope(c => c.X);
        var times = gamma.Varying(ByGroup, g => g.Intercept()).Fit(Counts, Ml);
        Check(times, times.For(ByGroup).InterceptSd, v => gamma.Varying(ByGroup, g => g.Intercept(Fixed(v))).Fit(Counts, Ml));
        var beta = PooledModel.Of<Count>().Beta(c => (c.Y + 0.5) / (c.Y + 8.0)).Intercept();
        var shares = beta.Slope(c => c.X).Varying(ByGroup, g => g.Intercept()).Fit(Counts, Ml);
        Check(shares, shares.Coefficient("X"), v => beta.Slope(c => c.X, Fixed(v)).Varying(ByGroup, g => g.Intercept()).Fit(Counts, Ml));

        // Correlated effects: the held sd is a row of their root.
        var poisson = PooledModel.Of<Count>().Poisson(c => c.Y, c => c.Exposure).Intercept().Slope(c => c.X);
        var slopes = poisson.Varying(ByGroup, g => g.Intercept().Slope(c => c.X)).Fit(Counts, Ml);
        Check(
            slopes,
            slopes.For(ByGroup).Sd("X"),
            v => poisson.Varying(ByGroup, g => g.Intercept().Slope(c => c.X, Fixed(v))).Fit(Counts, Ml));

        // Quadrature keeps its rule.
        var nodes = new MaximumLikelihoodEngine { QuadraturePoints = 9 };
        var herds = HerdModel.Fit(Herds, nodes);
        Check(
            herds,
            herds.For(ByHerd).InterceptSd,
            v => PooledModel.Of<Herd>().Binomial(h => h.Incidence, h => h.Size).Intercept().Categorical(h => h.Period)
                .Varying(ByHerd, g => g.Intercept(Fixed(v))).Fit(Herds, nodes));

        void Check<TRow>(Fit<TRow> fit, Quantity quantity, Func<double, ILikelihoodFit> at)
        {
            var likely = (ILikelihoodFit)fit;
            var interval = likely.ProfileInterval(quantity, 0.95);
            Assert.True(interval.Lower < quantity.Mean && quantity.Mean < interval.Upper);
            Assert.Equal(half, likely.Likelihood.LogLikelihood - at(interval.Lower).Likelihood.LogLikelihood, 2e-6);
            Assert.Equal(half, likely.Likelihood.LogLikelihood - at(interval.Upper).Likelihood.LogLikelihood, 2e-6);
        }
    }

    [Fact]
    public void Profile_intervals_end_exactly_at_the_ends_of_the_range()
    {
        // Counts that vary less than Poisson counts do: the shape is infinite and nothing above is rejected; groups that do not differ.
        Count[] even = [.. Enumerable.Range(0, 60).Select(i => new Count($"g{i % 6}", i % 5 - 2, 1, 8 + i * 7 % 5))];
        var fit = PooledModel.Of<Count>().NegativeBinomial(c => c.Y).Intercept().Varying(ByGroup, g => g.Intercept()).Fit(even, Ml);
        Assert.True(fit.Likelihood.IsSingular);
        Assert.Equal(double.PositiveInfinity, fit.ProfileInterval(fit.Quantity("shape")).Upper);
        Assert.InRange(fit.ProfileInterval(fit.Quantity("shape")).Lower, 1, 1e6);
        var sd = fit.ProfileInterval(fit.For(ByGroup).InterceptSd);
        Assert.Equal(0, sd.Lower);
        Assert.InRange(sd.Upper, 0.01, 1);
        var covariance = fit.Likelihood.FullCovariance();
        Assert.True(double.IsNaN(covariance.StandardError("shape")));
        Assert.True(double.IsNaN(covariance.Of("sd(group: Intercept)", "Intercept")));

        // A Poisson mean: its variance is 1 / sum of y.
        Assert.Equal(Math.Sqrt(1.0 / even.Sum(c => c.Y)), covariance.StandardError("Intercept"), 1e-5);
    }

    [Fact]
    public void Refuses_profiles_of_what_is_no_free_parameter()
    {
        var fit = HerdModel.Fit(Herds, Ml);
        Assert.Equal(ProblemCode.UnknownTerm, Problem(() => fit.ProfileInterval(HerdModel.Fit(Herds, Ml).Intercept)).Code);
        var known = PooledModel.Of<Count>().NegativeBinomial(c => c.Y, shape: Fixed(3)).Intercept().Fit(Counts, Ml);
        Assert.Contains("fixed", Problem(() => known.ProfileInterval(known.Quantity("shape"))).Sentence);
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        Assert.ThrowsAny<OperationCanceledException>(() => fit.ProfileInterval(fit.Intercept, cancellation: cancelled.Token));
        Assert.ThrowsAny<OperationCanceledException>(() => fit.Bootstrap(20, new RunOptions { Cancellation = cancelled.Token }));
    }

    [Fact]
    public void A_bootstrap_of_Poisson_counts_has_the_distribution_of_their_sum()
    {
        var fit = PooledModel.Of<Count>().Poisson(c => c.Y, c => c.Exposure).Intercept().Fit(Counts, Ml);
        const int replicates = 4000;
        var sample = fit.Bootstrap(replicates, new RunOptions { Seed = 11 });
        double exposure = Counts.Sum(c => c.Exposure), mean = Counts.Sum(c => c.Y);
        var sums = sample.Of(fit.Intercept).Draws.Select(log => Math.Exp(log) * exposure).ToArray();

        // exp(estimate) times the exposure is Poisson(mean).
        Assert.All(sums.Take(50), sum => Assert.Equal(Math.Round(sum), sum, 0.02));
        Assert.Equal(mean, sums.Average(), 5 * Math.Sqrt(mean / replicates));
        Assert.Equal(Math.Sqrt(mean), Diagnostics.Sd(sums), 5 * Math.Sqrt(mean / (2.0 * replicates)));
        Assert.Equal(replicates, sample.Count);
        Assert.Equal(0, sample.FailedCount);
    }

    [Fact]
    public void Replicates_without_a_maximum_are_left_out_and_counted()
    {
        // Six tosses of a fair coin: all alike, and then without finite log-odds, with probability 1 / 32.
        Herd[] tosses = [new("a", "1", 3, 6)];
        var fit = PooledModel.Of<Herd>().Binomial(h => h.Incidence, h => h.Size).Intercept().Fit(tosses, Ml);
        const int replicates = 3000;
        var sample = fit.Bootstrap(replicates, new RunOptions { Seed = 3 });
        Assert.Equal(replicates, sample.Count + sample.FailedCount);
        Assert.Equal(replicates / 32.0, sample.FailedCount, 5 * Math.Sqrt(replicates / 32.0));
        Assert.Contains($"{sample.FailedCount} without estimates are left out", sample.ToString());

        // Log-odds of k successes, each as often as its binomial probability says.
        var draws = sample.Of(fit.Intercept).Draws;
        for (var k = 1; k <= 5; k++)
        {
            var share = draws.Count(value => Math.Abs(value - Math.Log(k / (6.0 - k))) < 1e-6) / (double)sample.Count;
            var expected = Binomial.PMF(0.5, 6, k) / (31.0 / 32);
            Assert.Equal(expected, share, 5 * Math.Sqrt(expected / sample.Count));
        }
    }

    [Fact]
    public void A_bootstrap_of_every_family_spreads_as_the_curvature_says()
    {
        Count[] rows = Counts;
        Spread(CountModel.Fit(rows, Ml));
        Spread(PooledModel.Of<Count>().Gamma(c => c.Y + 0.5).Intercept().Slope(c => c.X).Varying(ByGroup, g => g.Intercept()).Fit(rows, Ml));
        Spread(PooledModel.Of<Count>().Beta(c => (c.Y + 0.5) / (c.Y + 8.0)).Intercept().Slope(c => c.X).Varying(ByGroup, g => g.Intercept()).Fit(rows, Ml));
        Spread(PooledModel.Of<Count>().LogNormal(c => c.Y + 0.5).Intercept().Slope(c => c.X).Varying(ByGroup, g => g.Intercept())
            .Fit(rows, Engine.MaximumLikelihood));
        Spread(
            PooledModel.Of<Count>().Bernoulli(c => c.Y > 2).Intercept().Slope(c => c.X).Varying(ByGroup, g => g.Intercept()).Fit(rows, Ml));

        static void Spread<TFit>(TFit fit)
            where TFit : Fit<Count>, ILikelihoodFit<Count>
        {
            const int replicates = 120;
            var sample = fit.Bootstrap(replicates, new RunOptions { Seed = 8, Threads = 2 });
            Assert.True(sample.Count > 0.98 * replicates);
            var covariance = fit.Likelihood.FullCovariance();
            foreach (var name in covariance.Names)
            {
                // Sd of a sd: 1 / sqrt(2 n); curvature is the spread up to terms of 1 / J, J = 30 groups.
                var spread = sample.Of(fit.Quantity(name)).Sd / covariance.StandardError(name);
                Assert.InRange(spread, 1 - 5 / Math.Sqrt(2 * replicates), 1.2 + 5 / Math.Sqrt(2 * replicates));
            }

            var slope = sample.Of(fit.Quantity("X"));
            Assert.Equal(fit.Quantity("X").Mean, slope.Mean, 5 * slope.Sd / Math.Sqrt(replicates) + 0.1 * slope.Sd);
            var again = fit.Bootstrap(12, new RunOptions { Seed = 8, Threads = 1 });
            Assert.Equal(sample.Of(fit.Quantity("X")).Draws.Take(12).ToArray(), again.Of(fit.Quantity("X")).Draws.ToArray());
        }
    }

    private static string Named(string text) => text switch
    {
        "(Intercept)" => "Intercept",
        "x" => "X",
        _ when text.StartsWith("period", StringComparison.Ordinal) => $"Period[{text[6..]}]",
        _ when text.StartsWith("sd:", StringComparison.Ordinal) => $"sd({text[3..]}: Intercept)",
        _ => text,
    };

    private static Problem Problem(Func<object> act) => Assert.Throws<ModelException>(act).Problems[0];

    private sealed record Herd(string Name, string Period, int Incidence, int Size);

    private sealed record Trial(string Subject, string Item, double X, int Size, int Successes);

    private sealed record Count(string Name, double X, double Exposure, int Y);
}
