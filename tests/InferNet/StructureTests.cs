using TypedPooling.Data;
using TypedPooling.Draws;
using TypedPooling.Engines;
using TypedPooling.Inference.InferNet;
using TypedPooling.Model;
using TypedPooling.Tests.Support;
using Xunit;

namespace TypedPooling.Tests.InferNet;

/// <summary>Structures of model, each with both algorithms, beside the exact engine.</summary>
public sealed class StructureTests
{
    private static readonly InverseGammaOnVariancePrior Scale = new(3, 1);
    private static readonly PopulationTerm Intercept = new("Intercept", ModelSpec.Ones, new NormalPrior(0, 3));
    private static readonly PopulationTerm Slope = new("x0", 0, new NormalPrior(0, 2));
    private static readonly VaryingTerm VaryingIntercept = new("Intercept", ModelSpec.Ones, Scale);
    private static readonly VaryingTerm VaryingSlope = new("x0", 0, Scale);

    private static readonly Dictionary<string, Func<NormalBoundModel>> Models = new()
    {
        ["population effects only"] = () => Systems.Bind(Systems.Spec(1, [Intercept, Slope], [], null, Scale), Systems.Rows(61, 1, 20, 1)),
        ["sigma only"] = () => Systems.Bind(
            Systems.Spec(0, [Intercept with { Prior = new FixedPrior(0.5) }], [], null, Scale), Systems.Rows(62, 1, 12, 0)),
        ["uncorrelated slopes"] = () => Systems.Bind(
            Systems.Spec(1, [Intercept, Slope], [VaryingIntercept, VaryingSlope], new UncorrelatedPrior(), Scale), Systems.Rows(63, 12, 6, 1)),
        ["no population effect"] = () => Systems.Bind(Systems.Spec(0, [], [VaryingIntercept], null, Scale), Systems.Rows(64, 8, 4, 0)),
        ["a varying slope alone"] = () => Systems.Bind(Systems.Spec(1, [Intercept, Slope], [VaryingSlope], null, Scale), Systems.Rows(65, 10, 5, 1)),
        ["a covariate and one row a level"] = () => Systems.Bind(
            Systems.Spec(1, [Intercept, Slope], [VaryingIntercept], null, new FixedPrior(0.5)),
            [.. Systems.Rows(66, 12, 1, 1).DistinctBy(row => row.Group)]),
        ["crossed factors"] = () =>
        {
            var spec = Systems.Spec(1, [Intercept, Slope], [VaryingIntercept], null, Scale);
            return Systems.BindSeveral(
                spec with { Factors = [spec.Factors[0], spec.Factors[0] with { Name = "h" }] }, Systems.CrossedRows(67, 9, 7, 90, 1));
        },
        ["a factor in a factor"] = () =>
        {
            var spec = Systems.Spec(0, [Intercept], [VaryingIntercept], null, Scale);
            return Systems.BindSeveral(
                spec with { Factors = [spec.Factors[0], spec.Factors[0] with { Name = "h" }] },
                [.. Systems.CrossedRows(68, 6, 18, 120, 0).Select(row => row with { Groups = [row.Groups[1] / 3, row.Groups[1]] })]);
        },
        ["a covariance with one effect"] = () =>
        {
            var spec = Systems.Spec(0, [Intercept], [VaryingIntercept with { Sd = null }], null, Scale);
            return Systems.Bind(
                spec with { Factors = [spec.Factors[0] with { Covariance = new InverseWishartPrior(4, 2) }] }, Systems.Rows(69, 9, 4, 0));
        },
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
    public void Means_are_near_those_of_the_exact_engine(string name, InferNetAlgorithm algorithm)
    {
        var model = Models[name]();
        var exact = Engine.Marginal.RunNormal(model, RunOptions.Default);
        var posterior = new InferNetEngine { Algorithm = algorithm }.RunNormal(model, RunOptions.Default);

        Assert.Empty(posterior.Warnings);
        Compare(exact.Population, posterior.Population, 0.2);
        Compare(exact.Scales, posterior.Scales, 0.6);
        for (var k = 0; k < exact.Effects.Length; k++)
            Compare(exact.Effects[k], posterior.Effects[k], 0.35);
    }

    [Fact]
    public void Refuses_a_model_in_which_all_is_known()
    {
        var spec = Systems.Spec(0, [Intercept with { Prior = new FixedPrior(1) }], [], null, new FixedPrior(1));

        Assert.Contains("nothing to infer", Assert.Single(new InferNetEngine().Supports(spec).Reasons).Sentence, StringComparison.Ordinal);
    }

    // Means within a part of the exact sd; fixed ones equal.
    private static void Compare(DrawBlock exact, DrawBlock approximate, double part)
    {
        Assert.Equal(exact.ParameterCount, approximate.ParameterCount);
        for (var i = 0; i < exact.ParameterCount; i++)
        {
            Assert.Equal(exact.Parameter(i), approximate.Parameter(i));
            var (mean, sd) = Approximation.Moments(exact, i);
            var found = Approximation.Moments(approximate, i).Mean;
            Assert.True(Math.Abs(found - mean) <= part * sd + 1e-9, $"{exact.Parameter(i)}: {found} by Infer.NET, {mean} (sd {sd}) exactly");
        }
    }
}
