using System.Diagnostics;
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

public sealed class InferNetEngineTests(ITestOutputHelper output)
{
    private static readonly RunOptions Short = RunOptions.Default with { Chains = 2, Draws = 500 };

    private static readonly InferNetEngine Vmp = new();

    public static TheoryData<InferNetAlgorithm, int> Cases => new()
    {
        { InferNetAlgorithm.VariationalMessagePassing, 1 },
        { InferNetAlgorithm.VariationalMessagePassing, 2 },
        { InferNetAlgorithm.ExpectationPropagation, 1 },
        { InferNetAlgorithm.ExpectationPropagation, 2 },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Same_seed_gives_the_same_bits_and_another_seed_others(InferNetAlgorithm algorithm, int q)
    {
        var engine = new InferNetEngine { Algorithm = algorithm };
        var model = CoordinateAscentTests.Model(Determined(Systems.Rows(51, 6, 4, q - 1)), q);
        double[][] fits = [.. new ulong[] { 7, 7, 8 }.Select(seed => All(engine.RunNormal(model, Short with { Seed = seed })))];

        Assert.Equal(fits[0], fits[1]);
        Assert.NotEqual(fits[0], fits[2]);
        Assert.All(fits[0], value => Assert.True(double.IsFinite(value)));
    }

    [Fact]
    public void Draws_have_the_moments_of_the_marginals()
    {
        var model = CoordinateAscentTests.Model(Systems.Rows(51, 6, 4, 1), 2);
        var (_, marginals) = Approximation.Of(model, InferNetAlgorithm.VariationalMessagePassing);
        var posterior = Vmp.RunNormal(model, RunOptions.Default with { Draws = 10_000 });
        var count = Math.Sqrt(posterior.DrawCount);

        var (mean, sd) = Approximation.Moments(posterior.Population, 1);
        var variance = marginals.Means[0]!.Variance[1, 1];
        Assert.Equal(marginals.Means[0]!.Mean[1], mean, 5 * Math.Sqrt(variance) / count);
        Assert.Equal(Math.Sqrt(variance), sd, 5 * Math.Sqrt(variance / 2) / count);

        // E sd of an inverse gamma variance of shape (nu - q + 1) / 2.
        var (shape, rate) = marginals.Precisions[0]!.Value;
        var half = shape - 0.5;
        var expected = Math.Sqrt(rate[1, 1]) * Math.Exp(
            MathNet.Numerics.SpecialFunctions.GammaLn(half - 0.5) - MathNet.Numerics.SpecialFunctions.GammaLn(half));
        var (scale, spread) = Approximation.Moments(posterior.Scales, 2);
        Assert.Equal("sd(g: x0)", posterior.Scales.Parameter(2).Name);
        Assert.Equal(expected, scale, 5 * spread / count);
    }

    [Fact]
    public void A_structure_is_compiled_once_whatever_the_data_and_the_priors()
    {
        var first = CoordinateAscentTests.Model(Systems.Rows(52, 6, 4, 1), 2);
        Vmp.RunNormal(first, Short);
        var count = InferNetEngine.CompilationCount;
        var second = CoordinateAscentTests.Model(Systems.Rows(53, 15, 9, 1), 2);
        var other = second.Spec with { Population = [.. second.Spec.Population.Select(term => term with { Prior = new FlatPrior() })] };
        var posterior = new InferNetEngine().RunNormal(
            new NormalBoundModel(other, second.Levels, second.Cells, [second.CellLevels(0).ToArray()], 0), Short);

        Assert.Equal(count, InferNetEngine.CompilationCount);
        Assert.Equal(15 * 2, posterior.Effects[0].ParameterCount);
        Vmp.RunNormal(
            Systems.Bind(
                Systems.Spec(0, [], [new("Intercept", -1, new FixedPrior(1.5))], null, new InverseGammaOnVariancePrior(2, 1)),
                Systems.Rows(54, 5, 4, 0)),
            Short);
        Assert.Equal(count + 1, InferNetEngine.CompilationCount);
    }

    [Fact]
    public async Task Threads_share_a_compiled_structure()
    {
        var models = Enumerable.Range(0, 8).Select(i => CoordinateAscentTests.Model(Systems.Rows((ulong)(60 + i), 6, 4, 1), 2)).ToArray();
        var alone = models.Select(model => All(Vmp.RunNormal(model, Short))).ToArray();
        var together = await Task.WhenAll(models.Select(model => Task.Run(() => All(Vmp.RunNormal(model, Short)))));

        Assert.Equal(alone, together);
    }

    [Fact]
    public void Refuses_priors_that_are_not_conjugate_with_every_reason()
    {
        var spec = Lecture(new LkjPrior(2)) with { Response = new ResponseSpec(TestFamilies.Normal, "y", "y", new HalfNormalPrior(1), null) };
        spec =
            spec with
            {
                Population = [
                    spec.Population[0] with { Prior = new StudentTPrior(4, 0, 1) }, spec.Population[1] with { Prior = new UniformPrior(-1, 1) }],
            };
        var support = Vmp.Supports(spec);

        Assert.Equal(Exactness.Approximate, support.Exactness);
        Assert.Equal(["Intercept", "x0", "sigma", "g"], support.Reasons.Select(reason => reason.Term));
        Assert.All(support.Reasons, reason => Assert.Equal(ProblemCode.EngineRefuses, reason.Code));
        var failure = Assert.Throws<ModelException>(() => Vmp.RunNormal(Systems.Bind(spec, Systems.Rows(55, 5, 4, 1)), Short));
        Assert.Equal(support.Reasons, failure.Problems);

        // Replacing leaves what has no conjugate prior near it.
        Assert.Equal(
            ["x0"], new InferNetEngine { Replacing = PriorReplacement.NearestConjugate }.Supports(spec).Reasons.Select(reason => reason.Term));
    }

    [Fact]
    public void Refuses_each_sd_of_uncorrelated_effects_and_another_family()
    {
        var spec = Lecture(new UncorrelatedPrior());

        Assert.Equal(["sigma", "sd(g: Intercept)", "sd(g: x0)"], Vmp.Supports(spec).Reasons.Select(reason => reason.Term));
        Assert.Contains(
            "Poisson",
            Vmp.Supports(spec with { Response = spec.Response with { Family = TestFamilies.Of("Poisson", Link.Log) } }).Reasons[0].Sentence,
            StringComparison.Ordinal);
        Assert.True(Vmp.Supports(CoordinateAscentTests.Model(Systems.Rows(51, 6, 4, 1), 2).Spec).IsSupported);
    }

    [Fact]
    public void Replaces_priors_on_request_and_lists_each()
    {
        var engine = new InferNetEngine { Replacing = PriorReplacement.NearestConjugate };
        var spec = Lecture(new UncorrelatedPrior());
        var sd = new InverseGammaOnVariancePrior(2, 1);
        spec = spec with { Factors = [spec.Factors[0] with { Terms = [.. spec.Factors[0].Terms.Select(term => term with { Sd = sd })] }] };
        var posterior = engine.RunNormal(Systems.Bind(spec, Systems.Rows(55, 8, 12, 1)), Short);

        var warning = Assert.Single(posterior.Warnings);
        Assert.Equal(FitWarningCode.PriorReplaced, warning.Code);
        Assert.Contains(" of sigma was replaced by InverseGammaOnVariance(", warning.Message, StringComparison.Ordinal);
        Assert.IsType<InverseGammaOnVariancePrior>(posterior.Spec.Response.Sigma);
        Assert.Equal(("InferNet (VMP)", Exactness.Approximate), (posterior.Engine, posterior.Exactness));
    }

    [Fact]
    public void Refuses_replacements_that_move_the_answer()
    {
        // Slopes do not vary, which an inverse Wishart makes nearly impossible; and an inverse gamma with the median of Uniform(0, 100) makes a sigma
        // of 0.5 impossible.
        var engine = new InferNetEngine { Replacing = PriorReplacement.NearestConjugate };
        var spec = Lecture(new LkjPrior(2));
        Assert.Equal("covariance(g)", Refusal(spec).Term);

        spec = CoordinateAscentTests.Model(Systems.Rows(51, 6, 4, 1), 2).Spec;
        var uniform = Refusal(spec with { Response = spec.Response with { Sigma = new UniformPrior(0, 100) } });
        Assert.Equal(("sigma", ProblemCode.EngineRefuses), (uniform.Term, uniform.Code));
        Assert.Contains("replaced its prior Uniform(0, 100) by InverseGammaOnVariance(1.93", uniform.Sentence, StringComparison.Ordinal);

        Problem Refusal(ModelSpec spec) =>
            Assert.Single(Assert.Throws<ModelException>(() => engine.RunNormal(Systems.Bind(spec, Systems.Rows(55, 8, 4, 1)), Short)).Problems);
    }

    [Fact]
    public void Says_where_it_stopped_early_and_where_EP_is_a_preview()
    {
        var model = CoordinateAscentTests.Model(Determined(Systems.Rows(51, 6, 4, 1)), 2);

        Assert.Empty(Vmp.RunNormal(model, Short).Warnings);
        Assert.Equal(FitWarningCode.NotConverged, Assert.Single(new InferNetEngine { MaximumIterations = 2 }.RunNormal(model, Short).Warnings).Code);
        var ep = new InferNetEngine { Algorithm = InferNetAlgorithm.ExpectationPropagation }.RunNormal(model, Short);
        Assert.Equal("InferNet (EP)", ep.Engine);
        Assert.Contains(
            "covariance(g)", Assert.Single(ep.Warnings, warning => warning.Code == FitWarningCode.Approximation).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Refuses_a_covariance_by_EP_where_a_level_has_too_few_rows_and_names_it()
    {
        var rows = Determined(Systems.Rows(51, 6, 4, 1));
        rows.Add((42, [1], 0.3));
        var failure = Assert.Throws<ModelException>(() =>
            new InferNetEngine { Algorithm = InferNetAlgorithm.ExpectationPropagation }.RunNormal(CoordinateAscentTests.Model(rows, 2), Short));

        Assert.Equal(("g", "42"), (Assert.Single(failure.Problems).Term, failure.Problems[0].Level));
        Assert.Equal(14, Vmp.RunNormal(CoordinateAscentTests.Model(rows, 2), Short).Effects[0].ParameterCount);
    }

    [Fact]
    public void Tells_of_iterations_and_stops_between_two()
    {
        var model = CoordinateAscentTests.Model(Systems.Rows(51, 6, 4, 1), 2);
        using var source = new CancellationTokenSource();
        var seen = new List<int>();
        var progress = new Each(value =>
        {
            seen.Add(value.Completed);
            if (seen.Count == 3)
                source.Cancel();
        });

        Assert.ThrowsAny<OperationCanceledException>(() => Vmp.RunNormal(model, Short with { Progress = progress, Cancellation = source.Token }));
        Assert.Equal([1, 2, 3], seen);
    }

    [Fact]
    public void Options_out_of_range_are_named()
    {
        var model = CoordinateAscentTests.Model(Systems.Rows(51, 6, 4, 1), 2);
        var failure = Assert.Throws<ModelException>(() => new InferNetEngine { Tolerance = 0, MaximumIterations = 0 }.RunNormal(model, Short));

        Assert.Equal(["Tolerance", "MaximumIterations"], failure.Problems.Select(problem => problem.Term));
    }

    [Fact]
    public void An_sd_fixed_at_0_leaves_effects_of_0()
    {
        VaryingTerm[] varying = [new("Intercept", -1, new FixedPrior(0)), new("x0", 0, new InverseGammaOnVariancePrior(2, 1))];
        var spec = Systems.Spec(
            1, [new("Intercept", -1, new NormalPrior(0, 2))], varying, new UncorrelatedPrior(), new InverseGammaOnVariancePrior(2, 1));
        var posterior = Vmp.RunNormal(Systems.Bind(spec, Systems.Rows(56, 6, 4, 1)), Short);

        Assert.Equal((0, 0), Approximation.Moments(posterior.Effects[0], 0));
        Assert.True(Approximation.Moments(posterior.Effects[0], 1).Sd > 0);
        Assert.Equal((0, 0), Approximation.Moments(posterior.Scales, 1));
    }

    [Theory]
    [InlineData(InferNetAlgorithm.VariationalMessagePassing)]
    [InlineData(InferNetAlgorithm.ExpectationPropagation)]
    public void Hard_data_give_a_fit_or_a_sentence_about_a_term_of_the_model(InferNetAlgorithm algorithm)
    {
        var engine = new InferNetEngine { Algorithm = algorithm };
        (string, List<(int, double[], double)>)[] cases =
        [
            ("one level", Flat([[1.3, 0.4, 2.2, 0.9]])),
            ("one row a level", Flat([[0.3], [-1.2], [0.8], [2.1], [-0.6], [0.1]])),
            ("groups without differences", Flat([.. Enumerable.Range(0, 8).Select(_ => new[] { -1.0, 0, 1, -0.5, 0.5 })])),
            ("a perfect fit", Flat([[1, 1], [2, 2], [3, 3]])),
            ("far from 0", Flat([[1e6 + 1, 1e6 + 2], [1e6 + 5, 1e6 + 7], [1e6 + 3, 1e6]])),
        ];
        foreach (var (name, rows) in cases)
        {
            foreach (var shape in new[] { 0.01, 2 })
            {
                var prior = new InverseGammaOnVariancePrior(shape, shape);
                var spec = Systems.Spec(0, [new("Intercept", -1, new NormalPrior(0, 3))], [new("Intercept", -1, prior)], null, prior);
                try
                {
                    var posterior = engine.RunNormal(Systems.Bind(spec, rows), Short);
                    Assert.All(All(posterior), value => Assert.True(double.IsFinite(value), name));
                    output.WriteLine($"{name}, shape {shape}: {posterior.SamplingReason}");
                }
                catch (ModelException failure)
                {
                    output.WriteLine($"{name}, shape {shape}: {failure.Message}");
                    Assert.Contains(failure.Problems[0].Term, new[] { "sd(g: Intercept)", "sigma" });
                }
            }
        }
    }

    [Fact]
    public void The_second_fit_is_much_faster_than_the_first()
    {
        // A structure of its own: three correlated terms.
        var spec = Systems.Spec(2, [], [.. Enumerable.Range(0, 3).Select(a => new VaryingTerm($"t{a}", a - 1, null))], null, new FixedPrior(0.5));
        var model = Systems.Bind(
            spec with { Factors = [spec.Factors[0] with { Covariance = new InverseWishartPrior(6, 1) }] }, Systems.Rows(57, 20, 5, 2));
        var clock = Stopwatch.StartNew();
        Vmp.RunNormal(model, Short);
        var first = clock.Elapsed;
        clock.Restart();
        Vmp.RunNormal(model, Short);

        output.WriteLine($"first {first.TotalMilliseconds:F0} ms, second {clock.Elapsed.TotalMilliseconds:F0} ms");
        Assert.True(clock.Elapsed < 0.5 * first);
    }

    private static ModelSpec Lecture(ICorrelationPrior correlation) => Systems.Spec(
        1,
        [new("Intercept", -1, new NormalPrior(0, 3)), new("x0", 0, new NormalPrior(0, 2))],
        [new("Intercept", -1, new ExponentialPrior(1)), new("x0", 0, new ExponentialPrior(1))],
        correlation,
        new ExponentialPrior(1));

    // Two rows more for each level, at 0 and 1 of the first column: each level determines an intercept and a slope.
    private static List<(int Group, double[] Columns, double Y)> Determined(List<(int Group, double[] Columns, double Y)> rows) =>
        [.. rows, .. rows.Select(row => row.Group).Distinct().SelectMany(
            g => new[] { 0, 1 }.Select(x => (g, rows[0].Columns.Length == 0 ? [] : new double[] { x }, 0.2 * g + 0.1 * x)))];

    private static List<(int, double[], double)> Flat(double[][] groups) =>
        [.. groups.SelectMany((group, j) => group.Select(y => (j, Array.Empty<double>(), y)))];

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
