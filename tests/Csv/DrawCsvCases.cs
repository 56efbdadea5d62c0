using System.Collections.Immutable;
using TypedPooling.Draws;
using TypedPooling.Tests.Json;

namespace TypedPooling.Tests.Csv;

/// <summary>Draws whose every bit is known: sums and products of fractions, which any machine rounds alike.</summary>
internal static class DrawCsvCases
{
    public const int Chains = 2;
    public const int Draws = 50;

    private static readonly string[] Terms = ["Intercept", "a, \"b\" #1", "=Zoë", "constant", "not finite"];

    public static Posterior Posterior { get; } = JsonCases.Fit.Posterior with
    {
        Engine = "By hand",
        DrawKind = DrawKind.MarkovChains,
        ChainCount = Chains,
        DrawsPerChain = Draws,
        Seed = 7,
        Weights = null,
        Weighted = null,
        Importance = null,
        Population = new StoredBlock(
            [.. Terms.Select(term => new Parameter(ParameterKind.PopulationEffect, term))], [.. Enumerable.Range(0, Terms.Length).SelectMany(Column)],
            Chains * Draws),
        Scales = new StoredBlock(
            [new(ParameterKind.VaryingSd, "Intercept") { Factor = "Café" }, new(ParameterKind.VaryingCorrelation, "a") { Factor = "g", OtherTerm = "b" }],
            [.. Column(0).Select(Math.Abs), .. Column(1)],
            Chains * Draws),
        Sampler = new SamplerStatistics(
            [.. Column(0).Select(x => -x * x)],
            [.. Column(1).Select(x => Math.Abs(x) % 1)],
            [.. Enumerable.Range(0, Chains * Draws).Select(s => s % 17 == 0)],
            [.. Enumerable.Range(0, Chains * Draws).Select(s => 1 + s % 3)],
            [.. Enumerable.Range(0, Chains * Draws).Select(s => (1 << (1 + s % 3)) - 1)],
            [0.5, 0.125],
            [1, 1],
            10),
        Warnings = [new(FitWarningCode.Divergences, "6 of 100 trajectories diverged\nfor a test.")],
    };

    public static DrawColumns Columns => new(Posterior, "Normal model of Wait", Posterior.Population, Posterior.Scales);

    // A first-order autoregression of fractions of multiples of the golden ratio.
    private static IEnumerable<double> Column(int term)
    {
        var value = 0.0;
        for (var s = 0; s < Chains * Draws; s++)
        {
            var noise = ((s + 1) * (0.6180339887498949 + 0.1 * term) % 1) - 0.5;
            value = 0.5 * value + noise;
            yield return Terms[term] switch
            {
                "constant" => 1.0 / 3,
                "not finite" => (s % 4) switch { 0 => double.NaN, 1 => double.PositiveInfinity, 2 => double.NegativeInfinity, _ => 1e-300 },
                _ => value,
            };
        }
    }
}
