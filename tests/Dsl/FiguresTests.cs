using TypedPooling.Draws;
using TypedPooling.Engines;
using TypedPooling.Tests.Dsl.Support;
using Xunit;

namespace TypedPooling.Tests.Dsl;

/// <summary>Numbers in tables: three significant digits of every spread, whatever its size, and medians where means need not exist.</summary>
public sealed class FiguresTests
{
    private static readonly Group<Reading, string?> Site = Group.By((Reading r) => r.Site);

    [Theory]
    [InlineData(12.3456, 0.789, "12.346", "0.789")]
    [InlineData(12.3456, 7.89, "12.35", "7.89")]
    [InlineData(-123456, 7890, "-123456", "7890")]
    [InlineData(1.3e-12, 4.567e-13, "1.300e-12", "4.57e-13")]
    [InlineData(1.3e-12, 4.567e-9, "1.30e-12", "4.57e-09")]
    [InlineData(1.3e-8, 4.567e-8, "0.0000000130", "0.0000000457")]
    [InlineData(7e26, 3e25, "7.000e+26", "3.00e+25")]
    [InlineData(5, 1e-11, "5.0000000000000e+00", "1.00e-11")]
    [InlineData(0.25, 0, "0.25", "0.00")]
    [InlineData(0.0034567, 0, "0.00346", "0.00000")]
    [InlineData(1.3e-12, 0, "1.30e-12", "0.0000000000")]
    [InlineData(double.PositiveInfinity, double.NaN, "Infinity", "-")]
    public void A_number_shows_three_digits_of_its_spread(double value, double spread, string shown, string shownSpread)
    {
        var decimals = Figures.Decimals(spread, value);
        Assert.Equal(shown, Figures.Fixed(value, decimals));
        Assert.Equal(shownSpread, Figures.Fixed(spread, decimals));
    }

    [Theory]
    [InlineData(1e-12)]
    [InlineData(1e-6)]
    [InlineData(1)]
    [InlineData(1e12)]
    public void Every_table_shows_digits_at_every_scale_of_the_response(double scale)
    {
        var rows = Rows.Readings(80).Select(r => r with { Y = scale * r.Y, Z = r.Z / scale }).ToArray();
        var model = PooledModel.Of<Reading>().Normal(r => r.Y).Intercept().Slope(r => r.X).Varying(Site, g => g.Intercept());
        var fit = model.Fit(rows, new RunOptions { Chains = 1, Draws = 100 });
        var likelihood = model.Fit(rows, Engine.MaximumLikelihood);
        var site = fit.For(Site);
        string[] printed =
        [
            fit.Table.ToString(),
            likelihood.Table.ToString(),
            site.Coefficients().ToString(),
            site.Shrinkage().ToString(),
            model.NoPooling(rows, Site).ToString(),
            model.ComparePooling(rows, Site).ToString(),
            fit.Intercept.ToString(),
            site.Level("site 1").Intercept.ToString(),
            fit.Sigma.Histogram(5).ToString(),
        ];

        // 0.00 or 0.0000000000 for a number that is not 0 has no digit but 0.
        Assert.All(printed, text => Assert.DoesNotMatch(@"(?<![\d.])-?0\.0+(?![\d.]|e-)\s+-?0\.0+(?![\d.]|e-)", text));
    }

    [Fact]
    public void The_shape_of_counts_shows_its_median_where_its_mean_need_not_exist()
    {
        // Less variance than a Poisson response: nothing bounds the shape, and its default prior falls as x^-3/2.
        var rows = Enumerable.Range(0, 60).Select(i => new Reading { Site = $"{i % 6}", Line = 10 + (i % 3) }).ToArray();
        var model = PooledModel.Of<Reading>().NegativeBinomial(r => r.Line).Intercept().Varying(Site, g => g.Intercept());
        var fit = model.Fit(rows, new RunOptions { Chains = 2, Draws = 200 });
        var row = fit.Table.Rows.Single(row => row.Parameter.Kind == ParameterKind.Shape);
        var line = fit.Table.ToString().ReplaceLineEndings("\n").Split('\n').Single(text => text.StartsWith("shape", StringComparison.Ordinal));

        Assert.True(row.HasUnsureMean);
        Assert.Equal(fit.Shape.Median, row.Median);
        Assert.Equal(
            Figures.Fixed(row.Median, Figures.DecimalsOfInterval(row.Lower, row.Upper, row.Probability)),
            line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1]);
        Assert.Equal("-", line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[2]);
        Assert.Contains("The mean may not exist for shape; the table shows the median.", fit.Table.ToString(), StringComparison.Ordinal);
        Assert.InRange(row.EssBulk, 100, 1e6);
        Assert.Single(fit.Shape.Warnings);

        // A prior with a mean has a posterior with one.
        Assert.False(
            PooledModel.Of<Reading>().NegativeBinomial(r => r.Line, shape: Prior.Gamma(2, 0.1)).Intercept().Fit(
                rows, new RunOptions { Chains = 1, Draws = 100 }).Table.Rows[^1].HasUnsureMean);
    }

    [Fact]
    public void An_sd_drawn_from_a_prior_of_its_covariance_shows_its_median_where_it_has_no_mean()
    {
        // Sds are HalfStudentT(nu) under HuangWand(nu); under InverseWishart(nu) with two effects variances are inverse gamma of shape (nu - 1) / 2.
        Assert.Equal((true, false), (HasUnsureSd(Prior.HuangWand(1, 2)), HasUnsureSd(Prior.HuangWand(1.2, 2))));
        Assert.Equal((true, false), (HasUnsureSd(Prior.InverseWishart(2, 1)), HasUnsureSd(Prior.InverseWishart(2.2, 1))));

        static bool HasUnsureSd(ICovariancePrior prior)
        {
            var rows = PooledModel.Of<Reading>().Normal(r => r.Y, sigma: Prior.Exponential(1)).Intercept(Prior.Normal(0, 1))
                .Varying(Site, g => g.Intercept().Slope(r => r.Line).Covariance(prior))
                .SamplePrior(100).Table.Rows.Where(row => row.Parameter.Kind == ParameterKind.VaryingSd).ToArray();
            Assert.Equal(2, rows.Length);
            return rows.All(row => row.HasUnsureMean);
        }
    }

    [Fact]
    public void An_sd_shows_its_median_where_its_prior_and_its_levels_leave_it_no_mean()
    {
        // tau^-1 of HalfCauchy's tail and one of two levels: tau^-(1 + 2), which has a mean; flat with three levels: tau^-2, which has none, and with
        // four tau^-3.
        var prior =
            PooledModel.Of<Reading>().Normal(r => r.Y, sigma: Prior.HalfCauchy(1)).Intercept(Prior.Cauchy(0, 1)).Varying(
                Site, g => g.Intercept(Prior.HalfNormal(1))).SamplePrior(100);
        Assert.Equal(
            [true, false, true], prior.Table.Rows.OrderBy(row => row.Parameter.Name, StringComparer.Ordinal).Select(row => row.HasUnsureMean));

        Assert.False(Sd(2, Prior.HalfCauchy(1)));
        Assert.True(Sd(3, Prior.Flat));
        Assert.False(Sd(4, Prior.Flat));

        static bool Sd(int levels, IScalePrior prior)
        {
            var rows = Enumerable.Range(0, 40).Select(i => new Reading { Site = $"{i % levels}", Y = Math.Sin(i) + (i % levels) }).ToArray();
            var model = PooledModel.Of<Reading>().Normal(r => r.Y).Intercept(Prior.Flat).Varying(Site, g => g.Intercept(prior));
            return model.Fit(rows, new RunOptions { Chains = 1, Draws = 50 }).Table.Rows.Single(
                row => row.Parameter.Kind == ParameterKind.VaryingSd).HasUnsureMean;
        }
    }

    [Theory]
    [InlineData("Poisson", false)]
    [InlineData("Poisson", true)]
    [InlineData("Gamma", false)]
    [InlineData("Poisson of two factors", false)]
    public void Conditional_modes_are_the_same_bits_whenever_they_are_read(string family, bool quadrature)
    {
        var rows =
            Enumerable.Range(0, 160)
                .Select(
                    i =>
                        new Reading
                        {
                            Site = $"{i % 40}",
                            Season = (Season)(1 + (i % 3)),
                            Line = (int)(6 + (4 * Math.Sin(i % 40)) + Math.Cos(3.0 * i)),
                            Y = 2 + Math.Sin(i % 40),
                        }).ToArray();
        var builder = PooledModel.Of<Reading>();
        var other = Group.By((Reading r) => r.Season);
        ILikelihoodFit<Reading> fit = family switch
        {
            "Poisson" => builder.Poisson(r => r.Line).Intercept().Varying(Site, g => g.Intercept()).Fit(rows, Ml()),
            "Gamma" => builder.Gamma(r => r.Line + 1.0).Intercept().Varying(Site, g => g.Intercept()).Fit(rows, Ml()),
            _ => builder.Poisson(r => r.Line).Intercept().Varying(Site, g => g.Intercept()).Varying(other, g => g.Intercept()).Fit(rows, Ml()),
        };

        var first = Bits();
        for (var again = 0; again < 4; again++)
            Assert.Equal(first, Bits());

        ICellLikelihoodEngine Ml() => new TypedPooling.Inference.MaximumLikelihood.MaximumLikelihoodEngine { QuadraturePoints = quadrature ? 9 : 1 };

        long[] Bits() =>
        [
            .. Enumerable.Range(0, 40).SelectMany(j =>
            {
                var level = fit.For(Site).Level($"{j}");
                return new[]
                {
                    level.Effect("Intercept").Mean,
                    level.Effect("Intercept").Sd,
                    level.ConditionalSd("Intercept"),
                    level.Coefficient("Intercept").Mean,
                    level.Intercept.Draws[17],
                };
            }).Select(BitConverter.DoubleToInt64Bits),
        ];
    }
}
