using MathNet.Numerics.LinearAlgebra;
using TypedPooling.Engines;
using TypedPooling.Tests.Dsl.Support;
using Xunit;
using static TypedPooling.Prior;

namespace TypedPooling.Tests.Dsl;

/// <summary>Predictive densities of rows left out: likelihoods against the draws, sums against closed forms.</summary>
public sealed class LooTests
{
    private static readonly Group<Reading, string?> Site = Group.By((Reading r) => r.Site);
    private static readonly Group<Reading, int> Line = Group.By((Reading r) => r.Line);
    private static readonly RunOptions Few = new() { Chains = 1, Draws = 40 };

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Likelihoods_are_those_of_the_draws_whatever_the_weights(bool isStandardized)
    {
        var rows = Rows.Readings();
        foreach (var (weigh, weight, count) in new (Func<NormalModel<Reading>, NormalModel<Reading>>, Func<Reading, double>, Func<Reading, long>)[]
        {
            (m => m, _ => 1, _ => 1),
            (m => m.PrecisionWeight(r => r.W + 0.5, "w"), r => r.W + 0.5, _ => 1),
            (m => m.Count(r => r.Line + 1, "n"), _ => 1, r => r.Line + 1),
            (m => m.Offset(r => r.Gap), _ => 1, _ => 1),
        })
        {
            var model = Full(weigh(PooledModel.Of<Reading>().Normal(r => r.Y, Exponential(1))));
            var fit = (isStandardized ? model.Standardized() : model).Fit(rows, Few);
            var sigma = fit.Sigma.Draws;
            var hasOffset = fit.Spec.Offsets.Length > 0;
            Agrees(fit, rows, (r, eta, s) => LogNormalDensity(r.Y - (hasOffset ? r.Gap!.Value : 0), eta, sigma[s] / Math.Sqrt(weight(r))), count);
        }

        var known = Full(PooledModel.Of<Reading>().Normal(r => r.Y, knownSd: r => r.Se));
        Agrees((isStandardized ? known.Standardized() : known).Fit(rows, Few), rows, (r, eta, _) => LogNormalDensity(r.Y, eta, r.Se), _ => 1);
    }

    [Fact]
    public void The_density_of_a_LogNormal_response_is_that_of_the_response()
    {
        Reading[] rows = [.. Rows.Readings().Select(r => r with { Y = r.Y + 1 })];
        var fit =
            PooledModel.Of<Reading>().LogNormal(r => r.Y, Exponential(1)).Intercept(Normal(0, 5)).Offset(r => r.Z / 10).Varying(
                Site, g => g.Intercept(Exponential(1))).Fit(rows, Few);
        var waic = fit.Waic(rows);

        foreach (var (row, part) in rows.Zip(waic.Pointwise))
        {
            var (mean, sigma) = (fit.For(Site)[row.Site].Intercept.Draws, fit.Sigma.Draws);
            double[] logs = [.. mean.Select((m, s) => LogNormalDensity(Math.Log(row.Y), m + row.Z / 10, sigma[s]) - Math.Log(row.Y))];
            Assert.Equal(Math.Pow(TypedPooling.Draws.Diagnostics.Sd(logs), 2), part.EffectiveParameters, 1e-9);
            Assert.Equal(Math.Log(logs.Average(Math.Exp)), part.Elpd + part.EffectiveParameters, 1e-9);
        }
    }

    [Fact]
    public void Leaving_out_rows_of_a_model_with_known_scales_is_what_the_dense_normal_says()
    {
        var rows = Rows.Readings();
        var fit =
            PooledModel.Of<Reading>().Normal(r => r.Y, Fixed(1.2)).Intercept(Normal(2, 3)).Slope(r => r.X, Normal(0, 0.5)).Varying(
                Site, g => g.Intercept(Fixed(0.8)))
            .Fit(rows, new() { Chains = 4, Draws = 4000 });
        var loo = fit.Loo(rows, "lines");

        // [V^-1 y]_i and [V^-1]_ii give the density of y_i given all others.
        var v = Matrix<double>.Build.Dense(rows.Length, rows.Length, (i, j) =>
            9 + 0.25 * rows[i].X * rows[j].X + (rows[i].Site == rows[j].Site ? 0.64 : 0) + (i == j ? 1.44 : 0)).Inverse();
        var scaled = v * Vector<double>.Build.Dense(rows.Length, i => rows[i].Y - 2);
        double[] exact = [.. rows.Select((_, i) => LogNormalDensity(scaled[i] / v[i, i], 0, Math.Sqrt(1 / v[i, i])))];

        Assert.Equal(0, loo.BadCount);
        Assert.Empty(loo.Warnings);
        Assert.True(loo.Mcse is > 0 and < 0.1);
        for (var i = 0; i < exact.Length; i++)
            Assert.Equal(exact[i], loo.Pointwise[i].Elpd, 5 * loo.Pointwise[i].Mcse + 1e-6);
        Assert.Equal(exact.Sum(), loo.Elpd, 5 * loo.Mcse);
        var mean = exact.Average();
        Assert.Equal(Math.Sqrt(60 * exact.Sum(e => (e - mean) * (e - mean)) / 59), loo.ElpdSe, 0.02);

        // WAIC estimates the same by another way.
        Assert.Equal(loo.Elpd, fit.Waic(rows).Elpd, 0.3);
        var text = loo.ToString();
        Assert.StartsWith("Leave-one-out (PSIS) of lines: 60 rows, 16,000 draws", text);
        Assert.Matches(@"(?m)^elpd_loo +-\d+\.\d+ +\d+\.\d+\r?$", text);
        Assert.Matches(@"(?m)^Monte-Carlo error of elpd 0\.\d+; largest Pareto k -?0\.\d+, 0 above 0\.70\r?$", text);
    }

    [Theory]
    [InlineData("plain")]
    [InlineData("standardised")]
    [InlineData("weights")]
    [InlineData("known")]
    [InlineData("counts")]
    [InlineData("crossed")]
    public void Rows_that_draws_cannot_leave_out_are_left_out_by_fitting_again(string kind)
    {
        // With so few draws no k is known, so that every row of another one's levels is fitted again.
        var rows = Rows.Readings(24);
        var normal = PooledModel.Of<Reading>().Normal(r => r.Y, Fixed(1.2));
        var start = kind switch
        {
            "weights" => normal.PrecisionWeight(r => r.Se),
            "known" => PooledModel.Of<Reading>().Normal(r => r.Y, knownSd: r => r.Se),
            "counts" => normal.Count(r => r.Line + 1, "n"),
            _ => normal,
        };
        var model = start.Intercept(Flat).Slope(r => r.X, Flat).Varying(Site, g => g.Intercept(Fixed(0.8)));
        model = kind switch
        {
            "standardised" =>
            model.Standardized(),
            "crossed" => model.Varying(Group.By((Reading r) => r.Flag), g => g.Intercept(Fixed(0.5))),
            _ => model
        };
        var loo = model.Fit(rows, new() { Chains = 1, Draws = 20 }).Loo(rows, refit: true, options: new() { Chains = 1, Draws = 4000 });

        var sdY = kind == "standardised" ? TypedPooling.Draws.Diagnostics.Sd([.. rows.Select(r => r.Y)]) : 1;
        Reading[] all = kind == "counts" ? [.. rows.SelectMany(r => Enumerable.Repeat(r, r.Line + 1))] : rows;
        double[] exact = [.. rows.Select(r => Exact(r))];
        Assert.True(loo.Pointwise.Count(part => part.IsRefitted) >= 20);
        foreach (var (part, truth) in loo.Pointwise.Zip(exact).Where(pair => pair.First.IsRefitted))
            Assert.Equal(truth, part.Elpd, 6 * part.Mcse + 1e-3);

        // p(y) / p(y without one row), with flat priors as very wide ones: both have the same constant.
        double Exact(Reading left)
        {
            var at = Array.IndexOf(all, left);
            return LogDensity(all) - LogDensity([.. all[..at], .. all[(at + 1)..]]);
        }

        double LogDensity(Reading[] some) => TypedPooling.Tests.Support.DenseNormal.LogDensity([.. some.Select(r => r.Y)], _ => 0, (i, j) =>
        {
            var (a, b) = (some[i], some[j]);
            var error = kind switch { "weights" => 1.44 / a.Se, "known" => a.Se * a.Se, _ => 1.44 * sdY * sdY };
            return 1e5 * (1 + a.X * b.X) + (a.Site == b.Site ? 0.64 * sdY * sdY : 0) + (kind == "crossed" && a.Flag == b.Flag ? 0.25 : 0) + (i == j
                ? error
                : 0);
        });
    }

    [Fact]
    public void Draws_of_chains_give_the_same_as_independent_ones()
    {
        var rows = Rows.Readings();
        var model = PooledModel.Of<Reading>().Normal(r => r.Y, Exponential(1)).Intercept(Normal(2, 3)).Varying(
            Site, g => g.Intercept(Exponential(1)));
        var independent = model.Fit(rows, Engine.Marginal).Loo(rows);
        var chains = model.Fit(rows, Engine.Gibbs).Loo(rows);

        Assert.Equal(independent.Elpd, chains.Elpd, 5 * Math.Sqrt(independent.Mcse * independent.Mcse + chains.Mcse * chains.Mcse));
        var conjugate = PooledModel.Of<Reading>().Normal(r => r.Y, HalfCauchy(1)).Intercept(Normal(2, 3)).Varying(
            Site, g => g.Intercept(HalfCauchy(1)));
        Assert.Contains(
            conjugate.Fit(rows, Engine.Variational).Loo(rows).Warnings, warning => warning.Contains("approximation", StringComparison.Ordinal));
    }

    [Fact]
    public void An_outlier_is_told()
    {
        Reading[] rows = [.. Rows.Readings(20), new() { Site = "site 0", Y = 60, X = 30 }];
        var fit =
            PooledModel.Of<Reading>().Normal(r => r.Y, Exponential(1)).Intercept(Normal(2, 3)).Slope(r => r.X, Normal(0, 5)).Varying(
                Site, g => g.Intercept(Exponential(1))).Fit(rows);
        var loo = fit.Loo(rows);

        Assert.True(loo.IsBad(loo.Pointwise[20]));
        Assert.Equal(21, loo.Pointwise[20].Row);
        Assert.True(double.IsNaN(loo.Mcse));
        Assert.Contains("Warning: ", loo.ToString(), StringComparison.Ordinal);
        var again = fit.Loo(rows, refit: true);
        Assert.True(again.Pointwise[20].IsRefitted && again.Pointwise[20].Elpd < loo.Pointwise[20].Elpd);
        Assert.Equal(0, again.BadCount);
        Assert.Empty(again.Warnings);
    }

    [Fact]
    public void Rows_that_are_not_those_of_the_fit_are_refused()
    {
        var rows = Rows.Readings();
        var fit =
            PooledModel.Of<Reading>().Normal(r => r.Y, Exponential(1)).Intercept(Normal(2, 3)).Slope(r => r.X, Normal(0, 1)).Varying(
                Site, g => g.Intercept(Exponential(1)))
            .DropRowsWithMissingValues().Fit([.. rows, new Reading { Site = null }], Few);

        Assert.Equal(60, fit.Loo([.. rows, new Reading { Site = null }]).ObservationCount);
        Assert.Equal(fit.Waic(rows).Elpd, fit.Waic(rows.Reverse()).Elpd, 1e-9);
        Refused(rows[1..], "59 rows where the fit has 60");
        Refused([.. rows[..59], rows[59] with { Site = "elsewhere" }], "a level of Site, 'elsewhere', that the fit does not know");
        Refused([.. rows[..59], rows[59] with { Site = "site 0" }], "13 rows of a level of Site where the fit has 12", "site 0");
        Refused([.. rows[..59], rows[59] with { Y = rows[59].Y + 0.001 }], "another mean of 'Y'");
        Refused([.. rows[..59], rows[59] with { X = 20 }], "another mean of 'X'");
        Assert.Equal(
            ProblemCode.NotFinite,
            Assert.Throws<ModelException>(() => fit.Loo([.. rows[..59], rows[59] with { X = double.PositiveInfinity }])).Problems.Single().Code);

        void Refused(IEnumerable<Reading> others, string what, string? level = null)
        {
            var problem = Assert.Throws<ModelException>(() => fit.Loo(others)).Problems.Single();
            Assert.Equal(ProblemCode.OtherRows, problem.Code);
            Assert.Equal($"These are not the rows that the model was fitted to: they have {what}.", problem.Sentence);
            Assert.Equal(level, problem.Level);
        }
    }

    [Fact]
    public void Comparisons_sort_models_pair_rows_and_refuse_what_is_not_alike()
    {
        var rows = Rows.Readings();
        Reading[] positive = [.. rows.Select(r => r with { Y = r.Y + 1 })];
        var normal = PooledModel.Of<Reading>().Normal(r => r.Y, Exponential(1)).Intercept(Normal(2, 3));
        var means = normal.Varying(Site, g => g.Intercept(Exponential(1)));
        var lines = means.Slope(r => r.X, Normal(0, 1));
        var (a, b) = (means.Fit(positive, Few).Loo(positive, "means"), lines.Fit(positive, Few).Loo(positive, "lines"));
        var log = PooledModel.Of<Reading>().LogNormal(r => r.Y, Exponential(1)).Intercept(Normal(0, 3)).Fit(positive, Few).Loo(positive);
        var comparison = ModelComparison.Of(a, b, log);

        double[] elpds = [a.Elpd, b.Elpd, log.Elpd];
        Assert.Equal(elpds.OrderDescending(), comparison.Models.Select(m => m.Estimate.Elpd));
        Assert.Equal(["lines", "means", "model 3"], comparison.Models.Select(m => m.Name).Order());
        var worst = comparison.Models[2];
        double[] differences = [.. worst.Estimate.Pointwise.Zip(comparison.Best.Estimate.Pointwise, (x, y) => x.Elpd - y.Elpd)];
        Assert.Equal(differences.Sum(), worst.Difference, 1e-9);
        Assert.Equal(Math.Sqrt(60) * TypedPooling.Draws.Diagnostics.Sd(differences), worst.DifferenceSe, 1e-9);
        Assert.Same(a, comparison.Model("means").Estimate);
        Assert.Throws<ModelException>(() => comparison.Model("nothing"));
        Assert.Matches(@"^PSIS-LOO +elpd +se +difference +se +weight +p +bad k\r?\n", comparison.ToString());

        Refused("needs at least two", a);
        Refused("Two models are called 'means'", a, a);
        Refused("use different criteria", a, means.Fit(positive, Few).Waic(positive, "waic"));
        Refused("'means' has 60 observations and 'fewer' has 59", a, means.Fit(positive[1..], Few).Loo(positive[1..], "fewer"));
        Refused("first in observation 1", a, means.Fit(rows, Few).Loo(rows, "shifted"));

        static void Refused(string what, params ElpdEstimate[] estimates)
        {
            var problem = Assert.Throws<ModelException>(() => ModelComparison.Of(estimates)).Problems.Single();
            Assert.Equal(ProblemCode.NotComparable, problem.Code);
            Assert.Contains(what, problem.Sentence, StringComparison.Ordinal);
        }
    }

    private static NormalModel<Reading> Full(NormalModel<Reading> model) =>
        model.Intercept(Normal(0, 5)).Slope(r => r.X, Normal(0, 1)).Categorical(r => r.Kind, Normal(0, 1))
        .Varying(Site, g => g.Intercept(Exponential(1)).Slope(r => r.X, Exponential(1)).Correlated(Lkj(1)))
        .Varying(Line, g => g.Intercept(Exponential(1)));

    // WAIC shows mean and variance of the likelihood row by row; LOO sees the same likelihoods.
    private static void Agrees(NormalFit<Reading> fit, Reading[] rows, Func<Reading, double, int, double> logDensity, Func<Reading, long> count)
    {
        var waic = fit.Waic(rows);
        var loo = fit.Loo(rows);
        var x = fit.Coefficient(r => r.X);
        for (var i = 0; i < rows.Length; i += 7)
        {
            var r = rows[i];
            var (site, line) = (fit.For(Site)[r.Site], fit.For(Line)[r.Line]);
            var (own, slope, lineEffect) = (site.Intercept.Draws, site.Slope(v => v.X).Draws, line.Effect("Intercept").Draws);
            var kind = r.Kind == "a" ? null : fit.Coefficient($"Kind[{r.Kind}]");
            double[] logs = [
                .. Enumerable.Range(0, 40).Select(s => logDensity(r, own[s] + slope[s] * r.X + lineEffect[s] + (kind?.Draws[s] ?? 0), s))];
            Assert.Equal(count(r), waic.Pointwise[i].Count);
            Assert.Equal(Math.Pow(TypedPooling.Draws.Diagnostics.Sd(logs), 2), waic.Pointwise[i].EffectiveParameters, 1e-8);
            Assert.Equal(Math.Log(logs.Average(Math.Exp)), waic.Pointwise[i].Elpd + waic.Pointwise[i].EffectiveParameters, 1e-8);
            Assert.Equal(Math.Log(logs.Average(Math.Exp)), loo.Pointwise[i].Elpd + loo.Pointwise[i].EffectiveParameters, 1e-8);
        }

        Assert.NotNull(x);
        Assert.Equal(rows.Sum(count), loo.ObservationCount);
        Assert.Equal(loo.Pointwise.Sum(p => p.Count * p.Elpd), loo.Elpd, 1e-9);
    }

    private static double LogNormalDensity(double y, double mean, double sd) =>
        -0.5 * Math.Log(2 * Math.PI) - Math.Log(sd) - 0.5 * Math.Pow((y - mean) / sd, 2);
}
