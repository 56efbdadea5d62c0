using System.Diagnostics;
using System.Globalization;
using TypedPooling.Draws;
using TypedPooling.Engines;
using TypedPooling.Inference.InferNet;
using Xunit;
using Xunit.Abstractions;
using static TypedPooling.Prior;

namespace TypedPooling.Tests.InferNet;

/// <summary>Known data sets, beside the exact engine.</summary>
public sealed class ExampleTests(ITestOutputHelper output)
{
    private static readonly RunOptions Options = RunOptions.Default;

    [Fact]
    public void Cafes_by_VMP_and_EP_have_the_means_of_the_exact_posterior()
    {
        var visits = Records("cafe.csv").Select(f => new Visit(f[0], f[1] == "1", Number(f[2]))).ToList();
        var model = PooledModel.Of<Visit>()
            .Normal(v => v.Wait, sigma: InverseGammaOnVariance(2, 0.5))
            .Intercept(Normal(5, 2))
            .Slope(v => v.Afternoon, Normal(-1, 0.5))
            .Varying(Group.By((Visit v) => v.Cafe), g => g.Intercept().Slope(v => v.Afternoon).Covariance(InverseWishart(4, 1)));
        var exact = model.Fit(visits, Engine.Marginal, Options).Posterior;
        foreach (var algorithm in Enum.GetValues<InferNetAlgorithm>())
        {
            var engine = new InferNetEngine { Algorithm = algorithm };
            var clock = Stopwatch.StartNew();
            var posterior = model.Fit(visits, engine, Options).Posterior;
            var first = clock.Elapsed;
            clock.Restart();
            model.Fit(visits, engine, Options);
            output.WriteLine(
                $"{engine.Name}: first fit {first.TotalMilliseconds:F0} ms, second {clock.Elapsed.TotalMilliseconds:F0} "
                    + $"ms. {posterior.SamplingReason}");
            Compare(exact, posterior);

            for (var b = 0; b < 2; b++)
            {
                var (mean, sd) = Approximation.Moments(exact.Population, b);
                Assert.Equal(mean, Approximation.Moments(posterior.Population, b).Mean, 0.15 * sd);
            }

            // sigma, sds, correlation: a quarter of an sd
            for (var i = 0; i < exact.Scales.ParameterCount; i++)
            {
                var (mean, sd) = Approximation.Moments(exact.Scales, i);
                Assert.Equal(mean, Approximation.Moments(posterior.Scales, i).Mean, 0.25 * sd);
            }

            for (var i = 0; i < exact.Effects[0].ParameterCount; i++)
            {
                var (mean, sd) = Approximation.Moments(exact.Effects[0], i);
                Assert.Equal(mean, Approximation.Moments(posterior.Effects[0], i).Mean, 0.2 * sd);
            }
        }
    }

    [Fact]
    public void Rats_by_VMP_keep_the_means_and_lose_a_part_of_the_population_sds()
    {
        var rats = Records("rats.csv").Select(f => new Weighing(f[0], Number(f[1]), Number(f[2]))).ToList();
        var model = PooledModel.Of<Weighing>()
            .Normal(r => r.Weight, sigma: InverseGammaOnVariance(2, 30))
            .Intercept(Normal(100, 50))
            .Slope(r => r.Day, Normal(6, 5))
            .Varying(
                Group.By((Weighing r) => r.Rat),
                g => g.Intercept().Slope(r => r.Day).Covariance(InverseWishart(4, new[,] { { 100, 0 }, { 0, 0.2 } })));
        var exact = model.Fit(rats, Engine.Marginal, Options).Posterior;
        var posterior = model.Fit(rats, new InferNetEngine(), Options).Posterior;
        output.WriteLine(posterior.SamplingReason);
        Compare(exact, posterior);

        for (var b = 0; b < 2; b++)
        {
            var (mean, sd) = Approximation.Moments(exact.Population, b);
            var (approximate, spread) = Approximation.Moments(posterior.Population, b);
            Assert.Equal(mean, approximate, 0.15 * sd);
            Assert.InRange(spread / sd, 0.7, 0.95);
        }
    }

    private void Compare(Posterior exact, Posterior posterior)
    {
        foreach (var (a, b) in new[] { ((DrawBlock)exact.Population, (DrawBlock)posterior.Population), (exact.Scales, posterior.Scales) })
        {
            for (var i = 0; i < a.ParameterCount; i++)
                output.WriteLine(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"{a.Parameter(i),-40} exact {Approximation.Moments(a, i):G4}  {posterior.Engine} {Approximation.Moments(b, i):G4}"));
        }
    }

    private static IEnumerable<string[]> Records(string name) =>
        File.ReadLines(Path.Combine(AppContext.BaseDirectory, "data", name)).Skip(1).Select(line => line.Split(','));

    private static double Number(string field) => double.Parse(field, CultureInfo.InvariantCulture);

    private sealed record Visit(string Cafe, bool Afternoon, double Wait);

    private sealed record Weighing(string Rat, double Day, double Weight);
}
