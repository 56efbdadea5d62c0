using TypedPooling.Draws;
using TypedPooling.Engines;
using TypedPooling.Inference.Sampling.Importance;
using TypedPooling.Randomness;
using TypedPooling.Tests.Lanes;
using TypedPooling.Tests.Support;
using Xunit;
using Xunit.Abstractions;

namespace TypedPooling.Tests.Inference;

/// <summary>Final rounds of scrambled Sobol points: smaller errors than independent proposals, and stated as they are.</summary>
public sealed class QuasiRandomImportanceTests(ITestOutputHelper output)
{
    private const int Runs = 200;

    // Their variance alone is wanted, and its ratio to the other is far above the least ratios below.
    private static readonly int IndependentRuns = Lane.Of(quick: 60, nightly: 200);

    // Estimates less truth over stated errors. With R replicates these are t's with R - 1 degrees of freedom scaled to variance 1, whose squares have
    // variance 3 (R - 3) / (R - 5) - 1: the sd of a mean of 200 is 0.11 for R = 20. Errors of quantiles hold the error of their own width.
    [Theory]
    [InlineData("normal")]
    [InlineData("t")]
    [InlineData("half-normal")]
    [InlineData("log gamma")]
    public void Stated_errors_are_the_true_ones_and_several_times_smaller_than_those_of_independent_proposals(string name)
    {
        var target = ImportanceTargets.All[name];
        var (quasi, independent) = (Estimates(target, ProposalKind.QuasiRandom, Runs), Estimates(target, ProposalKind.Independent, IndependentRuns));
        var replicates = quasi[0].Replicates;
        Assert.Equal((20, 0), (replicates, independent[0].Replicates));
        Assert.All(quasi, run => Assert.Equal(replicates, run.Replicates));

        var sd = Math.Sqrt(((3 * (replicates - 3.0) / (replicates - 5)) - 1) / Runs);
        for (var q = 0; q < quasi[0].Of.Length; q++)
        {
            var meanSquare = quasi.Average(run => Math.Pow((run.Of[q].Estimate - run.Of[q].Truth) / run.Of[q].Error, 2));
            var ratio = independent.Average(
                run => Math.Pow(run.Of[q].Estimate - run.Of[q].Truth, 2)) / quasi.Average(run => Math.Pow(run.Of[q].Estimate - run.Of[q].Truth, 2));
            var stated = quasi.Average(run => run.Of[q].Error * run.Of[q].Error) / independent.Average(run => run.Of[q].Error * run.Of[q].Error);
            var (what, least) = (quasi[0].Of[q].What, quasi[0].Of[q].LeastRatio);
            output.WriteLine($"{name}, {what}: mean square {meanSquare:F2}, variance smaller by {ratio:F1}, stated one by {1 / stated:F1}");
            Assert.True(meanSquare >= 1 - (5 * sd) && meanSquare <= 1 + (5 * sd), $"{what}: {meanSquare}");
            Assert.True(ratio >= least, $"{what}: {ratio}");
        }
    }

    // What draws of equal weight state is the error of independent proposals: never too small.
    [Fact]
    public void Errors_of_draws_are_upper_bounds()
    {
        var target = ImportanceTargets.All["log gamma"];
        var squares = new double[4];
        var (truth, quantile) = (target.Means[0].Mean, Math.Log(0.35536151));
        for (var r = 0; r < Runs; r++)
        {
            var run = Run(target, new RunOptions { Seed = (ulong)r, Threads = 1, Draws = 500 });
            foreach (var (i, count) in new[] { (0, 2000), (1, run.ProposalCount / 8) })
            {
                var draws = run.Resample(count);
                double[] drawn = [.. draws.Proposals.ToArray().Select(p => run.Position(p)[0])];
                squares[i] += Square(draws.Weights.Mean(drawn), draws.Weights.McseMean(drawn), truth) / Runs;
                squares[2 + i] += Square(draws.Weights.Quantile(drawn, 0.05), draws.Weights.McseQuantile(drawn, 0.05), quantile) / Runs;
            }
        }

        output.WriteLine(string.Join(", ", squares.Select(s => $"{s:F2}")));

        // A mean of squares of 200 standard normal numbers has sd 0.1. The resampling's part alone is about three quarters.
        Assert.All(squares, s => Assert.InRange(s, 0.75 - (5 * 0.1), 1 + (5 * 0.1)));
    }

    [Fact]
    public void Draws_do_not_follow_the_order_of_the_points()
    {
        // Equal weights and one draw for 8 proposals: in the order of the points every draw would be of one eighth of the first coordinate.
        var run = Run(ImportanceTargets.All["normal"], new RunOptions { Seed = 61 });
        var count = run.ProposalCount;
        var equal = new ImportanceRun(
            1,
            new double[count],
            new DrawWeights([.. Enumerable.Repeat(1.0 / count, count)], new double[count], run.Weights.Replicates.ToArray(), 20),
            5);
        var remainders = equal.Resample(count / 8).Proposals.ToArray().GroupBy(i => i % 8).Select(g => g.Count()).ToArray();

        // 320 expected of 2,560 without return: sd below sqrt(320 7/8).
        Assert.Equal(8, remainders.Length);
        Assert.All(remainders, n => Assert.InRange(n, 320 - (5 * 16.7), 320 + (5 * 16.7)));
    }

    [Fact]
    public void Replicates_take_turns_by_blocks_of_64_and_all_have_as_many_points()
    {
        var run = Run(ImportanceTargets.All["normal"], new RunOptions { Seed = 62 });
        Assert.Equal(20 * 1024, run.ProposalCount);
        Assert.Equal((20, 20), (run.Weights.ReplicateCount, run.Statistics.ReplicateCount));
        Assert.Equal(Enumerable.Range(0, run.ProposalCount).Select(i => i / 64 % 20), run.Weights.Replicates.ToArray());
    }

    // 60 replicates of 2^m would be too few points each: R stays between 16 and 31, S is at least what is needed and at most a sixteenth more.
    [Fact]
    public void Sizes_are_rounded_up_to_16_to_32_replicates_of_a_power_of_two()
    {
        for (var needed = 1024; needed < 300_000; needed += 977)
        {
            var layout = ProposalLayout.Of(needed, 4, ProposalKind.QuasiRandom);
            Assert.InRange(layout.ReplicateCount, 16, 32);
            Assert.Equal(layout.Count, layout.ReplicateCount << layout.Levels);
            Assert.InRange(layout.Count, needed, needed * 17 / 16);
        }
    }

    [Fact]
    public void Independent_proposals_are_used_where_asked_for_and_where_coordinates_or_proposals_do_not_suffice()
    {
        Assert.Equal(20, ProposalLayout.Of(20_000, 19, ProposalKind.QuasiRandom).ReplicateCount);
        Assert.Equal(ProposalLayout.Independent(20_000), ProposalLayout.Of(20_000, 20, ProposalKind.QuasiRandom));
        Assert.Equal(ProposalLayout.Independent(1023), ProposalLayout.Of(1023, 2, ProposalKind.QuasiRandom));
        var run = Run(ImportanceTargets.All["normal"], new RunOptions { Seed = 63 }, ProposalKind.Independent);
        Assert.Equal((20_000, 0, 0), (run.ProposalCount, run.Statistics.ReplicateCount, run.Weights.Replicates.Length));
    }

    [Fact]
    public void A_round_that_is_cancelled_keeps_the_same_part_of_every_replicate_with_honest_errors()
    {
        var target = ImportanceTargets.All["normal"];
        var squares = 0.0;
        const int runs = 40;
        for (ulong seed = 0; seed < runs; seed++)
        {
            using var source = new CancellationTokenSource();
            var progress = new Told(p =>
            {
                if (!p.IsWarmup && p.Completed > 16_500)
                    source.Cancel();
            });
            var run = Run(target, new RunOptions { Seed = seed, Threads = 1, Progress = progress, Cancellation = source.Token });
            Assert.Empty(run.Refusals);
            Assert.InRange(run.ProposalCount, 12_000, 15_000);
            Assert.Equal(0, run.ProposalCount % (20 * 64));
            Assert.All(run.Weights.Replicates.ToArray().CountBy(r => r), r => Assert.Equal(run.ProposalCount / 20, r.Value));
            squares += Square(run.LogNormalizer, run.LogNormalizerError, target.LogNormalizer) / runs;
        }

        // Squares have variance 2.4: see above.
        Assert.InRange(squares, 0, 1 + (5 * Math.Sqrt(2.4 / runs)));
    }

    [Fact]
    public void Errors_between_replicates_follow_their_formulas()
    {
        var random = new PhiloxStream(64, 0);
        const int n = 900, count = 9;
        double[] w = [.. Enumerable.Range(0, n).Select(_ => random.NextDouble())];
        var total = w.Sum();
        w = [.. w.Select(x => x / total)];
        double[] h = [.. w.Select(_ => random.NextNormal())];
        int[] replicate = [.. Enumerable.Range(0, n).Select(i => i % count)];
        var weights = new DrawWeights([.. w], [.. w.Select(x => x * x)], [.. replicate], count);
        var mean = weights.Mean(h);
        var variance = Enumerable.Range(0, n).Sum(i => w[i] * (h[i] - mean) * (h[i] - mean));

        Assert.Equal(Between(i => h[i] - mean), weights.McseMean(h), 1e-12);
        Assert.Equal(Between(i => ((h[i] - mean) * (h[i] - mean)) - variance) / (2 * Math.Sqrt(variance)), weights.McseSd(h), 1e-12);
        Assert.Equal(Between(_ => 1), weights.McseLogMeanWeight(), 1e-12);
        var q = weights.Quantile(h, 0.3);
        var error = Between(i => (h[i] <= q ? 1 : 0) - 0.3);
        Assert.Equal(0.3 * 0.7 / (error * error), weights.EssQuantile(h, 0.3), 1e-6);
        Assert.Equal(weights.Sd(h) * weights.Sd(h) / Math.Pow(weights.McseMean(h), 2), weights.EssMean(h), 1e-6);
        Assert.Equal(weights.EssMean(h), weights.Summarize(h).EssBulk, 1e-6);

        // A quantile of normal numbers: error of the probability over the density, known to the noise of 900 numbers.
        Assert.InRange(weights.McseQuantile(h, 0.3) / (error / 0.3477), 0.6, 1.6);

        Assert.ThrowsAny<ArgumentException>(() => new DrawWeights([0.5, 0.5], [0, 0], [0, 4], 4));
        Assert.ThrowsAny<ArgumentException>(() => new DrawWeights([0.5, 0.5], [0, 0], [0], 4));
        Assert.ThrowsAny<ArgumentException>(() => new DrawWeights([0.5, 0.5], [0, 0], [0, 1], 3));

        double Between(Func<int, double> influence)
        {
            var sums = new double[count];
            for (var i = 0; i < n; i++)
                sums[replicate[i]] += w[i] * influence(i);
            return Math.Sqrt(count / (count - 3.0) * sums.Sum(s => Math.Pow(s - sums.Average(), 2)));
        }
    }

    private static (int Replicates, (string What, double Estimate, double Error, double Truth, double LeastRatio)[] Of)[] Estimates(
        ImportanceTargets.Case target, ProposalKind kind, int runs)
    {
        var all = new (int, (string, double, double, double, double)[])[runs];
        Parallel.For(0, runs, new ParallelOptions { MaxDegreeOfParallelism = 2 }, r =>
        {
            var run = Run(target, new RunOptions { Seed = (ulong)r + 1000, Threads = 1 }, kind);
            Assert.Empty(run.Refusals);
            var of = new List<(string, double, double, double, double)> { (
                "log normaliser", run.LogNormalizer, run.LogNormalizerError, target.LogNormalizer, 3) };
            foreach (var (what, function, mean) in target.Means)
            {
                double[] values = [.. Enumerable.Range(0, run.ProposalCount).Select(i => function(run.Position(i).ToArray()))];
                of.Add((what, run.Weights.Mean(values), run.Weights.McseMean(values), mean, what.StartsWith('P') ? 1 : 2));
            }

            if (target == ImportanceTargets.All["normal"])
            {
                var values = new double[run.ProposalCount];
                run.CopyCoordinate(0, values);
                of.Add(("sd of z0", run.Weights.Sd(values), run.Weights.McseSd(values), 1, 2));
                foreach (var p in new[] { 0.055, 0.5, 0.945 })
                    of.Add(
                        ($"quantile {p} of z0", run.Weights.Quantile(values, p), run.Weights.McseQuantile(values, p), 1
                            + MathNet.Numerics.Distributions.Normal.InvCDF(0, 1, p), 1.5));
            }

            all[r] = (run.Weights.ReplicateCount, [.. of]);
        });
        return all;
    }

    private static double Square(double estimate, double error, double truth) => (estimate - truth) * (estimate - truth) / (error * error);

    private static ImportanceRun Run(ImportanceTargets.Case target, RunOptions options, ProposalKind kind = ProposalKind.QuasiRandom) =>
        ImportanceSampler.Run(
            _ => new Target(target.Dimension, target.LogDensity),
            target.Starts,
            options,
            new ImportanceSettings { LogSds = [.. target.LogSds], Proposals = kind });

    private sealed class Told(Action<RunProgress> tell) : IProgress<RunProgress>
    {
        public void Report(RunProgress value) => tell(value);
    }
}
