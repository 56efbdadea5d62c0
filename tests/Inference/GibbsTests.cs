using MathNet.Numerics.Distributions;
using TypedPooling.Draws;
using TypedPooling.Engines;
using TypedPooling.Inference.Gibbs;
using TypedPooling.Model;
using TypedPooling.Tests.Support;
using Xunit;
using Xunit.Abstractions;

namespace TypedPooling.Tests.Inference;

/// <summary>The Gibbs engine against closed forms, against quadrature and against the Marginal engine, and how well its chains mix.</summary>
public sealed class GibbsTests(ITestOutputHelper output)
{
    private static readonly RunOptions Long = new() { Seed = 71, Draws = 8000, Warmup = 500 };

    /// <summary>Models of one factor that both engines fit.</summary>
    public static TheoryData<string> OneFactor =>
    [
        "two correlated terms",
        "three correlated terms",
        "two terms without correlation",
        "varying effects only",
        "a varying slope without a varying intercept",
        "bounded and fixed priors",
        "known errors",
        "Huang and Wand's prior",
        "an inverse Wishart prior",
        "inverse gamma variances",
        "flat sds and a flat intercept",
        "population effects with heavy tails",
        "population effects only",
        "an sd fixed at 0",
    ];

    [Theory]
    [MemberData(nameof(OneFactor))]
    public void Means_and_sds_agree_with_the_Marginal_engine(string name)
    {
        var model = EngineCases.All[name]();
        var gibbs = new GibbsEngine().RunNormal(model, Long);
        var marginal = EngineCases.Engine("Marginal").RunNormal(model, Long with { Sampling = SamplingMethod.Nuts, TargetAcceptance = 0.95 });

        foreach (var (own, other) in ((DrawBlock[])[gibbs.Population, gibbs.Scales, .. gibbs.Effects]).Zip(
            [marginal.Population, marginal.Scales, .. marginal.Effects]))
        {
            for (var i = 0; i < own.ParameterCount; i++)
            {
                var (x, y) = (Draws(own, i), Draws(other, i));
                if (Diagnostics.Sd(x) == 0)
                    continue;

                // Heavy tails have no moments that draws could tell: compare the middle.
                Within(
                    $"{own.Parameter(i)}", Diagnostics.Mean(Bounded(x)), Diagnostics.Mean(Bounded(y)),
                    Math.Sqrt(Square(Diagnostics.McseMean(Bounded(x), 4)) + Square(Diagnostics.McseMean(Bounded(y), 4))));
                Within(
                    $"sd of {own.Parameter(i)}", Diagnostics.Sd(Bounded(x)), Diagnostics.Sd(Bounded(y)),
                    Math.Sqrt(Square(Diagnostics.McseSd(Bounded(x), 4)) + Square(Diagnostics.McseSd(Bounded(y), 4))));
            }
        }
    }

    [Fact]
    public void Without_a_factor_and_with_an_inverse_gamma_variance_the_posterior_is_the_closed_form()
    {
        // Flat coefficients: sigma^2 ~ InverseGamma(a + (n - p) / 2, b + SSE / 2), beta_k a Student t about least squares.
        var stream = new TypedPooling.Randomness.PhiloxStream(5, 1);
        var rows =
            Enumerable.Range(0, 15).Select(_ => (0, new[] { 2 + stream.NextNormal() }, 0.0)).Select(
                row => row with { Item3 = 1 + 0.7 * row.Item2[0] + 0.8 * stream.NextNormal() }).ToList();
        var (a, b) = (2.5, 1.2);
        var spec = Systems.Spec(
            1,
            [new PopulationTerm("Intercept", ModelSpec.Ones, new FlatPrior()), new PopulationTerm("x0", 0, new FlatPrior())],
            [],
            null,
            new InverseGammaOnVariancePrior(a, b));

        var posterior = new GibbsEngine().RunNormal(Systems.Bind(spec, rows), Long);

        var (xBar, yBar) = (rows.Average(r => r.Item2[0]), rows.Average(r => r.Item3));
        var sxx = rows.Sum(r => Square(r.Item2[0] - xBar));
        var slope = rows.Sum(r => (r.Item2[0] - xBar) * (r.Item3 - yBar)) / sxx;
        var sse = rows.Sum(r => Square(r.Item3 - yBar - slope * (r.Item2[0] - xBar)));
        var (shape, scale) = (a + 0.5 * (rows.Count - 2), b + 0.5 * sse);
        Compare("sigma^2", [.. Draws(posterior.Scales, 0).Select(Square)], scale / (shape - 1), scale / (shape - 1) / Math.Sqrt(shape - 2));
        Compare("slope", Draws(posterior.Population, 1), slope, Math.Sqrt(scale / (shape - 1) / sxx));
        Compare(
            "intercept",
            Draws(posterior.Population, 0),
            yBar - slope * xBar,
            Math.Sqrt(scale / (shape - 1) * (1.0 / rows.Count + xBar * xBar / sxx)));

        // And its whole shape: the probability integral transform is uniform.
        var uniform = Draws(posterior.Scales, 0).Select(s => 1 - new Gamma(shape, scale).CumulativeDistribution(1 / (s * s))).ToArray();
        foreach (var p in new[] { 0.05, 0.25, 0.5, 0.75, 0.95 })
            Compare($"P(F < {p})", [.. uniform.Select(u => u < p ? 1.0 : 0)], p, Math.Sqrt(p * (1 - p)));
    }

    [Fact]
    public void Sds_of_a_balanced_one_way_design_with_inverse_gamma_variances_are_those_of_quadrature()
    {
        // With a flat mean the group means and the squares within groups are independent given the variances: a sum over a grid of the two logs.
        double[][] groups = [[1.1, 0.3, 0.8], [2.4, 3.1, 2.2], [-0.7, 0.4, -0.2], [1.9, 1.2, 0.6], [0.1, 0.9, 1.4]];
        var (a, b) = (1.5, 0.7);
        var spec = Systems.Spec(
            0, [new PopulationTerm("Intercept", ModelSpec.Ones, new FlatPrior())], [
                new VaryingTerm("Intercept", ModelSpec.Ones, new InverseGammaOnVariancePrior(a, b))], null, new InverseGammaOnVariancePrior(a, b));
        var posterior = new GibbsEngine().RunNormal(
            Systems.Bind(spec, [.. groups.SelectMany((g, j) => g.Select(y => (j, Array.Empty<double>(), y)))]), Long);

        var means = groups.Select(g => g.Average()).ToArray();
        var between = means.Sum(m => Square(m - means.Average()));
        var within = groups.Sum(g => g.Sum(y => Square(y - g.Average())));
        var sums = new double[5];
        for (var s = -6.0; s <= 6; s += 0.03)
        {
            for (var t = -8.0; t <= 8; t += 0.03)
            {
                var (vs, vt) = (Math.Exp(s), Math.Exp(t));
                var v = vt + vs / 3;
                var weight = Math.Exp(-a * s - b / vs - a * t - b / vt - 5 * s - within / (2 * vs) - 2 * Math.Log(v) - between / (2 * v));
                double[] terms = [1, Math.Sqrt(vs), vs, Math.Sqrt(vt), vt];
                for (var i = 0; i < 5; i++)
                    sums[i] += weight * terms[i];
            }
        }

        Compare("sigma", Draws(posterior.Scales, 0), sums[1] / sums[0], Math.Sqrt(sums[2] / sums[0] - Square(sums[1] / sums[0])));
        Compare("tau", Draws(posterior.Scales, 1), sums[3] / sums[0], Math.Sqrt(sums[4] / sums[0] - Square(sums[3] / sums[0])));
    }

    [Fact]
    public void Drawing_factors_jointly_and_in_turn_gives_the_same_posterior()
    {
        foreach (var name in new[] { "two crossed factors", "two crossed factors with slopes", "a factor nested in another" })
        {
            var model = EngineCases.All[name]();
            var jointly = GibbsEngine.Run(GibbsSystem.Reduce(model), Long with { Draws = 2000 }, new());
            var inTurn = GibbsEngine.Run(GibbsSystem.Reduce(model, allowJoint: false), Long with { Seed = 72, Draws = 4000 }, new());
            foreach (var (own, other) in ((DrawBlock[])[jointly.Population, jointly.Scales, .. jointly.Effects]).Zip(
                [inTurn.Population, inTurn.Scales, .. inTurn.Effects]))
            {
                for (var i = 0; i < own.ParameterCount; i++)
                {
                    var (x, y) = (Draws(own, i), Draws(other, i));
                    Within(
                        $"{name}, {own.Parameter(i)}",
                        Diagnostics.Mean(x),
                        Diagnostics.Mean(y),
                        Math.Sqrt(Square(Diagnostics.McseMean(x, 4)) + Square(Diagnostics.McseMean(y, 4))));
                    Within(
                        $"{name}, sd of {own.Parameter(i)}",
                        Diagnostics.Sd(x),
                        Diagnostics.Sd(y),
                        Math.Sqrt(Square(Diagnostics.McseSd(x, 4)) + Square(Diagnostics.McseSd(y, 4))));
                }
            }
        }
    }

    /// <summary>Models whose sds are near 0 or hardly told by the data.</summary>
    [Theory]
    [InlineData("known errors")]
    [InlineData("sd near 0: groups without differences")]
    [InlineData("one row a level")]
    [InlineData("a single level")]
    [InlineData("two crossed factors")]
    [InlineData("two crossed factors with slopes")]
    [InlineData("a factor nested in another")]
    public void Small_sds_do_not_stick(string name)
    {
        var posterior = new GibbsEngine().RunNormal(EngineCases.All[name](), Long with { Draws = 2000 });
        for (var i = 0; i < posterior.Scales.ParameterCount; i++)
        {
            var draws = Draws(posterior.Scales, i);
            if (posterior.Scales.Parameter(i).Kind != ParameterKind.VaryingCorrelation)
                draws = [.. draws.Select(sd => Math.Log(sd))];
            var share = Math.Min(Diagnostics.EssBulk(draws, 4), Diagnostics.EssTail(draws, 4)) / draws.Length;
            output.WriteLine($"{posterior.Scales.Parameter(i)}: {share:F3} effective draws a draw, R-hat {Diagnostics.RHat(draws, 4):F4}");
            Assert.True(share >= 0.05, $"{posterior.Scales.Parameter(i)}: {share:F3} effective draws a draw.");
            Assert.True(Diagnostics.RHat(draws, 4) < 1.01);
        }
    }

    [Fact]
    public void A_large_crossed_design_with_slopes_is_drawn_in_turn_mixes_and_recovers_its_truth()
    {
        // 6,000 rows, 250 levels with intercepts and slopes crossed with 200.
        const int first = 250, second = 200;
        var stream = new TypedPooling.Randomness.PhiloxStream(81, 0);
        var u =
            Enumerable.Range(0, first).Select(_ => (stream.NextNormal(), stream.NextNormal())).Select(
                z => (Intercept: 0.8 * z.Item1, Slope: 0.4 * (-0.5 * z.Item1 + Math.Sqrt(0.75) * z.Item2))).ToArray();
        var w = Enumerable.Range(0, second).Select(_ => 0.6 * stream.NextNormal()).ToArray();
        var rows = Enumerable.Range(0, 6000).Select(i => (G: i % first, H: (int)(second * stream.NextDouble()), X: 2 + stream.NextNormal()))
            .Select(r => (
                Groups: new[] { r.G, r.H },
                Columns: new[] { r.X },
                Y: 1.5 + u[r.G].Intercept + w[r.H] + (0.3 + u[r.G].Slope) * r.X + stream.NextNormal())).ToList();
        var spec = Systems.Spec(
            1, [new PopulationTerm("Intercept", ModelSpec.Ones, new NormalPrior(0, 5)), new PopulationTerm("x0", 0, new NormalPrior(0, 2))],
            [new VaryingTerm("Intercept", ModelSpec.Ones, new ExponentialPrior(1)), new VaryingTerm("x0", 0, new ExponentialPrior(1))],
            new LkjPrior(2),
            new ExponentialPrior(1));
        spec = spec with { Factors = [spec.Factors[0], new FactorSpec("h", [spec.Factors[0].Terms[0]], new LkjPrior(1))] };
        var model = Systems.BindSeveral(spec, rows);
        Assert.Equal(["beta, u[g]", "scales[g]", "beta, u[h]", "scales[h]", "sigma"], GibbsEngine.Plan(model).Steps.Select(step => step.Parameters));

        var posterior = new GibbsEngine().RunNormal(model, new RunOptions { Seed = 82, Warmup = 300, Draws = 1000 });

        double[] truth = [1, 0.8, 0.4, -0.5, 0.6, 1.5, 0.3];
        for (var i = 0; i < truth.Length; i++)
        {
            var scales = posterior.Scales.ParameterCount;
            var (block, index) = i < scales ? (posterior.Scales, i) : (posterior.Population, i - scales);
            var draws = Draws(block, index);
            var share = Math.Min(Diagnostics.EssBulk(draws, 4), Diagnostics.EssTail(draws, 4)) / draws.Length;
            output.WriteLine(
                $"{block.Parameter(index)}: {Diagnostics.Mean(draws):F3} ({Diagnostics.Sd(draws):F3}) for {truth[i]}, {share:F3} effective draws a "
                    + $"draw, R-hat {Diagnostics.RHat(draws, 4):F4}");
            Assert.True(share >= 0.05 && Diagnostics.RHat(draws, 4) < 1.01);
            Assert.True(Math.Abs(Diagnostics.Mean(draws) - truth[i]) <= 4 * Diagnostics.Sd(draws));
        }
    }

    [Fact]
    public void The_plan_says_what_a_sweep_draws_and_how()
    {
        var plan = GibbsEngine.Plan(EngineCases.All["two crossed factors with slopes"]());

        Assert.Equal(["all scales", "beta, u[g], u[h]", "scales[g]", "scales[h]", "sigma"], plan.Steps.Select(step => step.Parameters));
        Assert.Equal("joint normal, 6 levels eliminated in 6 classes, 21 dense", plan.Steps[1].Update);
        Assert.Equal("given u: slice on sds and correlations; given v: slice", plan.Steps[2].Update);
        Assert.StartsWith($"A sweep over {plan.CellCount} cells, about ", plan.ToString());
        Assert.Equal(1 + plan.Steps.Length, plan.ToString().Split('\n').Length);
        Assert.Equal(
            [
                "slice, all coefficients integrated out", "joint normal, 6 levels eliminated in 1 class, 1 dense",
                "given u: slice; given v: slice", "given all coefficients: slice",
            ],
            GibbsEngine.Plan(EngineCases.All["one row a level"]()).Steps.Select(step => step.Update));
        Assert.Contains(
            GibbsEngine.Plan(EngineCases.All["Huang and Wand's prior"]()).Steps,
            step => step.Update == "given u: conjugate covariance; given v: slice");
        Assert.Contains(
            GibbsEngine.Plan(EngineCases.All["inverse gamma variances"]()).Steps, step => step.Update == "given all coefficients: conjugate");
        Assert.Throws<ModelException>(() => GibbsEngine.Plan(EngineCases.TwoFactors()));
    }

    [Fact]
    public void Says_what_it_does_not_fit_and_what_to_do()
    {
        var failure = Assert.Throws<ModelException>(() => new GibbsEngine().RunNormal(EngineCases.TwoFactors(), RunOptions.Default));

        Assert.Equal(
            [
                "[EngineRefuses] Intercept: The Gibbs engine takes priors of population effects that are Normal or mixtures of normals, but this "
                    + "prior is Uniform(-9, 9). Use Normal, StudentT, Cauchy, Laplace, Flat or Fixed, or the Marginal engine.",
                "[EngineRefuses] x0: The Gibbs engine takes priors of population effects that are Normal or mixtures of normals, but this prior is "
                    + "Uniform(-1, 1). Use Normal, StudentT, Cauchy, Laplace, Flat or Fixed, or the Marginal engine.",
                "[EngineRefuses] g: The Gibbs engine takes LKJ priors of correlations only, but this prior is Unknown(). Use Lkj(eta) or "
                    + "Uncorrelated.",
            ],
            failure.Message.Split(Environment.NewLine));
    }

    private void Compare(string what, double[] draws, double mean, double sd)
    {
        Within($"E {what}", Diagnostics.Mean(draws), mean, Diagnostics.McseMean(draws, 4));
        Within($"sd {what}", Diagnostics.Sd(draws), sd, Diagnostics.McseSd(draws, 4));
    }

    private void Within(string what, double estimate, double expected, double error)
    {
        var errors = Math.Abs(estimate - expected) / error;
        output.WriteLine($"{what}: {estimate:G6} for {expected:G6}, {errors:F2} errors");
        Assert.True(errors <= 5, $"{what}: {estimate:G6} is {errors:F1} standard errors from {expected:G6}.");
    }

    private static double[] Bounded(double[] draws) => [.. draws.Select(x => Math.Atan(x))];

    private static double Square(double x) => x * x;

    private static double[] Draws(DrawBlock block, int index)
    {
        var draws = new double[block.DrawCount];
        block.CopyDraws(index, draws);
        return draws;
    }
}
