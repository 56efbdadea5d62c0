using System.Diagnostics;
using System.Globalization;
using TypedPooling.Data;
using TypedPooling.Draws;
using TypedPooling.Engines;
using TypedPooling.Inference.InferNet;
using TypedPooling.Model;
using TypedPooling.Tests.Support;
using Xunit;
using Xunit.Abstractions;

namespace TypedPooling.Tests.InferNet;

/// <summary>Bernoulli and Binomial models, each with both algorithms, beside NUTS.</summary>
public sealed class CellEngineTests(ITestOutputHelper output)
{
    private static readonly InverseGammaOnVariancePrior Scale = new(3, 1);
    private static readonly PopulationTerm Intercept = new("Intercept", ModelSpec.Ones, new NormalPrior(0, 2));
    private static readonly PopulationTerm First = new("x0", 0, new NormalPrior(0, 1));
    private static readonly PopulationTerm Second = new("x1", 1, new NormalPrior(0, 1));
    private static readonly FactorSpec ByG = new("g", [new("Intercept", ModelSpec.Ones, Scale)], new UncorrelatedPrior());

    private static readonly Dictionary<string, Func<CellBoundModel>> Models = new()
    {
        ["binomial, a varying intercept"] = () => Cells(Family.Binomial, 71, 12, 60, Intercept, ByG),
        ["bernoulli, a varying intercept and a covariate"] = () => Cells(Family.Bernoulli, 72, 12, 200, [Intercept, First], ByG),
        ["probit"] = () => Cells(Family.Binomial with { Link = Link.Probit }, 73, 12, 80, [Intercept, First], ByG),
        ["no factor"] = () => Cells(Family.Binomial, 74, 12, 60, [Intercept, First, Second]),
        ["a fixed effect and an offset"] = () => Cells(Family.Binomial, 75, 12, 60, [Intercept, First with { Prior = new FixedPrior(0.5) }], ByG),
        ["slopes, uncorrelated"] = () => Cells(Family.Binomial, 76, 12, 120, [Intercept, First], ByG with { Terms = [new("Intercept", ModelSpec.Ones, Scale), new("x0", 0, Scale)] }),
        ["slopes, correlated"] = () => Cells(
            Family.Binomial, 77, 12, 150, [Intercept, First],
            ByG with { Terms = [new("Intercept", ModelSpec.Ones, null), new("x0", 0, null)], Correlation = new LkjPrior(1), Covariance = new InverseWishartPrior(5, 1) }),
        ["crossed"] = () => Cells(Family.Binomial, 78, 9, 120, [Intercept, First], ByG, ByG with { Name = "h" }),
        ["a known sd"] = () => Cells(Family.Binomial, 79, 9, 40, [Intercept], ByG with { Terms = [new("Intercept", ModelSpec.Ones, new FixedPrior(0.8))] }),
    };

    public static TheoryData<string, InferNetAlgorithm> Cases
    {
        get
        {
            var cases = new TheoryData<string, InferNetAlgorithm>();
            foreach (var name in Models.Keys)
            {
                foreach (var algorithm in Enum.GetValues<InferNetAlgorithm>())
                    cases.Add(name, algorithm);
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Means_are_near_those_of_NUTS_and_sds_of_EP_too(string name, InferNetAlgorithm algorithm)
    {
        var model = Models[name]();
        var exact = Engine.Nuts.Run(model, RunOptions.Default with { Draws = 3000, TargetAcceptance = 0.95 });
        var clock = Stopwatch.StartNew();
        var posterior = new InferNetEngine { Algorithm = algorithm }.Run(model, RunOptions.Default with { Draws = 3000 });
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name} by {posterior.Engine} in {clock.Elapsed.TotalMilliseconds:F0} ms. {posterior.SamplingReason} {string.Join(' ', posterior.Warnings)}"));

        Compare(exact.Population, posterior.Population);
        Compare(exact.Scales, posterior.Scales);
        for (var k = 0; k < exact.Effects.Length; k++)
            Compare(exact.Effects[k], posterior.Effects[k]);
    }

    private void Compare(DrawBlock exact, DrawBlock approximate)
    {
        var lines = new List<(double Shift, double Ratio, string What)>();
        for (var i = 0; i < exact.ParameterCount; i++)
        {
            Assert.Equal(exact.Parameter(i), approximate.Parameter(i));
            var (mean, sd) = Approximation.Moments(exact, i);
            var found = Approximation.Moments(approximate, i);
            lines.Add(((found.Mean - mean) / Math.Max(sd, 1e-12), found.Sd / sd, exact.Parameter(i).Name));
        }

        foreach (var (shift, ratio, what) in lines.Count <= 4 ? lines : [lines.MaxBy(l => Math.Abs(l.Shift)), lines.MinBy(l => l.Ratio), lines.MaxBy(l => l.Ratio)])
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"    {what,-30} {shift,8:F3} sd  {ratio,6:F3}"));
    }

    private static CellBoundModel Cells(Family family, ulong seed, int levels, int count, PopulationTerm intercept, params FactorSpec[] factors) => Cells(family, seed, levels, count, [intercept], factors);

    private static CellBoundModel Cells(Family family, ulong seed, int levels, int count, PopulationTerm[] population, params FactorSpec[] factors) =>
        CellModels.Bind(CellModels.Spec(family, 2, population, factors), CellModels.Rows(family, seed, levels, 7, count));
}
