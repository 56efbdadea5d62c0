using TypedPooling.Tests.Dsl.Support;
using Xunit;
using static TypedPooling.Prior;
using Gauss = MathNet.Numerics.Distributions.Normal;

namespace TypedPooling.Tests.Dsl;

public sealed class HistogramTests
{
    private static readonly NormalModel<Visit> Waits = PooledModel.Of<Visit>().Normal(v => v.Wait, sigma: Fixed(1)).Intercept(Normal(5, 2));

    [Fact]
    public void Bins_of_an_exact_quantity_have_exact_probabilities()
    {
        var q = Waits.Fit(Rows.Cafe).Intercept;
        var histogram = q.Histogram(8);

        Assert.Equal(8, histogram.Bins.Length);
        Assert.Equal((q.Quantile(0.005), q.Quantile(0.995)), (histogram.Bins[0].Lower, histogram.Bins[7].Upper));
        Assert.All(
            histogram.Bins, bin => Assert.Equal(Gauss.CDF(q.Mean, q.Sd, bin.Upper) - Gauss.CDF(q.Mean, q.Sd, bin.Lower), bin.Probability, 1e-12));
        Assert.Equal(0.005, histogram.Below, 1e-12);
        Assert.Equal(0.005, histogram.Above, 1e-12);
        Assert.Equal(histogram.Bins[3].Probability / (histogram.Bins[3].Upper - histogram.Bins[3].Lower), histogram.Bins[3].Density);
    }

    [Fact]
    public void Bins_of_draws_hold_the_share_of_the_draws_that_lie_in_them_and_add_to_one()
    {
        var fit = Waits.Fit(Rows.Cafe, new() { Chains = 1, Draws = 200 });
        var q = fit.Derive(d => d.Of(fit.Intercept));
        var histogram = q.Histogram(10, q.Draws.Min(), q.Draws.Max());

        Assert.Equal(1, histogram.Bins.Sum(bin => bin.Probability), 1e-12);
        Assert.Equal((0.0, 0.0), (histogram.Below, histogram.Above));
        foreach (var (bin, b) in histogram.Bins.Select((bin, b) => (bin, b)))
            Assert.Equal(q.Draws.Count(x => x >= bin.Lower && (x < bin.Upper || (b == 9 && x == bin.Upper))) / 200.0, bin.Probability, 1e-12);
    }

    [Fact]
    public void The_weighted_sample_is_what_bins_of_a_scale_are_made_of()
    {
        var q = PooledModel.Of<Visit>().Normal(v => v.Wait, sigma: Exponential(1)).Intercept(Normal(5, 2)).Fit(Rows.Cafe).Sigma;
        var histogram = q.Histogram(6);

        Assert.Equal(q.Probability(x => x >= histogram.Bins[2].Lower && x < histogram.Bins[2].Upper), histogram.Bins[2].Probability, 1e-12);
        Assert.Equal(1, histogram.Bins.Sum(bin => bin.Probability) + histogram.Below + histogram.Above, 1e-12);
    }

    [Fact]
    public void A_constant_has_one_bin_without_width()
    {
        var histogram = Waits.Fit(Rows.Cafe, new() { Chains = 1, Draws = 4 }).Sigma.Histogram();

        Assert.Equal(new HistogramBin(1, 1, 1), Assert.Single(histogram.Bins));
        Assert.Contains("100.0%", histogram.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Prints_a_bar_a_bin()
    {
        var fit = Waits.Fit(Rows.Cafe, new() { Chains = 1, Draws = 4 });
        var q = fit.Derive(d => new[] { 1.0, 2.5, 2.5, 4 }[fit.Intercept.Draws.IndexOf(d.Of(fit.Intercept))], "x");

        Assert.Equal(
            $"""
            x
            0.00 to 1.00    0.0%
            1.00 to 2.00   25.0%  {new string('#', 25)}
            2.00 to 3.00   50.0%  {new string('#', 50)}
            0.0% below, 25.0% above

            """.ReplaceLineEndings("\n"),
            q.Histogram(3, 0, 3).ToString().ReplaceLineEndings("\n"));
    }

    [Fact]
    public void Refuses_bins_that_are_none()
    {
        var q = Waits.Fit(Rows.Cafe, new() { Chains = 1, Draws = 4 }).Intercept;

        Assert.Equal("bins", Assert.Throws<ArgumentOutOfRangeException>(() => q.Histogram(0)).ParamName);
        Assert.Equal("bins", Assert.Throws<ArgumentOutOfRangeException>(() => q.Histogram(1001)).ParamName);
        Assert.Equal("lower", Assert.Throws<ArgumentOutOfRangeException>(() => q.Histogram(5, double.NaN, 1)).ParamName);
        Assert.Equal("upper", Assert.Throws<ArgumentOutOfRangeException>(() => q.Histogram(5, 2, 1)).ParamName);
    }
}
