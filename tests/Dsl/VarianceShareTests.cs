using TypedPooling.Engines;
using TypedPooling.Tests.Dsl.Support;
using Xunit;
using static TypedPooling.Prior;

namespace TypedPooling.Tests.Dsl;

/// <summary>ICC and R^2 against their definitions over rows, draw by draw.</summary>
public sealed class VarianceShareTests
{
    private const double Tolerance = 1e-10;

    private static readonly Group<Reading, string?> Site = Group.By((Reading r) => r.Site);
    private static readonly Group<Reading, int> Line = Group.By((Reading r) => r.Line);
    private static readonly RunOptions Few = new() { Chains = 1, Draws = 8 };

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Shares_are_those_of_their_definition_over_rows(bool isStandardized)
    {
        var model = Full(PooledModel.Of<Reading>().Normal(r => r.Y, Exponential(1)));
        var rows = Rows.Readings();

        Agrees((isStandardized ? model.Standardized() : model).Fit(rows, Few), rows, (sigma, _) => sigma * sigma);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Weights_make_errors_unequal_and_known_errors_are_averaged(bool isStandardized)
    {
        var rows = Rows.Readings();
        var weighted = Full(PooledModel.Of<Reading>().Normal(r => r.Y, Exponential(1)).PrecisionWeight(r => r.W + 0.5, "w"));
        var known = Full(PooledModel.Of<Reading>().Normal(r => r.Y, knownSd: r => r.Se / 100));

        Agrees((isStandardized ? weighted.Standardized() : weighted).Fit(rows, Few), rows, (sigma, r) => sigma * sigma / (r.W + 0.5));
        Agrees((isStandardized ? known.Standardized() : known).Fit(rows, Few), rows, (_, r) => r.Se * r.Se / 10_000);
    }

    [Fact]
    public void A_count_repeats_the_row_and_merged_sums_are_the_sums_of_all()
    {
        var rows = Rows.Readings();
        var counted = Full(PooledModel.Of<Reading>().Normal(r => r.Y, Exponential(1)).Count(r => r.Line + 1, "n"));
        var weighted = Full(PooledModel.Of<Reading>().Normal(r => r.Y, Exponential(1)).PrecisionWeight(r => r.W + 0.5, "w"));

        Agrees(counted.Fit(rows, Few), [.. rows.SelectMany(r => Enumerable.Repeat(r, r.Line + 1))], (sigma, _) => sigma * sigma);
        Agrees(
            weighted.Fit(weighted.Read(rows[..17]).Merge(weighted.Read(rows[17..])).Add([]), Few), rows, (sigma, r) => sigma * sigma / (r.W + 0.5));
    }

    [Fact]
    public void Where_scales_are_known_the_ICC_is_a_constant_and_without_slopes_the_textbook_ratio()
    {
        var fit = PooledModel.Of<Reading>().Normal(r => r.Y, Fixed(2)).Intercept(Normal(0, 5)).Varying(Site, g => g.Intercept(Fixed(1.5))).Fit(
            Rows.Readings());

        Assert.Equal(1.5 * 1.5 / (1.5 * 1.5 + 4), fit.Icc(Site).Mean, 1e-12);
        Assert.Equal(0, fit.Icc(Site).Sd, 1e-12);
        Assert.Equal(0, fit.MarginalRSquared.Mean, 1e-12);
        Assert.Equal(fit.Icc(Site).Mean, fit.ConditionalRSquared.Mean, 1e-12);
        Assert.Equal("ICC(Site)", fit.Icc(Site).Name);
        Assert.Equal(ProblemCode.UnknownTerm, Assert.Throws<ModelException>(() => fit.Icc(Line)).Problems.Single().Code);
    }

    [Fact]
    public void A_model_without_factors_has_one_R_squared()
    {
        var rows = Rows.Readings();
        var fit = PooledModel.Of<Reading>().Normal(r => r.Y, Fixed(1)).Intercept(Flat).Slope(r => r.X, Flat).Fit(rows, Few);

        var spread = Math.Pow(TypedPooling.Draws.Diagnostics.Sd([.. rows.Select(r => r.X)]), 2);
        foreach (var (slope, share) in fit.Coefficient(r => r.X).Draws.Zip(fit.MarginalRSquared.Draws))
            Assert.Equal(slope * slope * spread / (slope * slope * spread + 1), share, Tolerance);
        Assert.Equal(fit.MarginalRSquared.Draws.AsEnumerable(), fit.ConditionalRSquared.Draws);
    }

    [Fact]
    public void Summaries_come_from_the_weighted_sample()
    {
        var fit = PooledModel.Of<Home>().Normal(v => v.LogRadon, Exponential(1)).Intercept(Normal(0, 5)).Slope(v => v.Floor, Normal(0, 5))
            .Varying(Group.By((Home v) => v.County), g => g.Intercept(Exponential(1))).Fit(Rows.Radon);
        var icc = fit.Icc(Group.By((Home v) => v.County));

        Assert.Equal(icc.Mean, icc.Draws.Average(), 5 * icc.Sd / Math.Sqrt(2000));
        Assert.True(icc.McseMean < icc.Sd / Math.Sqrt(2 * icc.Draws.Length));
    }

    private static NormalModel<Reading> Full(NormalModel<Reading> model) =>
        model.Intercept(Normal(0, 5)).Slope(r => r.X, Normal(0, 1)).Slope(r => r.Z, Normal(0, 1))
        .Varying(Site, g => g.Intercept(Exponential(1)).Slope(r => r.X, Exponential(1)).Correlated(Lkj(1)))
        .Varying(Line, g => g.Intercept(Exponential(1)));

    // Definitions over the rows, each as often as it counts: variance of the population part, mean of z'Sigma z by factor, mean of the error
    // variance.
    private static void Agrees(NormalFit<Reading> fit, IReadOnlyList<Reading> rows, Func<double, Reading, double> error)
    {
        var (b0, bx, bz) = (fit.Intercept.Draws, fit.Coefficient(r => r.X).Draws, fit.Coefficient(r => r.Z).Draws);
        var (sites, lines) = (fit.For(Site), fit.For(Line));
        var (sd0, sdX, rho, sdLine) = (sites.InterceptSd.Draws, sites.Sd(r => r.X).Draws, sites.Correlation(r => r.X).Draws, lines.InterceptSd.Draws);
        for (var s = 0; s < b0.Length; s++)
        {
            var population = Math.Pow(TypedPooling.Draws.Diagnostics.Sd([.. rows.Select(r => b0[s] + bx[s] * r.X + bz[s] * r.Z)]), 2);
            var site = rows.Average(r => sd0[s] * sd0[s] + 2 * r.X * sd0[s] * sdX[s] * rho[s] + sdX[s] * sdX[s] * r.X * r.X);
            var line = sdLine[s] * sdLine[s];
            var sigma = fit.Spec.Response.KnownSd is null ? fit.Sigma.Draws[s] : 1;
            var rest = rows.Average(r => error(sigma, r));
            Assert.Equal(population / (population + site + line + rest), fit.MarginalRSquared.Draws[s], Tolerance);
            Assert.Equal((population + site + line) / (population + site + line + rest), fit.ConditionalRSquared.Draws[s], Tolerance);
            Assert.Equal(site / (site + line + rest), fit.Icc(Site).Draws[s], Tolerance);
            Assert.Equal(line / (site + line + rest), fit.Icc(Line).Draws[s], Tolerance);
        }
    }
}
