using MathNet.Numerics;
using TypedPooling.Engines;
using TypedPooling.Tests.Reference;
using Xunit;
using Xunit.Abstractions;
using static TypedPooling.Prior;

namespace TypedPooling.Tests.Inference;

/// <summary>Dyestuff (Davies and Goldsmith 1972) with inverse gamma priors on both variances, whose posterior is one integral over r = tau^2 /
/// sigma^2.</summary>
/// <remarks>
/// J groups of n rows, N = Jn, a flat mean, sigma^2 ~ IG(a, b), tau^2 ~ IG(c, d); W the squares within groups, B = n sum (mean_j - mean)^2. Given r,
/// sigma^2 ~ IG(k, S(r)) with k = a + c + (N - 1) / 2 and S(r) = b + d / r + (W + B / (1 + nr)) / 2, and r has density r^-(c + 1) (1 + nr)^-((J - 1)
/// / 2) S(r)^-k.
/// </remarks>
public sealed class DyestuffTests(ITestOutputHelper output)
{
    private const double A = 2, B = 2500, C = 2, D = 1500;

    private static readonly Group<Yield, string> Batch = Group.By((Yield y) => y.Batch);

    public sealed record Yield(string Batch, double Grams);

    /// <summary>Engines and ways of drawing.</summary>
    public static TheoryData<string, SamplingMethod> Ways => new()
    {
        { "Gibbs", SamplingMethod.Automatic },
        { "Marginal", SamplingMethod.Importance },
        { "Marginal", SamplingMethod.Nuts },
    };

    [Theory]
    [MemberData(nameof(Ways))]
    public void With_inverse_gamma_variances_the_posterior_is_an_integral_over_their_ratio(string engine, SamplingMethod sampling)
    {
        Yield[] rows = [.. ReferenceFile.Read("data/dyestuff.csv").Rows.Select(row => new Yield(row.Text("Batch"), row.Number("Yield")))];
        var means = rows.GroupBy(row => row.Batch).ToDictionary(g => g.Key, g => g.Average(row => row.Grams));
        var (n, groups, mean) = (rows.Length / means.Count, means.Count, rows.Average(row => row.Grams));
        var within = rows.Sum(row => Square(row.Grams - means[row.Batch]));
        var between = n * means.Values.Sum(m => Square(m - mean));
        Assert.Equal((5, 6), (n, groups));
        var shape = A + C + 0.5 * (rows.Length - 1);
        double Scale(double r) => B + D / r + 0.5 * (within + between / (1 + n * r));

        // Steps in log r, both ends negligible: the sum converges faster than any power of the step.
        var ratios = Enumerable.Range(0, 1401).Select(i => Math.Exp(-7 + 0.01 * i)).ToArray();
        var logs = ratios.Select(r => -C * Math.Log(r) - 0.5 * (groups - 1) * Math.Log(1 + n * r) - shape * Math.Log(Scale(r))).ToArray();
        var weights = logs.Select(log => Math.Exp(log - logs.Max())).ToArray();
        Assert.True(Math.Max(weights[0], weights[^1]) < 1e-8);
        double Average(Func<double, double> f) => ratios.Zip(weights, (r, w) => w * f(r)).Sum() / weights.Sum();
        double Variance(double r) => Scale(r) / (shape - 1);
        double Root(double r) => Math.Sqrt(Scale(r)) * Math.Exp(SpecialFunctions.GammaLn(shape - 0.5) - SpecialFunctions.GammaLn(shape));
        double Below(double variance, Func<double, double> times) =>
            Average(r => SpecialFunctions.GammaUpperRegularized(shape, Scale(r) * times(r) / variance));

        var fit = PooledModel.Of<Yield>()
            .Normal(y => y.Grams, sigma: InverseGammaOnVariance(A, B))
            .Intercept(Flat)
            .Varying(Batch, g => g.Intercept(InverseGammaOnVariance(C, D)))
            .Fit(rows, Support.EngineCases.Engine(engine), new RunOptions { Seed = 12, Draws = 10_000, Sampling = sampling });

        Assert.Empty(fit.Warnings);
        var agreement = new Agreement();
        void Compare(Quantity quantity, double expected, double expectedSquare)
        {
            agreement.Require(quantity, 4000);
            agreement.Compare($"{quantity.Name} mean", quantity.Mean, quantity.McseMean, expected, 0);
            agreement.Compare($"{quantity.Name} sd", quantity.Sd, quantity.McseSd, Math.Sqrt(expectedSquare - Square(expected)), 0);
        }

        var tau = fit.For(Batch).InterceptSd;
        Compare(fit.Sigma, Average(Root), Average(Variance));
        Compare(tau, Average(r => Math.Sqrt(r) * Root(r)), Average(r => r * Variance(r)));
        Compare(fit.Intercept, mean, Square(mean) + Average(r => Variance(r) * (1 + n * r) / rows.Length));
        foreach (var (batch, own) in means)
        {
            // u_j given r and sigma: mean w (mean_j - mean), variance (1 - w) tau^2 + w^2 sigma^2 (1 + nr) / N, w = nr / (1 + nr).
            static double Weight(double x) => x / (1 + x);
            Compare(
                fit.For(Batch)[batch].Effect("Intercept"),
                Average(r => Weight(n * r) * (own - mean)),
                Average(
                    r => Square(Weight(n * r) * (own - mean)) + Variance(r) * (r / (1 + n * r) + Square(Weight(n * r)) * (1 + n * r) / rows.Length)));
        }

        // The shape of the sds: shares of draws below points of the posterior.
        foreach (var sd in new[] { 40.0, 45, 49, 54, 63 })
            CompareShare(fit.Sigma, sd, Below(sd * sd, _ => 1));
        foreach (var sd in new[] { 21.0, 28, 35, 43, 60 })
            CompareShare(tau, sd, Below(sd * sd, r => r));
        void CompareShare(Quantity quantity, double sd, double probability)
        {
            Assert.InRange(probability, 0.005, 0.995);
            agreement.CompareShare($"share of {quantity.Name} below {sd}", quantity, sd, probability, double.PositiveInfinity);
        }

        output.WriteLine($"{engine}: {agreement.Count} comparisons, the worst is {agreement.Worst.Errors:F2} errors ({agreement.Worst.What}).");
        Assert.Empty(agreement.Problems);
    }

    private static double Square(double x) => x * x;
}
