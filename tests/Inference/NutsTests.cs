using TypedPooling.Engines;
using TypedPooling.Inference.Numerics;
using TypedPooling.Inference.Sampling.Hamiltonian;
using TypedPooling.Randomness;
using Xunit;

namespace TypedPooling.Tests.Inference;

public sealed class NutsTests
{
    private static readonly double[] GaussianMean = [1, -2, 0.5, 10];
    private static readonly double[] GaussianSd = [1, 0.1, 3, 20];
    private const double GaussianCorrelation = 0.8;

    [Theory]
    [InlineData(nameof(MetricShape.Automatic))]
    [InlineData(nameof(MetricShape.Dense))]
    [InlineData(nameof(MetricShape.Diagonal))]
    public void Recovers_means_sds_and_correlations_of_a_correlated_Gaussian(string metric)
    {
        var run = NutsSampler.Run(
            _ => CorrelatedGaussian(),
            Origins(4, 4),
            new RunOptions { Seed = 11, Draws = 2500 },
            new NutsSettings { Metric = Enum.Parse<MetricShape>(metric) });
        Assert.Equal(0, run.Statistics.DivergenceCount);
        Assert.All(run.Statistics.EnergyBfmi, bfmi => Assert.InRange(bfmi, 0.6, 1.6));
        var z = Enumerable.Range(0, 4).Select(i => Coordinate(run, i).Select(x => (x - GaussianMean[i]) / GaussianSd[i]).ToArray()).ToArray();
        for (var i = 0; i < 4; i++)
        {
            ChainMean.AssertMean(run, z[i], 0, floor: 1000);
            ChainMean.AssertMean(run, [.. z[i].Select(x => x * x)], 1, floor: 800);
            for (var j = 0; j < i; j++)
                ChainMean.AssertMean(run, [.. z[i].Zip(z[j], (a, b) => a * b)], GaussianCorrelation, floor: 800);
        }
    }

    [Fact]
    public void A_dense_metric_needs_fewer_leapfrogs_than_a_diagonal_one_where_coordinates_correlate()
    {
        var options = new RunOptions { Seed = 12, Draws = 500 };
        var dense = NutsSampler.Run(_ => CorrelatedGaussian(), Origins(4, 4), options, new NutsSettings { Metric = MetricShape.Dense });
        var diagonal = NutsSampler.Run(_ => CorrelatedGaussian(), Origins(4, 4), options, new NutsSettings { Metric = MetricShape.Diagonal });
        Assert.True(dense.Statistics.Leapfrogs.Average() < 0.8 * diagonal.Statistics.Leapfrogs.Average());
    }

    [Fact]
    public void Recovers_a_skewed_target_moments_and_tails()
    {
        // x = log g, g ~ Gamma(2, 1): E x = digamma(2), Var x = trigamma(2) = pi^2/6 - 1; P(g <= c) = 1 - (1 + c) exp(-c).
        var run = NutsSampler.Run(_ => new Target(1, LogGamma), Origins(4, 1), new RunOptions { Seed = 13, Draws = 5000 });
        var x = Coordinate(run, 0);
        const double Digamma2 = 1 - 0.57721566490153286;
        ChainMean.AssertMean(run, x, Digamma2, floor: 3000);
        ChainMean.AssertMean(run, [.. x.Select(v => (v - Digamma2) * (v - Digamma2))], (Math.PI * Math.PI / 6) - 1, floor: 2000);
        foreach (var bound in new[] { 0.05, 0.3, 1, 2.5, 6 })
        {
            var probability = 1 - ((1 + bound) * Math.Exp(-bound));
            ChainMean.AssertMean(run, [.. x.Select(v => v <= Math.Log(bound) ? 1.0 : 0.0)], probability, floor: 1500);
        }
    }

    [Fact]
    public void Recovers_quantiles_of_a_one_dimensional_Gaussian_far_from_its_start()
    {
        var run = NutsSampler.Run(_ => Gaussian([100], [1e-3]), Origins(4, 1), new RunOptions { Seed = 14, Draws = 5000 });
        var z = Coordinate(run, 0).Select(x => (x - 100) / 1e-3).ToArray();
        foreach (var bound in new[] { -2.0, -1, 0, 0.5, 1.5 })
        {
            var probability = MathNet.Numerics.Distributions.Normal.CDF(0, 1, bound);
            ChainMean.AssertMean(run, [.. z.Select(x => x <= bound ? 1.0 : 0.0)], probability, floor: 2000);
        }
    }

    [Fact]
    public void Reports_divergences_in_a_funnel_and_none_in_a_Gaussian()
    {
        var funnel = NutsSampler.Run(_ => new Target(10, Funnel), Origins(4, 10), new RunOptions { Seed = 15 });
        Assert.True(funnel.Statistics.DivergenceCount > 0);
        Assert.True(funnel.Statistics.EnergyBfmi.Min() < 0.6);
        Assert.All(Coordinate(funnel, 0), x => Assert.True(double.IsFinite(x)));

        var gaussian = NutsSampler.Run(_ => CorrelatedGaussian(), Origins(4, 4), new RunOptions { Seed = 15 });
        Assert.Equal(0, gaussian.Statistics.DivergenceCount);
    }

    [Theory]
    [InlineData(double.NegativeInfinity)]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void Never_leaves_the_region_where_the_density_can_be_evaluated(double outside)
    {
        // A half-normal with a hard edge at 0: E x = sqrt(2/pi), E x^2 = 1. Beyond the edge the gradient is nonsense.
        var run = NutsSampler.Run(
            _ => new Target(1, (x, gradient) =>
            {
                gradient[0] = x[0] > 0 ? -x[0] : double.NaN;
                return x[0] > 0 ? -0.5 * x[0] * x[0] : outside;
            }),
            [[0.5], [1], [1.5], [2]],
            new RunOptions { Seed = 16, Draws = 20000 });
        var x = Coordinate(run, 0);
        Assert.True(x.Min() > 0);
        Assert.True(run.Statistics.DivergenceCount > 0);
        ChainMean.AssertMean(run, x, Math.Sqrt(2 / Math.PI), floor: 1000);
        ChainMean.AssertMean(run, [.. x.Select(v => v * v)], 1, floor: 1000);
    }

    [Fact]
    public void Ranks_of_the_truth_among_many_short_runs_are_uniform()
    {
        // theta ~ N(0, 1), y ~ N(theta, 1): theta | y ~ N(y/2, 1/2). One short chain a data set; each draw thinned by 10.
        const int sets = 4000, bins = 20;
        var truth = new PhiloxStream(17, 1UL << 40);
        var counts = new int[bins];
        for (var set = 0; set < sets; set++)
        {
            var theta = truth.NextNormal();
            var y = theta + truth.NextNormal();
            var run = NutsSampler.Run(
                _ => Gaussian([y / 2], [Math.Sqrt(0.5)]),
                [[3]],
                new RunOptions { Seed = (ulong)set, Chains = 1, Threads = 1, Warmup = 100, Draws = (bins - 1) * 10 });
            counts[Coordinate(run, 0).Where((x, i) => i % 10 == 9 && x < theta).Count()]++;
        }

        // Chi-square with 19 degrees of freedom: its 1 - 1e-6 quantile is 63.
        const double expected = (double)sets / bins;
        Assert.InRange(counts.Sum(c => (c - expected) * (c - expected) / expected), 2, 63);
    }

    [Fact]
    public void Keeps_an_exact_Gaussian_start_exact_over_many_short_runs()
    {
        // Starts are drawn from the target and the kept draw is a fresh one: the squared norm has mean D and variance 2 D.
        const int runs = 3000, dimension = 5;
        var truth = new PhiloxStream(18, 1UL << 40);
        var (sd, sum) = (Enumerable.Range(1, dimension).Select(i => (double)i).ToArray(), 0.0);
        for (var r = 0; r < runs; r++)
        {
            var start = sd.Select(s => s * truth.NextNormal()).ToArray();
            var run = NutsSampler.Run(
                _ => Gaussian(new double[dimension], sd),
                [start],
                new RunOptions { Seed = (ulong)r, Chains = 1, Threads = 1, Warmup = 60, Draws = 20 });
            var last = run.Position(19);
            for (var i = 0; i < dimension; i++)
                sum += last[i] * last[i] / (sd[i] * sd[i]);
        }

        Assert.Equal(dimension, sum / runs, 5 * Math.Sqrt(2.0 * dimension / runs));
    }

    [Fact]
    public void The_variance_of_a_Gaussian_is_right_to_one_percent()
    {
        // Tighter than the moments above: this is what sees an integrator that is not quite reversible.
        const int dimension = 10;
        var sd = Enumerable.Repeat(1.0, dimension).ToArray();
        var run = NutsSampler.Run(
            _ => Gaussian(new double[dimension], sd), Origins(2, dimension), new RunOptions { Seed = 25, Chains = 2, Draws = 40_000 });
        var squares = Enumerable.Range(0, dimension).Select(i => Coordinate(run, i)).ToArray();
        ChainMean.AssertMean(
            run, [.. Enumerable.Range(0, run.DrawCount).Select(draw => squares.Sum(x => x[draw] * x[draw]) / dimension)], 1, floor: 10_000);
    }

    [Theory]
    [InlineData(0.6)]
    [InlineData(0.8)]
    [InlineData(0.95)]
    public void Adapts_the_step_size_towards_the_target_acceptance(double target)
    {
        var run = NutsSampler.Run(
            _ => Gaussian(new double[20], Enumerable.Repeat(1.0, 20).ToArray()),
            Origins(4, 20),
            new RunOptions { Seed = 19, TargetAcceptance = target });

        // The averaged step size accepts more than the moving one that was steered to the target: acceptance is concave in the log step size.
        Assert.InRange(run.Statistics.AcceptanceRate.Average(), target - 0.02, (1 + target) / 2);
    }

    [Fact]
    public void The_same_seed_gives_the_same_bits_whatever_the_threads()
    {
        var options = new RunOptions { Seed = 20, Chains = 5, Draws = 200, Warmup = 150, Threads = 1 };
        var one = NutsSampler.Run(_ => CorrelatedGaussian(), Origins(5, 4), options);
        foreach (var threads in new[] { 1, 2, 3, 0 })
        {
            var other = NutsSampler.Run(_ => CorrelatedGaussian(), Origins(5, 4), options with { Threads = threads });
            Assert.Equal(AllPositions(one), AllPositions(other));
            Assert.Equal(one.Statistics.LogDensity.AsEnumerable(), other.Statistics.LogDensity.AsEnumerable());
            Assert.Equal(one.Statistics.StepSize.AsEnumerable(), other.Statistics.StepSize.AsEnumerable());
            Assert.Equal(one.Statistics.Leapfrogs.AsEnumerable(), other.Statistics.Leapfrogs.AsEnumerable());
        }

        // Chains differ from each other and from those of another seed, and do not depend on how many there are.
        Assert.Equal(one.DrawCount, Coordinate(one, 0).Distinct().Count(), one.DrawCount * 0.05);
        Assert.NotEqual(AllPositions(one), AllPositions(NutsSampler.Run(_ => CorrelatedGaussian(), Origins(5, 4), options with { Seed = 21 })));
        var fewer = NutsSampler.Run(_ => CorrelatedGaussian(), Origins(2, 4), options with { Chains = 2 });
        Assert.Equal(AllPositions(one).Take(2 * 200 * 4), AllPositions(fewer));
    }

    [Fact]
    public void Statistics_describe_every_draw()
    {
        var starts = Origins(3, 4);
        var run = NutsSampler.Run(
            _ => CorrelatedGaussian(), starts, new RunOptions { Seed = 22, Chains = 3, Draws = 300, Warmup = 300, MaximumTreeDepth = 2 });
        var (density, gradient) = (CorrelatedGaussian(), new double[4]);
        Assert.Equal((3, 300, 900, 4), (run.ChainCount, run.DrawsPerChain, run.DrawCount, run.Dimension));
        for (var draw = 0; draw < run.DrawCount; draw++)
        {
            Assert.Equal(density.LogDensity(run.Position(draw), gradient), run.Statistics.LogDensity[draw], 1e-10);
            Assert.InRange(run.Statistics.AcceptanceRate[draw], 0, 1);
            Assert.InRange(run.Statistics.TreeDepth[draw], 0, 2);
            Assert.InRange(run.Statistics.Leapfrogs[draw], 1, 3);
        }

        Assert.True(run.Statistics.DepthLimitCount > 0);
        Assert.Equal([3, 3], [run.Statistics.StepSize.Length, run.Statistics.EnergyBfmi.Length]);
        Assert.All(run.DensityEvaluations, count => Assert.InRange(count, 600, (3 * 600) + 100));
        Assert.True(run.WarmupTime > TimeSpan.Zero && run.SamplingTime > TimeSpan.Zero);
        Assert.False(run.IsCutShort);
        Assert.All(starts, start => Assert.Equal(new double[4], start));
    }

    [Fact]
    public void A_run_cancelled_late_keeps_the_draws_all_chains_have()
    {
        using var source = new CancellationTokenSource();
        var options = new RunOptions { Seed = 23, Chains = 2, Threads = 2, Warmup = 100, Draws = 500_000, Cancellation = source.Token };
        var inSampling = new bool[2];
        var progress = new SynchronousProgress(p =>
        {
            lock (source)
            {
                inSampling[p.Chain] |= p.Completed >= 200;
                if (inSampling[0] && inSampling[1])
                    source.Cancel();
            }
        });
        var run = NutsSampler.Run(_ => CorrelatedGaussian(), Origins(2, 4), options with { Progress = progress });
        Assert.True(run.IsCutShort);
        Assert.InRange(run.DrawsPerChain, 100, options.Draws - 1);
        Assert.Equal(run.DrawCount, run.Statistics.LogDensity.Length);

        // What is kept is the beginning of the run that was not cancelled.
        var whole = NutsSampler.Run(_ => CorrelatedGaussian(), Origins(2, 4), options with { Draws = 100, Cancellation = default });
        for (var draw = 0; draw < 100; draw++)
        {
            Assert.Equal(whole.Position(draw).ToArray(), run.Position(draw).ToArray());
            Assert.Equal(whole.Position(100 + draw).ToArray(), run.Position(run.DrawsPerChain + draw).ToArray());
        }
    }

    [Fact]
    public void A_run_cancelled_in_warmup_or_before_it_throws()
    {
        using var early = new CancellationTokenSource();
        early.Cancel();
        Assert.Throws<OperationCanceledException>(
            () => NutsSampler.Run(_ => CorrelatedGaussian(), Origins(4, 4), new RunOptions { Cancellation = early.Token }));

        using var inWarmup = new CancellationTokenSource();
        var progress = new SynchronousProgress(_ => inWarmup.Cancel());
        Assert.Throws<OperationCanceledException>(
            () => NutsSampler.Run(
                _ => CorrelatedGaussian(), Origins(1, 4), new RunOptions { Chains = 1, Cancellation = inWarmup.Token, Progress = progress }));
    }

    [Fact]
    public void Progress_is_told_every_1_percent_and_to_the_end()
    {
        var told = new List<RunProgress>();
        var progress = new SynchronousProgress(p =>
        {
            lock (told)
                told.Add(p);
        });
        NutsSampler.Run(_ => CorrelatedGaussian(), Origins(2, 4), new RunOptions { Chains = 2, Warmup = 250, Draws = 320, Progress = progress });
        Assert.Equal(Enumerable.Range(1, 114).Select(i => 5 * i), told.Where(p => p.Chain == 1).Select(p => p.Completed));
        Assert.All(told, p => Assert.Equal((570, p.Completed <= 250), (p.Total, p.IsWarmup)));
    }

    [Fact]
    public void A_start_without_a_finite_density_anywhere_is_refused_with_the_remedy()
    {
        var failure = Assert.Throws<ModelException>(
            () => NutsSampler.Run(_ => new Target(2, (_, _) => double.NaN), Origins(4, 2), RunOptions.Default));
        Assert.Equal(ProblemCode.ImproperPosterior, failure.Code);
        Assert.Contains("chain 1", failure.Message, StringComparison.Ordinal);
        Assert.Contains("priors and data", failure.Problems[0].Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public void A_start_just_outside_the_support_is_moved_inside()
    {
        var run = NutsSampler.Run(
            _ => new Target(1, (x, gradient) =>
            {
                gradient[0] = 1 - Math.Exp(x[0]);
                return Math.Abs(x[0] - 0.05) < 0.01 ? double.NegativeInfinity : x[0] - Math.Exp(x[0]);
            }),
            [[0.05]],
            new RunOptions { Chains = 1, Draws = 100 });
        Assert.Equal(100, run.DrawsPerChain);
    }

    [Fact]
    public void A_flat_density_is_refused_as_improper()
    {
        var failure = Assert.Throws<ModelException>(() => NutsSampler.Run(
            _ => new Target(1, (_, gradient) =>
            {
                gradient[0] = 0;
                return 0;
            }),
            Origins(4, 1),
            RunOptions.Default));
        Assert.Equal(ProblemCode.ImproperPosterior, failure.Code);
    }

    [Fact]
    public void Arguments_that_do_not_fit_are_refused()
    {
        Assert.Throws<ArgumentException>(() => NutsSampler.Run(_ => CorrelatedGaussian(), Origins(3, 4), RunOptions.Default));
        Assert.Throws<ArgumentException>(() => NutsSampler.Run(_ => CorrelatedGaussian(), Origins(4, 3), RunOptions.Default));
        Assert.Throws<ModelException>(() => NutsSampler.Run(_ => CorrelatedGaussian(), Origins(4, 4), new RunOptions { Warmup = 1 }));
    }

    [Theory]
    [InlineData(60)]
    [InlineData(149)]
    [InlineData(151)]
    public void Short_warmups_still_find_scales_that_differ(int warmup)
    {
        var run = NutsSampler.Run(
            _ => Gaussian([0, 0, 0], [0.1, 1, 5]),
            [[0.1, 1, 5], [0, 0, 0], [0, -1, 2], [-0.1, 1, 0]],
            new RunOptions { Seed = 24, Warmup = warmup, Draws = 2000 });
        foreach (var (i, sd) in new[] { (0, 0.1), (1, 1.0), (2, 5.0) })
            ChainMean.AssertMean(run, [.. Coordinate(run, i).Select(x => x * x / (sd * sd))], 1, floor: 400);
    }

    private static double[][] Origins(int chains, int dimension) => [.. Enumerable.Range(0, chains).Select(_ => new double[dimension])];

    private static double[] Coordinate(NutsRun run, int coordinate)
    {
        var draws = new double[run.DrawCount];
        run.CopyCoordinate(coordinate, draws);
        return draws;
    }

    private static double[] AllPositions(NutsRun run) => [.. Enumerable.Range(0, run.DrawCount).SelectMany(draw => run.Position(draw).ToArray())];

    // Equal correlations rho: the precision of the standardised coordinates is (I - rho/(1 + 3 rho) 11')/(1 - rho).
    private static Target CorrelatedGaussian() => new(4, (x, gradient) =>
    {
        Span<double> z = stackalloc double[4];
        var sum = 0.0;
        for (var i = 0; i < 4; i++)
            sum += z[i] = (x[i] - GaussianMean[i]) / GaussianSd[i];
        var value = 0.0;
        for (var i = 0; i < 4; i++)
        {
            var precisionTimesZ = (z[i] - (GaussianCorrelation / (1 + (3 * GaussianCorrelation)) * sum)) / (1 - GaussianCorrelation);
            gradient[i] = -precisionTimesZ / GaussianSd[i];
            value -= 0.5 * z[i] * precisionTimesZ;
        }

        return value;
    });

    private static Target Gaussian(double[] mean, double[] sd) => new(mean.Length, (x, gradient) =>
    {
        var value = 0.0;
        for (var i = 0; i < mean.Length; i++)
        {
            var z = (x[i] - mean[i]) / sd[i];
            gradient[i] = -z / sd[i];
            value -= 0.5 * z * z;
        }

        return value;
    });

    private static double LogGamma(ReadOnlySpan<double> x, Span<double> gradient)
    {
        gradient[0] = 2 - Math.Exp(x[0]);
        return (2 * x[0]) - Math.Exp(x[0]);
    }

    // Neal's funnel: v ~ N(0, 3), the others N(0, exp(v/2)).
    private static double Funnel(ReadOnlySpan<double> x, Span<double> gradient)
    {
        var (v, precision, squares) = (x[0], Math.Exp(-x[0]), 0.0);
        for (var i = 1; i < x.Length; i++)
        {
            gradient[i] = -x[i] * precision;
            squares += x[i] * x[i];
        }

        gradient[0] = (-v / 9) - (0.5 * (x.Length - 1)) + (0.5 * squares * precision);
        return (-v * v / 18) - (0.5 * (x.Length - 1) * v) - (0.5 * squares * precision);
    }

    private delegate double LogDensityFunction(ReadOnlySpan<double> position, Span<double> gradient);

    private sealed class Target(int dimension, LogDensityFunction function) : ILogDensity
    {
        public int Dimension => dimension;

        public double LogDensity(ReadOnlySpan<double> position, Span<double> gradient) => function(position, gradient);
    }

    private sealed class SynchronousProgress(Action<RunProgress> tell) : IProgress<RunProgress>
    {
        public void Report(RunProgress value) => tell(value);
    }

    /// <summary>A mean over chains with a Monte-Carlo error of its own: Geyer's initial positive sequence of autocorrelations averaged over
    /// chains.</summary>
    private static class ChainMean
    {
        internal static void AssertMean(NutsRun run, double[] terms, double expected, double floor)
        {
            var (mean, variance, ess) = Of(terms, run.ChainCount);
            Assert.True(ess >= floor, $"ESS {ess:F0} is below {floor}.");
            var error = Math.Sqrt(variance / ess);
            Assert.True(Math.Abs(mean - expected) <= 5 * error, $"{mean} is {(mean - expected) / error:F1} standard errors from {expected}.");
        }

        private static (double Mean, double Variance, double Ess) Of(double[] terms, int chains)
        {
            var length = terms.Length / chains;
            var mean = terms.Average();
            var variance = Covariance(0);
            var sum = 1 + (Covariance(1) / variance);
            for (var lag = 2; lag + 1 < length; lag += 2)
            {
                var pair = (Covariance(lag) + Covariance(lag + 1)) / variance;
                if (pair <= 0)
                    break;
                sum += pair;
            }

            // Antithetic chains are not credited with more than their number of draws.
            return (mean, variance, Math.Min(terms.Length, terms.Length / ((2 * sum) - 1)));

            double Covariance(int lag)
            {
                var total = 0.0;
                for (var start = 0; start < terms.Length; start += length)
                {
                    for (var i = start; i + lag < start + length; i++)
                        total += (terms[i] - mean) * (terms[i + lag] - mean);
                }

                return total / terms.Length;
            }
        }
    }
}
