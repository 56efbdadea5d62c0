using System.Collections.Concurrent;
using System.Globalization;
using TypedPooling.Data;
using TypedPooling.Draws;
using TypedPooling.Engines;
using TypedPooling.Tests.Support;
using Xunit;

namespace TypedPooling.Tests.Inference;

/// <summary>What every engine of the catalogue promises, on every model it supports.</summary>
public sealed class EngineConformanceTests
{
    private static readonly RunOptions Short = new() { Seed = 5, Chains = 2, Warmup = 60, Draws = 80 };

    // The run that most tests look at: made once a case, on all processors, with progress told.
    private static readonly ConcurrentDictionary<(string Engine, string Name, SamplingMethod Sampling), Lazy<WatchedRun>> Watched = new();

    public static TheoryData<string, string, SamplingMethod> Supported => EngineCases.WithMethods(EngineCases.Supported);

    public static TheoryData<string> Engines => EngineCases.Engines;

    /// <summary>Options that are out of range, each by the name of the option and as the message tells it.</summary>
    public static TheoryData<string, string> BadOptions => new()
    {
        { nameof(RunOptions.Chains), "Chains is 0. Use a value from 1 to 1,000." },
        { nameof(RunOptions.Warmup), "Warmup is 19. Use a value from 20 to 10,000,000." },
        { nameof(RunOptions.Draws), "Draws is 3. Use a value from 4 to 10,000,000." },
        { nameof(RunOptions.TargetAcceptance), "TargetAcceptance is 1. Use a value between 0 and 1." },
        { nameof(RunOptions.MaximumTreeDepth), "MaximumTreeDepth is 21. Use a value from 1 to 20." },
        { nameof(RunOptions.Threads), "Threads is -1. Use 0 (all) or a value up to 1,000." },
    };

    [Fact]
    public void Every_case_is_fitted_by_an_engine_and_cases_are_many()
    {
        var fitted = Supported.Select(row => (string)((object[])row)[1]).Distinct().ToArray();
        Assert.Equal(EngineCases.All.Keys.Order(), fitted.Order());
        Assert.True(fitted.Length >= 15);
    }

    [Theory]
    [MemberData(nameof(Supported))]
    public void The_same_seed_gives_the_same_bits_on_any_number_of_threads_and_another_seed_gives_others(
        string engine, string name, SamplingMethod sampling)
    {
        var first = Watch(engine, name, sampling).Bits;

        Assert.Equal(first, Bits(Run(engine, name, Short with { Sampling = sampling, Threads = 1 })));
        Assert.Equal(first, Bits(Run(engine, name, Short with { Sampling = sampling, Threads = 2 })));
        Assert.NotEqual(first, Bits(Run(engine, name, Short with { Sampling = sampling, Seed = 6 })));

        // Methods of sampling that are not among the cases change nothing.
        if (EngineCases.Methods(engine).Length == 1)
            Assert.Equal(first, Bits(Run(engine, name, Short)));
    }

    [Theory]
    [MemberData(nameof(Supported))]
    public void The_bound_model_is_not_changed(string engine, string name, SamplingMethod sampling)
    {
        var run = Watch(engine, name, sampling);

        Assert.Equal(run.Before, run.After);
    }

    [Theory]
    [MemberData(nameof(Supported))]
    public void Every_draw_is_finite_and_inside_its_support(string engine, string name, SamplingMethod sampling)
    {
        var posterior = Watch(engine, name, sampling).Posterior;
        foreach (var block in Blocks(posterior))
        {
            Assert.Equal(posterior.DrawCount, block.DrawCount);
            for (var i = 0; i < block.ParameterCount; i++)
            {
                var (least, greatest) = block.Parameter(i).Kind switch
                {
                    ParameterKind.Sigma => (double.Epsilon, double.MaxValue),
                    ParameterKind.VaryingSd => (0, double.MaxValue),
                    ParameterKind.VaryingCorrelation => (-1, 1),
                    _ => (-double.MaxValue, double.MaxValue),
                };
                Assert.All(DrawsOf(block, i), x => Assert.InRange(x, least, greatest));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Supported))]
    public void The_posterior_has_the_shape_of_the_model(string engine, string name, SamplingMethod sampling)
    {
        var run = Watch(engine, name, sampling);
        var (model, posterior) = (run.Model, run.Posterior);
        var spec = model.Spec;

        Assert.Equal(
            (engine, Short.Seed, 2, 80, 160), (posterior.Engine, posterior.Seed, posterior.ChainCount, posterior.DrawsPerChain, posterior.DrawCount));
        if (EngineCases.Engine(engine) is ILikelihoodEngine)
            Assert.Equal(spec.WithoutPriors().ToString(), posterior.Spec.ToString());
        else
            Assert.Same(spec, posterior.Spec);
        Assert.Equal(EngineCases.Engine(engine).Supports(spec).Exactness, posterior.Exactness);
        Assert.Equal(spec.Population.Select(t => t.Name), Names(posterior.Population));

        // Sigma unless errors are known, then for each factor its sds and its correlations, the lower triangle by rows; fixed ones among them.
        var scales = spec.Response.Sigma is null ? new List<string>() : ["sigma"];
        foreach (var factor in spec.Factors)
        {
            scales.AddRange(factor.Terms.Select(t => $"sd({factor.Name}: {t.Name})"));
            for (var a = 1; a < factor.Terms.Length && factor.HasCorrelations; a++)
            {
                for (var b = 0; b < a; b++)
                    scales.Add($"cor({factor.Name}: {factor.Terms[b].Name}, {factor.Terms[a].Name})");
            }
        }

        Assert.Equal(scales, Names(posterior.Scales));
        Assert.Equal(spec.Factors.Length, posterior.Effects.Length);
        for (var k = 0; k < spec.Factors.Length; k++)
        {
            var block = posterior.Effects[k];
            var q = spec.Factors[k].Terms.Length;
            Assert.Equal((k, model.Levels[k].Count, q), (block.Factor, block.LevelCount, block.TermCount));
            var joint = new double[q * posterior.DrawCount];
            for (var index = 0; index < block.ParameterCount; index++)
            {
                var (level, term) = (index / q, index % q);
                Assert.Equal(
                    $"{spec.Factors[k].Name}[{model.Levels[k].Text(level)}, {spec.Factors[k].Terms[term].Name}]", block.Parameter(index).Name);
                Assert.Equal((level, model.Levels[k].Text(level)), (block.Parameter(index).Level, block.Parameter(index).LevelText));
                block.CopyLevel(level, joint);
                Assert.Equal(joint.AsSpan(term * posterior.DrawCount, posterior.DrawCount).ToArray(), DrawsOf(block, index));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Supported))]
    public void A_run_that_is_cancelled_before_it_starts_throws(string engine, string name, SamplingMethod sampling)
    {
        using var cancellation = new CancellationTokenSource();
        cancellation.Cancel();
        Assert.ThrowsAny<OperationCanceledException>(() => Run(engine, name, Short with { Sampling = sampling, Cancellation = cancellation.Token }));
    }

    [Theory]
    [MemberData(nameof(Supported))]
    public void A_run_that_is_cancelled_keeps_the_draws_it_has_and_says_so(string engine, string name, SamplingMethod sampling)
    {
        using var cancellation = new CancellationTokenSource();
        var options = Short with
        {
            Sampling = sampling,
            Chains = 1,
            Draws = sampling == SamplingMethod.Nuts ? 400 : 4000,
            Progress = new SynchronousProgress(p =>
            {
                if (!p.IsWarmup && p.Completed >= (sampling == SamplingMethod.Nuts ? p.Total - 300 : p.Total - 5000))
                    cancellation.Cancel();
            }),
        };
        var whole = Run(engine, name, options with { Progress = null });
        if (whole.Exactness == Exactness.Approximate)
            return; // an approximation that is cut short is none: it throws while it iterates, and draws in no time
        if (whole.Exactness == Exactness.Point)
            return; // nor is a maximum
        if (sampling == SamplingMethod.Automatic && whole.DrawKind == DrawKind.MarkovChains)
            return; // the chains, which the other case cancels, came after proposals
        if (whole.Importance is { ParetoK: > 0.35 })
            return; // a part of the sample may be refused where the whole just passes: the k-hat of three quarters was seen to be greater by 0.3
        var cut = Run(engine, name, options with { Cancellation = cancellation.Token });
        if (cut.Exact is not null)
            return; // nothing is told of a run that takes no time

        Assert.InRange(cut.DrawsPerChain, 4, options.Draws - 1);
        var warning = Assert.Single(cut.Warnings, w => w.Code == FitWarningCode.Cancelled);
        Assert.Equal(
            string.Create(
                CultureInfo.InvariantCulture,
                $"The run was cancelled and holds {cut.DrawsPerChain} of {options.Draws} draws per chain; run it to the end before you report it."),
            warning.Message);
        Assert.DoesNotContain(whole.Warnings, w => w.Code == FitWarningCode.Cancelled);
        if (cut.DrawKind == DrawKind.Independent)
            return; // weights depend on every proposal, so the draws are others
        foreach (var (kept, all) in Blocks(cut).Zip(Blocks(whole)))
        {
            for (var i = 0; i < kept.ParameterCount; i++)
                Assert.Equal(DrawsOf(all, i).Take(cut.DrawsPerChain), DrawsOf(kept, i));
        }
    }

    [Theory]
    [MemberData(nameof(Supported))]
    public void A_run_that_is_cancelled_in_warmup_throws(string engine, string name, SamplingMethod sampling)
    {
        using var cancellation = new CancellationTokenSource();
        var told = false;
        var options = Short with
        {
            Sampling = sampling,
            Cancellation = cancellation.Token,
            Progress = new SynchronousProgress(p =>
            {
                told |= p.IsWarmup;
                if (p.IsWarmup)
                    cancellation.Cancel();
            }),
        };
        var failure = Record.Exception(() => Run(engine, name, options));
        Assert.Equal(told, failure is OperationCanceledException);
        Assert.True(told || failure is null);
    }

    [Theory]
    [MemberData(nameof(Supported))]
    public void Progress_is_told_of_every_chain_up_to_its_end(string engine, string name, SamplingMethod sampling)
    {
        var run = Watch(engine, name, sampling);
        var (posterior, told) = (run.Posterior, run.Told.ToList());

        if (posterior.Exact is not null)
            return; // nothing is told of a run that takes no time
        if (posterior.DrawKind == DrawKind.Independent)
        {
            Assert.All(told, p => Assert.Equal(0, p.Chain));
            Assert.Equal(told.OrderBy(p => p.Completed), told);
            Assert.True((told[0].IsWarmup || posterior.Point is not null) && !told[^1].IsWarmup);
            Assert.Equal(told[^1].Total, told[^1].Completed);
            return;
        }

        // Importance sampling that was tried first told of its proposals.
        var firstOfChains = sampling == SamplingMethod.Nuts ? 0 : told.FindLastIndex(p => p.Total != Short.Warmup + Short.Draws) + 1;
        told.RemoveRange(0, firstOfChains);
        for (var chain = 0; chain < Short.Chains; chain++)
        {
            var own = told.Where(p => p.Chain == chain).ToArray();
            Assert.Equal(own.OrderBy(p => p.Completed), own);
            Assert.All(own, p => Assert.Equal((Short.Warmup + Short.Draws, p.Completed <= Short.Warmup), (p.Total, p.IsWarmup)));
            Assert.Equal(Short.Warmup + Short.Draws, own[^1].Completed);
        }
    }

    [Theory]
    [MemberData(nameof(BadOptions))]
    public void Options_out_of_range_are_refused_by_every_engine(string option, string message)
    {
        foreach (var row in Supported)
        {
            var (engine, name) = ((string)((object[])row)[0], (string)((object[])row)[1]);
            var failure = Assert.Throws<ModelException>(() => Run(engine, name, Bad(option, Short)));
            Assert.Equal($"[OptionOutOfRange] {option}: {message}", failure.Message);
        }
    }

    [Fact]
    public void All_options_out_of_range_are_told_at_once()
    {
        var bad = BadOptions.Select(row => (string)((object[])row)[0]).Aggregate(RunOptions.Default, (options, option) => Bad(option, options));

        var failure = Assert.Throws<ModelException>(() => bad.Validated());

        Assert.Equal(BadOptions.Select(row => (string)((object[])row)[0]), failure.Problems.Select(p => p.Term));
        Assert.Same(RunOptions.Default, RunOptions.Default.Validated());
        Assert.All([double.NaN, 0, -0.5, double.PositiveInfinity], rate =>
            Assert.Throws<ModelException>(() => (RunOptions.Default with { TargetAcceptance = rate }).Validated()));
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public void A_model_that_is_not_supported_is_refused_with_every_reason_at_once(string name)
    {
        var engine = EngineCases.Engine(name);
        var model = EngineCases.TwoFactors();
        var support = engine.Supports(model.Spec);

        if (support.IsSupported)
            return;
        Assert.All(support.Reasons, reason =>
        {
            Assert.Equal(ProblemCode.EngineRefuses, reason.Code);
            Assert.All([reason.Term, reason.Sentence, reason.Remedy], text => Assert.False(string.IsNullOrWhiteSpace(text)));
        });
        var failure = Assert.Throws<ModelException>(() => engine.RunNormal(model, Short));
        Assert.Equal(support.Reasons.AsEnumerable(), failure.Problems);
        Assert.Equal(support.Reasons.AsEnumerable(), Assert.Throws<ModelException>(support.Require).Problems);
    }

    [Fact]
    public void The_Marginal_engine_says_what_it_does_not_fit_and_what_to_do()
    {
        var failure = Assert.Throws<ModelException>(() => EngineCases.Engine("Marginal").RunNormal(EngineCases.TwoFactors(), Short));

        Assert.Equal(
            [
                "[EngineRefuses] g: The Marginal engine takes LKJ priors of correlations only, but this prior is Unknown(). Use Lkj(eta) or "
                    + "Uncorrelated.",
            ],
            failure.Message.Split(Environment.NewLine));
    }

    private static WatchedRun Watch(string engine, string name, SamplingMethod sampling) => Watched.GetOrAdd((engine, name, sampling), _ => new(() =>
    {
        var model = EngineCases.All[name]();
        var before = Snapshot(model);
        var told = new List<RunProgress>();
        var progress = new SynchronousProgress(p =>
        {
            lock (told)
                told.Add(p);
        });
        var posterior = EngineCases.Engine(engine).RunNormal(model, Short with { Sampling = sampling, Threads = 0, Progress = progress });

        // Effects may be drawn when they are read.
        var bits = Bits(posterior);
        return new(model, posterior, bits, before, Snapshot(model), told);
    })).Value;

    private static Posterior Run(string engine, string name, RunOptions options) =>
        EngineCases.Engine(engine).RunNormal(EngineCases.All[name](), options);

    private static IEnumerable<DrawBlock> Blocks(Posterior posterior) => [posterior.Population, posterior.Scales, .. posterior.Effects];

    private static double[] DrawsOf(DrawBlock block, int index)
    {
        var draws = new double[block.DrawCount];
        block.CopyDraws(index, draws);
        return draws;
    }

    private static string[] Names(DrawBlock block) => [.. Enumerable.Range(0, block.ParameterCount).Select(i => block.Parameter(i).Name)];

    // Every number of a posterior but the times.
    private static long[] Bits(Posterior posterior)
    {
        IEnumerable<double> values = Blocks(posterior).SelectMany(
            block => Enumerable.Range(0, block.ParameterCount).SelectMany(i => DrawsOf(block, i)));
        if (posterior.Sampler is { } sampler)
        {
            values = values.Concat(sampler.LogDensity).Concat(sampler.AcceptanceRate).Concat(sampler.StepSize).Concat(sampler.EnergyBfmi)
                .Concat(sampler.TreeDepth.Select(d => (double)d)).Concat(sampler.Leapfrogs.Select(d => (double)d)).Concat(
                    sampler.Divergent.Select(d => d ? 1.0 : 0));
        }

        return [.. values.Select(BitConverter.DoubleToInt64Bits)];
    }

    private static string Snapshot(NormalBoundModel model)
    {
        var cells = model.Cells;
        IEnumerable<object> parts = [model.Spec.ToString(), model.RowCount, cells.CellCount, cells.LogWeightSum];
        for (var cell = 0; cell < cells.CellCount; cell++)
            parts = [.. parts, cells.Rows(cell), cells.Weight(cell), .. cells.Means(cell).ToArray(), .. cells.CrossProducts(cell).ToArray()];
        for (var k = 0; k < model.Levels.Length; k++)
        {
            var levels = model.Levels[k];
            parts = [.. parts, .. model.CellLevels(k).ToArray(), .. Enumerable.Range(0, levels.Count).Select(levels.Text)];
        }

        return string.Join(' ', parts.Select(part => Convert.ToString(part, CultureInfo.InvariantCulture)));
    }

    private static RunOptions Bad(string option, RunOptions options) => option switch
    {
        nameof(RunOptions.Chains) => options with { Chains = 0 },
        nameof(RunOptions.Warmup) => options with { Warmup = 19 },
        nameof(RunOptions.Draws) => options with { Draws = 3 },
        nameof(RunOptions.TargetAcceptance) => options with { TargetAcceptance = 1 },
        nameof(RunOptions.MaximumTreeDepth) => options with { MaximumTreeDepth = 21 },
        nameof(RunOptions.Threads) => options with { Threads = -1 },
        _ => throw new NotSupportedException(option),
    };

    // Before and after: the model's snapshots. Told: progress in the order in which it came.
    private sealed record WatchedRun(
        NormalBoundModel Model, Posterior Posterior, long[] Bits, string Before, string After, IReadOnlyList<RunProgress> Told);

    private sealed class SynchronousProgress(Action<RunProgress> tell) : IProgress<RunProgress>
    {
        public void Report(RunProgress value) => tell(value);
    }
}
