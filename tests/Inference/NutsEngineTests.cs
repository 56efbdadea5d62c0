using TypedPooling.Data;
using TypedPooling.Draws;
using TypedPooling.Engines;
using TypedPooling.Inference.Nuts;
using TypedPooling.Model;
using TypedPooling.Randomness;
using TypedPooling.Tests.Reference;
using TypedPooling.Tests.Support;
using Xunit;
using Xunit.Abstractions;

namespace TypedPooling.Tests.Inference;

/// <summary>The exact engines on responses that are not Normal, against posteriors known by quadrature; and the Nuts engine against Marginal and on
/// bad input.</summary>
public sealed class NutsEngineTests(ITestOutputHelper output)
{
    private static readonly NutsEngine Engine = new();
    private static readonly PopulationTerm Intercept = new("Intercept", ModelSpec.Ones, new NormalPrior(0, 1.5));
    private static readonly FactorSpec Tank = new("tank", [new("Intercept", ModelSpec.Ones, new ExponentialPrior(1))], new LkjPrior(1));

    [Theory]
    [InlineData("Nuts", SamplingMethod.Automatic)]
    [InlineData("Marginal", SamplingMethod.Automatic)]
    [InlineData("Marginal", SamplingMethod.Nuts)]
    public void Tadpoles_are_those_of_quadrature(string engine, SamplingMethod sampling)
    {
        var model = Tadpoles();

        var posterior = ((IEngine)EngineCases.Engine(engine)).Run(model, new RunOptions { Seed = 3, Sampling = sampling });

        output.WriteLine(posterior.SamplingReason);
        Within(posterior, "abar", Draws(posterior.Population, 0), 1.3458, 0.2568);
        Within(posterior, "s", Draws(posterior.Scales, 0), 1.6190, 0.2138);
        var first = ((LevelIndex<string>)model.Levels[0]).Find("1");
        Within(posterior, "a_1", [.. Draws(posterior.Effects[0], first).Zip(Draws(posterior.Population, 0), (u, mean) => u + mean)], 2.1386, 0.8748);
        Assert.Empty(posterior.Warnings);
    }

    [Theory]
    [InlineData("Nuts", true)]
    [InlineData("Nuts", false)]
    [InlineData("Marginal", true)]
    [InlineData("Marginal", false)]
    public void With_much_or_little_data_a_Poisson_posterior_is_that_of_quadrature(string engine, bool isRich)
    {
        // Counts by group at exposures; the rich ones tell their groups' rates well.
        double[][] counts = isRich ? [[40, 55], [12, 9, 14], [85], [30, 22, 41]] : [[1, 0], [0, 0, 2], [3], [1, 0, 0]];
        var exposure = isRich ? 10.0 : 1;
        var rows = counts.SelectMany((group, j) => group.Select((y, i) => new CellModels.Row([j], [], 0.1 * i, y, exposure))).ToList();
        var spec = CellModels.Spec(TestFamilies.Poisson, 0, [Intercept], Tank);

        var posterior = ((IEngine)EngineCases.Engine(engine)).Run(
            CellModels.Bind(spec, rows), new RunOptions { Seed = 4, Draws = 4000, TargetAcceptance = 0.95 });

        output.WriteLine(posterior.SamplingReason);
        var truth = Quadrature(counts, exposure);
        Within(posterior, "mu", Draws(posterior.Population, 0), truth.Mu.Mean, truth.Mu.Sd);
        Within(posterior, "s", Draws(posterior.Scales, 0), truth.S.Mean, truth.S.Sd);
        Within(posterior, "u_1", Draws(posterior.Effects[0], 0), truth.U.Mean, truth.U.Sd);
    }

    [Theory]
    [InlineData("two correlated terms")]
    [InlineData("population effects with heavy tails")]
    [InlineData("Huang and Wand's prior")]
    [InlineData("two crossed factors")]
    [InlineData("a factor nested in another")]
    public void Normal_models_agree_with_the_Marginal_engine(string name)
    {
        var options = new RunOptions { Seed = 6, Draws = 3000, TargetAcceptance = 0.99 };
        var ours = Engine.RunNormal(EngineCases.All[name](), options);
        var marginal = EngineCases.Engine("Marginal").RunNormal(EngineCases.All[name](), options with { Sampling = SamplingMethod.Nuts });

        foreach (var (mine, other) in Blocks(ours).Zip(Blocks(marginal)))
        {
            for (var i = 0; i < mine.ParameterCount; i++)
            {
                var (a, b) = (Draws(mine, i), Draws(other, i));
                Assert.True(Diagnostics.EssMean(a, 4) >= 400, $"{mine.Parameter(i)}: an ESS of {Diagnostics.EssMean(a, 4):F0} is below 400.");
                Check($"E {mine.Parameter(i)}", Diagnostics.Mean(a) - Diagnostics.Mean(b), Diagnostics.McseMean(a, 4), Diagnostics.McseMean(b, 4));
                Check($"sd {mine.Parameter(i)}", Diagnostics.Sd(a) - Diagnostics.Sd(b), Diagnostics.McseSd(a, 4), Diagnostics.McseSd(b, 4));
            }
        }

        static void Check(string what, double difference, double first, double second)
        {
            var errors = Math.Abs(difference) / Math.Sqrt(first * first + second * second);
            Assert.True(errors <= 5, $"{what} differs by {errors:F1} standard errors.");
        }
    }

    [Fact]
    public void A_separated_response_with_a_flat_prior_is_refused_with_the_reason_and_fitted_with_a_proper_one()
    {
        var rows = Enumerable.Range(0, 20).Select(i => new CellModels.Row([i % 4], [i % 2, 0], 0, i % 2, 1)).ToList();
        PopulationTerm slope = new("x0", 0, new FlatPrior());
        var flat = CellModels.Bind(CellModels.Spec(TestFamilies.Bernoulli, 2, [Intercept, slope], Tank), rows);

        var failure = Assert.Throws<ModelException>(() => Engine.Run(flat, new RunOptions()));

        Assert.Equal(ProblemCode.ImproperPosterior, Assert.Single(failure.Problems).Code);
        Assert.Contains("'y' is separated", failure.Message, StringComparison.Ordinal);
        var proper = flat.With(flat.Spec with { Population = [Intercept, slope with { Prior = new NormalPrior(0, 2.5) }] });
        var posterior = Engine.Run(proper, new RunOptions { Draws = 200, Warmup = 300 });
        Assert.InRange(Diagnostics.Mean(Draws(posterior.Population, 1)), 2, 8);
    }

    [Theory]
    [InlineData("Bernoulli", Link.Probit)]
    [InlineData("Binomial", Link.ComplementaryLogLog)]
    [InlineData("Binomial", Link.Logit)]
    [InlineData("Poisson", Link.Log)]
    [InlineData("NegativeBinomial", Link.Log)]
    [InlineData("Gamma", Link.Log)]
    [InlineData("StudentT", Link.Identity)]
    public void Two_factors_with_slopes_of_every_family_give_the_same_bits_on_any_number_of_threads(string family, Link link)
    {
        var own = TestFamilies.Of(family, link);
        var slope = new VaryingTerm("x1", 1, new ExponentialPrior(2));
        var spec = CellModels.Spec(
            own,
            2,
            [Intercept, new("x0", 0, new NormalPrior(0, 1)), new("x1", 1, new NormalPrior(0, 1))],
            Tank with { Name = "g", Terms = [Tank.Terms[0], slope] },
            Tank with { Name = "h" });
        var model = CellModels.Bind(spec, CellModels.Rows(own, 8, 8, 5, 120));
        var options = new RunOptions { Seed = 5, Chains = 2, Warmup = 100, Draws = 100 };

        var one = Engine.Run(model, options with { Threads = 1 });
        var two = Engine.Run(model, options with { Threads = 2 });

        foreach (var (first, second) in Blocks(one).Zip(Blocks(two)))
        {
            for (var i = 0; i < first.ParameterCount; i++)
            {
                var draws = Draws(first, i);
                Assert.All(draws, draw => Assert.True(double.IsFinite(draw)));
                Assert.Equal(draws, Draws(second, i));
            }
        }
    }

    [Fact]
    public void Draws_of_many_levels_are_kept_within_memory()
    {
        var stream = new PhiloxStream(9, 0);
        var rows = Enumerable.Range(0, 20_000).Select(i => new CellModels.Row([i % 5000], [], 0, stream.NextDouble() < 0.4 ? 1 : 0, 1)).ToList();

        var posterior = Engine.Run(
            CellModels.Bind(CellModels.Spec(TestFamilies.Bernoulli, 0, [Intercept], Tank), rows),
            new RunOptions { Chains = 1, Warmup = 50, Draws = 20, MaximumTreeDepth = 5 });

        Assert.Equal((5000, 20), (posterior.Effects[0].LevelCount, posterior.Effects[0].DrawCount));
        Assert.InRange(Diagnostics.Mean(Draws(posterior.Population, 0)), -0.6, -0.2);
    }

    [Fact]
    public void A_model_without_unknowns_has_draws_that_are_all_alike()
    {
        var spec = CellModels.Spec(TestFamilies.Binomial, 0, [Intercept with { Prior = new FixedPrior(0.3) }]);

        var posterior = Engine.Run(CellModels.Bind(spec, [new([], [], 0, 3, 7)]), new RunOptions());

        Assert.All(Draws(posterior.Population, 0), draw => Assert.Equal(0.3, draw));
    }

    private static CellBoundModel Tadpoles()
    {
        var spec = CellModels.Spec(TestFamilies.Binomial, 0, [Intercept], Tank);
        var builder = new ResponseCellsBuilder(0, 1);
        var levels = new LevelIndex<string>();
        foreach (var row in ReferenceFile.Read("data/reedfrogs.csv").Rows)
            builder.Add([], 0, [levels.GetOrAdd(row.Text("tank"))], row.Number("surv"), row.Number("density"), 0, 0);
        return new CellBoundModel(spec, [levels], builder.Build(), 0);
    }

    // mu ~ N(0, 1.5), s ~ Exp(1), a_j ~ N(mu, s), y ~ Poisson(n exp(a_j + 0.1 i)): sums over grids of mu, log s and a.
    private static ((double Mean, double Sd) Mu, (double Mean, double Sd) S, (double Mean, double Sd) U) Quadrature(
        double[][] counts, double exposure)
    {
        const int N = 240;
        double[] nodes = [.. Enumerable.Range(0, 161).Select(i => -8 + 0.1 * i)];
        var sums = new double[7];
        for (var i = 0; i <= N; i++)
        {
            var mu = -6 + 12.0 * i / N;
            for (var k = 0; k <= N; k++)
            {
                var logS = -9 + 11.5 * k / N;
                var s = Math.Exp(logS);
                var weight = Math.Exp(-0.5 * mu * mu / 2.25 - s + logS);
                var (u1, u2) = (0.0, 0.0);
                for (var j = 0; j < counts.Length; j++)
                {
                    var (total, first, second) = (0.0, 0.0, 0.0);
                    var (events, size) = (counts[j].Sum(), counts[j].Select((_, r) => exposure * Math.Exp(0.1 * r)).Sum());

                    // About the mode of the level, where the likelihood is narrow beside the prior.
                    var (mode, sd) = Mode(events, size, mu, s);
                    foreach (var node in nodes)
                    {
                        var u = mode - mu + sd * node;
                        var eta = mu + u;
                        var value = Math.Exp(events * eta - size * Math.Exp(eta) - 0.5 * u * u / (s * s) - Peak(events, size)) * sd / s;
                        total += value;
                        first += value * u;
                        second += value * u * u;
                    }

                    weight *= total;
                    if (j == 0)
                        (u1, u2) = total > 0 ? (first / total, second / total) : (0, 0);
                }

                if (weight == 0)
                    continue;
                sums[0] += weight;
                sums[1] += weight * mu;
                sums[2] += weight * mu * mu;
                sums[3] += weight * s;
                sums[4] += weight * s * s;
                sums[5] += weight * u1;
                sums[6] += weight * u2;
            }
        }

        return (Moments(1), Moments(3), Moments(5));

        (double, double) Moments(int at)
        {
            var mean = sums[at] / sums[0];
            return (mean, Math.Sqrt(sums[at + 1] / sums[0] - mean * mean));
        }

        static double Peak(double events, double size) => events > 0 ? events * Math.Log(events / size) - events : 0;

        static (double Mode, double Sd) Mode(double events, double size, double mu, double s)
        {
            var eta = mu;
            for (var step = 0; step < 60; step++)
            {
                var curvature = size * Math.Exp(eta) + 1 / (s * s);
                eta += Math.Clamp((events - size * Math.Exp(eta) - (eta - mu) / (s * s)) / curvature, -1, 1);
            }

            return (eta, 1 / Math.Sqrt(size * Math.Exp(eta) + 1 / (s * s)));
        }
    }

    private void Within(Posterior posterior, string what, double[] draws, double mean, double sd)
    {
        var chains = posterior.ChainCount;
        var ess = Diagnostics.EssMean(draws, chains);
        Assert.True(ess >= 400, $"{what}: an ESS of {ess:F0} is below 400.");
        Check($"E {what}", Diagnostics.Mean(draws), mean, Diagnostics.McseMean(draws, chains));
        Check($"sd {what}", Diagnostics.Sd(draws), sd, Diagnostics.McseSd(draws, chains));

        void Check(string name, double estimate, double expected, double error)
        {
            var errors = Math.Abs(estimate - expected) / error;
            output.WriteLine($"{name}: {estimate:G6} for {expected:G6}, {errors:F2} errors, ESS {ess:F0}");
            Assert.True(errors <= 5, $"{name}: {estimate:G6} is {errors:F1} standard errors from {expected:G6}.");
        }
    }

    private static IEnumerable<DrawBlock> Blocks(Posterior posterior) => [posterior.Population, posterior.Scales, .. posterior.Effects];

    private static double[] Draws(DrawBlock block, int index)
    {
        var draws = new double[block.DrawCount];
        block.CopyDraws(index, draws);
        return draws;
    }
}
