using System.Diagnostics;
using System.Globalization;
using TypedPooling.Engines;
using TypedPooling.Inference.InferNet;
using Xunit;
using Xunit.Abstractions;
using static TypedPooling.Prior;

namespace TypedPooling.Tests.InferNet;

/// <summary>Known data sets of proportions as a user declares their models, beside NUTS.</summary>
public sealed class LogitExampleTests(ITestOutputHelper output)
{
    private static readonly RunOptions Options = RunOptions.Default with { Draws = 3000 };

    [Fact]
    public void Tadpoles_by_EP_have_the_means_and_the_sds_of_NUTS_and_by_VMP_the_means()
    {
        var tanks = Records("reedfrogs.csv").Select(row => new Tank(row["tank"], (int)Number(row["surv"]), (int)Number(row["density"]))).ToList();
        var model = PooledModel.Of<Tank>()
            .Binomial(t => t.Survivors, t => t.Density)
            .Intercept(Normal(0, 1.5))
            .Varying(Group.By((Tank t) => t.Name), g => g.Intercept(InverseGammaOnVariance(2, 2)));
        var exact = model.Fit(tanks, Engine.Nuts, Options).Posterior;
        var (vmp, ep) = (Fit(InferNetAlgorithm.VariationalMessagePassing), Fit(InferNetAlgorithm.ExpectationPropagation));

        CellComparison.Require(exact, ep, (0.1, 0.9, 1.1), output);
        CellComparison.Require(exact, vmp, (0.35, 0.6, 1.05), output);

        Draws.Posterior Fit(InferNetAlgorithm algorithm) => Timed(algorithm, engine => model.Fit(tanks, engine, Options).Posterior);
    }

    [Fact]
    public void Bathrooms_by_EP_have_the_means_and_the_sds_of_NUTS()
    {
        var houses = Records("seattle_housing.csv").Select(row => new House(row["zipcode"], Number(row["bathrooms"]) > 2, Number(row["bedrooms"])))
            .ToList();
        var model = PooledModel.Of<House>()
            .Bernoulli(h => h.HasMoreThanTwoBaths)
            .Intercept(Flat)
            .Varying(Group.By((House h) => h.Zip), g => g.Intercept(InverseGammaOnVariance(2, 0.5)));
        CellComparison.Require(
            model.Fit(houses, Engine.Nuts, Options).Posterior,
            Timed(InferNetAlgorithm.ExpectationPropagation, engine => model.Fit(houses, engine, Options).Posterior),
            (0.12, 0.85, 1.15),
            output);

        var slopes = model.Slope(h => h.Bedrooms - 3, Normal(0, 2));
        CellComparison.Require(
            slopes.Fit(houses, Engine.Nuts, Options).Posterior,
            Timed(InferNetAlgorithm.ExpectationPropagation, engine => slopes.Fit(houses, engine, Options).Posterior),
            (0.15, 0.8, 1.2),
            output);
    }

    private Draws.Posterior Timed(InferNetAlgorithm algorithm, Func<InferNetEngine, Draws.Posterior> fit)
    {
        var engine = new InferNetEngine { Algorithm = algorithm };
        var clock = Stopwatch.StartNew();
        var posterior = fit(engine);
        var first = clock.Elapsed;
        clock.Restart();
        fit(engine);
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{engine.Name}: first fit {first.TotalMilliseconds:F0} ms, second {clock.Elapsed.TotalMilliseconds:F0} ms. {posterior.SamplingReason}"));
        Assert.Empty(posterior.Warnings);
        return posterior;
    }

    private static IEnumerable<Dictionary<string, string>> Records(string name)
    {
        var lines = File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "data", name)).Select(line => line.Split(',')).ToList();
        return lines.Skip(1).Select(fields => lines[0].Zip(fields).ToDictionary(pair => pair.First, pair => pair.Second));
    }

    private static double Number(string field) => double.Parse(field, CultureInfo.InvariantCulture);

    private sealed record Tank(string Name, int Survivors, int Density);

    private sealed record House(string Zip, bool HasMoreThanTwoBaths, double Bedrooms);
}
