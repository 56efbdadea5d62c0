using TypedPooling.Engines;
using TypedPooling.Inference;
using TypedPooling.Tests.Dsl.Support;
using Xunit;
using static TypedPooling.Prior;

namespace TypedPooling.Tests.Dsl;

public sealed class PredictionTests
{
    private static readonly RunOptions Short = new() { Chains = 2, Warmup = 100, Draws = 100, Seed = 4 };
    private static readonly Group<Reading, string?> Site = Group.By((Reading r) => r.Site);
    private static readonly Group<Reading, int> Line = Group.By((Reading r) => r.Line);
    private static readonly Reading Target = new() { Site = "site 3", Line = 2, Kind = "b", X = 4, Z = 3, W = 2, Y = double.NaN };
    private static readonly Lazy<NormalFit<Reading>> Fitted = new(() => Model().Fit(Rows.Readings(), Short));

    public static TheoryData<string> Engines => [.. EngineCatalogue.All.Select(engine => engine.Name)];

    private static NormalFit<Reading> Fit => Fitted.Value;

    [Theory]
    [MemberData(nameof(Engines))]
    public void The_mean_of_known_levels_is_the_sum_of_their_coefficients_draw_by_draw_whatever_the_engine(string engine)
    {
        var fit = Model().Fit(Rows.Readings(), EngineCatalogue.All.Single(e => e.Name == engine), Short);
        var (site, line) = (fit.For(Site).Level("site 3"), fit.For(Line).Level(2));
        var expected = fit.Derive(
            d => 0.2 + d.Of(fit.Coefficient("Kind[b]")) + d.Of(site.Intercept) + 4 * d.Of(site.Slope(r => r.X)) + d.Of(line.Effect("Intercept")));

        Same(expected, fit.PredictMean(Target));
        Same(expected, fit.PredictMean(Target with { Site = "unseen", Line = 77 }, Line.Level(2), Site.Level("site 3")));
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public void A_new_group_has_the_covariance_of_each_draw_whatever_the_engine(string engine)
    {
        var fit = Model().Fit(Rows.Readings(), EngineCatalogue.All.Single(e => e.Name == engine), Short with { Draws = 1000, Warmup = 300 });
        var sites = fit.For(Site);
        var effect = Minus(fit, fit.PredictMean(Target, Site.New("s")), fit.PredictMean(Target, Site.Average()));
        var noise = Minus(fit, fit.PredictNew(Target, Site.New("s")), fit.PredictMean(Target, Site.New("s")));
        var e = fit.Derive(d =>
        {
            var (a, b) = (d.Of(sites.InterceptSd), 4 * d.Of(sites.Sd(r => r.X)));
            return d.Of(effect) / Math.Sqrt(a * a + b * b + 2 * a * b * d.Of(sites.Correlation(r => r.X)));
        });
        var z = fit.Derive(d => d.Of(noise) / d.Of(fit.Sigma));

        foreach (var standard in new[] { e, z })
        {
            // Independent standard normal numbers, whatever the chain does.
            var n = standard.Draws.Length;
            Assert.InRange(standard.Draws.Average() * Math.Sqrt(n), -5, 5);
            Assert.InRange((standard.Draws.Average(v => v * v) - 1) * Math.Sqrt(n / 2.0), -5, 5);
        }

        Assert.InRange(Enumerable.Range(0, e.Draws.Length).Average(s => e.Draws[s] * z.Draws[s]) * Math.Sqrt(e.Draws.Length), -5, 5);
    }

    [Fact]
    public void A_key_that_was_not_in_the_data_is_a_new_group_and_never_the_average()
    {
        var unseen = Fit.PredictMean(Target with { Site = "unseen" });

        Assert.Equal(Fit.PredictMean(Target, Site.New("unseen")).Draws.ToArray(), unseen.Draws.ToArray());
        Assert.NotEqual(Fit.PredictMean(Target, Site.Average()).Draws.ToArray(), unseen.Draws.ToArray());
        Assert.Equal("mean(Y)[Site unseen (new), Line 2]", unseen.Name);
        Assert.Equal(Fit.PredictNew(Target, Site.New("unseen")).Draws.ToArray(), Fit.PredictNew(Target with { Site = "unseen" }).Draws.ToArray());
    }

    [Fact]
    public void A_new_group_is_one_group_wherever_its_key_is_met()
    {
        var first = Fit.PredictMean(Target with { Site = "unseen" });

        Assert.All(
            Minus(Fit, first, Fit.PredictMean([Target, Target with { Site = "unseen" }]).Last()).Draws.ToArray(),
            difference => Assert.Equal(0, difference));
        Assert.NotEqual(first.Draws.ToArray(), Fit.PredictMean(Target with { Site = "another" }).Draws.ToArray());

        // One effect, another row: intercepts agree, and the difference is the slope of the group times that of X.
        var slope = Minus(Fit, Fit.PredictMean(Target with { Site = "unseen", X = 5 }), first);
        Same(slope, Minus(Fit, Fit.PredictMean(Target with { Site = "unseen", X = 1 }), Fit.PredictMean(Target with { Site = "unseen", X = 0 })));

        // Equal keys of two factors are two groups.
        var swapped =
            PooledModel.Of<Reading>().Normal(r => r.Y, sigma: Fixed(1)).Intercept(Flat).Varying(Line, g => g.Intercept(Fixed(1))).Varying(
                Group.By((Reading r) => r.Line, "Line again"), g => g.Intercept(Fixed(1)))
            .Fit(Rows.Readings().Select((r, i) => r with { Line = i % 4 }), Short);
        Assert.NotEqual(
            swapped.PredictMean(Target, Line.New(50), Group.By((Reading r) => r.Line, "Line again").Average()).Draws.ToArray(),
            swapped.PredictMean(Target, Line.Average(), Group.By((Reading r) => r.Line, "Line again").New(50)).Draws.ToArray());
    }

    [Fact]
    public void A_new_group_under_a_known_key_is_another_group()
    {
        var mean = Fit.PredictMean(Target, Site.New("site 3"));

        Assert.NotEqual(Fit.PredictMean(Target).Draws.ToArray(), mean.Draws.ToArray());
        Assert.Equal("mean(Y)[Site site 3 (new), Line 2]", mean.Name);
    }

    [Fact]
    public void The_average_has_no_effects()
    {
        var expected = Fit.Derive(d => 0.2 + d.Of(Fit.Coefficient("Kind[b]")) + d.Of(Fit.Intercept) + 4 * d.Of(Fit.Coefficient(r => r.X)));
        var average = Fit.PredictMean(Target with { Site = null }, Site.Average(), Line.Average());

        Same(expected, average);
        Assert.Equal("mean(Y)[Site (average), Line (average)]", average.Name);
        Assert.Equal("Site (average)", Site.Average().ToString());
    }

    [Fact]
    public void Noise_differs_from_row_to_row_and_the_same_row_is_the_same_observation()
    {
        var alone = Fit.PredictNew(Target);
        var batch = Fit.PredictNew([Target, Target, Target with { X = 5 }]).ToArray();

        Assert.Equal(alone.Draws.ToArray(), batch[0].Draws.ToArray());
        Assert.Equal(alone.Draws.ToArray(), Fit.PredictNew(Target).Draws.ToArray());
        var first = Minus(Fit, batch[0], Fit.PredictMean(Target)).Draws;
        var second = Minus(Fit, batch[1], Fit.PredictMean(Target)).Draws;
        var third = Minus(Fit, Fit.PredictNew(Target with { X = 5 }), Fit.PredictMean(Target with { X = 5 })).Draws;
        foreach (var other in new[] { second, third })
        {
            var correlation = first.Zip(other, (a, b) => a * b).Average() / Math.Sqrt(first.Average(a => a * a) * other.Average(b => b * b));
            Assert.InRange(correlation * Math.Sqrt(first.Length), -5, 5);
        }
    }

    [Fact]
    public void Noise_has_the_sd_of_the_row()
    {
        var model = PooledModel.Of<Parcel>();
        var rows = Parcel.Rows();
        var plain = model.Normal(p => p.Y, sigma: Fixed(2)).Intercept(Flat).Fit(rows, Short);
        var weighted = model.Normal(p => p.Y, sigma: Fixed(2)).Intercept(Flat).PrecisionWeight(p => p.W).Fit(rows, Short);
        var known = model.Normal(p => p.Y, knownSd: p => p.W).Intercept(Flat).Fit(rows, Short);
        var counted = model.Normal(p => p.Y, sigma: Fixed(2)).Intercept(Flat).Count(p => p.N).Fit(rows, Short);
        var target = rows[0] with { W = 4, N = -1 };

        var z = Minus(plain, plain.PredictNew(target), plain.PredictMean(target)).Draws.Select(e => e / 2).ToArray();
        Assert.Equal(z, Minus(weighted, weighted.PredictNew(target), weighted.PredictMean(target)).Draws.Select(e => e / 1), Close);
        Assert.Equal(z, Minus(known, known.PredictNew(target), known.PredictMean(target)).Draws.Select(e => e / 4), Close);
        Assert.Equal(z, Minus(counted, counted.PredictNew(target), counted.PredictMean(target)).Draws.Select(e => e / 2), Close);
    }

    [Fact]
    public void Predictions_are_quantities_like_others()
    {
        var q = Fit.PredictMean(Target);

        Assert.Equal(Fit.Posterior.DrawCount, q.Draws.Length);
        Assert.InRange(q.Interval().Lower, q.Draws.Min(), q.Median);
        Assert.Equal(q.Draws.Average(), Fit.Derive(d => d.Of(q)).Mean, 1e-12);
        Assert.StartsWith("mean(Y)[Site site 3, Line 2]: ", q.ToString(), StringComparison.Ordinal);
        Assert.Empty(q.Warnings);
    }

    [Fact]
    public void Another_seed_gives_another_new_group_and_other_noise()
    {
        var other = Model().Fit(Rows.Readings(), Short with { Seed = 5 });
        var z = Minus(Fit, Fit.PredictNew(Target), Fit.PredictMean(Target)).Draws;

        Assert.NotEqual(
            z[0] / Fit.Sigma.Draws[0], Minus(other, other.PredictNew(Target), other.PredictMean(Target)).Draws[0] / other.Sigma.Draws[0], 1e-6);
    }

    [Fact]
    public void A_model_without_grouping_factors_predicts_too()
    {
        var fit = PooledModel.Of<Reading>().Normal(r => r.Y).Intercept().Slope(r => r.X).Fit(Rows.Readings(), Short);

        Same(fit.Derive(d => d.Of(fit.Intercept) + 4 * d.Of(fit.Coefficient(r => r.X))), fit.PredictMean(Target));
        Assert.Equal("new(Y)", fit.PredictNew(Target).Name);
    }

    [Fact]
    public void Group_level_predictors_are_those_of_the_row()
    {
        var fit = PooledModel.Of<Home>().Normal(h => h.LogRadon).Intercept().Slope(h => h.Floor)
            .Varying(Group.By((Home h) => h.County), g => g.Intercept().PredictedBy(h => h.LogUranium)).Fit(Rows.Radon, Short);
        var difference = Minus(fit, fit.PredictMean(new Home("new county", 1, 0, 0.5)), fit.PredictMean(new Home("new county", 1, 0, -0.5)));

        Same(fit.Coefficient(h => h.LogUranium), difference);
    }

    [Fact]
    public void Nested_keys_are_new_where_the_pair_is()
    {
        var nested = Site.Nested(r => r.Line);
        var fit = PooledModel.Of<Reading>().Normal(r => r.Y).Intercept().Varying(Site, g => g.Intercept()).Varying(nested, g => g.Intercept()).Fit(
            Rows.Readings(), Short);
        var mean = fit.PredictMean(Target with { Line = 9 });

        Assert.Equal("mean(Y)[Site site 3, Site/Line (site 3, 9) (new)]", mean.Name);
        Assert.Equal(fit.PredictMean(Target, nested.New(("site 3", 9))).Draws.ToArray(), mean.Draws.ToArray());
    }

    [Fact]
    public void A_standardised_fit_predicts_what_its_coefficients_on_the_original_scale_say()
    {
        var fit = Model().Standardized().Fit(Rows.Readings(), Short);
        var (site, line) = (fit.For(Site).Level("site 3"), fit.For(Line).Level(2));

        Same(
            fit.Derive(
                d => 0.2 + d.Of(fit.Coefficient("Kind[b]")) + d.Of(site.Intercept) + 4 * d.Of(site.Slope(r => r.X)) + d.Of(line.Effect("Intercept"))),
            fit.PredictMean(Target));
        var sites = fit.For(Site);
        var effect = Minus(fit, fit.PredictMean(Target, Site.New("s")), fit.PredictMean(Target, Site.Average()));
        var e = fit.Derive(d =>
        {
            var (a, b) = (d.Of(sites.InterceptSd), 4 * d.Of(sites.Sd(r => r.X)));
            return d.Of(effect) / Math.Sqrt(a * a + b * b + 2 * a * b * d.Of(sites.Correlation(r => r.X)));
        });
        Assert.InRange((e.Draws.Average(v => v * v) - 1) * Math.Sqrt(e.Draws.Length / 2.0), -5, 5);
    }

    [Fact]
    public void A_fit_of_maximum_likelihood_predicts_with_moments_at_the_estimated_scales_and_draws_of_its_approximation()
    {
        var day = Group.By((Reading r) => r.Line);
        var fit =
            PooledModel.Of<Reading>().Normal(r => r.Y).Intercept(Flat).Slope(r => r.X, Flat).Varying(
                Site, g => g.Intercept(Flat).Slope(r => r.X, Flat)).Varying(day, g => g.Intercept(Flat))
            .Fit(Unequal(), Engine.RestrictedMaximumLikelihood, Short);
        var (site, line) = (fit.For(Site), fit.For(day));
        var (a, b) = (site.InterceptSd.Mean, site.Sd(r => r.X).Mean);
        var known = fit.PredictMean(Target);

        Assert.Equal(site["site 3"].Intercept.Mean + 4 * site["site 3"].Slope(r => r.X).Mean + line[2].Effect("Intercept").Mean, known.Mean, 1e-9);
        Assert.Equal(fit.Sigma.Mean * fit.Sigma.Mean, Square(fit.PredictNew(Target).Sd) - Square(known.Sd), 1e-9);
        var average = fit.PredictMean(Target, Site.Average(), day.Average());
        Assert.Equal(fit.Intercept.Mean + 4 * fit.Coefficient(r => r.X).Mean, average.Mean, 1e-9);
        Assert.Equal(
            a * a + 16 * b * b + 2 * 4 * a * b * site.Correlation(r => r.X).Mean + Square(line.InterceptSd.Mean),
            Square(fit.PredictMean(Target, Site.New("n"), day.New(9)).Sd) - Square(average.Sd),
            1e-9);
        Same(fit.Derive(d => d.Of(site["site 3"].Intercept) + 4 * d.Of(site["site 3"].Slope(r => r.X)) + d.Of(line[2].Effect("Intercept"))), known);

        static double Square(double value) => value * value;

        // Sites and lines that differ, so that no estimate is on the boundary.
        static Reading[] Unequal() =>
            [.. Rows.Readings(120).Select(
                (r, i) => r with { Line = i % 7 % 6, Y = r.Y + (i % 5 * (i % 5) % 4) * 2 + (i % 7 % 6 * 5 % 7) + (i % 5 * 3 % 4) * 0.4 * r.X })];
    }

    internal static void Same(Quantity expected, Quantity actual) => Assert.Equal(expected.Draws, actual.Draws, Close);

    internal static NormalModel<Reading> Model() =>
        PooledModel.Of<Reading>().Normal(r => r.Y, sigma: InverseGammaOnVariance(2, 1)).Intercept(Normal(0, 5)).Categorical(r => r.Kind, Normal(0, 2))
            .Slope(r => r.X, Normal(0, 1))
        .Offset(r => r.Z / 15)
        .Varying(Site, g => g.Intercept().Slope(r => r.X).Covariance(InverseWishart(4, 0.5))).Varying(
            Line, g => g.Intercept(InverseGammaOnVariance(2, 1)));

    private static Quantity Minus<TRow>(Fit<TRow> fit, Quantity a, Quantity b) => fit.Derive(d => d.Of(a) - d.Of(b));

    private static bool Close(double expected, double actual) => Math.Abs(expected - actual) <= 1e-12 * (1 + Math.Abs(expected));
}
