using MathNet.Numerics;
using TypedPooling.Randomness;
using TypedPooling.Tests.Support;
using Xunit;

namespace TypedPooling.Tests.Core;

/// <summary>What priors on one number say of themselves, against integrals and slopes of their densities. Cases are of every concrete type.</summary>
public sealed class PriorMemberTests
{
    private const double Tolerance = 1e-8;

    public static TheoryData<string> Univariate => PriorCases.Texts<IUnivariatePrior>();

    public static TheoryData<string> Reals => PriorCases.Texts<IRealPrior>();

    public static TheoryData<string> Scales => PriorCases.Texts<IScalePrior>();

    [Theory]
    [MemberData(nameof(Univariate))]
    public void Quantiles_and_the_median_have_their_probabilities(string text)
    {
        var prior = PriorCases.Named<IUnivariatePrior>(text);
        if (!prior.IsProper)
        {
            Assert.Equal((double.NaN, double.NaN), (prior.Median, prior.Quantile(0.3)));
            return;
        }

        if (prior.FixedValue is { } value)
        {
            Assert.Equal((value, value), (prior.Median, prior.Quantile(0.3)));
            return;
        }

        var (density, lower, upper) = Density(prior);
        foreach (var probability in new[] { 0.01, 0.1, 0.5, 0.9, 0.99 })
        {
            // On the side without the kink that a density may have at its median.
            var at = prior.Quantile(probability);
            var share = probability <= 0.5 ? DoubleExponential.Integrate(density, lower, at) : 1 - DoubleExponential.Integrate(density, at, upper);
            Assert.True(Math.Abs(share - probability) < Tolerance, $"{share} lie below the {probability} quantile.");
        }

        Assert.Equal(0.5, DoubleExponential.Integrate(density, lower, prior.Median), Tolerance);
        Assert.Equal(0.5, DoubleExponential.Integrate(density, prior.Median, upper), Tolerance);
    }

    [Theory]
    [MemberData(nameof(Univariate))]
    public void The_tail_index_is_that_of_the_slope_far_out(string text)
    {
        var prior = PriorCases.Named<IUnivariatePrior>(text);
        var slopes = new List<double>();
        if (prior is IScalePrior scale)
            slopes.Add(double.IsInfinity(scale.Upper) ? Slope(scale.LogScaleDensity, 0) : double.NegativeInfinity);
        if (prior is IRealPrior { Lower: double.NegativeInfinity } real)
        {
            var centre = prior.IsProper ? prior.Median : 0;
            slopes.Add(Slope(real.LogDensity, centre));
            slopes.Add(Slope(x => real.LogDensity(2 * centre - x), centre));
        }

        // Of log p for log x, that is -(1 + a). An exponential tail has no limit.
        if (slopes.Count == 0 || slopes.Max() < -1000)
            Assert.Equal(double.PositiveInfinity, prior.TailIndex);
        else
            Assert.Equal(-(1 + prior.TailIndex), slopes.Max(), 1e-4);

        static double Slope(Func<double, double> log, double centre) => (log(centre + 1e10) - log(centre + 1e9)) / Math.Log(10);
    }

    [Theory]
    [MemberData(nameof(Univariate))]
    public void A_fixed_value_is_all_that_is_drawn_and_no_other_prior_has_one(string text)
    {
        var stream = new PhiloxStream(4, 1);
        var prior = PriorCases.Named<IUnivariatePrior>(text);
        var (lower, upper) = prior is IRealPrior real ? (real.Lower, real.Upper) : (((IScalePrior)prior).Lower, ((IScalePrior)prior).Upper);

        Assert.Equal(lower == upper ? lower : null, prior.FixedValue);
        if (!prior.IsProper)
            return;
        double Draw() => prior is IRealPrior coefficient ? coefficient.Sample(stream) : ((IScalePrior)prior).Sample(stream);
        var draws = Enumerable.Range(0, 10).Select(_ => Draw()).ToArray();
        Assert.Equal(prior.FixedValue is not null, draws.All(draw => draw == prior.FixedValue));
        Assert.Equal(prior.FixedValue is null, draws.Distinct().Count() > 1);
    }

    [Theory]
    [MemberData(nameof(Reals))]
    public void The_mean_and_the_sd_are_moments_of_the_density(string text)
    {
        var prior = PriorCases.Named<IRealPrior>(text);
        if (prior.FixedValue is { } value)
        {
            Assert.Equal((value, 0.0), (prior.Mean, prior.Sd));
            return;
        }

        // Moments of an order below the index of the tail exist.
        Assert.Equal(prior.TailIndex > 1, double.IsFinite(prior.Mean));
        Assert.Equal(prior.TailIndex > 2, double.IsFinite(prior.Sd));
        if (prior.TailIndex > 1)
            Assert.Equal(prior.Mean, prior.Median + Moment(1), Tolerance);
        if (prior.TailIndex > 2)
            Assert.Equal(prior.Sd * prior.Sd, Moment(2) - Math.Pow(Moment(1), 2), Tolerance * prior.Sd * prior.Sd);

        double Moment(int order)
        {
            var (density, lower, upper) = Density(prior);
            double Part(double x) => Math.Pow(x - prior.Median, order) * density(x);
            return DoubleExponential.Integrate(Part, lower, prior.Median) + DoubleExponential.Integrate(Part, prior.Median, upper);
        }
    }

    [Theory]
    [MemberData(nameof(Reals))]
    public void The_rough_scale_is_of_the_size_of_the_bulk(string text)
    {
        var prior = PriorCases.Named<IRealPrior>(text);
        if (!prior.IsProper)
        {
            Assert.Equal(double.PositiveInfinity, prior.RoughScale);
            return;
        }

        var half = 0.5 * (prior.Quantile(0.84) - prior.Quantile(0.16));
        Assert.True(double.IsFinite(prior.RoughScale));
        if (prior.TailIndex >= 1)
            Assert.InRange(prior.RoughScale, 0.5 * half, 2 * half);
    }

    [Theory]
    [MemberData(nameof(Reals))]
    public void A_normal_mixture_has_the_density_of_its_prior(string text)
    {
        var prior = PriorCases.Named<IRealPrior>(text);
        if (prior.Mixture is not { } mixture)
        {
            // Mixtures of normals reach everywhere.
            Assert.True(double.IsFinite(prior.Upper - prior.Lower));
            return;
        }

        Assert.Equal(prior.IsProper ? prior.Median : 0, mixture.Location);
        if (!prior.IsProper)
        {
            Assert.Equal((false, 0.0, double.PositiveInfinity), (mixture.IsMixed, mixture.Precision, mixture.Scale));
            return;
        }

        foreach (var z in new[] { -5, -1, 0.1, 0.5, 2, 9 })
        {
            var b = prior.Median + z * prior.RoughScale;
            double Normal(double w) => 0.5 * Math.Log(w / (2 * Math.PI)) - 0.5 * w * Math.Pow(b - mixture.Location, 2);
            var density = mixture.IsMixed
                ? DoubleExponential.Integrate(w => Math.Exp(Normal(w) + mixture.LogPrecisionDensity(w)), 0, double.PositiveInfinity)
                : Math.Exp(Normal(mixture.Precision));
            Assert.Equal(1, density / Math.Exp(prior.LogDensity(b)), Tolerance);
        }
    }

    [Theory]
    [MemberData(nameof(Reals))]
    public void Precisions_are_drawn_given_the_coefficient(string text)
    {
        const int Draws = 20_000;
        if (PriorCases.Named<IRealPrior>(text) is not { Mixture: { IsMixed: true } mixture } prior)
            return;
        var stream = new PhiloxStream(31, 2);
        foreach (var z in new[] { -1.5, 0.2, 4 })
        {
            var b = prior.Median + z * prior.RoughScale;
            var draws = Enumerable.Range(0, Draws).Select(_ => mixture.DrawPrecision(b, stream)).ToArray();
            foreach (var factor in new[] { 0.3, 1, 3 })
            {
                var at = factor * mixture.Precision;
                var share = DoubleExponential.Integrate(Joint, 0, at) / Math.Exp(prior.LogDensity(b));
                var error = Math.Sqrt(share * (1 - share) / Draws) + 0.2 / Draws;
                var found = draws.Count(w => w < at) / (double)Draws;
                Assert.True(Math.Abs(found - share) <= 5 * error, $"{found} of the precisions are below {at} at {b}, and {share} of the density.");
            }

            double Joint(double w) =>
                Math.Exp(0.5 * Math.Log(w / (2 * Math.PI)) - 0.5 * w * Math.Pow(b - mixture.Location, 2) + mixture.LogPrecisionDensity(w));
        }
    }

    [Theory]
    [MemberData(nameof(Scales))]
    public void The_conjugate_form_is_the_density_of_the_variance(string text)
    {
        var prior = PriorCases.Named<IScalePrior>(text);
        if (prior.FixedValue is not null || prior.Lower > 0 || double.IsFinite(prior.Upper))
        {
            // An inverse gamma reaches everywhere.
            Assert.Null(prior.Conjugate);
            return;
        }

        // log p(v) = c - (shape + 1) log v - scale / v is linear in log v and 1 / v: three points give it, the others tell whether it holds.
        double[] variances = [0.3, 1, 4, 0.1, 0.6, 2, 15];
        double Log(double v) => prior.LogScaleDensity(Math.Sqrt(v)) - Math.Log(2 * Math.Sqrt(v));
        var (u, w) = (Math.Log(variances[0]), Math.Log(variances[2]));
        var (slopeU, slopeW) = ((Log(variances[0]) - Log(1)) / u, (Log(variances[2]) - Log(1)) / w);
        var (inverseU, inverseW) = ((1 / variances[0] - 1) / u, (1 / variances[2] - 1) / w);
        var scale = -(slopeU - slopeW) / (inverseU - inverseW);
        var shape = -slopeU - scale * inverseU - 1;
        var misfit = variances.Max(v => Math.Abs(Log(v) - Log(1) + (shape + 1) * Math.Log(v) + scale * (1 / v - 1)));

        Assert.Equal(misfit < 1e-9, prior.Conjugate is not null);
        if (prior.Conjugate is not { } form)
            return;
        Assert.Equal(shape, form.Shape, 1e-10);
        Assert.Equal(scale, form.Scale, 1e-10);
        Assert.Equal(prior.IsProper, form is { Shape: > 0, Scale: > 0 });
        if (prior.IsProper)
            Assert.Equal(form.Shape * Math.Log(form.Scale) - SpecialFunctions.GammaLn(form.Shape) - form.Scale, Log(1), 1e-10);
    }

    [Theory]
    [MemberData(nameof(Scales))]
    public void A_floor_is_a_density_that_falls_faster_than_any_power(string text)
    {
        var prior = PriorCases.Named<IScalePrior>(text);
        var falls = prior.FixedValue is { } value ? value > 0 : prior.Lower > 0 || prior.LogScaleDensity(1e-9) < 100 * Math.Log(1e-9);

        Assert.Equal(falls, prior.HasFloor);
    }

    private static (Func<double, double> Density, double Lower, double Upper) Density(IUnivariatePrior prior) => prior switch
    {
        IRealPrior real => (x => Math.Exp(real.LogDensity(x)), real.Lower, real.Upper),
        IScalePrior scale => (x => Math.Exp(scale.LogScaleDensity(x)), scale.Lower, scale.Upper),
        _ => throw new NotSupportedException(prior.Text),
    };
}
