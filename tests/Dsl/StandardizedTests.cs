using System.Globalization;
using MathNet.Numerics.LinearAlgebra;
using TypedPooling.Draws;
using TypedPooling.Engines;
using TypedPooling.Inference.Hierarchy.Unpooled;
using TypedPooling.Inference.Marginal;
using TypedPooling.Tests.Dsl.Support;
using TypedPooling.Tests.Support;
using Xunit;
using static TypedPooling.Prior;

namespace TypedPooling.Tests.Dsl;

/// <summary>A standardised model is the plain model of rows standardised by hand, its results taken back to the original scale by hand.</summary>
public sealed class StandardizedTests
{
    private static readonly Group<Reading, string?> Site = Group.By((Reading r) => r.Site);

    private static readonly RunOptions Short = new() { Seed = 5, Chains = 2, Warmup = 20, Draws = 5 };

    private static Reading[] Readings => [.. Rows.Readings().Select(r => r with { Y = r.Y + 3 * r.Z + r.W })];

    private static NormalModel<Reading> Normal => PooledModel.Of<Reading>().Normal(r => r.Y, sigma: Fixed(0.4));

    private static NormalModel<Standard> HandNormal => PooledModel.Of<Standard>().Normal(s => s.Y, sigma: Fixed(0.4));

    // Every column of the tests, by its name in a model.
    private static readonly Dictionary<string, Func<Reading, double>> Columns = new()
    {
        ["X"] = r => r.X,
        ["Z"] = r => r.Z,
        ["W"] = r => r.W,
        ["XX"] = r => r.X * r.X,
        ["X:W"] = r => r.X * r.W,
        ["Kind[b]"] = r => r.Kind == "b" ? 1 : 0,
        ["Kind[c]"] = r => r.Kind == "c" ? 1 : 0,
    };

    private static Hand ByHand(IReadOnlyList<Reading> rows, Func<Reading, double> response, bool hasIntercept = true, params string[] notCentred)
    {
        var y = Scaling.Of([.. rows.Select(response)], hasIntercept);
        var x = Columns.ToDictionary(c => c.Key, c => Scaling.Of([.. rows.Select(c.Value)], !notCentred.Contains(c.Key)));
        return new(
            y,
            x,
            [.. rows.Select(
                r => new Standard(
                    r.Site!, y.Of(response(r)), Columns.ToDictionary(c => c.Key, c => x[c.Key].Of(c.Value(r))), r.Se / y.Scale, r.Se, (int)r.Se))]);
    }

    private static void Near(double expected, double actual, double tolerance = 1e-10) =>
        Assert.Equal(expected, actual, tolerance * (1 + Math.Abs(expected)));

    [Fact]
    public void A_line_in_every_group_is_that_of_rows_standardised_by_hand()
    {
        var fit = Normal.Intercept(Normal(0.3, 0.7)).Slope(r => r.X, Normal(-0.2, 0.5)).Slope(r => r.Z, Flat).Slope(r => r.X * r.X, Fixed(0.25), "XX")
            .Varying(Site, g => g.Intercept(Fixed(0.5)).Slope(r => r.X, Fixed(0.3)).Uncorrelated()).Standardized().Fit(Readings);
        var hand = ByHand(Readings, r => r.Y);
        var plain =
            HandNormal.Intercept(Normal(0.3, 0.7)).Slope(s => s.X["X"], Normal(-0.2, 0.5), "X").Slope(s => s.X["Z"], Flat, "Z").Slope(
                s => s.X["XX"], Fixed(0.25), "XX")
            .Varying(Standard.BySite, g => g.Intercept(Fixed(0.5)).Slope(s => s.X["X"], Fixed(0.3), "X").Uncorrelated()).Fit(hand.Rows);

        Assert.NotNull(fit.Posterior.Exact);
        hand.AssertSame(plain, fit, Site);
        Near(0.25 * hand.Y.Scale / hand.X["XX"].Scale, fit.Coefficient("XX").Mean);
        Near(0.4 * hand.Y.Scale, fit.Sigma.Mean);
    }

    [Fact]
    public void The_weighted_sample_and_the_evidence_are_those_of_the_rows()
    {
        var fit = PooledModel.Of<Reading>().Normal(r => r.Y, sigma: Exponential(1)).Intercept(Normal(0.3, 0.7)).Slope(r => r.X, Normal(-0.2, 0.5))
            .Varying(Site, g => g.Intercept(Exponential(1))).Standardized().Fit(Readings, new RunOptions { Sampling = SamplingMethod.Importance });
        var hand = ByHand(Readings, r => r.Y);
        var plain =
            PooledModel.Of<Standard>().Normal(s => s.Y, sigma: Exponential(1)).Intercept(Normal(0.3, 0.7)).Slope(
                s => s.X["X"], Normal(-0.2, 0.5), "X")
            .Varying(Standard.BySite, g => g.Intercept(Exponential(1))).Fit(hand.Rows, new RunOptions { Sampling = SamplingMethod.Importance });

        // p(y) = p(y_s) / s_y^N; and both samples, of other bits, know the slope and sigma.
        Assert.NotNull(fit.LogEvidence);
        var expected = plain.LogEvidence!.Value.Value - (Readings.Length * Math.Log(hand.Y.Scale));
        Assert.InRange(Math.Abs(fit.LogEvidence!.Value.Value - expected), 0, 5 * Math.Sqrt(2) * plain.LogEvidence.Value.Error);
        var slope = plain.Coefficient("X");
        Assert.InRange(
            Math.Abs(fit.Coefficient("X").Mean - (slope.Mean * hand.Y.Scale / hand.X["X"].Scale)),
            0,
            5 * Math.Sqrt(2) * fit.Coefficient("X").McseMean);
        Assert.InRange(Math.Abs(fit.Sigma.Mean - (plain.Sigma.Mean * hand.Y.Scale)), 0, 5 * Math.Sqrt(2) * fit.Sigma.McseMean);
        Assert.InRange(fit.Sigma.Draws.Average() - fit.Sigma.Mean, -5 * fit.Sigma.Sd / Math.Sqrt(3000), 5 * fit.Sigma.Sd / Math.Sqrt(3000));
    }

    [Fact]
    public void Every_level_of_a_category_and_every_product_with_a_group_level_predictor_is_a_column_of_its_own()
    {
        var fit = Normal.Intercept(Normal(0, 1)).Slope(r => r.X, Normal(0, 1)).Categorical(r => r.Kind, Normal(0.5, 0.5), reference: "a")
            .Varying(Site, g => g.Intercept(Fixed(0.5)).Slope(r => r.X, Fixed(0.3)).PredictedBy(r => r.W, Normal(0.1, 0.2)).Uncorrelated()).Slope(
                r => r.W, Normal(0, 2))
            .Standardized().Fit(Readings);
        var hand = ByHand(Readings, r => r.Y);
        var plain =
            HandNormal.Intercept(Normal(0, 1)).Slope(s => s.X["X"], Normal(0, 1), "X").Slope(s => s.X["Kind[b]"], Normal(0.5, 0.5), "Kind[b]").Slope(
                s => s.X["Kind[c]"], Normal(0.5, 0.5), "Kind[c]")
            .Slope(s => s.X["W"], Normal(0, 2), "W").Slope(s => s.X["X:W"], Normal(0.1, 0.2), "X:W")
            .Varying(Standard.BySite, g => g.Intercept(Fixed(0.5)).Slope(s => s.X["X"], Fixed(0.3), "X").Uncorrelated()).Fit(hand.Rows);

        hand.AssertSame(plain, fit, Site);
    }

    [Fact]
    public void Without_a_population_intercept_neither_the_response_nor_population_columns_are_centred()
    {
        var model =
            Normal.Slope(r => r.X, Normal(0.3, 0.5)).Varying(
                Site, g => g.Intercept(Fixed(0.5)).Slope(r => r.Z, Fixed(0.3)).Slope(r => r.X, Fixed(0.2)).Uncorrelated()).Standardized();
        var hand = ByHand(Readings, r => r.Y, hasIntercept: false, "X");
        var plain = HandNormal.Slope(s => s.X["X"], Normal(0.3, 0.5), "X")
            .Varying(
                Standard.BySite,
                g => g.Intercept(Fixed(0.5)).Slope(s => s.X["Z"], Fixed(0.3), "Z").Slope(s => s.X["X"], Fixed(0.2), "X").Uncorrelated())
                    .Fit(hand.Rows);

        var standardization = model.Bind(Readings).Standardization!;
        Assert.Equal(0, standardization.ResponseOrigin);
        Assert.Equal([false, true], [standardization.IsCentred(0), standardization.IsCentred(1)]);
        hand.AssertSame(plain, model.Fit(Readings), Site);
    }

    [Fact]
    public void A_column_that_a_factor_varies_without_its_intercept_is_not_centred()
    {
        var fit =
            Normal.Intercept(Normal(0.3, 0.7)).Slope(r => r.X, Normal(0.3, 0.5)).Slope(r => r.Z, Normal(0, 1)).Varying(
                Site, g => g.Slope(r => r.X, Fixed(0.3))).Standardized().Fit(Readings);
        var hand = ByHand(Readings, r => r.Y, hasIntercept: true, "X");
        var plain = HandNormal.Intercept(Normal(0.3, 0.7)).Slope(s => s.X["X"], Normal(0.3, 0.5), "X").Slope(s => s.X["Z"], Normal(0, 1), "Z")
            .Varying(Standard.BySite, g => g.Slope(s => s.X["X"], Fixed(0.3), "X")).Fit(hand.Rows);

        hand.AssertSame(plain, fit, Site);
    }

    [Fact]
    public void A_fixed_intercept_is_fixed_at_the_columns_means()
    {
        var fit = Normal.Intercept(Fixed(0.2)).Slope(r => r.X, Normal(0, 1)).Standardized().Fit(Readings);
        var hand = ByHand(Readings, r => r.Y);
        var plain = HandNormal.Intercept(Fixed(0.2)).Slope(s => s.X["X"], Normal(0, 1), "X").Fit(hand.Rows);

        hand.AssertSame<string>(plain, fit, null);
        var mean = hand.X["X"].Origin;
        Assert.All(
            fit.Derive(d => d.Of(fit.Intercept) + mean * d.Of(fit.Coefficient(r => r.X))).Draws, at => Near(hand.Y.Origin + 0.2 * hand.Y.Scale, at));
    }

    [Fact]
    public void Known_errors_are_divided_by_the_sd_of_the_response()
    {
        var fit =
            PooledModel.Of<Reading>().Normal(r => r.Y, knownSd: r => r.Se).Intercept(Normal(0, 1)).Slope(r => r.X, Normal(0, 0.4)).Varying(
                Site, g => g.Intercept(Fixed(0.5)))
            .Standardized().Fit(Readings);
        var hand = ByHand(Readings, r => r.Y);
        var plain = PooledModel.Of<Standard>().Normal(s => s.Y, knownSd: s => s.Se).Intercept(Normal(0, 1)).Slope(s => s.X["X"], Normal(0, 0.4), "X")
            .Varying(Standard.BySite, g => g.Intercept(Fixed(0.5))).Fit(hand.Rows);

        hand.AssertSame(plain, fit, Site);
    }

    [Fact]
    public void Precision_weights_stay_and_every_row_counts_once_in_means_and_sds()
    {
        var fit =
            Normal.PrecisionWeight(r => r.Se).Offset(r => 2 * r.Z, "twice").Intercept(Normal(0, 1)).Slope(r => r.X, Normal(0, 0.4)).Varying(
                Site, g => g.Intercept(Fixed(0.5)))
            .Standardized().Fit(Readings);
        var hand = ByHand(Readings, r => r.Y - 2 * r.Z);
        var plain = HandNormal.PrecisionWeight(s => s.Weight).Intercept(Normal(0, 1)).Slope(s => s.X["X"], Normal(0, 0.4), "X")
            .Varying(Standard.BySite, g => g.Intercept(Fixed(0.5))).Fit(hand.Rows);

        hand.AssertSame(plain, fit, Site);
    }

    [Fact]
    public void A_row_with_a_count_counts_so_often_in_means_and_sds()
    {
        var model = Normal.Intercept(Normal(0, 1)).Slope(r => r.X, Normal(0, 0.4)).Varying(Site, g => g.Intercept(Fixed(0.5))).Standardized();
        Reading[] repeated = [.. Readings.SelectMany(r => Enumerable.Repeat(r, (int)r.Se))];
        var fit = model.Count(r => r.Se).Fit(Readings);
        var expected = model.Fit(repeated);

        Near(expected.Intercept.Mean, fit.Intercept.Mean);
        Near(expected.Coefficient("X").Sd, fit.Coefficient("X").Sd);
        Near(Scaling.Of([.. repeated.Select(r => r.Y)]).Scale * 0.4, fit.Sigma.Mean);
    }

    [Fact]
    public void A_LogNormal_response_is_standardised_in_its_log()
    {
        var fit =
            PooledModel.Of<Reading>().LogNormal(r => r.Y + 1, sigma: Fixed(0.4)).Intercept(Normal(0.2, 1)).Slope(r => r.X, Normal(0, 0.4)).Varying(
                Site, g => g.Intercept(Fixed(0.5)))
            .Standardized().Fit(Readings);
        var hand = ByHand(Readings, r => Math.Log(r.Y + 1));
        var plain =
            HandNormal.Intercept(Normal(0.2, 1)).Slope(s => s.X["X"], Normal(0, 0.4), "X").Varying(Standard.BySite, g => g.Intercept(Fixed(0.5)))
                .Fit(hand.Rows);

        hand.AssertSame(plain, fit, Site);
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public void The_density_is_that_of_rows_standardised_by_hand_and_every_draw_is_taken_back(bool isUncorrelated, bool isCovariance)
    {
        VaryingBuilder<T> Closed<T>(VaryingBuilder<T> terms) =>
            isCovariance ? terms.Covariance(HuangWand(2, 1)) : isUncorrelated ? terms.Uncorrelated() : terms.Correlated(Lkj(2));
        IScalePrior? Sd(double rate) => isCovariance ? null : Exponential(rate);
        var model = PooledModel.Of<Reading>().Normal(r => r.Y, sigma: Exponential(1)).Intercept(StudentT(3, 0, 1)).Slope(r => r.X, Normal(0, 0.5))
            .Varying(Site, g => Closed(g.Slope(r => r.X, Sd(2)).Intercept(Sd(1)).Slope(r => r.Z, Sd(3)))).Standardized();
        var hand = ByHand(Readings, r => r.Y);
        var handModel =
            PooledModel.Of<Standard>().Normal(s => s.Y, sigma: Exponential(1)).Intercept(StudentT(3, 0, 1)).Slope(s => s.X["X"], Normal(0, 0.5), "X")
            .Varying(Standard.BySite, g => Closed(g.Slope(s => s.X["X"], Sd(2), "X").Intercept(Sd(1)).Slope(s => s.X["Z"], Sd(3), "Z")));

        // One density of the scales, up to the Jacobian.
        var (density, handDensity) = (MarginalDensity.Of(model.Bind(Readings)), MarginalDensity.Of(handModel.Bind(hand.Rows)));
        double[] theta = [.. Enumerable.Range(0, density.Dimension).Select(i => 0.4 * Math.Sin(1 + 3 * i))];
        Near(
            handDensity.LogDensity(theta, new double[theta.Length]) - Readings.Length * Math.Log(hand.Y.Scale),
            density.LogDensity(theta, new double[theta.Length]));

        var fit = model.Fit(Readings, Short);
        var standardized = new NormalFit<Reading>(new(fit.Model, fit.Rows, fit.Posterior.Standardized!, string.Empty, fit.Again));
        string[] terms = ["X", "Intercept", "Z"];
        var (byHand, own) = (standardized.For(Site), fit.For(Site));
        var map = hand.Map(terms);
        var population = hand.Map(["Intercept", "X"]);
        for (var s = 0; s < fit.Posterior.DrawCount; s++)
        {
            Near(hand.Y.Scale * standardized.Sigma.Draws[s], fit.Sigma.Draws[s]);
            Near(
                hand.Y.Origin + population[0, 0] * standardized.Intercept.Draws[s] + population[0, 1] * standardized.Coefficient("X").Draws[s],
                fit.Intercept.Draws[s]);
            Near(population[1, 1] * standardized.Coefficient("X").Draws[s], fit.Coefficient("X").Draws[s]);

            // Sigma = M Sigma_s M'.
            var covariance = map * Covariance(byHand, terms, s, isUncorrelated) * map.Transpose();
            for (var a = 0; a < 3; a++)
            {
                Near(Math.Sqrt(covariance[a, a]), own.Sd(terms[a]).Draws[s]);
                for (var b = 0; b < a; b++)
                {
                    if (!isUncorrelated || a == 1 || b == 1)
                        Near(covariance[a, b] / Math.Sqrt(covariance[a, a] * covariance[b, b]), own.Correlation(terms[a], terms[b]).Draws[s]);
                }
            }

            var u = map * Vector<double>.Build.Dense(3, a => byHand.Level("site 3").Effect(terms[a]).Draws[s]);
            for (var a = 0; a < 3; a++)
                Near(u[a], own.Level("site 3").Effect(terms[a]).Draws[s]);
        }

        // One effect alone is the same as all effects of its level.
        var draws = new double[fit.Posterior.DrawCount];
        for (var a = 0; a < 3; a++)
        {
            fit.Posterior.Effects[0].CopyDraws(3 * 3 + a, draws);
            Assert.Equal(own.Level(own.Keys[3]).Effect(terms[a]).Draws.ToArray(), draws);
        }
    }

    [Fact]
    public void The_posterior_is_that_of_rows_standardised_by_hand_whatever_the_seed()
    {
        var fit = PooledModel.Of<Reading>().Normal(r => r.Y, sigma: Exponential(1)).Intercept(Normal(0, 1)).Slope(r => r.X, Normal(0, 0.5))
            .Varying(Site, g => g.Intercept(Exponential(1)).Slope(r => r.X, Exponential(2)).Correlated(Lkj(2))).Standardized().Fit(
                Readings, new() { Seed = 1 });
        var hand = ByHand(Readings, r => r.Y);
        var plain =
            PooledModel.Of<Standard>().Normal(s => s.Y, sigma: Exponential(1)).Intercept(Normal(0, 1)).Slope(s => s.X["X"], Normal(0, 0.5), "X")
            .Varying(Standard.BySite, g => g.Intercept(Exponential(1)).Slope(s => s.X["X"], Exponential(2), "X").Correlated(Lkj(2))).Fit(
                hand.Rows, new() { Seed = 2 });

        var (sy, sx, mx) = (hand.Y.Scale, hand.X["X"].Scale, hand.X["X"].Origin);
        var levels = plain.For(Standard.BySite);
        (Quantity Expected, Quantity Actual)[] pairs =
        [
            (plain.Derive(d => hand.Y.Origin + sy * (d.Of(plain.Intercept) - mx / sx * d.Of(plain.Coefficient("X")))), fit.Intercept),
            (plain.Derive(d => sy / sx * d.Of(plain.Coefficient("X"))), fit.Coefficient("X")),
            (plain.Derive(d => sy * d.Of(plain.Sigma)), fit.Sigma),
            (plain.Derive(d => sy / sx * d.Of(levels.Sd("X"))), fit.For(Site).Sd("X")),
            (plain.Derive(d => sy * Math.Sqrt(
                Math.Pow(d.Of(levels.InterceptSd), 2) + Math.Pow(mx / sx * d.Of(levels.Sd("X")), 2)
                - 2 * mx / sx * d.Of(levels.InterceptSd) * d.Of(levels.Sd("X")) * d.Of(levels.Correlation("Intercept", "X")))),
                fit.For(Site).InterceptSd),
            (plain.Derive(
                d => sy * (d.Of(levels.Level("site 2").Effect("Intercept")) - mx / sx * d.Of(levels.Level("site 2").Effect("X")))),
                fit.For(Site).Level("site 2").Effect("Intercept")),
        ];
        foreach (var (expected, actual) in pairs)
        {
            Assert.InRange(Math.Min(expected.EssBulk, actual.EssBulk), 400, double.MaxValue);
            Assert.InRange(
                Math.Abs(expected.Mean - actual.Mean) / Math.Sqrt(expected.McseMean * expected.McseMean + actual.McseMean * actual.McseMean), 0, 5);
            Assert.InRange(Math.Abs(expected.Sd - actual.Sd) / Math.Sqrt(expected.McseSd * expected.McseSd + actual.McseSd * actual.McseSd), 0, 5);
        }
    }

    [Fact]
    public void Other_origins_and_units_give_the_same_draws_in_those_units()
    {
        NormalModel<Reading> Model() => PooledModel.Of<Reading>().Normal(r => r.Y).Intercept().Slope(r => r.X)
            .Varying(Site, g => g.Intercept().Slope(r => r.X)).Standardized();
        var fit = Model().Fit(Readings, Short);

        // With a power of 2 no bit of a column is lost, and long runs stay together.
        var options = Short with { Warmup = 300, Draws = 300 };
        var (longer, scaled) = (Model().Fit(Readings, options), Model().Fit(Readings.Select(r => r with { X = r.X / 8 }), options));
        Assert.Equal(longer.Intercept.Draws.ToArray(), scaled.Intercept.Draws.ToArray());
        Assert.Equal([.. longer.Coefficient("X").Draws.Select(b => 8 * b)], scaled.Coefficient("X").Draws.ToArray());
        Assert.Equal(
            [.. longer.For(Site).Level("site 4").Effect("X").Draws.Select(u => 8 * u)], scaled.For(Site).Level("site 4").Effect("X").Draws.ToArray());

        // Otherwise until rounding has grown.
        var moved = Model().Fit(Readings.Select(r => r with { Y = 32 + 1.8 * r.Y, X = 273.15 + 2.54 * r.X }), Short);

        var (own, other) = (fit.For(Site), moved.For(Site));
        for (var s = 0; s < fit.Posterior.DrawCount; s++)
        {
            var slope = fit.Coefficient("X").Draws[s] * 1.8 / 2.54;
            Near(slope, moved.Coefficient("X").Draws[s], 1e-8);
            Near(32 + 1.8 * fit.Intercept.Draws[s] - 273.15 * slope, moved.Intercept.Draws[s], 1e-8);
            Near(1.8 * fit.Sigma.Draws[s], moved.Sigma.Draws[s], 1e-8);
            Near(1.8 / 2.54 * own.Sd("X").Draws[s], other.Sd("X").Draws[s], 1e-8);
            Near(1.8 / 2.54 * own.Level("site 4").Effect("X").Draws[s], other.Level("site 4").Effect("X").Draws[s], 1e-8);
        }

        Assert.Equal(fit.Posterior.Standardized!.Spec.ToString(), moved.Posterior.Standardized!.Spec.ToString());
    }

    [Fact]
    public void Merged_parts_are_standardised_as_one()
    {
        var model = Normal.Intercept(Normal(0, 1)).Slope(r => r.X, Normal(0, 0.4)).Varying(
            Site, g => g.Intercept(Fixed(0.5)).Slope(r => r.X, Fixed(0.2)).Uncorrelated());
        var sums = model.Read(Readings[..7]).Merge(model.Standardized().Read(Readings[7..30])).Add(Readings[30..]);
        var whole = model.Standardized().Fit(Readings);
        var merged = model.Standardized().Fit(sums);

        Near(whole.Intercept.Mean, merged.Intercept.Mean);
        Near(whole.For(Site).Level("site 1").Slope(r => r.X).Sd, merged.For(Site).Level("site 1").Slope(r => r.X).Sd);
        Near(model.Bind(sums).Cells.Total().Means(0)[0], Readings.Average(r => r.X));
    }

    [Fact]
    public void The_log_likelihood_is_that_of_the_response_itself()
    {
        // Priors of the standardised model as covariances of the response: nothing shared with the library but the means and sds.
        double Expected(Reading[] rows, Func<Reading, double> response, Func<Reading, double> residual)
        {
            var hand = ByHand(rows, response);
            return DenseNormal.LogDensity(
                [.. rows.Select(response)],
                _ => hand.Y.Origin + 0.3 * hand.Y.Scale,
                (i, j) =>
                    hand.Y.Scale * hand.Y.Scale
                        * (0.49 + 0.25 * hand.Rows[i].X["X"] * hand.Rows[j].X["X"] + (rows[i].Site == rows[j].Site ? 0.36 : 0)) + (i == j
                            ? residual(rows[i]) * residual(rows[i])
                            : 0));
        }

        NormalModel<Reading> Priors(NormalModel<Reading> model) =>
            model.Intercept(Normal(0.3, 0.7)).Slope(r => r.X, Normal(0, 0.5)).Varying(Site, g => g.Intercept(Fixed(0.6))).Standardized();
        static double Actual(NormalModel<Reading> model, Reading[] rows) => MarginalDensity.Of(model.Bind(rows)).LogLikelihood([]);

        var rows = Readings;
        Reading[] repeated = [.. rows.SelectMany(r => Enumerable.Repeat(r, (int)r.Se))];
        var (sd, repeatedSd) = (ByHand(rows, r => r.Y).Y.Scale, ByHand(repeated, r => r.Y).Y.Scale);
        Near(Expected(rows, r => r.Y, _ => 0.4 * sd), Actual(Priors(Normal), rows));
        Near(Expected(rows, r => r.Y, r => 0.4 * sd / Math.Sqrt(r.Se)), Actual(Priors(Normal.PrecisionWeight(r => r.Se)), rows));
        Near(Expected(repeated, r => r.Y, _ => 0.4 * repeatedSd), Actual(Priors(Normal.Count(r => r.Se)), rows));
        Near(Expected(rows, r => r.Y, r => r.Se), Actual(Priors(PooledModel.Of<Reading>().Normal(r => r.Y, knownSd: r => r.Se)), rows));

        var log = ByHand(rows, r => Math.Log(r.Y + 1)).Y.Scale;
        var model =
            PooledModel.Of<Reading>().LogNormal(r => r.Y + 1, sigma: Fixed(0.4)).Intercept(Normal(0.3, 0.7)).Slope(r => r.X, Normal(0, 0.5)).Varying(
                Site, g => g.Intercept(Fixed(0.6))).Standardized();
        Near(
            Expected(rows, r => Math.Log(r.Y + 1), _ => 0.4 * log) - rows.Sum(r => Math.Log(r.Y + 1)),
            MarginalDensity.Of(model.Bind(rows)).LogLikelihood([]));
    }

    [Fact]
    public void Shrinkage_is_on_the_original_scale()
    {
        var model = Normal.Intercept(Normal(0, 1)).Slope(r => r.X, Normal(0, 1)).Slope(r => r.Z, Normal(0.5, 0.2))
            .Varying(Site, g => g.Intercept(Fixed(0.5)).Slope(r => r.X, Fixed(0.3)).Uncorrelated()).Standardized();
        var fit = model.Fit(Readings);
        var table = fit.For(Site).Shrinkage();
        var hand = ByHand(Readings, r => r.Y);
        var slope = fit.Coefficient("Z").Mean;

        // Sigma = M Sigma_s M', sigma = 0.4 s_y, W = Sigma G (sigma^2 I + Sigma G)^-1.
        var map = hand.Map(["Intercept", "X"]);
        var covariance = map * Matrix<double>.Build.DenseOfDiagonalArray([0.25, 0.09]) * map.Transpose();
        var variance = Math.Pow(0.4 * hand.Y.Scale, 2);
        foreach (var (group, level) in Readings.GroupBy(r => r.Site).Zip(table.Levels))
        {
            var z = Matrix<double>.Build.DenseOfRows(group.Select(r => new[] { 1, r.X }));
            var own = z.QR().Solve(Vector<double>.Build.DenseOfEnumerable(group.Select(r => r.Y - slope * r.Z)));
            var sg = covariance * z.Transpose() * z;
            var w = sg * (variance * Matrix<double>.Build.DenseIdentity(2) + sg).Inverse();
            var eigenvalues = w.Evd().EigenValues.Select(e => e.Real).Order().ToArray();
            for (var a = 0; a < 2; a++)
            {
                Near(own[a], level.NoPooling!.Value[a], 1e-9);
                Near(eigenvalues[a], level.PoolingEigenvalues[a], 1e-9);
                for (var b = 0; b < 2; b++)
                    Near(w[a, b], level.PoolingMatrix[a * 2 + b], 1e-9);
            }

            Near(fit.For(Site).Level(group.Key).Intercept.Mean, level.PartialPooling[0]);
            var u = w * (own - Vector<double>.Build.DenseOfArray([fit.Intercept.Mean, fit.Coefficient("X").Mean]));
            Near(u[0], fit.For(Site).Level(group.Key).Effect("Intercept").Mean, 1e-9);
            Near(u[1], fit.For(Site).Level(group.Key).Effect("X").Mean, 1e-9);
        }

        var all = Matrix<double>.Build.DenseOfRows(Readings.Select(r => new[] { 1, r.X, r.Z })).QR().Solve(
            Vector<double>.Build.DenseOfEnumerable(Readings.Select(r => r.Y)));
        Near(all[0], table.CompletePooling[0], 1e-9);
        Near(all[1], table.CompletePooling[1], 1e-9);
        Near(fit.Intercept.Mean, table.Population[0]);

        // What an engine returns serves as well as what a fit holds.
        var bound = model.Bind(Readings);
        Assert.Equal(
            PoolingAnalysis.Of(bound, fit.Posterior).PoolingMatrix(2),
            PoolingAnalysis.Of(bound, new MarginalEngine().RunNormal(bound, RunOptions.Default)).PoolingMatrix(2));
    }

    [Fact]
    public void A_fixed_effect_takes_part_in_the_tables_intercepts()
    {
        var fit = Normal.Intercept(Normal(0, 1)).Slope(r => r.Z, Fixed(0.5)).Varying(Site, g => g.Intercept(Fixed(0.5))).Standardized().Fit(Readings);
        var hand = ByHand(Readings, r => r.Y);
        var slope = 0.5 * hand.Y.Scale / hand.X["Z"].Scale;
        var table = fit.For(Site).Shrinkage();

        Near(Readings.Average(r => r.Y - slope * r.Z), Assert.Single(table.CompletePooling));
        foreach (var (group, level) in Readings.GroupBy(r => r.Site).Zip(table.Levels))
            Near(group.Average(r => r.Y - slope * r.Z), Assert.Single(level.NoPooling!.Value));
    }

    [Fact]
    public void Correlations_that_appear_on_the_original_scale_are_reported()
    {
        var model = PooledModel.Of<Reading>().Normal(r => r.Y).Intercept().Varying(
            Site, g => g.Intercept(Fixed(0.5)).Slope(r => r.X, Fixed(0.3)).Slope(r => r.Flag ? 1 : 1, Fixed(1), "one").Uncorrelated());
        var fit = model.Standardized().Fit(Readings, Short);
        var (sd, shift) = (0.5, ByHand(Readings, r => r.Y).X["X"] is var x ? x.Origin / x.Scale * 0.3 : 0);

        Assert.Equal(
            ["Intercept", "sigma", "sd(Site: Intercept)", "sd(Site: X)", "sd(Site: one)", "cor(Site: Intercept, X)"],
            fit.Table.Rows.Select(row => row.Parameter.Name));
        Near(-shift / Math.Sqrt(sd * sd + shift * shift), fit.For(Site).Correlation(r => r.X).Draws[7]);
        Assert.Equal(
            ["sigma", "sd(Site: Intercept)", "sd(Site: X)", "sd(Site: one)"],
            Enumerable.Range(0, 4).Select(i => fit.Posterior.Standardized!.Scales.Parameter(i).Name));
    }

    [Fact]
    public void An_effect_that_does_not_vary_leaves_its_correlation_finite()
    {
        var fit = Normal.Intercept(Normal(0, 1)).Varying(Site, g => g.Intercept(Fixed(0)).Slope(r => r.X, Fixed(0)).Uncorrelated()).Standardized()
            .Fit(Readings);
        Assert.Equal(0, fit.For(Site).InterceptSd.Mean);
        Assert.All(fit.For(Site).Correlation(r => r.X).Draws, rho => Assert.Equal(0, rho));

        // Only the slope varies: the intercept of the original scale is -m_x times the slope.
        var slopes = Normal.Intercept(Normal(0, 1)).Varying(Site, g => g.Intercept(Fixed(0)).Slope(r => r.X, Fixed(1)).Uncorrelated()).Standardized()
            .Fit(Readings);
        Assert.All(slopes.For(Site).Correlation(r => r.X).Draws, rho => Assert.Equal(-1, rho));
        Near(Readings.Average(r => r.X) * slopes.For(Site).Sd(r => r.X).Mean, slopes.For(Site).InterceptSd.Mean);
    }

    [Fact]
    public void Constants_stay_as_they_are()
    {
        Reading[] rows = [.. Readings.Select(r => r with { Z = 4, Gap = 7 })];
        var standardization =
            Normal.Intercept(Normal(0, 1)).Slope(r => r.Z, Normal(0, 1)).Slope(r => r.X, Normal(0, 1)).Standardized().Bind(rows).Standardization!;
        Assert.Equal((0.0, 1.0, false), (standardization.Origins[0], standardization.Scales[0], standardization.IsCentred(0)));
        Assert.True(standardization.IsCentred(1));

        var constant = PooledModel.Of<Reading>().Normal(r => r.Gap, sigma: Fixed(0.4)).Intercept(Normal(0, 1)).Standardized().Fit(rows);
        Near(7, constant.Intercept.Mean);
        Near(0.4, constant.Sigma.Mean);

        // One row has no sd.
        var single = Normal.Intercept(Normal(0, 1)).Slope(r => r.X, Normal(0, 1)).Standardized().Bind(rows[..1]);
        Assert.Equal((rows[0].Y, 1.0), (single.Standardization!.ResponseOrigin, single.Standardization.ResponseScale));
        Assert.Equal((0.0, 1.0), (single.Standardization.Origins[0], single.Standardization.Scales[0]));
    }

    [Fact]
    public void Problems_of_the_data_are_found_as_ever()
    {
        Assert.Equal(
            ProblemCode.ImproperPosterior,
            Assert.Throws<ModelException>(() => PooledModel.Of<Reading>().Normal(r => r.Gap).Intercept(Flat).Standardized().Fit(
                Readings.Select(r => r with { Gap = 7 }))).Code);
        Assert.Equal(
            ProblemCode.NotIdentified,
            Assert.Throws<ModelException>(
                () => Normal.Intercept(Flat).Slope(r => r.X, Flat).Slope(r => 3 - 2 * r.X, Flat, "again").Standardized().Fit(Readings)).Code);
        Assert.Equal(
            ProblemCode.VariesWithinGroup,
            Assert.Throws<ModelException>(
                () => Normal.Intercept().Varying(Site, g => g.Intercept().PredictedBy(r => r.X)).Standardized().Fit(Readings)).Code);
    }

    [Fact]
    public void Defaults_are_those_of_standardised_data()
    {
        var spec =
            PooledModel.Of<Reading>().Normal(r => r.Y).Intercept().Slope(r => r.X).Varying(Site, g => g.Intercept().Slope(r => r.X)).Standardized()
                .Bind(Readings).Spec;
        Assert.Equal(["Normal(0, 2.5)", "Normal(0, 2.5)"], spec.Population.Select(term => term.Prior!.Text));
        Assert.Equal(
            ["Exponential(1)", "Exponential(1)", "Exponential(1)"],
            [spec.Response.Sigma!.Text, .. spec.Factors[0].Terms.Select(term => term.Sd!.Text)]);
    }

    [Fact]
    public void Says_what_it_is()
    {
        var plain = Normal.Intercept(Normal(0, 1)).Slope(r => r.X, Normal(0, 1)).Varying(Site, g => g.Slope(r => r.Z, Fixed(0.3)));
        NormalModel<Reading> model = plain.Standardized();
        const string sentence =
            "Priors are on standardised columns and response: divided by their sds, and centred at their means where an intercept takes up the "
                + "shift.";
        Assert.Equal($"{plain}\n\n{sentence}", model.ToString());
        Assert.DoesNotContain("standardised", plain.ToString(), StringComparison.Ordinal);
        Assert.Equal(model.ToString(), model.Standardized().ToString());

        var hand = ByHand(Readings, r => r.Y);
        Assert.EndsWith(
            string.Create(
                CultureInfo.InvariantCulture,
                $"\n\n{sentence}\n\n60 rows; Site: 5 levels\nStandardised: Y less {hand.Y.Origin:G6}, over {hand.Y.Scale:G6}; X "
                    + $"less {hand.X["X"].Origin:G6}, over {hand.X["X"].Scale:G6}; Z over {hand.X["Z"].Scale:G6}"),
            model.Describe(Readings),
            StringComparison.Ordinal);
        Assert.Contains(
            "\nPriors on standardised columns and response, estimates on the original scale",
            model.Fit(Readings).ToString(),
            StringComparison.Ordinal);
        Assert.Contains(
            "\nPriors on standardised columns and response, draws on the original scale",
            model.SamplePrior(Readings, 10).ToString(),
            StringComparison.Ordinal);
    }

    [Fact]
    public void Draws_from_the_prior_need_rows_and_are_on_their_scale()
    {
        var model = PooledModel.Of<Reading>().Normal(r => r.Y, sigma: Exponential(2)).Intercept(Normal(0.5, 1)).Slope(r => r.X, Normal(0, 0.5))
            .Varying(Site, g => g.Intercept(Exponential(1)).Slope(r => r.X, Exponential(2))).Standardized();
        Assert.Equal(
            "[DataNeeded] The model is standardised, so its priors depend on means and sds of the data. Give the "
                + "rows.",
            Assert.Throws<ModelException>(() => model.SamplePrior()).Message);

        var hand = ByHand(Readings, r => r.Y);
        var plain =
            PooledModel.Of<Standard>().Normal(s => s.Y, sigma: Exponential(2)).Intercept(Normal(0.5, 1)).Slope(s => s.X["X"], Normal(0, 0.5), "X")
            .Varying(Standard.BySite, g => g.Intercept(Exponential(1)).Slope(s => s.X["X"], Exponential(2), "X"));
        var (expected, actual) = (plain.SamplePrior(50, 3), model.SamplePrior(Readings, 50, 3));
        Assert.Equal(expected.Table.Rows.Select(row => row.Parameter.Name), actual.Table.Rows.Select(row => row.Parameter.Name));
        var map = hand.Map(["Intercept", "X"]);
        for (var s = 0; s < 50; s++)
        {
            Near(hand.Y.Origin + map[0, 0] * expected.Intercept.Draws[s] + map[0, 1] * expected.Coefficient("X").Draws[s], actual.Intercept.Draws[s]);
            Near(hand.Y.Scale * expected.Sigma.Draws[s], actual.Sigma.Draws[s]);
            Near(map[1, 1] * expected.Of("sd(Site: X)").Draws[s], actual.Of("sd(Site: X)").Draws[s]);
        }
    }

    [Fact]
    public void Simulated_responses_are_those_of_the_standardised_model_taken_back()
    {
        var rows = Readings;
        var hand = ByHand(rows, r => r.Y);
        var model =
            PooledModel.Of<Reading>().Normal(r => r.Y, sigma: Exponential(2)).PrecisionWeight(r => r.Se).Intercept(Normal(0.5, 1)).Slope(
                r => r.X, Normal(0, 0.5))
            .Varying(Site, g => g.Intercept(Exponential(1)).Slope(r => r.X, Exponential(2)));
        var plain =
            PooledModel.Of<Standard>().Normal(s => s.Y, sigma: Exponential(2)).PrecisionWeight(s => s.Weight).Intercept(Normal(0.5, 1)).Slope(
                s => s.X["X"], Normal(0, 0.5), "X")
            .Varying(Standard.BySite, g => g.Intercept(Exponential(1)).Slope(s => s.X["X"], Exponential(2), "X"));
        var (expected, actual) = (plain.SimulatePrior(hand.Rows, 6, 4), model.Standardized().SimulatePrior(rows, 6, 4));
        for (var s = 0; s < 6; s++)
        {
            foreach (var (y, own) in expected.Responses(s).Zip(actual.Responses(s)))
                Near(hand.Y.Origin + hand.Y.Scale * y, own);
        }

        // Known errors are as they are.
        var known = PooledModel.Of<Reading>().Normal(r => r.Y, knownSd: r => r.Se).Intercept(Fixed(0)).Standardized().SimulatePrior(rows, 4, 4)
            .Responses(1);
        var handKnown = PooledModel.Of<Standard>().Normal(s => s.Y, knownSd: s => s.Se).Intercept(Fixed(0)).SimulatePrior(hand.Rows, 4, 4)
            .Responses(1);
        foreach (var (y, own) in handKnown.Zip(known))
            Near(hand.Y.Origin + hand.Y.Scale * y, own);
    }

    private static Matrix<double> Covariance(FactorFit<Reading, string?> factor, string[] terms, int draw, bool isUncorrelated) =>
        Matrix<double>.Build.Dense(
        terms.Length,
        terms.Length,
        (a, b) => factor.Sd(terms[a]).Draws[draw] * factor.Sd(terms[b]).Draws[draw] * (a == b
            ? 1
            : isUncorrelated ? 0 : factor.Correlation(terms[a], terms[b]).Draws[draw]));

    /// <summary>Hand-standardised rows, and the way back.</summary>
    private sealed record Hand(Scaling Y, Dictionary<string, Scaling> X, Standard[] Rows)
    {
        /// <summary>M of u = M u_s for the named terms.</summary>
        public Matrix<double> Map(IReadOnlyList<string> terms) => Matrix<double>.Build.Dense(
            terms.Count,
            terms.Count,
            (a, b) => a == b ? (terms[a] == "Intercept" ? Y.Scale : Y.Scale / X[terms[a]].Scale)
                : terms[a] == "Intercept" ? -Y.Scale * X[terms[b]].Origin / X[terms[b]].Scale
                : 0);

        /// <summary>Exact moments of every coefficient, those of every level too, and the draws.</summary>
        public void AssertSame<TKey>(NormalFit<Standard> plain, Fit<Reading> fit, Group<Reading, TKey>? group)
        {
            string[] names = [.. plain.Spec.Population.Select(term => term.Name)];
            Assert.Equal(names, fit.Spec.Population.Select(term => term.Name));
            var population = Map(names);
            double Constant(string name) => name == "Intercept" ? Y.Origin : 0;
            for (var t = 0; t < names.Length; t++)
            {
                Same(plain.Posterior.Exact!.Of(population.Row(t).ToArray(), 0, 0, []), Constant(names[t]), fit.Coefficient(names[t]));
                for (var s = 0; s < 10; s++)
                    Near(
                        Constant(names[t]) + names.Select((name, k) => population[t, k] * plain.Coefficient(name).Draws[s]).Sum(),
                        fit.Coefficient(names[t]).Draws[s]);
            }

            if (group is null)
                return;
            string[] terms = [.. plain.Spec.Factors[0].Terms.Select(term => term.Name)];
            var effects = Map(terms);
            var levels = fit.For(group);
            for (var level = 0; level < levels.Keys.Count; level++)
            {
                var own = levels.Level(levels.Keys[level]);
                for (var a = 0; a < terms.Length; a++)
                {
                    Same(plain.Posterior.Exact!.Of(new double[names.Length], 0, level, effects.Row(a).ToArray()), 0, own.Effect(terms[a]));
                    var t = Array.IndexOf(names, terms[a]);
                    Same(
                        plain.Posterior.Exact.Of(t < 0 ? new double[names.Length] : population.Row(t).ToArray(), 0, level, effects.Row(a).ToArray()),
                        t < 0 ? 0 : Constant(terms[a]),
                        own.Coefficient(terms[a]));
                }
            }
        }

        private static void Same(NormalMoments expected, double constant, Quantity actual)
        {
            Near(expected.Mean + constant, actual.Mean);
            Near(expected.Sd, actual.Sd);
        }
    }
}
