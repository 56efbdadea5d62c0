using TypedPooling.Data;
using TypedPooling.Draws;
using TypedPooling.Engines;
using TypedPooling.Inference.InferNet;
using TypedPooling.Model;
using TypedPooling.Responses;
using TypedPooling.Tests.Support;
using Xunit;
using Xunit.Abstractions;

namespace TypedPooling.Tests.InferNet;

/// <summary>What is promised of every run, for Bernoulli and Binomial models.</summary>
public sealed class CellRunTests(ITestOutputHelper output)
{
    private static readonly RunOptions Short = RunOptions.Default with { Chains = 2, Draws = 500 };
    private static readonly InferNetEngine Vmp = new();
    private static readonly PopulationTerm Intercept = new("Intercept", ModelSpec.Ones, new NormalPrior(0, 2));
    private static readonly PopulationTerm Slope = new("x0", 0, new NormalPrior(0, 1));

    public static TheoryData<InferNetAlgorithm> Algorithms => [.. Enum.GetValues<InferNetAlgorithm>()];

    [Fact]
    public void A_structure_is_compiled_once_whatever_the_cells_the_link_and_the_priors()
    {
        Vmp.Run(Model(TestFamilies.Binomial, 81, 8, 60), Short);
        var count = InferNetEngine.CompilationCount;
        var other = Model(TestFamilies.Of("Bernoulli", Link.Probit), 82, 14, 90);
        var posterior = new InferNetEngine().Run(
            other.With(other.Spec with { Population = [Intercept with { Prior = new FlatPrior() }, Slope] }), Short);

        Assert.Equal(count, InferNetEngine.CompilationCount);
        Assert.Equal(14, posterior.Effects[0].ParameterCount);
    }

    [Theory]
    [MemberData(nameof(Algorithms))]
    public async Task Same_seed_gives_the_same_bits_alone_and_on_many_threads(InferNetAlgorithm algorithm)
    {
        var engine = new InferNetEngine { Algorithm = algorithm };
        var models = Enumerable.Range(0, 6).Select(i => Model(TestFamilies.Binomial, (ulong)(90 + i), 8, 60)).ToArray();
        var alone = models.Select(model => All(engine.Run(model, Short))).ToArray();
        var together = await Task.WhenAll(models.Select(model => Task.Run(() => All(engine.Run(model, Short)))));

        Assert.Equal(alone, together);
        Assert.NotEqual(alone[0], All(engine.Run(models[0], Short with { Seed = 5 })));
    }

    [Fact]
    public void Tells_of_iterations_and_stops_between_two()
    {
        using var source = new CancellationTokenSource();
        var seen = new List<int>();
        var progress = new Each(value =>
        {
            seen.Add(value.Completed);
            if (seen.Count == 3)
                source.Cancel();
        });

        Assert.ThrowsAny<OperationCanceledException>(
            () => Vmp.Run(Model(TestFamilies.Binomial, 81, 8, 60), Short with { Progress = progress, Cancellation = source.Token }));
        Assert.Equal([1, 2, 3], seen);
    }

    [Fact]
    public void Refuses_another_link_another_family_and_every_prior_that_is_not_conjugate_before_compiling()
    {
        var spec = Model(TestFamilies.Binomial, 81, 8, 60).Spec;
        var bad = spec with
        {
            Response = spec.Response with { Family = TestFamilies.Of("Binomial", Link.ComplementaryLogLog) },
            Population = [Intercept with { Prior = new StudentTPrior(4, 0, 1) }, Slope with { Prior = new UniformPrior(-1, 1) }],
            Factors = [Factor(new ExponentialPrior(1))],
        };
        var count = InferNetEngine.CompilationCount;
        var failure = Assert.Throws<ModelException>(() => Vmp.Run(CellModels.Bind(bad, CellModels.Rows(TestFamilies.Binomial, 81, 8, 7, 60)), Short));

        Assert.Equal(["y", "Intercept", "x0", "sd(g: Intercept)"], failure.Problems.Select(problem => problem.Term));
        Assert.Contains("ComplementaryLogLog", failure.Problems[0].Sentence, StringComparison.Ordinal);
        Assert.Equal(Vmp.Supports(bad).Reasons, failure.Problems);
        Assert.Contains(
            "Poisson",
            Assert.Single(Vmp.Supports(spec with { Response = spec.Response with { Family = TestFamilies.Poisson } }).Reasons).Sentence,
            StringComparison.Ordinal);
        Assert.Equal(count, InferNetEngine.CompilationCount);
    }

    [Fact]
    public void Replaces_priors_on_request_and_lists_each()
    {
        var model = Model(TestFamilies.Binomial, 81, 8, 60);
        var posterior = new InferNetEngine { Replacing = PriorReplacement.NearestConjugate }.Run(
            model.With(model.Spec with { Factors = [Factor(new ExponentialPrior(1))] }), Short);

        Assert.Equal(FitWarningCode.PriorReplaced, Assert.Single(posterior.Warnings).Code);
        Assert.IsType<InverseGammaOnVariancePrior>(posterior.Spec.Factors[0].Terms[0].Sd);
    }

    [Theory]
    [MemberData(nameof(Algorithms))]
    public void Hard_data_give_a_fit_or_a_sentence_about_a_term_of_the_model(InferNetAlgorithm algorithm)
    {
        var engine = new InferNetEngine { Algorithm = algorithm };
        (string, (double A, double N)[])[] cases =
        [
            ("one level", [(3, 10)]),
            ("one success a level", [(1, 1), (0, 1), (1, 1), (1, 1), (0, 1), (0, 1)]),
            ("every trial succeeds", [(10, 10), (20, 20), (5, 5), (1, 1)]),
            ("all or nothing by level", [(50, 50), (0, 40), (60, 60), (0, 30), (80, 80)]),
            ("groups without differences", [(5, 10), (10, 20), (20, 40), (5, 10), (10, 20), (5, 10)]),
            ("a million trials a level", [(400_000, 1_000_000), (10, 1_000_000), (999_990, 1_000_000)]),
        ];
        foreach (var (name, levels) in cases)
        {
            foreach (var link in new[] { Link.Logit, Link.Probit })
            {
                foreach (var shape in new[] { 0.01, 2 })
                {
                    var spec = CellModels.Spec(
                        TestFamilies.Of("Binomial", link), 0, [Intercept], Factor(new InverseGammaOnVariancePrior(shape, shape)));
                    var model = CellModels.Bind(spec, [.. levels.Select((cell, j) => new CellModels.Row([j], [], 0, cell.A, cell.N))]);
                    try
                    {
                        var posterior = engine.Run(model, Short);
                        Assert.All(All(posterior), value => Assert.True(double.IsFinite(value), name));
                        output.WriteLine($"{name}, {link}, shape {shape}: {posterior.SamplingReason} {string.Join(' ', posterior.Warnings)}");
                    }
                    catch (ModelException failure)
                    {
                        output.WriteLine($"{name}, {link}, shape {shape}: {failure.Message}");
                        Assert.Equal("sd(g: Intercept)", failure.Problems[0].Term);
                    }
                }
            }
        }
    }

    private static CellBoundModel Model(Family family, ulong seed, int levels, int count) =>
        CellEngineTests.Cells(family, seed, levels, count, [Intercept, Slope], Factor(new InverseGammaOnVariancePrior(3, 1)));

    private static FactorSpec Factor(IScalePrior sd) => new("g", [new("Intercept", ModelSpec.Ones, sd)], new UncorrelatedPrior());

    private static double[] All(Posterior posterior)
    {
        var values = new List<double>();
        foreach (var block in new DrawBlock[] { posterior.Population, posterior.Scales }.Concat(posterior.Effects))
        {
            var draws = new double[block.DrawCount];
            for (var i = 0; i < block.ParameterCount; i++)
            {
                block.CopyDraws(i, draws);
                values.AddRange(draws);
            }
        }

        return [.. values];
    }

    private sealed class Each(Action<RunProgress> action) : IProgress<RunProgress>
    {
        public void Report(RunProgress value) => action(value);
    }
}
