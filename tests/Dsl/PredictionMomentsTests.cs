using MathNet.Numerics.LinearAlgebra;
using TypedPooling.Randomness;
using Xunit;
using static TypedPooling.Prior;

namespace TypedPooling.Tests.Dsl;

/// <summary>Predictions at known scales are exactly normal: their moments against the joint covariance matrix of all responses and the one predicted,
/// no sums and nothing shared with the library.</summary>
public sealed class PredictionMomentsTests
{
    private const double Sigma = 0.7;

    private static readonly Group<Sale, string> Shop = Group.By((Sale s) => s.Shop);
    private static readonly Group<Sale, int> Day = Group.By((Sale s) => s.Day);

    private static readonly Sale[] Data = Sales(21, 60);

    /// <summary>The groups that a row may be predicted for: those of its own keys, known or not, and chosen ones.</summary>
    public static TheoryData<string, string, int, string> Targets => new()
    {
        { "both known", "shop 2", 3, "" },
        { "a new shop", "nowhere", 3, "" },
        { "a new day", "shop 2", 99, "" },
        { "both new", "nowhere", 99, "" },
        { "a shop that is chosen", "nowhere", 1, "level" },
        { "the average shop", "shop 1", 1, "average" },
        { "a new shop under a known key", "shop 1", 1, "new" },
    };

    private static NormalModel<Sale> Model =>
        PooledModel.Of<Sale>().Normal(s => s.Y, sigma: Fixed(Sigma)).Intercept(Normal(1, 2)).Slope(s => s.X, Normal(-0.5, 0.8)).Offset(s => s.Known)
        .Varying(Shop, g => g.Intercept(Fixed(0.9)).Slope(s => s.X, Fixed(0.4)).Uncorrelated()).Varying(Day, g => g.Intercept(Fixed(0.6)));

    [Theory]
    [MemberData(nameof(Targets))]
    public void Crossed_factors(string what, string shop, int day, string chosen)
    {
        var target = new Sale(shop, day, 1.7, double.NaN, 2.5, 0.3);
        LevelChoice<Sale>[] choices = chosen switch
        {
            "level" => [Shop.Level("shop 4")],
            "average" => [Shop.Average()],
            "new" => [Shop.New("shop 1")],
            _ => [],
        };
        var fit = Model.Fit(Data, new() { Chains = 1, Draws = 4 });
        var expected = Conditional(Data, target with { Shop = chosen == "level" ? "shop 4" : shop }, chosen, _ => Sigma * Sigma);

        Near(what, expected.Mean, expected.Sd, fit.PredictMean(target, choices));
        Near(what, expected.Mean, Math.Sqrt(expected.Sd * expected.Sd + Sigma * Sigma), fit.PredictNew(target, choices));
    }

    [Theory]
    [InlineData("shop 3")]
    [InlineData("nowhere")]
    public void Precision_weights(string shop)
    {
        var target = new Sale(shop, 2, -1.2, double.NaN, 2.5, 0.3);
        var fit = Model.PrecisionWeight(s => s.W).Fit(Data, new() { Chains = 1, Draws = 4 });
        var expected = Conditional(Data, target, string.Empty, s => Sigma * Sigma / s.W);

        Near(shop, expected.Mean, expected.Sd, fit.PredictMean(target));
        Near(shop, expected.Mean, Math.Sqrt(expected.Sd * expected.Sd + Sigma * Sigma / 2.5), fit.PredictNew(target));
    }

    [Theory]
    [InlineData("shop 3")]
    [InlineData("nowhere")]
    public void Known_errors(string shop)
    {
        var target = new Sale(shop, 2, -1.2, double.NaN, 2.5, 0.3);
        var model =
            PooledModel.Of<Sale>().Normal(s => s.Y, knownSd: s => s.W).Intercept(Normal(1, 2)).Slope(s => s.X, Normal(-0.5, 0.8)).Offset(s => s.Known)
            .Varying(Shop, g => g.Intercept(Fixed(0.9)).Slope(s => s.X, Fixed(0.4)).Uncorrelated()).Varying(Day, g => g.Intercept(Fixed(0.6)));
        var fit = model.Fit(Data, new() { Chains = 1, Draws = 4 });
        var expected = Conditional(Data, target, string.Empty, s => s.W * s.W);

        Near(shop, expected.Mean, expected.Sd, fit.PredictMean(target));
        Near(shop, expected.Mean, Math.Sqrt(expected.Sd * expected.Sd + 2.5 * 2.5), fit.PredictNew(target));
    }

    [Theory]
    [MemberData(nameof(Targets))]
    public void Standardised_models_of_two_factors(string what, string shop, int day, string chosen)
    {
        // By hand: the response less its offset, and X, in units of their sds, from their means.
        var y = Scaled(Data.Select(s => s.Y - s.Known));
        var x = Scaled(Data.Select(s => s.X));
        var byHand = Data.Select(s => s with { Y = y.Of(s.Y - s.Known), X = x.Of(s.X), Known = 0 }).ToArray();
        var target = new Sale(shop, day, 1.7, double.NaN, 2.5, 0.3);
        LevelChoice<Sale>[] choices = chosen switch
        {
            "level" => [Shop.Level("shop 4")],
            "average" => [Shop.Average()],
            "new" => [Shop.New("shop 1")],
            _ => [],
        };
        var expected = Conditional(
            byHand, target with { Shop = chosen == "level" ? "shop 4" : shop, X = x.Of(target.X), Known = 0 }, chosen, _ => Sigma * Sigma);
        var fit = Model.Standardized().Fit(Data, new() { Chains = 1, Draws = 4 });

        Near(what, y.Origin + y.Scale * expected.Mean + target.Known, y.Scale * expected.Sd, fit.PredictMean(target, choices));
        Near(
            what,
            y.Origin + y.Scale * expected.Mean + target.Known,
            y.Scale * Math.Sqrt(expected.Sd * expected.Sd + Sigma * Sigma),
            fit.PredictNew(target, choices));
    }

    [Fact]
    public void A_LogNormal_response_at_known_scales_has_the_moments_and_quantiles_of_a_LogNormal_one()
    {
        var rows = Data.Select(s => s with { Y = Math.Exp(s.Y / 3) }).ToArray();
        var model =
            PooledModel.Of<Sale>().LogNormal(s => s.Y, sigma: Fixed(Sigma)).Intercept(Normal(1, 2)).Slope(s => s.X, Normal(-0.5, 0.8)).Offset(
                s => s.Known)
            .Varying(Shop, g => g.Intercept(Fixed(0.9)).Slope(s => s.X, Fixed(0.4)).Uncorrelated()).Varying(Day, g => g.Intercept(Fixed(0.6)));
        var fit = model.Fit(rows, new() { Chains = 1, Draws = 4 });
        var target = new Sale("nowhere", 2, 0.5, double.NaN, 1, 0.3);
        var (mean, sd) = Conditional([.. rows.Select(s => s with { Y = Math.Log(s.Y) })], target, string.Empty, _ => Sigma * Sigma);

        Near("log mean", mean, sd, fit.PredictMeanLog(target));
        Near("median", Math.Exp(mean + sd * sd / 2), Math.Exp(mean + sd * sd / 2) * Math.Sqrt(Math.Exp(sd * sd) - 1), fit.PredictMedian(target));
        Assert.Equal(Math.Exp(mean), fit.PredictMedian(target).Median, 1e-9);
        Assert.Equal(Math.Exp(mean + Sigma * Sigma / 2), fit.PredictMean(target).Median, 1e-9);
        var all = sd * sd + Sigma * Sigma;
        Near("new", Math.Exp(mean + all / 2), Math.Exp(mean + all / 2) * Math.Sqrt(Math.Exp(all) - 1), fit.PredictNew(target));
        Assert.Equal(Math.Exp(mean - 1.959963984540054 * Math.Sqrt(all)), fit.PredictNew(target).Quantile(0.025), 1e-9);
        Assert.Empty(fit.PredictNew(target).Warnings);
    }

    private static void Near(string what, double mean, double sd, Quantity actual)
    {
        Assert.True(Math.Abs(mean - actual.Mean) <= 1e-9 * (1 + Math.Abs(mean)), $"{what}: mean {actual.Mean:R} for {mean:R}");
        Assert.True(Math.Abs(sd - actual.Sd) <= 1e-9 * (1 + sd), $"{what}: sd {actual.Sd:R} for {sd:R}");
    }

    // Mean and sd of the target's linear predictor given the data, by conditioning a normal of n + 1 values.
    private static (double Mean, double Sd) Conditional(Sale[] data, Sale target, string chosen, Func<Sale, double> errorVariance)
    {
        Sale[] all = [.. data, target];
        var n = data.Length;
        var v = Matrix<double>.Build.Dense(n, n, (i, j) => Covariance(i, j) + (i == j ? errorVariance(all[i]) : 0)).Cholesky();
        var c = Vector<double>.Build.Dense(n, i => Covariance(i, n));
        var rest = Vector<double>.Build.Dense(n, i => all[i].Y - Mean(all[i]));
        return (Mean(target) + c * v.Solve(rest), Math.Sqrt(Covariance(n, n) - c * v.Solve(c)));

        double Mean(Sale s) => 1 - 0.5 * s.X + s.Known;

        double Covariance(int i, int j)
        {
            var (a, b) = (all[i], all[j]);
            var isOneShop = a.Shop == b.Shop;
            if (i == n || j == n)
                isOneShop = chosen switch { "average" => false, "new" => i == j, _ => isOneShop };
            return 4 + 0.64 * a.X * b.X + (isOneShop ? 0.81 + 0.16 * a.X * b.X : 0) + (a.Day == b.Day ? 0.36 : 0);
        }
    }

    private static Support.Scaling Scaled(IEnumerable<double> values) => Support.Scaling.Of([.. values]);

    private static Sale[] Sales(ulong seed, int count)
    {
        var stream = new PhiloxStream(seed, 1);
        return
        [
            .. Enumerable.Range(0, count).Select(i => new Sale(
                "shop " + i * i % 7,
                i % 5,
                2 + stream.NextNormal(),
                1 + 1.5 * stream.NextNormal(),
                0.5 + 2 * stream.NextDouble(),
                stream.NextNormal())),
        ];
    }

    public sealed record Sale(string Shop, int Day, double X, double Y, double W, double Known);
}
