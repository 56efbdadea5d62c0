using MathNet.Numerics.Distributions;
using MathNet.Numerics.LinearAlgebra;
using TypedPooling.Draws;
using TypedPooling.Engines;
using Xunit;
using static TypedPooling.Prior;

namespace TypedPooling.Tests.Dsl;

/// <summary>Numbers of maximum likelihood that come from the criterion, from its other kind or from draws, each against dense algebra or a closed
/// form; and likelihoods without a maximum.</summary>
public sealed class LikelihoodTruthTests
{
    private static readonly Group<Row, int> Batch = Group.By((Row r) => r.G, "G");
    private static readonly Group<Row, int> Line = Group.By((Row r) => r.H, "H");
    private static readonly Row[] Rows =
        [.. Enumerable.Range(0, 30)
            .Select(
                i => new Row(
                    i / 5,
                    i % 3,
                    Math.Sin(3.7 * i),
                    1 + i % 4,
                    2 + 1.5 * Math.Sin(2.4 * (i / 5)) + 0.8 * Math.Sin(1 + 2 * (i % 3)) + 0.4 * Math.Sin(3.7 * i) + 0.7 * Math.Sin(17.3 * i)))];

    private static NormalModel<Row> OneWay => PooledModel.Of<Row>().Normal(r => r.Y).Intercept().Varying(Batch, g => g.Intercept());

    [Fact]
    public void The_deviance_of_a_restricted_fit_is_that_of_the_likelihood_with_sigma_at_its_best()
    {
        var fit = OneWay.Fit(Rows, Engine.RestrictedMaximumLikelihood);
        var ratio = fit.For(Batch).InterceptSd.Mean / fit.Sigma.Mean;
        var unit = Covariance((i, j) => Rows[i].G == Rows[j].G ? ratio * ratio : 0, _ => 1);

        // -2 log likelihood at sigma^2 = squares / n.
        var (squares, log, _) = Generalised(unit);
        var n = Rows.Length;
        Assert.Equal(n * (1 + Math.Log(2 * Math.PI * squares / n)) + log, fit.Likelihood.Deviance, 1e-8);
        Assert.True(Math.Abs(fit.Likelihood.Deviance - fit.Likelihood.RemlCriterion!.Value) > 0.1);
    }

    [Fact]
    public void A_profile_interval_of_a_restricted_fit_is_that_of_the_restricted_likelihood()
    {
        // Without a factor: (n - 1) log sigma + squares / (2 sigma^2) rises by half a chi^2 quantile, from sigma^2 = squares / (n - 1).
        var plain = PooledModel.Of<Row>().Normal(r => r.Y).Intercept().Fit(Rows, Engine.RestrictedMaximumLikelihood);
        var mean = Rows.Average(row => row.Y);
        var squares = Rows.Sum(row => Math.Pow(row.Y - mean, 2));
        var limit = 0.5 * ChiSquared.InvCDF(1, 0.95);
        double Rise(double sigma) => (Rows.Length - 1) * Math.Log(sigma) + squares / (2 * sigma * sigma);
        var interval = plain.ProfileInterval(plain.Sigma, 0.95);
        var least = Rise(Math.Sqrt(squares / (Rows.Length - 1)));
        Assert.Equal(limit, Rise(interval.Lower) - least, 1e-6);
        Assert.Equal(limit, Rise(interval.Upper) - least, 1e-6);

        // With one: the dense restricted likelihood at the end, sigma at its best there.
        var fit = OneWay.Fit(Rows, Engine.RestrictedMaximumLikelihood);
        var ends = fit.ProfileInterval(fit.For(Batch).InterceptSd, 0.95);
        foreach (var sd in new[] { ends.Lower, ends.Upper })
        {
            var best = Enumerable.Range(0, 4001).Max(k => Restricted(sd, fit.Sigma.Mean * Math.Exp((k - 2000) / 2000.0)));
            Assert.Equal(limit, fit.Likelihood.LogLikelihood - best, 1e-4);
        }

        double Restricted(double sd, double sigma)
        {
            var (rest, log, information) = Generalised(Covariance((i, j) => Rows[i].G == Rows[j].G ? sd * sd : 0, _ => sigma * sigma));
            return -0.5 * ((Rows.Length - 1) * Math.Log(2 * Math.PI) + log + information + rest);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Draws_vary_sigma_and_effects_as_sim_does(bool isCrossed)
    {
        // sigma^2 = f s^2 / chi^2(f), and everything else in proportion to it: few rows, so that f / (f - 2) is far from 1.
        var rows = Rows.Where((_, i) => i % 2 == 0).ToArray();
        var model = isCrossed ? OneWay.Varying(Line, g => g.Intercept()) : OneWay;
        var fit = model.Fit(rows, Engine.MaximumLikelihood, new RunOptions { Chains = 1, Draws = 40_000 });
        double freedom = rows.Length;
        var squares = fit.Sigma.Draws.Select(sigma => sigma * sigma / Math.Pow(fit.Sigma.Mean, 2)).ToArray();
        Assert.Equal(freedom / (freedom - 2), squares.Average(), 0.02);
        Assert.Equal(freedom / (freedom - 2) * Math.Sqrt(2 / (freedom - 4)), Diagnostics.Sd(squares), 0.04);
        var sds = fit.For(Batch).InterceptSd;
        Assert.Equal(sds.Mean / fit.Sigma.Mean, sds.Draws[5] / fit.Sigma.Draws[5], 1e-9);

        // Effects: their conditional spread is that draw's, a factor of sqrt(f / (f - 2)) = 1.074 over the one at the estimates.
        List<Quantity> effects = [.. fit.For(Batch).Keys.Select(key => fit.For(Batch)[key].Effect("Intercept"))];
        if (isCrossed)
            effects.AddRange(fit.For(Line).Keys.Select(key => fit.For(Line)[key].Effect("Intercept")));
        foreach (var effect in effects)
            Assert.Equal(Math.Sqrt(freedom / (freedom - 2)), Diagnostics.Sd(effect.Draws.AsSpan()) / effect.Sd, 0.02);
    }

    [Fact]
    public void The_likelihood_of_weighted_rows_of_crossed_factors_is_that_of_dense_algebra()
    {
        var fit = OneWay.Varying(Line, g => g.Intercept()).PrecisionWeight(r => r.W).Fit(Rows, Engine.MaximumLikelihood);
        var (g, h, sigma) = (fit.For(Batch).InterceptSd.Mean, fit.For(Line).InterceptSd.Mean, fit.Sigma.Mean);
        var (squares, log, _) = Generalised(
            Covariance((i, j) => (Rows[i].G == Rows[j].G ? g * g : 0) + (Rows[i].H == Rows[j].H ? h * h : 0), i => sigma * sigma / Rows[i].W));
        Assert.Equal(-0.5 * (Rows.Length * Math.Log(2 * Math.PI) + log + squares), fit.Likelihood.LogLikelihood, 1e-8);
    }

    [Fact]
    public void Responses_that_effects_of_fixed_sds_fit_without_residual_have_no_maximum()
    {
        Row[] rows = [.. Enumerable.Range(0, 12).Select(i => new Row(i / 3, i % 3, i % 3 - 1, 1, 2))];
        var plain = Sentence(PooledModel.Of<Row>().Normal(r => r.Y).Intercept(), rows);
        Assert.Contains("has no maximum", plain, StringComparison.Ordinal);
        foreach (var engine in new[] { Engine.MaximumLikelihood, Engine.RestrictedMaximumLikelihood })
        {
            Assert.Equal(
                plain, Sentence(PooledModel.Of<Row>().Normal(r => r.Y).Intercept().Varying(Batch, g => g.Intercept(Fixed(1))), rows, engine));
            Assert.Equal(plain, Sentence(PooledModel.Of<Row>().Normal(r => r.Y).Varying(Batch, g => g.Intercept(Fixed(1))), rows, engine));
            Assert.Equal(plain, Sentence(PooledModel.Of<Row>().Normal(r => r.Y).Intercept().Varying(Batch, g => g.Intercept()), rows, engine));
            Assert.Equal(
                plain,
                Sentence(
                    PooledModel.Of<Row>().Normal(r => r.Y).Intercept().Varying(Batch, g => g.Intercept(Fixed(1))).Varying(
                        Line, g => g.Intercept(Fixed(2))),
                    rows,
                    engine));
            var logs =
                Assert.Throws<ModelException>(
                    () => PooledModel.Of<Row>().LogNormal(r => r.Y).Varying(Batch, g => g.Intercept(Fixed(1))).Fit(rows, engine)).Problems[0];
            Assert.Contains("has no maximum", logs.Sentence, StringComparison.Ordinal);

            // Levels that fit their rows: a mean, and a line, of each.
            Row[] means = [.. rows.Select(row => row with { Y = row.G * row.G })];
            Assert.Contains(
                "without any residual",
                Sentence(PooledModel.Of<Row>().Normal(r => r.Y).Intercept().Varying(Batch, g => g.Intercept(Fixed(3))), means, engine),
                StringComparison.Ordinal);
            Row[] lines = [.. rows.Select(row => row with { Y = row.G * row.G + (1 + row.G) * row.X })];
            Assert.Contains(
                "without any residual",
                Sentence(
                    PooledModel.Of<Row>().Normal(r => r.Y).Varying(Batch, g => g.Intercept(Fixed(3)).Slope(r => r.X, Fixed(1)).Uncorrelated()),
                    lines,
                    engine),
                StringComparison.Ordinal);
        }

        // An effect that is fixed at 0 is none: what only it could fit has a maximum. So has a level of one row each.
        Row[] levels = [.. rows.Select((row, i) => row with { Y = row.G * row.G + 0.1 * Math.Sin(9.0 * i) })];
        Assert.True(
            PooledModel.Of<Row>().Normal(r => r.Y).Intercept().Varying(Batch, g => g.Intercept(Fixed(0))).Fit(
                levels, Engine.MaximumLikelihood).Likelihood.IsConverged);
        Row[] means2 = [.. rows.Select(row => row with { Y = row.G * row.G })];
        Assert.True(
            PooledModel.Of<Row>().Normal(r => r.Y).Intercept().Varying(Batch, g => g.Intercept(Fixed(0))).Fit(
                means2, Engine.MaximumLikelihood).Sigma.Mean > 1);
        var single = Group.By((Row r) => r.G * 3 + r.H, "Each");
        Assert.True(
            PooledModel.Of<Row>().Normal(r => r.Y).Intercept().Varying(single, g => g.Intercept(Fixed(0.05))).Fit(
                levels, Engine.MaximumLikelihood).Likelihood.IsConverged);
    }

    private static string Sentence(NormalModel<Row> model, Row[] rows, INormalEngine? engine = null) =>
        Assert.Throws<ModelException>(() => model.Fit(rows, engine ?? Engine.MaximumLikelihood)).Problems[0].Sentence;

    private static Matrix<double> Covariance(Func<int, int, double> between, Func<int, double> within) =>
        Matrix<double>.Build.Dense(Rows.Length, Rows.Length, (i, j) => between(i, j) + (i == j ? within(i) : 0));

    // Squares about the generalised mean, log |V|, log 1'V^-1 1.
    private static (double Squares, double LogDeterminant, double LogInformation) Generalised(Matrix<double> v)
    {
        var cholesky = v.Cholesky();
        var (ones, y) = (Vector<double>.Build.Dense(Rows.Length, 1), Vector<double>.Build.Dense(Rows.Length, i => Rows[i].Y));
        var information = ones * cholesky.Solve(ones);
        var rest = y - ones * (cholesky.Solve(ones) * y / information);
        return (rest * cholesky.Solve(rest), cholesky.DeterminantLn, Math.Log(information));
    }

    private sealed record Row(int G, int H, double X, double W, double Y);
}
