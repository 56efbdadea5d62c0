using MathNet.Numerics.Distributions;
using TypedPooling.Engines;
using TypedPooling.Inference.MaximumLikelihood;
using TypedPooling.Tests.Reference;
using Xunit;

namespace TypedPooling.Tests.Dsl;

/// <summary>The mean of every quantity of a point fit is the function at the estimates; what stays random there (new groups, new observations) is
/// averaged over.</summary>
public sealed class PointFitTests
{
    private static readonly Group<Place, int> Site = Group.By((Place p) => p.Site);
    private static readonly RunOptions Few = new() { Chains = 1, Draws = 4000 };

    // Irregular rows without randomness: eight sites that differ, counts far from both ends.
    private static readonly Place[] Places =
    [
        .. Enumerable.Range(0, 48).Select(i => new Place(
            i / 6, (i % 6 - 2.5) / 2, Math.Round(20 * Math.Exp(0.7 * Math.Sin(2.4 * (i / 6)) + 0.2 * (i % 6 - 2.5) + 0.3 * Math.Sin(7.0 * i))),
            Math.Sin(11.0 * i) + 0.6 * Math.Sin(2.4 * (i / 6)) + 0.2 * (i % 6 - 2.5) > 0)),
    ];

    public static TheoryData<string> Families => ["Bernoulli", "Binomial", "Poisson", "NegativeBinomial", "Gamma"];

    [Fact]
    public void R_squared_is_that_of_the_estimates()
    {
        // sleepstudy by REML: estimates as lme4 prints them (10.4673; 24.7407, 5.9221, correlation 0.0656; 25.5918), var(Days) = 1485 / 179, mean of
        // Days 4.5 and of its square 28.5. r.squaredGLMM of R's MuMIn gives 0.27865 and 0.79922.
        var subject = Group.By((Sleep r) => r.Subject);
        var rows = ReferenceFile.Read("data/sleepstudy.csv").Rows.Select(
            row => new Sleep(row.Text("Subject"), row.Number("Days"), row.Number("Reaction")));
        var fit =
            PooledModel.Of<Sleep>().Normal(r => r.Reaction).Intercept().Slope(r => r.Days).Varying(subject, g => g.Intercept().Slope(r => r.Days))
                .Fit(rows, Engine.RestrictedMaximumLikelihood, Few);

        const double Population = 10.4673 * 10.4673 * 1485 / 179;
        const double Subjects = 24.7407 * 24.7407 + 2 * 4.5 * 0.0656 * 24.7407 * 5.9221 + 28.5 * 5.9221 * 5.9221;
        const double Error = 25.5918 * 25.5918;
        Assert.Equal(Population / (Population + Subjects + Error), fit.MarginalRSquared.Mean, 1e-5);
        Assert.Equal(0.27865, fit.MarginalRSquared.Mean, 1e-5);
        Assert.Equal((Population + Subjects) / (Population + Subjects + Error), fit.ConditionalRSquared.Mean, 1e-5);
        Assert.Equal(0.79922, fit.ConditionalRSquared.Mean, 1e-5);
        Assert.Equal(Subjects / (Subjects + Error), fit.Icc(subject).Mean, 1e-5);
        Assert.Equal(0, fit.MarginalRSquared.McseMean);

        // The average over draws of the estimates is another number, and has its own name.
        Assert.Equal(fit.MarginalRSquared.Draws.Average(), fit.MarginalRSquared.AverageOverUncertainty, 1e-12);
        Assert.InRange(fit.MarginalRSquared.Mean - fit.MarginalRSquared.AverageOverUncertainty, 0.001, 0.006);
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void Predictions_are_the_inverse_link_at_the_estimates(string family)
    {
        var (fit, inverse, size) = FitOf(family);
        var row = Places[7];
        var eta = fit.For(Site)[row.Site].Intercept.Mean + row.X * fit.Coefficient("X").Mean;

        Assert.Equal(eta, fit.PredictLink(row).Mean, 1e-10);
        Assert.Equal(inverse(eta), fit.PredictMean(row).Mean, 1e-10 * inverse(eta));
        Assert.Equal(size * inverse(eta), fit.PredictNew(row).Mean, 1e-10 * size * inverse(eta));
        Assert.Equal(0, fit.PredictNew(row).McseMean);

        var average = fit.Intercept.Mean + row.X * fit.Coefficient("X").Mean;
        Assert.Equal(inverse(average), fit.PredictMean(row, Site.Average()).Mean, 1e-10 * inverse(average));

        // The average over what is not known of eta is not the function at its estimate; by Simpson's rule over its normal approximation.
        var link = fit.PredictLink(row);
        Assert.Equal(Expectation(inverse, eta, link.Sd), fit.PredictMean(row).AverageOverUncertainty, 1e-7 * inverse(eta));
        Assert.NotEqual(inverse(eta), fit.PredictMean(row).AverageOverUncertainty, 1e-5 * inverse(eta));
        Assert.Equal(link.Mean, link.AverageOverUncertainty, 1e-12);
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void A_new_group_is_averaged_over_with_the_estimated_sd(string family)
    {
        var (fit, inverse, size) = FitOf(family);
        var row = Places[7];
        var eta = fit.Intercept.Mean + row.X * fit.Coefficient("X").Mean;
        var expected = Expectation(inverse, eta, fit.For(Site).InterceptSd.Mean);

        Assert.Equal(eta, fit.PredictLink(row, Site.New(99)).Mean, 1e-10);
        Assert.Equal(expected, fit.PredictMean(row, Site.New(99)).Mean, 1e-7 * expected);
        Assert.Equal(expected, fit.PredictMeanOverGroups(row).Mean, 1e-7 * expected);
        Assert.Equal(size * expected, fit.PredictNew(row, Site.New(99)).Mean, 1e-7 * size * expected);
    }

    [Fact]
    public void Log_normal_predictions_are_at_the_estimates()
    {
        var fit = PooledModel.Of<Place>().LogNormal(p => p.Y).Intercept().Slope(p => p.X).Varying(Site, g => g.Intercept()).Fit(
            Places, Engine.MaximumLikelihood, Few);
        var row = Places[7];
        var eta = fit.For(Site)[row.Site].Intercept.Mean + row.X * fit.Coefficient("X").Mean;
        var (sigma, sd) = (fit.Sigma.Mean, fit.For(Site).InterceptSd.Mean);
        var average = fit.Intercept.Mean + row.X * fit.Coefficient("X").Mean;

        Near(Math.Exp(eta), fit.PredictMedian(row).Mean);
        Near(Math.Exp(eta + sigma * sigma / 2), fit.PredictMean(row).Mean);
        Near(Math.Exp(eta + sigma * sigma / 2), fit.PredictNew(row).Mean);
        Near(eta, fit.PredictNewLog(row).Mean);
        Near(Math.Exp(average), fit.PredictMedian(row, Site.Average()).Mean);
        Near(Math.Exp(average + sd * sd / 2), fit.PredictMedian(row, Site.New(99)).Mean);
        Near(Math.Exp(average + sd * sd / 2 + sigma * sigma / 2), fit.PredictNew(row, Site.New(99)).Mean);
        Near(Math.Exp(eta + Math.Pow(fit.PredictMeanLog(row).Sd, 2) / 2), fit.PredictMedian(row).AverageOverUncertainty);

        static void Near(double expected, double actual) => Assert.Equal(expected, actual, 1e-10 * Math.Abs(expected));
    }

    [Fact]
    public void A_derived_quantity_is_the_function_of_the_estimates()
    {
        var (fit, inverse, _) = FitOf("Poisson");
        var site = fit.For(Site);
        var odd = fit.Derive(d => Math.Exp(d.Of(site[3].Intercept)) / d.Of(site.InterceptSd));

        Assert.Equal(Math.Exp(site[3].Intercept.Mean) / site.InterceptSd.Mean, odd.Mean, 1e-12);
        Assert.Equal(0, odd.McseMean);
        Assert.Equal(odd.Draws.Average(), odd.AverageOverUncertainty, 1e-12);
        Assert.NotEqual(odd.Mean, odd.AverageOverUncertainty, 1e-4);

        // Derived of derived, and of predictions of known groups.
        Assert.Equal(odd.Mean * odd.Mean, fit.Derive(d => d.Of(odd) * d.Of(odd)).Mean, 1e-9);
        Assert.Equal(inverse(fit.PredictLink(Places[7]).Mean) - 1, fit.Derive(d => d.Of(fit.PredictMean(Places[7])) - 1).Mean, 1e-9);
    }

    [Fact]
    public void A_function_of_what_stays_random_is_averaged_over_it_with_the_estimates_held()
    {
        var fit = PooledModel.Of<Place>().Normal(p => p.Y).Intercept().Slope(p => p.X).Varying(Site, g => g.Intercept()).Fit(
            Places, Engine.RestrictedMaximumLikelihood, new RunOptions { Chains = 1, Draws = 20_000 });
        var (known, first, second) = (
            fit.PredictMean(Places[7]), fit.PredictNew(Places[7] with { Site = 99 }), fit.PredictNew(Places[8] with { Site = 99 }));
        var (sigma, sd, slope) = (fit.Sigma.Mean, fit.For(Site).InterceptSd.Mean, fit.Coefficient("X").Mean);

        // P(new response > the known group's mean), and E of a square: with the variances at the estimates. Errors are binomial, and those of a
        // squared normal number.
        var total = Math.Sqrt(sigma * sigma + sd * sd);
        var centre = fit.Intercept.Mean + slope * Places[7].X;
        var above = fit.Derive(d => d.Of(first) > d.Of(known) ? 1 : 0);
        var p = 1 - Normal.CDF(centre, total, known.Mean);
        Assert.Equal(p, above.Mean, 5 * above.McseMean);
        Assert.Equal(Math.Sqrt(p * (1 - p) / 20_000), above.McseMean, 0.05 * above.McseMean);
        var square = fit.Derive(d => Math.Pow(d.Of(first) - centre, 2));
        Assert.Equal(total * total, square.Mean, 5 * total * total * Math.Sqrt(2.0 / 20_000));

        // Two observations of one new group share its effect: their difference does not have it.
        var difference = fit.Derive(d => Math.Pow(d.Of(second) - d.Of(first) - slope * (Places[8].X - Places[7].X), 2));
        Assert.Equal(2 * sigma * sigma, difference.Mean, 5 * 2 * sigma * sigma * Math.Sqrt(2.0 / 20_000));
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void New_observations_at_the_estimates_have_the_variance_of_the_family(string family)
    {
        var (fit, inverse, size) = FitOf(family, new RunOptions { Chains = 1, Draws = 20_000 });
        var fresh = fit.PredictNew(Places[7]);
        var mean = size * inverse(fit.PredictLink(Places[7]).Mean);
        var shape = fit switch
        {
            NegativeBinomialFit<Place> counts =>
            counts.Shape.Mean,
            GammaFit<Place> gamma => gamma.Shape.Mean,
            _ => double.PositiveInfinity
        };
        var variance = family switch
        {
            "Bernoulli" or "Binomial" => mean * (1 - mean / size),
            "Gamma" => mean * mean / shape,
            _ => mean + mean * mean / shape,
        };
        var square = fit.Derive(d => Math.Pow(d.Of(fresh) - mean, 2));

        Assert.Equal(variance, square.Mean, 5 * square.McseMean);
        Assert.InRange(square.McseMean, 0, 0.05 * variance);
    }

    [Fact]
    public void Draws_of_a_posterior_are_averaged_as_before()
    {
        var fit = PooledModel.Of<Place>().Poisson(p => p.Y).Intercept().Varying(Site, g => g.Intercept()).Fit(
            Places, Engine.Nuts, new RunOptions { Chains = 1, Draws = 200, Warmup = 200 });
        var rate = fit.PredictMean(Places[7]);

        Assert.Equal(rate.Draws.Average(), rate.Mean, 1e-12);
        Assert.Equal(rate.Mean, rate.AverageOverUncertainty);
    }

    private static (Fit<Place> Fit, Func<double, double> Inverse, double Size) FitOf(string family, RunOptions? options = null)
    {
        var model = PooledModel.Of<Place>();
        var engine = new MaximumLikelihoodEngine();
        static double Logistic(double eta) => 1 / (1 + Math.Exp(-eta));
        return family switch
        {
            "Bernoulli" =>
                (model.Bernoulli(p => p.IsHit).Intercept().Slope(p => p.X).Varying(Site, g => g.Intercept()).Fit(
                    Places, engine, options ?? Few), Logistic, 1),
            "Binomial" =>
                (model.Binomial(p => p.Y, p => p.Trials).Intercept().Slope(p => p.X).Varying(Site, g => g.Intercept()).Fit(
                    Places, engine, options ?? Few), Logistic, 150),
            "Poisson" =>
                (model.Poisson(p => p.Y, p => p.Hours).Intercept().Slope(p => p.X).Varying(Site, g => g.Intercept()).Fit(
                    Places, engine, options ?? Few), Math.Exp, 3),
            "NegativeBinomial" =>
                (model.NegativeBinomial(p => p.Y).Intercept().Slope(p => p.X).Varying(Site, g => g.Intercept()).Fit(
                    Places, engine, options ?? Few), Math.Exp, 1),
            "Gamma" =>
                (model.Gamma(p => p.Y).Intercept().Slope(p => p.X).Varying(Site, g => g.Intercept()).Fit(
                    Places, engine, options ?? Few), Math.Exp, 1),
            _ => throw new ArgumentOutOfRangeException(nameof(family)),
        };
    }

    // E f(x), x normal: Simpson's rule over 10 sds on either side.
    private static double Expectation(Func<double, double> f, double mean, double sd)
    {
        const int Panels = 2000;
        var (sum, weights) = (0.0, 0.0);
        for (var i = 0; i <= Panels; i++)
        {
            var z = -10 + 20.0 * i / Panels;
            var weight = (i is 0 or Panels ? 1 : i % 2 == 1 ? 4 : 2) * Math.Exp(-0.5 * z * z);
            sum += weight * f(mean + sd * z);
            weights += weight;
        }

        return sum / weights;
    }

    private sealed record Place(int Site, double X, double Y, bool IsHit, int Trials = 150, double Hours = 3);

    private sealed record Sleep(string Subject, double Days, double Reaction);
}
