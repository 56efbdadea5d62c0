using TypedPooling.Draws;
using TypedPooling.Engines;
using TypedPooling.Inference.Sampling.Importance;
using TypedPooling.Randomness;
using TypedPooling.Tests.Support;
using Xunit;
using Xunit.Abstractions;

namespace TypedPooling.Tests.Inference;

public sealed class ImportanceSamplerTests(ITestOutputHelper output)
{
    public static TheoryData<string> Targets => [.. ImportanceTargets.All.Keys];

    [Theory]
    [MemberData(nameof(Targets))]
    public void Finds_the_normaliser_and_the_moments_of_known_targets(string name)
    {
        var target = ImportanceTargets.All[name];
        var run = Run(target, new RunOptions { Seed = 41 });

        output.WriteLine($"{name}: k-hat {run.ParetoK:F2}, ESS {run.WeightEss:F0} of {run.ProposalCount}, halves {run.HalvesDifference:F1}.");
        Assert.Empty(run.Refusals);
        Assert.True(run.WeightEss >= 4000 && run.ProposalCount >= 20_000);
        Assert.InRange(run.LogNormalizerError, 1e-5, 0.02);
        Assert.True(
            Math.Abs(run.LogNormalizer - target.LogNormalizer) <= 4 * run.LogNormalizerError, $"{run.LogNormalizer} is not {target.LogNormalizer}.");

        var draws = run.Resample(4000);
        foreach (var (what, of, mean) in target.Means)
        {
            var byProposal = Values(run, of);
            AssertMean($"{what} of proposals", run.Weights, byProposal, mean, leastEss: 2000);
            AssertMean($"{what} of draws", draws.Weights, [.. draws.Proposals.ToArray().Select(i => byProposal[i])], mean, leastEss: 1000);
        }
    }

    [Theory]
    [InlineData(-10, 0.1, false)]
    [InlineData(-9.6, 0.1, false)]
    [InlineData(-9.5, 0.1, true)]
    [InlineData(-9.5, double.NaN, true)]
    [InlineData(-9.9, double.NaN, false)]
    [InlineData(double.NaN, double.NaN, false)]
    public void A_run_misses_mass_where_another_has_clearly_more_of_it(double other, double error, bool isMissed)
    {
        var run = new ImportanceRun(1, [0, 0], new DrawWeights([0.5, 0.5], [0.25, 0.25]), 1) { LogNormalizer = -10, LogNormalizerError = 0.1 };

        Assert.Equal(
            isMissed,
            run.MissesMassOf(
                new ImportanceRun(1, [0, 0], new DrawWeights([0.5, 0.5], [0.25, 0.25]), 1) { LogNormalizer = other, LogNormalizerError = error }));
        Assert.False(run.MissesMassOf(null));
    }

    [Fact]
    public void Folded_sds_make_proposals_better_where_an_sd_is_near_0()
    {
        var target = ImportanceTargets.All["half-normal"];
        var with = Run(target, new RunOptions { Seed = 42 });
        var without = Run(target with { LogSds = [] }, new RunOptions { Seed = 42 });
        Assert.True(with.Efficiencies[^1] > 1.1 * without.Efficiencies[^1], $"{with.Efficiencies[^1]} and {without.Efficiencies[^1]}");
        Assert.True(with.ParetoK < 0.3);
    }

    // Many short runs, of independent proposals, of a skewed target with an sd at 0: estimates less truth over the claimed error must have variance
    // 1.
    [Theory]
    [InlineData(200)]   // 5 proposals a draw: what engines use
    [InlineData(1000)]  // as many draws as proposals: many are repeated
    public void Claimed_errors_are_the_true_ones_over_many_runs(int draws)
    {
        const int runs = 400;
        var names = new[] { "log normaliser", "z0", "sd1", "draws: z0", "draws: sd1", "draws: quantile of z0", "draws: z0 with noise of its own" };
        var errors = names.Select(_ => new double[runs]).ToArray();
        var digamma = MathNet.Numerics.SpecialFunctions.DiGamma(2);
        var quantile = Math.Log(0.35536151);         // P(g <= 0.35536151) = 1 - (1 + g) exp(-g) = 0.05
        var meanSd = Math.Sqrt(2 / Math.PI);
        for (var r = 0; r < runs; r++)
        {
            var run = ImportanceSampler.Run(
                _ => new Target(2, z => (2 * z[0]) - Math.Exp(z[0]) + ImportanceTargets.LogHalfNormal(z[1])),
                [[0, 0]],
                new RunOptions { Seed = (ulong)r, Threads = 1, Chains = 1, Draws = 20 },
                new ImportanceSettings { LogSds = [1], AdaptiveRounds = [200, 400], MinimumProposals = 1000, Proposals = ProposalKind.Independent });
            var z0 = Values(run, z => z[0]);
            var sd1 = Values(run, z => Math.Exp(z[1]));
            var sample = run.Resample(draws);
            var noise = new PhiloxStream((ulong)r, 99);
            double[] drawn = [.. sample.Proposals.ToArray().Select(i => z0[i])];
            errors[0][r] = run.LogNormalizer / run.LogNormalizerError;
            errors[1][r] = Standardised(run.Weights, z0, digamma);
            errors[2][r] = Standardised(run.Weights, sd1, meanSd);
            errors[3][r] = Standardised(sample.Weights, drawn, digamma);
            errors[4][r] = Standardised(sample.Weights, [.. sample.Proposals.ToArray().Select(i => sd1[i])], meanSd);
            errors[5][r] = (sample.Weights.Quantile(drawn, 0.05) - quantile) / sample.Weights.McseQuantile(drawn, 0.05);
            errors[6][r] = Standardised(sample.Weights, [.. drawn.Select(x => x + noise.NextNormal())], digamma);
        }

        for (var i = 0; i < names.Length; i++)
        {
            var variance = errors[i].Sum(e => e * e) / runs;
            output.WriteLine($"{names[i]}: {variance:F3}");

            // A mean of squares of 400 standard normal numbers has sd sqrt(2/400) = 0.071. A quantile's errors are wider by its own estimate, and the
            // noise's share is claimed too large.
            var slack = i == 5 ? 0.3 : 0;
            Assert.InRange(variance, i == 6 ? 0.4 : 1 - (5 * 0.071) - slack, 1 + (5 * 0.071) + slack);
        }
    }

    [Fact]
    public void Draws_are_exchangeable_and_each_proposal_appears_as_often_as_its_weight_says()
    {
        var run = Run(ImportanceTargets.All["log gamma"], new RunOptions { Seed = 43, Chains = 1, Draws = 1000 });
        var draws = run.Resample(3000);
        var counts = new int[run.ProposalCount];
        foreach (var proposal in draws.Proposals)
            counts[proposal]++;
        for (var i = 0; i < counts.Length; i++)
        {
            var expected = 3000 * run.Weights.Weights[i];
            Assert.InRange(counts[i], Math.Floor(expected - 1e-6), Math.Ceiling(expected + 1e-6));
        }

        // In random order: the correlation of neighbours is 0, and so is that with the number of the draw.
        var ranks = draws.Proposals.ToArray().Select(i => (double)i / run.ProposalCount).ToArray();
        Assert.InRange(Correlation(ranks[1..], ranks[..^1]), -5 / Math.Sqrt(3000), 5 / Math.Sqrt(3000));
        Assert.InRange(Correlation(ranks, [.. Enumerable.Range(0, 3000).Select(i => (double)i)]), -5 / Math.Sqrt(3000), 5 / Math.Sqrt(3000));
        Assert.Equal(draws.Proposals.ToArray(), run.Resample(3000).Proposals.ToArray());
        Assert.Equal(run.Position(draws.Proposals[7]).ToArray(), draws.Position(7).ToArray());
        Assert.Throws<ArgumentOutOfRangeException>(() => run.Resample(run.ProposalCount + 1));
    }

    [Fact]
    public void Weighted_summaries_of_independent_proposals_follow_their_formulas()
    {
        var run = Run(ImportanceTargets.All["log gamma"], new RunOptions { Seed = 44 }, ProposalKind.Independent);
        var (weights, h) = (run.Weights, Values(run, z => z[0]));
        var w = weights.Weights.ToArray();
        Assert.Equal(1, w.Sum(), 1e-12);
        Assert.Equal(run.WeightEss, 1 / w.Sum(x => x * x), 1e-6);
        var mean = w.Zip(h, (a, b) => a * b).Sum();
        var variance = w.Zip(h, (a, b) => a * (b - mean) * (b - mean)).Sum() / (1 - w.Sum(x => x * x));
        var mcse = Math.Sqrt(w.Zip(h, (a, b) => a * a * (b - mean) * (b - mean)).Sum());
        Assert.Equal(mean, weights.Mean(h), 1e-12);
        Assert.Equal(Math.Sqrt(variance), weights.Sd(h), 1e-12);
        Assert.Equal(mcse, weights.McseMean(h), 1e-12);
        Assert.Equal(variance / (mcse * mcse), weights.EssMean(h), 1e-6);
        var order = w.Zip(h).Where(x => x.First > 0).OrderBy(x => x.Second).ToArray();
        foreach (var p in new[] { 0.0, 0.001, 0.05, 0.5, 0.945, 0.999 })
            Assert.Equal(SortedQuantile(order, p), weights.Quantile(h, p), 1e-9);

        Assert.Equal(order[^1].Second, weights.Quantile(h, 1), 1e-12);
        var summary = weights.Summarize(h);
        Assert.Equal(new DrawSummary(
            weights.Mean(h), weights.Sd(h), weights.Quantile(h, 0.055), weights.Quantile(h, 0.5), weights.Quantile(h, 0.945),
            summary.EssBulk, Math.Min(weights.EssQuantile(h, 0.05), weights.EssQuantile(h, 0.95)), double.NaN, weights.McseMean(h)), summary);
        Assert.Equal(weights.EssMean(h), summary.EssBulk, 1e-6);
        Assert.Throws<ArgumentException>(() => weights.Mean(h[1..]));
        Assert.Throws<ArgumentOutOfRangeException>(() => weights.Quantile(h, 1.1));

        // Errors scale with the quantity and do not see its origin.
        double[] moved = [.. h.Select(x => 1000 - (7 * x))];
        Assert.Equal(7 * mcse, weights.McseMean(moved), 1e-9);
        Assert.Equal(7 * weights.McseSd(h), weights.McseSd(moved), 1e-9);
        Assert.Equal(7 * weights.McseQuantile(h, 0.055), weights.McseQuantile(moved, 0.945), 1e-9);
    }

    [Fact]
    public void The_same_seed_gives_the_same_bits_whatever_the_threads()
    {
        var target = ImportanceTargets.All["half-normal"];
        var one = Run(target, new RunOptions { Seed = 45, Threads = 1, Draws = 250 });
        foreach (var threads in new[] { 1, 2, 3, 0 })
        {
            var other = Run(target, new RunOptions { Seed = 45, Threads = threads, Draws = 250 });
            for (var i = 0; i < one.ProposalCount; i++)
                Assert.Equal(one.Position(i).ToArray(), other.Position(i).ToArray());
            Assert.Equal(one.Weights.Weights.ToArray(), other.Weights.Weights.ToArray());
            Assert.Equal((one.LogNormalizer, one.ParetoK, one.HalvesDifference), (other.LogNormalizer, other.ParetoK, other.HalvesDifference));
            Assert.Equal(one.Resample(1000).Proposals.ToArray(), other.Resample(1000).Proposals.ToArray());
        }

        Assert.NotEqual(one.LogNormalizer, Run(target, new RunOptions { Seed = 46, Threads = 1, Draws = 250 }).LogNormalizer);
    }

    [Fact]
    public void Refuses_a_target_with_too_heavy_tails_with_the_reason()
    {
        // Four independent Cauchy coordinates: along the axes the weights of any mixture of t's in four dimensions have no finite variance.
        for (ulong seed = 1; seed <= 5; seed++)
        {
            var run = ImportanceSampler.Run(_ => new Target(4, IndependentCauchy), ImportanceTargets.Origins(4), new RunOptions { Seed = seed });
            output.WriteLine(
                $"k-hat {run.ParetoK:F2}, ESS {run.WeightEss:F0} of {run.ProposalCount}, "
                    + $"halves {run.HalvesDifference:F1}: {string.Join(" ", run.Refusals)}");
            Assert.False(run.IsAccepted);
            Assert.Contains(run.Refusals, refusal => refusal.Code is ImportanceRefusalCode.ParetoK or ImportanceRefusalCode.Inefficient);
            Assert.All(run.Refusals, refusal => Assert.EndsWith(".", refusal.Reason, StringComparison.Ordinal));
        }

        static double IndependentCauchy(ReadOnlySpan<double> z)
        {
            var sum = 0.0;
            for (var i = 0; i < z.Length; i++)
                sum += ImportanceTargets.LogT(z.Slice(i, 1), 1);
            return sum;
        }
    }

    // Tails heavier than those of the fitted components: what passes the checks must be right. Under Cauchy tails the weights' variance diverges, if
    // only as a logarithm: errors may be twice those claimed, no more.
    [Theory]
    [InlineData(2, 1, 4, nameof(ProposalKind.Independent))]
    [InlineData(4, 1, 4, nameof(ProposalKind.Independent))]
    [InlineData(2, 2, 1, nameof(ProposalKind.Independent))]
    [InlineData(4, 2, 1, nameof(ProposalKind.Independent))]
    [InlineData(4, 3, 1, nameof(ProposalKind.Independent))]
    [InlineData(2, 1, 4, nameof(ProposalKind.QuasiRandom))]
    [InlineData(4, 1, 4, nameof(ProposalKind.QuasiRandom))]
    [InlineData(2, 2, 1, nameof(ProposalKind.QuasiRandom))]
    [InlineData(4, 2, 1, nameof(ProposalKind.QuasiRandom))]
    [InlineData(4, 3, 1, nameof(ProposalKind.QuasiRandom))]
    public void What_is_accepted_of_a_heavy_tailed_target_has_honest_errors(
        int dimension, double degreesOfFreedom, double meanSquare, string proposals)
    {
        var (accepted, squares) = (0, 0.0);
        for (ulong seed = 1; seed <= 20; seed++)
        {
            var run = ImportanceSampler.Run(
                _ => new Target(dimension, z => ImportanceTargets.LogT(z, degreesOfFreedom)),
                ImportanceTargets.Origins(dimension),
                new RunOptions { Seed = seed, Chains = 1 },
                new ImportanceSettings { Proposals = Enum.Parse<ProposalKind>(proposals) });
            if (!run.IsAccepted)
                continue;
            accepted++;
            squares += Math.Pow(run.LogNormalizer / run.LogNormalizerError, 2);
        }

        // A mean of squares of n standard normal numbers has sd sqrt(2 / n); of n t's with 19 degrees of freedom, scaled to variance 1, 10 % more.
        output.WriteLine($"{accepted} of 20 accepted, mean square {squares / accepted:F2}");
        Assert.InRange(accepted, 5, 20);
        Assert.InRange(squares / accepted, 0, meanSquare * (1 + (5 * Math.Sqrt(2.0 / accepted))));
    }

    [Fact]
    public void Refuses_more_than_six_dimensions_before_any_evaluation()
    {
        var run = ImportanceSampler.Run(_ => new Target(7, _ => throw new InvalidOperationException()), [new double[7]], RunOptions.Default);
        var refusal = Assert.Single(run.Refusals);
        Assert.Equal(ImportanceRefusalCode.Dimension, refusal.Code);
        Assert.Contains("7 dimensions", refusal.Reason, StringComparison.Ordinal);
        Assert.Equal((0, 0L), (run.ProposalCount, run.DensityEvaluations));
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.NegativeInfinity)]
    [InlineData(0)]
    public void Refuses_a_density_without_a_mode(double everywhere)
    {
        var run = ImportanceSampler.Run(_ => new Target(2, _ => everywhere), [[0, 0], [1, 1]], RunOptions.Default);
        Assert.Equal(ImportanceRefusalCode.NoMode, Assert.Single(run.Refusals).Code);
    }

    [Fact]
    public void Refuses_where_halves_must_agree_to_the_last_digit_or_proposals_are_too_few()
    {
        var target = ImportanceTargets.All["normal"];
        var settings = new ImportanceSettings { AgreementErrors = 0.01 };
        var halves = ImportanceSampler.Run(_ => new Target(4, target.LogDensity), target.Starts, new RunOptions { Seed = 47 }, settings);
        Assert.Equal(ImportanceRefusalCode.HalvesDisagree, Assert.Single(halves.Refusals).Code);

        var few = ImportanceSampler.Run(_ => new Target(4, target.LogDensity), target.Starts, new RunOptions { Seed = 47, Draws = 100_000 });
        Assert.Equal(ImportanceRefusalCode.Inefficient, Assert.Single(few.Refusals).Code);
        Assert.Equal(0, few.ProposalCount);
    }

    [Fact]
    public void A_region_where_the_density_cannot_be_evaluated_has_no_weight()
    {
        // A normal density cut at 1: beyond it NaN. Mean of the rest: -phi(1) / Phi(1).
        var run = ImportanceSampler.Run(
            _ => new Target(1, z => z[0] > 1 ? double.NaN : ImportanceTargets.LogNormal(z[0])), [[-1]], new RunOptions { Seed = 48 });
        Assert.Empty(run.Refusals);
        var phi = MathNet.Numerics.Distributions.Normal.CDF(0, 1, 1);
        Assert.True(Math.Abs(run.LogNormalizer - Math.Log(phi)) <= 4 * run.LogNormalizerError);
        AssertMean("z", run.Weights, Values(run, z => z[0]), -Math.Exp(ImportanceTargets.LogNormal(1)) / phi, leastEss: 3000);
    }

    [Fact]
    public void A_cancelled_run_throws_and_progress_is_told_to_the_end()
    {
        using var source = new CancellationTokenSource();
        var told = new List<RunProgress>();
        var target = ImportanceTargets.All["normal"];
        var progress = new Told(p =>
        {
            lock (told)
                told.Add(p);
        });
        var run = Run(target, new RunOptions { Seed = 49, Progress = progress });
        Assert.Equal(23_480, told[^1].Completed);
        Assert.Equal(told[^1].Total, told[^1].Completed);
        Assert.Contains(told, p => p.IsWarmup);
        Assert.False(told[^1].IsWarmup);
        Assert.True(run.DensityEvaluations > 23_000);

        var cancelling = new Told(p =>
        {
            if (p.Completed > 10_000)
                source.Cancel();
        });
        Assert.Throws<OperationCanceledException>(
            () => Run(target, new RunOptions { Seed = 49, Progress = cancelling, Cancellation = source.Token }));
    }

    [Fact]
    public void Arguments_that_do_not_fit_are_refused()
    {
        var target = ImportanceTargets.All["normal"];
        Assert.Throws<ArgumentException>(() => ImportanceSampler.Run(_ => new Target(4, target.LogDensity), [], RunOptions.Default));
        Assert.Throws<ArgumentException>(() => ImportanceSampler.Run(_ => new Target(4, target.LogDensity), [new double[3]], RunOptions.Default));
        Assert.ThrowsAny<ArgumentException>(() => Run(target with { LogSds = [4] }, RunOptions.Default));
        Assert.ThrowsAny<ArgumentException>(() => Run(target with { LogSds = [1, 1] }, RunOptions.Default));
        Assert.Throws<ModelException>(() => Run(target, new RunOptions { Draws = 0 }));
    }

    private static ImportanceRun Run(ImportanceTargets.Case target, RunOptions options, ProposalKind proposals = ProposalKind.QuasiRandom) =>
        ImportanceSampler.Run(
            _ => new Target(target.Dimension, target.LogDensity),
            target.Starts,
            options,
            new ImportanceSettings { LogSds = [.. target.LogSds], Proposals = proposals });

    private static double[] Values(ImportanceRun run, Func<double[], double> of) =>
        [.. Enumerable.Range(0, run.ProposalCount).Select(i => of(run.Position(i).ToArray()))];

    private static double Standardised(DrawWeights weights, double[] values, double truth) =>
        (weights.Mean(values) - truth) / weights.McseMean(values);

    private static void AssertMean(string what, DrawWeights weights, double[] values, double expected, double leastEss)
    {
        var ess = weights.EssMean(values);
        Assert.True(ess >= leastEss, $"{what}: ESS {ess:F0} is below {leastEss}.");
        var error = Standardised(weights, values, expected);
        Assert.True(Math.Abs(error) <= 5, $"{what}: {weights.Mean(values)} is {error:F1} standard errors from {expected}.");
    }

    // Linear between values, each at the middle of its weight, by the definition.
    private static double SortedQuantile((double Weight, double Value)[] order, double p)
    {
        var (below, last, lastAt) = (0.0, double.NaN, 0.0);
        foreach (var (weight, value) in order)
        {
            var at = below + (0.5 * weight);
            if (at >= p)
                return double.IsNaN(last) ? value : last + ((p - lastAt) / (at - lastAt) * (value - last));
            (below, last, lastAt) = (below + weight, value, at);
        }

        return last;
    }

    private static double Correlation(double[] a, double[] b) => MathNet.Numerics.Statistics.Correlation.Pearson(a, b);

    private sealed class Told(Action<RunProgress> tell) : IProgress<RunProgress>
    {
        public void Report(RunProgress value) => tell(value);
    }
}
