using TypedPooling.Draws;
using TypedPooling.Engines;
using TypedPooling.Randomness;
using TypedPooling.Tests.Reference;
using Xunit;

namespace TypedPooling.Tests.Dsl;

/// <summary>Maximum likelihood of columns far from 0 and in any unit: the same answer wherever the model is the same.</summary>
public sealed class FarColumnLikelihoodTests
{
    private static readonly Group<Reading, string> Subject = Group.By((Reading r) => r.Subject);
    private static readonly Lazy<Reading[]> Readings = new(() =>
        [.. ReferenceFile.Read("data/sleepstudy.csv").Rows.Select(
            row => new Reading(row.Text("Subject"), row.Number("Days"), row.Number("Reaction")))]);

    private static NormalModel<Reading> Model =>
        PooledModel.Of<Reading>().Normal(r => r.Y).Intercept().Slope(r => r.X).Varying(Subject, g => g.Intercept().Slope(r => r.X));

    private static NormalModel<Reading> Uncorrelated =>
        PooledModel.Of<Reading>().Normal(r => r.Y).Intercept().Slope(r => r.X).Varying(Subject, g => g.Intercept().Slope(r => r.X).Uncorrelated());

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1e3, 1)]
    [InlineData(1e4, 1)]
    [InlineData(1e5, 1)]
    [InlineData(1e6, 1)]
    [InlineData(1e8, 1)]
    [InlineData(738_000, 100)]
    public void Correlated_effects_have_one_maximum_whatever_the_origin(double shift, double unit)
    {
        // REML of lme4 1.1-31 at the origin; it changes by 2 log(unit) with the unit of the population column.
        var fit = Model.Fit(Shifted(shift, unit), Engine.RestrictedMaximumLikelihood);
        Assert.Equal(1743.628272, fit.Likelihood.RemlCriterion!.Value + 2 * Math.Log(unit), 1e-6);
        Assert.True(fit.Likelihood.IsConverged);
        Assert.DoesNotContain(fit.Warnings, warning => warning.Code == FitWarningCode.NotConverged);

        var (sigma, intercept, slope, correlation) = (25.5918, 24.7405, 5.9221, 0.0656);
        var near = Model.Fit(Readings.Value, Engine.RestrictedMaximumLikelihood);
        Assert.Equal(sigma, near.Sigma.Mean, 1e-4);
        Assert.Equal(intercept, near.For(Subject).InterceptSd.Mean, 1e-4);
        Assert.Equal(slope, near.For(Subject).Sd(r => r.X).Mean, 1e-4);
        Assert.Equal(correlation, near.For(Subject).Correlation(r => r.X).Mean, 1e-4);
        (sigma, intercept, slope, correlation) = (
            near.Sigma.Mean, near.For(Subject).InterceptSd.Mean, near.For(Subject).Sd(r => r.X).Mean, near.For(Subject).Correlation(r => r.X).Mean);

        // The same covariance matrix, of effects at x = 0.
        var covariance = correlation * intercept * slope - shift * slope * slope;
        var variance = intercept * intercept - 2 * shift * correlation * intercept * slope + shift * shift * slope * slope;
        var effects = fit.For(Subject);
        IsNear(sigma, fit.Sigma.Mean, 1e-7);
        IsNear(unit * slope, effects.Sd(r => r.X).Mean, 1e-7);
        IsNear(Math.Sqrt(variance), effects.InterceptSd.Mean, 1e-7);
        IsNear(covariance / Math.Sqrt(variance) / slope, effects.Correlation(r => r.X).Mean, 1e-7);

        // What does not depend on the origin: slopes, predictions, and their errors.
        IsNear(unit * near.Coefficient(r => r.X).Sd, fit.Coefficient(r => r.X).Sd, 1e-7);
        IsNear(unit * near.For(Subject)["308"].Slope(r => r.X).Sd, fit.For(Subject)["308"].Slope(r => r.X).Sd, 1e-6);
        var (row, nearRow) = (new Reading("308", (shift + 3) / unit, 0), new Reading("308", 3, 0));
        IsNear(near.PredictMean(nearRow).Mean, fit.PredictMean(row).Mean, 1e-7);
        IsNear(near.PredictMean(nearRow).Sd, fit.PredictMean(row).Sd, 1e-6);
        IsNear(Math.Sqrt(PopulationVariance(near, -shift)), fit.Intercept.Sd, 1e-7);
    }

    [Theory]
    [InlineData(1e5)]
    [InlineData(1e8)]
    public void Profiles_and_the_bootstrap_are_those_near_0(double shift)
    {
        var (near, far) = (Model.Fit(Readings.Value, Engine.MaximumLikelihood), Model.Fit(Shifted(shift, 1), Engine.MaximumLikelihood));
        var (expected, ours) = (near.ProfileInterval(near.For(Subject).Sd(r => r.X)), far.ProfileInterval(far.For(Subject).Sd(r => r.X)));
        IsNear(expected.Lower, ours.Lower, 1e-6);
        IsNear(expected.Upper, ours.Upper, 1e-6);

        // Far from 0 the sd of the intercept at x = 0 is the slope's times the distance, and so are the ends of its interval.
        var ends = far.ProfileInterval(far.For(Subject).InterceptSd);
        IsNear(expected.Lower, ends.Lower / shift, 10 / shift + 1e-6);
        IsNear(expected.Upper, ends.Upper / shift, 10 / shift + 1e-6);
        var options = new RunOptions { Seed = 3 };
        var slopes = far.Bootstrap(50, options).Of(far.For(Subject).Sd(r => r.X)).Draws;
        Assert.InRange(slopes.Average(), 4, 7);
        Assert.InRange(Diagnostics.Sd(slopes.AsSpan()), 0.5, 2);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(1e6)]
    public void Profile_intervals_scale_with_the_unit_of_the_response(double unit)
    {
        Reading[] rows = [.. Readings.Value.Select(row => row with { Y = unit * row.Y })];
        var fit = Model.Fit(rows, Engine.MaximumLikelihood);

        // lme4_profiles.csv has the same numbers of refits in R.
        var interval = fit.ProfileInterval(fit.Sigma, 0.95);
        IsNear(22.898, interval.Lower / unit, 1e-4);
        IsNear(28.858, interval.Upper / unit, 1e-4);
    }

    [Theory]
    [InlineData(0, 1743.6693)]
    [InlineData(3, 1746.8630)]
    public void Uncorrelated_effects_have_the_criterion_of_lme4_at_the_same_origin(double shift, double expected) =>
        Assert.Equal(expected, Uncorrelated.Fit(Shifted(shift, 1), Engine.RestrictedMaximumLikelihood).Likelihood.RemlCriterion!.Value, 1e-4);

    [Theory]
    [InlineData(1e3)]
    [InlineData(1e6)]
    [InlineData(1e8)]
    public void Far_from_0_an_uncorrelated_slope_is_a_varying_intercept(double shift)
    {
        // As the shift grows a slope with an sd of its own moves all of a level's rows alike: the limit is lme4's REML of (1 | Subject), 1786.465.
        var fit = Uncorrelated.Fit(Shifted(shift, 1), Engine.RestrictedMaximumLikelihood);
        Assert.Equal(1786.4651, fit.Likelihood.RemlCriterion!.Value, 1e-4 + 500 / shift);
        Assert.True(fit.Likelihood.IsConverged);
    }

    [Fact]
    public void A_product_and_powers_of_far_columns_fit_as_those_of_near_ones()
    {
        // x, x^2 about 0 and about 200: the same span, so the same likelihood where all of its effects vary and are correlated.
        var group = Group.By((Point p) => p.G);
        double Reml(double shift)
        {
            Point[] rows = [.. Enumerable.Range(0, 240).Select(i =>
            {
                var (g, x) = (i / 20, Math.Round(64 * 1.5 * Math.Sin(3.1 * i)) / 64);
                return new Point(
                    g,
                    shift + x,
                    2 + 2 * Math.Sin(1 + 2.2 * g) + (1 + 0.8 * Math.Sin(4.7 * g)) * x + (0.5 + 0.4 * Math.Sin(1.3 * g * g)) * x * x
                        + 0.5 * Math.Sin(17.3 * i));
            })];
            var fit = PooledModel.Of<Point>().Normal(p => p.Y).Intercept().Slope(p => p.X).Slope(p => p.X * p.X)
                .Varying(group, v => v.Intercept().Slope(p => p.X).Slope(p => p.X * p.X)).Fit(rows, Engine.RestrictedMaximumLikelihood);
            Assert.True(fit.Likelihood.IsConverged);
            return fit.Likelihood.RemlCriterion!.Value;
        }

        var near = Reml(0);
        Assert.Equal(near, Reml(16), 1e-6);
        Assert.Equal(near, Reml(256), 1e-4);
    }

    [Fact]
    public void Random_models_converge_in_every_unit_and_at_every_origin()
    {
        // ML changes by -n log of the response's unit; REML by -(n - p) log of it and -log of each population column's. Uncorrelated effects are
        // another model at another origin: there only convergence is asked.
        var (g, h) = (Group.By((Point3 p) => p.G), Group.By((Point3 p) => p.H));
        for (var seed = 0; seed < 48; seed++)
        {
            var stream = new PhiloxStream((ulong)seed, 5);
            var (levels, others, n) = (4 + seed % 9, 4 + seed % 5, 40 + 3 * seed);
            double Sd(int every) => seed % every == 0 ? 0 : Math.Exp(stream.NextNormal());
            var (a, b, c) = (Effects(levels, Sd(4)), Effects(levels, Sd(3)), Effects(others, Sd(5)));
            var noise = Math.Exp(0.5 * stream.NextNormal());
            double Unit() => Math.Pow(10, -6 + 12 * stream.NextDouble());
            var (ux, uy, uz, shift) = (Unit(), Unit(), Unit(), seed % 2 == 0 ? 0 : Math.Pow(10, 6 * stream.NextDouble()));
            Point3[] rows = [.. Enumerable.Range(0, n).Select(i =>
            {
                var (p, q) = ((int)(levels * stream.NextDouble()), (int)(others * stream.NextDouble()));
                var (x, z) = (Math.Round(stream.NextNormal() * (1 << 20)) / (1 << 20), stream.NextNormal());
                return new Point3(p, q, x, z, 1 + 0.5 * x - 0.3 * z + a[p] + b[p] * x + c[q] + noise * stream.NextNormal());
            })];
            var model = PooledModel.Of<Point3>().Normal(p => p.Y).Intercept().Slope(p => p.X).Slope(p => p.Z);
            model = (seed % 6) switch
            {
                0 => model.Varying(g, v => v.Intercept()),
                1 => model.Varying(g, v => v.Intercept().Slope(p => p.X)),
                2 => model.Varying(g, v => v.Intercept().Slope(p => p.X).Uncorrelated()),
                3 => model.Varying(g, v => v.Intercept().Slope(p => p.X).Slope(p => p.Z)),
                4 => model.Varying(g, v => v.Intercept().Slope(p => p.X)).Varying(h, v => v.Intercept()),
                _ => model.Varying(g, v => v.Intercept().Slope(p => p.X).Uncorrelated()).Varying(h, v => v.Intercept().Slope(p => p.Z)),
            };
            var isInvariant = seed % 6 is not (2 or 5);
            var restricted = seed / 6 % 2 == 0;
            ILikelihoodEngine engine = restricted ? Engine.RestrictedMaximumLikelihood : Engine.MaximumLikelihood;
            var near = model.Fit(rows, engine);
            var far = model.Fit(
                rows.Select(row => new Point3(row.G, row.H, ux * (row.X + (isInvariant ? shift : 0)), uz * row.Z, uy * row.Y)), engine);
            var expected = near.Likelihood.LogLikelihood - (restricted ? (n - 3) * Math.Log(uy) + Math.Log(ux) + Math.Log(uz) : n * Math.Log(uy));
            Assert.True(near.Likelihood.IsConverged && far.Likelihood.IsConverged, $"Seed {seed} did not converge.");
            Assert.True(
                Math.Abs(expected - far.Likelihood.LogLikelihood) <= 1e-7 * (1 + Math.Abs(expected)),
                $"Seed {seed}: {expected} and {far.Likelihood.LogLikelihood}");
            if (!isInvariant)
                Assert.True(
                    model.Fit(rows.Select(row => row with { X = row.X + shift }), engine).Likelihood.IsConverged,
                    $"Seed {seed} did not converge away from 0.");

            double[] Effects(int count, double sd) => [.. Enumerable.Range(0, count).Select(_ => sd * stream.NextNormal())];
        }
    }

    private static double PopulationVariance(NormalLikelihoodFit<Reading> fit, double x) =>
        fit.Likelihood.Covariance("Intercept", "Intercept") + 2 * x * fit.Likelihood.Covariance("Intercept", "X")
            + x * x * fit.Likelihood.Covariance("X", "X");

    private static Reading[] Shifted(double shift, double unit) => [.. Readings.Value.Select(row => row with { X = (row.X + shift) / unit })];

    private static void IsNear(double expected, double actual, double relative) =>
        Assert.True(Math.Abs(expected - actual) <= relative * Math.Abs(expected), $"{actual:R}, not {expected:R}");

    private sealed record Reading(string Subject, double X, double Y);

    private sealed record Point(int G, double X, double Y);

    private sealed record Point3(int G, int H, double X, double Z, double Y);
}
