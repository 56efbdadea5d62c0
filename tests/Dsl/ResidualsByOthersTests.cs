using MathNet.Numerics.LinearAlgebra;
using TypedPooling.Draws;
using TypedPooling.Engines;
using TypedPooling.Responses;
using TypedPooling.Tests.Support;
using Xunit;
using static TypedPooling.Prior;
using Gaussian = MathNet.Numerics.Distributions.Normal;
using Item = TypedPooling.Tests.Dsl.CellLooTests.Item;

namespace TypedPooling.Tests.Dsl;

/// <summary>Leave-one-out residuals of rows that move the draws much: the effects of their level given its other rows, and fits again.</summary>
public sealed class ResidualsByOthersTests
{
    private static readonly Group<Result, string> Lab = Group.By((Result r) => r.Lab);
    private static readonly RunOptions Many = new() { Draws = 4000, Chains = 2 };

    // Two rows a lab, errors that are small beside the differences of labs: by the weights of draws alone most k-hats are above 0.3.
    private static Result[] Pairs() => [.. Enumerable.Range(0, 24).Select(i => new Result(
        "lab " + i / 2,
        Math.Cos(1.7 * i),
        1.5 * Math.Sin(2.2 * (i / 2)) + (0.05 + 0.1 * (i % 3)) * Math.Sin(7.0 * i),
        0.05 + 0.1 * (i % 3)))];

    [Theory]
    [InlineData("known errors")]
    [InlineData("standardised")]
    [InlineData("weights")]
    [InlineData("log-normal")]
    public void Two_rows_a_level_of_a_Normal_response_have_the_closed_form(string kind)
    {
        var rows = Pairs();
        var of = PooledModel.Of<Result>();
        NormalModel<Result> Varying(NormalModel<Result> m) => m.Intercept(Normal(0, 2)).Slope(r => r.X, Normal(0, 1))
            .Varying(Lab, g => g.Intercept(Fixed(1.5)));
        Fit<Result> fit = kind switch
        {
            "known errors" => Varying(of.Normal(r => r.Y, knownSd: r => r.Sd)).Fit(rows, Many),
            "standardised" => Varying(of.Normal(r => r.Y, knownSd: r => r.Sd)).Standardized().Fit(rows, Many),
            "weights" => Varying(of.Normal(r => r.Y, Fixed(0.1)).PrecisionWeight(r => 0.01 / (r.Sd * r.Sd), "w")).Fit(rows, Many),
            _ => of.LogNormal(r => Math.Exp(r.Y), Fixed(0.1), "y").PrecisionWeight(r => 0.01 / (r.Sd * r.Sd), "w").Intercept(Normal(0, 2))
                .Slope(r => r.X, Normal(0, 1)).Varying(Lab, g => g.Intercept(Fixed(1.5))).Fit(rows, Many),
        };
        var residuals = fit.Residuals(rows);

        // Priors of a standardised model are in sds of response and columns.
        var (scale, origin) = (1.0, 0.0);
        Func<double, double> column = x => x;
        if (kind == "standardised")
        {
            (origin, scale) = MeanAndSdOf([.. rows.Select(r => r.Y)]);
            var (mean, sd) = MeanAndSdOf([.. rows.Select(r => r.X)]);
            column = x => (x - mean) / sd;
        }

        for (var i = 0; i < rows.Length; i++)
        {
            var (mean, sd) = Given(rows, i, (a, b) => scale * scale
                * (4 + column(a.X) * column(b.X) + (a.Lab == b.Lab ? 2.25 : 0)) + (ReferenceEquals(a, b) ? a.Sd * a.Sd : 0), origin);
            var own = residuals.Rows[i];
            var isLog = kind == "log-normal";
            Assert.Equal(Gaussian.CDF(mean, sd, rows[i].Y), own.Probability, 0.03);
            Assert.Equal(isLog ? Math.Exp(mean + 0.5 * sd * sd) : mean, own.Mean, 0.15 * sd * (isLog ? Math.Exp(mean + sd) : 1));
            Assert.Equal(1, own.Sd / sd / (isLog ? Math.Exp(mean + 0.5 * sd * sd) * Math.Sqrt((Math.Exp(sd * sd) - 1) / (sd * sd)) : 1), 0.05);
            Assert.False(own.IsRefitted);
        }

        Assert.InRange(residuals.LargestParetoK, -1, 0.5);
    }

    [Theory]
    [InlineData("Bernoulli")]
    [InlineData("Poisson")]
    [InlineData("NegativeBinomial")]
    [InlineData("Beta")]
    [InlineData("StudentT")]
    public void Rows_left_out_have_the_expectation_that_a_fit_without_them_gives(string family)
    {
        // Levels of one, two and four rows, and two outliers: the fits again are the truth.
        var rows = Item.Rows(family, 7, hasOutliers: true);
        var residuals = Item.Fit(family, rows, new() { Draws = 2000 }).Residuals(rows, refit: true, new() { Draws = 2000, Seed = 6 });
        Assert.InRange(residuals.Rows.Count(row => row.IsRefitted), 0, 4);
        Assert.False(residuals.LargestParetoK > 0.5);
        foreach (var i in new[] { 2, 5, 9, 20 })
        {
            var (mean, error, atMost, below) = Truth(family, rows, i);
            Assert.Equal(mean, residuals.Rows[i].Mean, 7 * error);
            Assert.InRange(residuals.Rows[i].Probability, below - 0.04, atMost + 0.04);
        }
    }

    [Fact]
    public void Rows_whose_draws_cannot_tell_are_named_and_fitted_again_on_request()
    {
        // With so few draws no k-hat is known.
        var rows = Item.Rows("Poisson", 7)[..12];
        var fit = Item.Fit("Poisson", rows, new() { Chains = 1, Draws = 20 });
        var plain = fit.Residuals(rows);
        Assert.Contains(plain.Findings, finding => finding.StartsWith("12 rows of 12 have a Pareto k above", StringComparison.Ordinal));
        Assert.Contains("Residuals(rows, refit: true)", plain.ToString(), StringComparison.Ordinal);
        Assert.All(plain.Rows, row => Assert.False(row.IsRefitted));
        var again = fit.Residuals(rows, refit: true, new() { Draws = 1000, Seed = 9 });
        Assert.All(again.Rows, row => Assert.True(row.IsRefitted && double.IsNaN(row.ParetoK)));
        Assert.DoesNotContain(again.Findings, finding => finding.Contains("Pareto", StringComparison.Ordinal));
        foreach (var i in new[] { 0, 4, 11 })
        {
            var (mean, error, atMost, below) = Truth("Poisson", rows, i);
            Assert.Equal(mean, again.Rows[i].Mean, 7 * error);
            Assert.InRange(again.Rows[i].Probability, below - 0.04, atMost + 0.04);
        }
    }

    // By the rule's own weights: moments of many draws against sums over its points.
    [Theory]
    [InlineData("Poisson", 1)]
    [InlineData("Poisson", 2)]
    [InlineData("StudentT", 1)]
    public void Effects_are_drawn_from_their_distribution_given_cells(string name, int cells)
    {
        const int Block = EffectsIntegralWorkspace.BlockLength;
        var family = TestFamilies.Of(name, name == "Poisson" ? Link.Log : Link.Identity);
        double[] responses = cells == 1 ? [7] : [7, 2];
        double[] sizes = [.. responses.Select(_ => 1.0)];
        double[] anchors = [.. responses.Zip(sizes, family.Curve.Anchor)];
        var (known, spherical) = (new double[cells * Block], new double[cells * Block]);
        for (var i = 0; i < cells; i++)
        {
            Array.Fill(known, i * 0.3, i * Block, Block);
            Array.Fill(spherical, 1.5 - i, i * Block, Block);
        }

        var (effects, uniforms, scales) = (new double[Block], Enumerable.Range(0, Block).Select(s => (s + 0.5) / Block).ToArray(), new double[Block]);
        Array.Fill(scales, 3.0);
        new EffectsIntegralWorkspace(family, 1).Draw(new(responses, sizes, anchors, known, spherical), scales, scales, uniforms, effects);

        // By a fine sum.
        var (total, first, second) = (0.0, 0.0, 0.0);
        for (var v = -10.0; v < 10; v += 0.001)
        {
            var log = -0.5 * v * v;
            for (var i = 0; i < cells; i++)
            {
                var distance = i * 0.3 + (1.5 - i) * v - anchors[i];
                log += family.Curve.FromAnchor(anchors[i], distance, responses[i], sizes[i], new ResponseScales(3, 3), out _, out _, out _);
            }

            var weight = Math.Exp(log);
            (total, first, second) = (total + weight, first + weight * v, second + weight * v * v);
        }

        Assert.Equal(first / total, effects.Average(), 0.02);
        Assert.Equal(second / total, effects.Average(v => v * v), 0.05);
    }

    private static (double Mean, double Error, double AtMost, double Below) Truth(string family, Item[] rows, int i)
    {
        var others = Item.Fit(family, [.. rows.Where((_, j) => j != i)], new() { Draws = 2000, Seed = 5 });
        var (sigma, shape) = Item.ScalesOf(others);
        var own = others.Spec.Response.Family;
        var size = family is "Poisson" or "NegativeBinomial" ? rows[i].N : 1;
        double[] etas = [.. others.PredictLink(rows[i]).Draws];
        double[] means = [.. etas.Select((eta, s) => own.Mean(InverseLink.Of(own.Link, eta), size, new(sigma[s], shape[s])))];
        return (
            means.Average(),
            Diagnostics.Sd(means) / Math.Sqrt(Math.Min(Diagnostics.EssMean(means, others.Posterior.ChainCount), 1000)),
            etas.Select((eta, s) => own.Cdf(rows[i].Y, InverseLink.Of(own.Link, eta), size, new(sigma[s], shape[s]))).Average(),
            etas.Select((eta, s) => own.Cdf(rows[i].Y - (own.IsCount || own.IsProportion ? 1 : 0), InverseLink.Of(own.Link, eta), size, new(
                sigma[s], shape[s]))).Average());
    }

    // Mean and sd of a normal response given all others.
    private static (double Mean, double Sd) Given(Result[] rows, int i, Func<Result, Result, double> covariance, double origin)
    {
        Result[] others = [.. rows.Where((_, j) => j != i)];
        var matrix = Matrix<double>.Build.Dense(others.Length, others.Length, (a, b) => covariance(others[a], others[b]));
        var with = Vector<double>.Build.Dense(others.Length, a => covariance(rows[i], others[a]));
        var solved = matrix.Cholesky().Solve(with);
        return (
            origin + solved.DotProduct(Vector<double>.Build.Dense(others.Length, a => others[a].Y - origin)),
            Math.Sqrt(covariance(rows[i], rows[i]) - solved.DotProduct(with)));
    }

    private static (double Mean, double Sd) MeanAndSdOf(double[] values) => (values.Average(), Diagnostics.Sd(values));

    internal sealed record Result(string Lab, double X, double Y, double Sd);
}
