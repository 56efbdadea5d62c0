using TypedPooling.Draws;
using TypedPooling.Engines;
using TypedPooling.Tests.Dsl.Support;
using TypedPooling.Tests.Support;
using Xunit;
using Xunit.Abstractions;
using static TypedPooling.Prior;

namespace TypedPooling.Tests.Dsl;

/// <summary>Models of several grouping factors, crossed and nested, as users write them.</summary>
public sealed class SeveralFactorsTests(ITestOutputHelper output)
{
    private static readonly Group<Sample, string> Plate = Group.By((Sample s) => s.Plate);
    private static readonly Group<Sample, string> Batch = Group.By((Sample s) => s.Batch);
    private static readonly Group<Paste, string> Lot = Group.By((Paste p) => p.Lot);
    private static readonly Group<Paste, string> Cask = Group.By((Paste p) => p.Cask);

    private static readonly NormalModel<Sample> Diameters = PooledModel.Of<Sample>()
        .Normal(s => s.Diameter, sigma: Exponential(1))
        .Intercept(Flat)
        .Varying(Plate, g => g.Intercept(Exponential(1)))
        .Varying(Batch, g => g.Intercept(Exponential(1)));

    private static readonly NormalModel<Paste> Strengths = PooledModel.Of<Paste>()
        .Normal(p => p.Strength, sigma: Exponential(1))
        .Intercept(Flat)
        .Varying(Lot, g => g.Intercept(Exponential(0.5)))
        .Varying(Cask, g => g.Intercept(Exponential(0.5)));

    private static readonly RunOptions Options = new() { Seed = 61, Draws = 4000 };

    public sealed record Paste(double Strength, string Lot, string Cask);

    private static IReadOnlyList<Paste> Pastes { get; } = CsvFile.Read(
        "pastes.csv", f => new Paste(CsvFile.Number(f("strength")), f("batch"), f("sample")));

    [Theory]
    [InlineData("Gibbs")]
    [InlineData("Marginal")]
    public void Penicillin_two_crossed_factors_has_the_sds_of_quadrature(string engine)
    {
        // A balanced two-way layout without replicates: its three sums of squares are independent given the variances.
        var rows = Rows.Penicillin;
        var mean = rows.Average(r => r.Diameter);
        var plates = rows.GroupBy(r => r.Plate).ToDictionary(g => g.Key, g => g.Average(r => r.Diameter));
        var batches = rows.GroupBy(r => r.Batch).ToDictionary(g => g.Key, g => g.Average(r => r.Diameter));
        Assert.Equal((144, 24, 6), (rows.Count, plates.Count, batches.Count));
        var truth = Moments(
            (6 * plates.Values.Sum(m => Square(m - mean)), 23, (s, t, _) => s * s + 6 * t * t),
            (24 * batches.Values.Sum(m => Square(m - mean)), 5, (s, _, w) => s * s + 24 * w * w),
            (rows.Sum(r => Square(r.Diameter - plates[r.Plate] - batches[r.Batch] + mean)), 115, (s, _, _) => s * s),
            [1, 1, 1]);

        var fit = Diameters.Fit(rows, EngineCases.Engine(engine), Options);

        Compare(fit.Sigma, truth[0]);
        Compare(fit.For(Plate).InterceptSd, truth[1]);
        Compare(fit.For(Batch).InterceptSd, truth[2]);
        Assert.Empty(fit.Warnings);
        Assert.Equal(mean, fit.Intercept.Mean, 0.1);
        var plate = fit.For(Plate)["a"];
        Assert.Equal(plates["a"], plate.Intercept.Mean, 0.2);
        Assert.Contains("sd(Plate: Intercept)", fit.ToString());
        Assert.Contains(", seed 61", fit.ToString());
    }

    [Fact]
    public void Small_models_are_fitted_by_Marginal_and_large_crossed_ones_by_Gibbs_and_the_fit_says_why()
    {
        var options = Options with { Chains = 1, Warmup = 20, Draws = 4 };
        Assert.StartsWith(
            "Engine Marginal, chosen as the cheapest that is exact: about ",
            Diameters.Fit(Rows.Penicillin, Options).EngineChoice,
            StringComparison.Ordinal);
        Assert.StartsWith(
            "Engine Marginal, chosen as the cheapest that is exact: about ", Strengths.Fit(Pastes, Options).EngineChoice, StringComparison.Ordinal);

        var large = Enumerable.Range(0, 12_000).Select(i => new Sample($"{i % 400}", $"{i * 7919L / 31 % 301}", Math.Sin(i)));
        Assert.Matches(
            "^Engine Gibbs, chosen as the cheapest that is exact: about [0-9]e[0-9]+ operations \\(Marginal [0-9]e1[0-9]\\)$",
            Diameters.Fit(large, options).EngineChoice);
    }

    [Fact]
    public void Pastes_a_factor_nested_in_another_by_its_keys_has_the_sds_of_quadrature()
    {
        var mean = Pastes.Average(r => r.Strength);
        var lots = Pastes.GroupBy(r => r.Lot).ToDictionary(g => g.Key, g => g.Average(r => r.Strength));
        var casks = Pastes.GroupBy(r => r.Cask).ToDictionary(g => g.Key, g => g.Average(r => r.Strength));
        Assert.Equal((60, 10, 30), (Pastes.Count, lots.Count, casks.Count));
        var truth = Moments(
            (6 * lots.Values.Sum(m => Square(m - mean)), 9, (s, t, w) => s * s + 2 * w * w + 6 * t * t),
            (2 * casks.Sum(c => Square(c.Value - lots[c.Key[..1]])), 20, (s, _, w) => s * s + 2 * w * w),
            (Pastes.Sum(r => Square(r.Strength - casks[r.Cask])), 30, (s, _, _) => s * s),
            [1, 0.5, 0.5]);

        var fit = Strengths.Fit(Pastes, Options);

        Compare(fit.Sigma, truth[0]);
        Compare(fit.For(Lot).InterceptSd, truth[1]);
        Compare(fit.For(Cask).InterceptSd, truth[2]);
    }

    [Fact]
    public void Two_factors_that_are_the_same_groups_are_refused_where_both_sds_are_flat_and_fitted_where_a_prior_tells_them_apart()
    {
        var copy = Group.By((Paste p) => p.Cask.ToLowerInvariant(), "Copy");
        var model = PooledModel.Of<Paste>().Normal(p => p.Strength, sigma: Exponential(1)).Intercept(Flat).Varying(Cask, g => g.Intercept(Flat));

        var failure = Assert.Throws<ModelException>(() => model.Varying(copy, g => g.Intercept(Flat)).Fit(Pastes));

        Assert.Equal(
            "[NotIdentified] Copy: Cask and Copy divide the rows into the same groups: the data cannot tell sd(Cask: Intercept) from sd(Copy: "
                + "Intercept), and the priors of both are flat. "
                + "Leave one of the factors out, or give one of the sds a proper prior, such as HalfNormal or Exponential.",
            failure.Message);

        // Factors that differ in a single cell are two.
        model.Varying(Lot, g => g.Intercept(Flat)).Bind(Pastes);

        // The sum of the two variances is what one factor has: the priors share it out evenly, chains agree.
        var fit = PooledModel.Of<Paste>().Normal(p => p.Strength, sigma: Exponential(1)).Intercept(Flat)
            .Varying(Cask, g => g.Intercept(HalfNormal(2))).Varying(copy, g => g.Intercept(HalfNormal(2))).Fit(Pastes, Options);
        var (first, second) = (fit.For(Cask).InterceptSd, fit.For(copy).InterceptSd);
        Assert.True(
            Math.Abs(first.Mean - second.Mean)
                <= 5 * Math.Sqrt(Square(Diagnostics.McseMean([.. first.Draws], 4)) + Square(Diagnostics.McseMean([.. second.Draws], 4))));
        Assert.Empty(fit.Warnings);
    }

    [Fact]
    public void A_LogNormal_model_of_two_factors_is_the_Normal_one_of_the_logs()
    {
        var direct = PooledModel.Of<Paste>().LogNormal(p => p.Strength, sigma: Exponential(1)).Intercept(Normal(4, 1))
            .Varying(Lot, g => g.Intercept(Exponential(10))).Varying(Cask, g => g.Intercept(Exponential(10))).Fit(Pastes, Options);
        var logs = PooledModel.Of<Paste>().Normal(p => Math.Log(p.Strength), sigma: Exponential(1)).Intercept(Normal(4, 1))
            .Varying(Lot, g => g.Intercept(Exponential(10))).Varying(Cask, g => g.Intercept(Exponential(10))).Fit(Pastes, Options);

        Assert.Equal(logs.Sigma.Mean, direct.Sigma.Mean, 1e-12);
        Assert.Equal(logs.For(Cask)["A:a"].Intercept.Mean, direct.For(Cask)["A:a"].Intercept.Mean, 1e-12);
    }

    [Fact]
    public void Standardised_models_of_two_factors_report_on_the_original_scale()
    {
        var fit = PooledModel.Of<Paste>().Normal(p => p.Strength, sigma: Exponential(1)).Intercept(Normal(0, 5))
            .Varying(Lot, g => g.Intercept(Exponential(1))).Varying(Cask, g => g.Intercept(Exponential(1))).Standardized().Fit(Pastes, Options);

        Assert.Equal(Pastes.Average(p => p.Strength), fit.Intercept.Mean, 0.5);
        Assert.Equal(0.85, fit.Sigma.Mean, 0.15);
        Assert.InRange(fit.For(Cask).InterceptSd.Mean, 2, 4);
    }

    [Fact]
    public void Parts_of_the_data_in_any_order_merge_into_the_same_posterior()
    {
        var whole = Strengths.Fit(Pastes, Options);
        var merged = Strengths.Fit(Strengths.Read(Pastes.Skip(35)).Merge(Strengths.Read(Pastes.Take(35))), Options with { Seed = 62 });

        Assert.Equal(whole.For(Cask)["J:c"].Intercept.Mean, merged.For(Cask)["J:c"].Intercept.Mean, 0.1);
        Assert.Equal(whole.For(Lot).InterceptSd.Mean, merged.For(Lot).InterceptSd.Mean, 0.1);
    }

    // Means and sds of sigma and the two sds by sums over a grid of their logs; each sum of squares is a variance times a chi-square.
    private static (double Mean, double Sd)[] Moments(
        (double Squares, int Degrees, Func<double, double, double, double> Variance) first,
        (double Squares, int Degrees, Func<double, double, double, double> Variance) second,
        (double Squares, int Degrees, Func<double, double, double, double> Variance) third,
        double[] rates)
    {
        const double step = 0.05;
        var sums = new double[7];
        double Log((double Squares, int Degrees, Func<double, double, double, double> Variance) part, double s, double t, double w)
        {
            var variance = part.Variance(s, t, w);
            return -0.5 * part.Degrees * Math.Log(variance) - 0.5 * part.Squares / variance;
        }

        double[] Grid(double low, double high) => [.. Enumerable.Range(0, (int)((high - low) / step)).Select(i => low + i * step)];
        var top = double.NegativeInfinity;
        foreach (var pass in new[] { 0, 1 })
        {
            foreach (var ls in Grid(-1.5, 1))
            {
                foreach (var lt in Grid(-9, 3))
                {
                    foreach (var lw in Grid(-9, 3))
                    {
                        var (s, t, w) = (Math.Exp(ls), Math.Exp(lt), Math.Exp(lw));
                        var log = ls + lt + lw - rates[0] * s - rates[1] * t - rates[2] * w + Log(first, s, t, w) + Log(second, s, t, w) + Log(
                            third, s, t, w);
                        if (pass == 0)
                        {
                            top = Math.Max(top, log);
                            continue;
                        }

                        var weight = Math.Exp(log - top);
                        double[] terms = [1, s, s * s, t, t * t, w, w * w];
                        for (var i = 0; i < terms.Length; i++)
                            sums[i] += weight * terms[i];
                    }
                }
            }
        }

        return [.. Enumerable.Range(0, 3).Select(
            i => (sums[1 + 2 * i] / sums[0], Math.Sqrt(sums[2 + 2 * i] / sums[0] - Square(sums[1 + 2 * i] / sums[0]))))];
    }

    private void Compare(Quantity quantity, (double Mean, double Sd) truth)
    {
        double[] draws = [.. quantity.Draws];
        output.WriteLine(
            $"{quantity.Name}: {quantity.Mean:G6} ({quantity.Sd:G6}) for {truth.Mean:G6} ({truth.Sd:G6}), ESS {Diagnostics.EssMean(draws, 4):F0}");
        Assert.True(Diagnostics.EssMean(draws, 4) > 2000);
        Assert.True(Math.Abs(quantity.Mean - truth.Mean) <= 5 * Diagnostics.McseMean(draws, 4));
        Assert.True(Math.Abs(quantity.Sd - truth.Sd) <= 5 * Diagnostics.McseSd(draws, 4));
    }

    private static double Square(double x) => x * x;
}
