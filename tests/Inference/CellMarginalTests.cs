using System.Collections.Concurrent;
using TypedPooling.Data;
using TypedPooling.Draws;
using TypedPooling.Engines;
using TypedPooling.Inference.Hierarchy.JointPosterior;
using TypedPooling.Inference.Marginal.Cells;
using TypedPooling.Model;
using TypedPooling.Randomness;
using TypedPooling.Responses;
using TypedPooling.Tests.Lanes;
using TypedPooling.Tests.Support;
using Xunit;

namespace TypedPooling.Tests.Inference;

/// <summary>Varying effects integrated out of proportions and counts, and drawn again: against sums over fine grids.</summary>
public sealed class CellMarginalTests
{
    private static readonly PopulationTerm Intercept = new("Intercept", ModelSpec.Ones, new NormalPrior(0, 1.5));
    private static readonly VaryingTerm VaryingIntercept = new("Intercept", ModelSpec.Ones, new ExponentialPrior(1));
    private static readonly VaryingTerm VaryingSlope = new("x0", 0, new ExponentialPrior(2));
    private static readonly IEngine Engine = (IEngine)EngineCases.Engine("Marginal");
    private static readonly RunOptions OfSlopes = new() { Seed = 5, Draws = 2000, TargetAcceptance = 0.95 };

    // The joint sampler's fits by the number of varying effects, which both ways of drawing are compared with.
    private static readonly ConcurrentDictionary<int, Lazy<Posterior>> JointFits = new();

    public static TheoryData<string, Link, bool> Families => new()
    {
        { "Bernoulli", Link.Logit, false },
        { "Bernoulli", Link.Probit, true }, { "Binomial", Link.Logit, true },
        { "Binomial", Link.ComplementaryLogLog, false }, { "Binomial", Link.Probit, false },
        { "Poisson", Link.Log, false }, { "Poisson", Link.Log, true },
        { "NegativeBinomial", Link.Log, false }, { "NegativeBinomial", Link.Log, true }, { "Gamma", Link.Log, false }, { "Gamma", Link.Log, true },
    };

    [Theory]
    [MemberData(nameof(Families))]
    public void The_log_density_is_that_of_sums_over_a_fine_grid(string family, Link link, bool hasSlope)
    {
        var (model, rows) = Model(TestFamilies.Of(family, link), hasSlope);
        var (cells, quadrature) = Quadrature(model);
        var density = quadrature.With(hasSlope ? 30 : 48).NewDensity();

        foreach (var position in Positions(cells, 3))
        {
            var ours = density.LogDensity(position);

            var expected = density.MoveTo(position) + LogLikelihood(model, rows, density.Beta, density.Point.Factors[0].Lambda, density.Point.Shape);
            Assert.Equal(expected, ours, 1e-7 * Math.Abs(expected));
        }
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void The_gradient_is_that_of_differences_of_the_value(string family, Link link, bool hasSlope)
    {
        const double Step = 1e-4;
        var (model, _) = Model(TestFamilies.Of(family, link), hasSlope);
        var (cells, quadrature) = Quadrature(model);
        var density = quadrature.With(hasSlope ? 30 : 48).NewDensity();
        foreach (var position in Positions(cells, 3))
        {
            var gradient = new double[position.Length];
            var value = density.LogDensity(position, gradient);

            Assert.Equal(density.LogDensity(position), value, 1e-12 * Math.Abs(value));
            for (var d = 0; d < position.Length; d++)
            {
                var moved = (double[])position.Clone();
                moved[d] += Step;
                var above = density.LogDensity(moved);
                moved[d] -= 2 * Step;
                Assert.Equal((above - density.LogDensity(moved)) / (2 * Step), gradient[d], 1e-4 * (1 + Math.Abs(gradient[d])));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void The_rule_that_is_chosen_is_as_near_as_its_error_says(string family, Link link, bool hasSlope)
    {
        var (model, _) = Model(TestFamilies.Of(family, link), hasSlope);

        var posterior = Engine.Run(model, new RunOptions { Seed = 3 });

        Assert.InRange(posterior.Quadrature!.LogDensityError, 0, 0.002);
        Assert.Contains(FormattableString.Invariant($"{posterior.Quadrature.Points}"), posterior.SamplingReason, StringComparison.Ordinal);
        Assert.Empty(posterior.Warnings);
    }

    [Theory]
    [InlineData("Bernoulli", Link.Logit, 1)]
    [InlineData("Poisson", Link.Log, 1)]
    [InlineData("Binomial", Link.ComplementaryLogLog, 2)]
    [InlineData("Poisson", Link.Log, 2)]
    [InlineData("Bernoulli", Link.Probit, 2)]
    [InlineData("NegativeBinomial", Link.Log, 1)]
    [InlineData("Gamma", Link.Log, 2)]
    [InlineData("Binomial", Link.Logit, 3)]
    public void Effects_given_scales_and_population_effects_have_the_moments_and_probabilities_of_a_fine_grid(string family, Link link, int q)
    {
        // Everything but the effects is fixed; few rows a level, so that they are far from normal.
        var own = TestFamilies.Of(family, link);
        VaryingTerm[] terms = [
            VaryingIntercept with { Sd = new FixedPrior(1.5) }, VaryingSlope with { Sd = new FixedPrior(1.2) }, new("x1", 1, new FixedPrior(0.4))];
        var spec = CellModels.Spec(
            own, 2, [Intercept with { Prior = new FixedPrior(-0.4) }], new FactorSpec("g", [.. terms[..q]], new UncorrelatedPrior()));
        var rows = CellModels.Rows(own, 21, 6, 1, 15).Select(row => row with { Columns = [row.Columns[0], row.Columns[1] - 5] }).ToList();
        if (own.HasShape)
            spec = spec with { Response = spec.Response with { Shape = new FixedPrior(2.5) } };
        var model = CellModels.Bind(spec, rows);

        var posterior = Engine.Run(model, new RunOptions { Seed = 8, Draws = 4000 });

        Assert.Equal(DrawKind.Independent, posterior.DrawKind);
        for (var level = 0; level < 6; level++)
        {
            var key = ((LevelIndex<int>)model.Levels[0]).Keys[level];
            var expected = Moments(
                [.. rows.Where(row => row.Groups[0] == key)], own, -0.4, [.. terms[..q].Select(term => ((FixedPrior)term.Sd!).Value)]);
            var all = new double[q * posterior.DrawCount];
            posterior.Effects[0].CopyLevel(level, all);
            var first = all[..posterior.DrawCount];
            for (var a = 0; a < q; a++)
            {
                var draws = all[(a * posterior.DrawCount)..((a + 1) * posterior.DrawCount)];
                Within(draws, expected.Mean[a]);
                Within([.. draws.Select(u => u * u)], expected.Square[a]);
                if (expected.Negative[a] is > 0.001 and < 0.999)
                    Within([.. draws.Select(u => u < 0 ? 1.0 : 0)], expected.Negative[a]);
                Within([.. draws.Zip(first, (u, other) => u * other)], expected.Cross[a]);
            }
        }
    }

    [Fact]
    public void The_log_evidence_is_that_of_a_sum_over_a_grid()
    {
        // mu known; y ~ Poisson(exp(mu + u_j)), sd ~ Exponential(1).
        double[][] counts = [[3, 1], [0, 0, 2], [5], [1, 0]];
        var spec = CellModels.Spec(
            TestFamilies.Poisson,
            0,
            [Intercept with { Prior = new FixedPrior(0.2) }],
            new FactorSpec("g", [VaryingIntercept], new UncorrelatedPrior()));
        var rows = counts.SelectMany((group, j) => group.Select(y => new CellModels.Row([j], [], 0, y, 1))).ToList();

        var posterior = Engine.Run(CellModels.Bind(spec, rows), new RunOptions { Seed = 2 });

        var sum = 0.0;
        const double Step = 0.01;
        for (var logSd = -12.0; logSd < 3; logSd += Step)
        {
            var sd = Math.Exp(logSd);
            var product = Math.Exp(-sd) * sd * Step;
            foreach (var group in counts)
            {
                var own = 0.0;
                for (var v = -9.0; v < 9; v += Step)
                    own += Math.Exp(group.Sum(y => CellModels.LogLikelihood(TestFamilies.Poisson, new([0], [], 0, y, 1), 0.2 + sd * v)) - 0.5 * v * v)
                        / Math.Sqrt(2 * Math.PI) * Step;
                product *= own;
            }

            sum += product;
        }

        Assert.InRange(posterior.LogEvidence!.Value.Error, 1e-6, 0.01);
        Assert.InRange((posterior.LogEvidence.Value.Value - Math.Log(sum)) / posterior.LogEvidence.Value.Error, -5, 5);
    }

    [Theory]
    [InlineData(SamplingMethod.Automatic, 2, 5, DrawKind.Independent)]
    [InlineData(SamplingMethod.Nuts, 2, 5, DrawKind.MarkovChains)]
    [InlineData(SamplingMethod.Automatic, 3, 8, DrawKind.MarkovChains)]
    public void Slopes_agree_with_the_joint_sampler(SamplingMethod sampling, int q, int dimension, DrawKind kind)
    {
        var model = Slopes(q);

        // Chains over three effects integrated out are the slowest of all; the bounds are in their own errors.
        var ours = Engine.Run(model, OfSlopes with { Sampling = sampling, Draws = q == 3 ? Lane.Of(quick: 1000, nightly: 2000) : OfSlopes.Draws });
        var joint = JointFits.GetOrAdd(q, _ => new(() => ((IEngine)EngineCases.Engine("Nuts")).Run(Slopes(q), OfSlopes))).Value;

        Assert.Equal(kind, ours.DrawKind);
        Assert.Equal(dimension, model.Spec.Population.Length + q + q * (q - 1) / 2);
        foreach (var (mine, other) in Blocks(ours).Zip(Blocks(joint)))
        {
            for (var i = 0; i < mine.ParameterCount; i++)
            {
                var (a, b) = (Draws(mine, i), Draws(other, i));
                Assert.True(Diagnostics.EssMean(b, 4) >= 400, $"{other.Parameter(i)}: an ESS of {Diagnostics.EssMean(b, 4):F0} is below 400.");
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

    [Theory]
    [InlineData("Bernoulli", Link.Logit, false, SamplingMethod.Automatic)]
    [InlineData("Poisson", Link.Log, true, SamplingMethod.Automatic)]
    [InlineData("Binomial", Link.Probit, true, SamplingMethod.Nuts)]
    public void The_same_seed_gives_the_same_bits_on_any_number_of_threads(string family, Link link, bool hasSlope, SamplingMethod sampling)
    {
        var (model, _) = Model(TestFamilies.Of(family, link), hasSlope);
        var options = new RunOptions { Seed = 5, Chains = 2, Warmup = 100, Draws = 100, Sampling = sampling };

        var (one, two) = (Engine.Run(model, options with { Threads = 1 }), Engine.Run(model, options with { Threads = 2 }));

        foreach (var (first, second) in Blocks(one).Zip(Blocks(two)))
        {
            for (var i = 0; i < first.ParameterCount; i++)
            {
                Assert.All(Draws(first, i), draw => Assert.True(double.IsFinite(draw)));
                Assert.Equal(Draws(first, i), Draws(second, i));
            }
        }
    }

    [Fact]
    public void A_model_without_a_factor_agrees_with_the_joint_sampler()
    {
        var spec = CellModels.Spec(TestFamilies.Poisson, 2, [Intercept, new("x0", 0, new NormalPrior(0, 1)), new("x1", 1, new LaplacePrior(0, 1))]);
        var model = CellModels.Bind(spec, [.. CellModels.Rows(TestFamilies.Poisson, 33, 1, 1, 60).Select(row => row with { Groups = [] })]);

        var ours = Engine.Run(model, new RunOptions { Seed = 6 });
        var joint = ((IEngine)EngineCases.Engine("Nuts")).Run(model, new RunOptions { Seed = 6, Draws = 4000 });

        Assert.Null(ours.Quadrature);
        for (var i = 0; i < 3; i++)
        {
            var (a, b) = (Draws(ours.Population, i), Draws(joint.Population, i));
            Assert.InRange(
                (Diagnostics.Mean(a) - Diagnostics.Mean(b)) / Math.Sqrt(
                    Math.Pow(Diagnostics.McseMean(a, 4), 2) + Math.Pow(Diagnostics.McseMean(b, 4), 2)),
                -5,
                5);
        }
    }

    [Fact]
    public void A_likelihood_of_steps_is_too_rough_to_integrate_and_is_refused_with_the_reason()
    {
        // One row a level and sds of the order of 100: in spherical effects the likelihood is a step.
        var spec = CellModels.Spec(
            TestFamilies.Bernoulli,
            0,
            [Intercept],
            new FactorSpec("g", [VaryingIntercept with { Sd = new UniformPrior(50, 400) }], new UncorrelatedPrior()));
        var rows = Enumerable.Range(0, 40).Select(j => new CellModels.Row([j], [], 0, j % 3 == 0 ? 1 : 0, 1)).ToList();

        var failure = Assert.Throws<ModelException>(() => Engine.Run(CellModels.Bind(spec, rows), new RunOptions { Seed = 4 }));

        var problem = Assert.Single(failure.Problems);
        Assert.Equal((ProblemCode.SamplingRefused, "g"), (problem.Code, problem.Term));
        Assert.StartsWith("The varying effects of 'g' cannot be integrated out by quadrature", problem.Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void A_rule_that_is_too_coarse_is_told_with_its_error_and_what_to_do()
    {
        // One row a level: effects that are far from normal.
        var spec = CellModels.Spec(TestFamilies.Bernoulli, 0, [Intercept], new FactorSpec("g", [VaryingIntercept], new UncorrelatedPrior()));
        var rows = Enumerable.Range(0, 40).Select(j => new CellModels.Row([j], [], 0, j % 3 == 0 ? 1 : 0, 1)).ToList();

        var posterior = CellSampling.Run(CellModels.Bind(spec, rows), new RunOptions { Seed = 4 }, "Marginal", points: 2);

        Assert.Equal(2, posterior.Quadrature!.Points);
        Assert.True(posterior.Quadrature.LogDensityError > 0.01);
        var warning = Assert.Single(posterior.Warnings);
        Assert.Equal(FitWarningCode.Quadrature, warning.Code);
        Assert.EndsWith("fit the model with Engine.Nuts, which does not integrate.", warning.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_fit_that_names_no_engine_takes_the_joint_sampler_where_effects_cannot_be_integrated_out()
    {
        var group = Group.By((Trial r) => r.Group);
        var rows = Enumerable.Range(0, 40).Select(j => new Trial($"{j}", j % 3 == 0)).ToList();
        var model = PooledModel.Of<Trial>().Bernoulli(r => r.Happened).Intercept(Prior.Normal(0, 1.5));
        var options = new RunOptions { Warmup = 100, Draws = 50, MaximumTreeDepth = 6 };

        var rough = model.Varying(group, g => g.Intercept(Prior.Uniform(50, 400))).Fit(rows, options);
        var smooth = model.Varying(group, g => g.Intercept(Prior.Exponential(1))).Fit(rows, options);

        Assert.Equal(("Nuts", "Marginal"), (rough.Posterior.Engine, smooth.Posterior.Engine));
        Assert.Equal("Engine Nuts, chosen because Marginal cannot integrate varying effects out of this model accurately enough", rough.EngineChoice);
    }

    [Fact]
    public void Several_factors_and_many_effects_are_refused_with_every_reason()
    {
        FactorSpec factor = new(
            "g",
            [.. Enumerable.Range(0, 4).Select(a => new VaryingTerm(a == 0 ? "Intercept" : $"x{a - 1}", a - 1, new ExponentialPrior(1)))],
            new LkjPrior(1));

        var support = Engine.Supports(
            CellModels.Spec(TestFamilies.Bernoulli, 3, [Intercept], factor, factor with { Name = "h", Terms = [VaryingIntercept] }));

        Assert.Equal(
            [
                "The Marginal engine integrates varying effects of a Bernoulli response out level by level. With 2 grouping factors, the levels "
                    + "depend on each other.",
                "The Marginal engine integrates at most 3 varying effects per level of a Bernoulli response out by quadrature, but g has 4.",
            ],
            support.Reasons.Select(reason => reason.Sentence));
    }

    private sealed record Trial(string Group, bool Happened);

    [Fact]
    public void A_response_whose_effects_may_have_several_modes_is_refused_with_the_reason()
    {
        var support = Engine.Supports(
            CellModels.Spec(TestFamilies.StudentT, 0, [Intercept], new FactorSpec("g", [VaryingIntercept], new UncorrelatedPrior())));

        Assert.Equal(
            "The Marginal engine integrates varying effects out about one mode, but the effects of a StudentT response can have several "
                + "modes.", Assert.Single(support.Reasons).Sentence);
    }

    private static CellBoundModel Slopes(int q)
    {
        VaryingTerm[] terms = [VaryingIntercept, VaryingSlope, new("x1", 1, new ExponentialPrior(2))];
        PopulationTerm[] population = [Intercept, new("x0", 0, new NormalPrior(0, 1))];
        var spec = CellModels.Spec(TestFamilies.Binomial, 2, population, new FactorSpec("g", [.. terms[..q]], new LkjPrior(2)));
        var rows = CellModels.Rows(TestFamilies.Binomial, 31, 10, 1, 80);
        return CellModels.Bind(spec, [.. rows.Select(row => row with { Columns = [row.Columns[0], row.Columns[1] - 5] })]);
    }

    private static (CellBoundModel Model, List<CellModels.Row> Rows) Model(Family family, bool hasSlope)
    {
        var spec = CellModels.Spec(
            family,
            2,
            [Intercept, new("x0", 0, new NormalPrior(0, 1))],
            new FactorSpec(
                "g", hasSlope ? [VaryingIntercept, VaryingSlope] : [VaryingIntercept], hasSlope ? new LkjPrior(2) : new UncorrelatedPrior()));
        var rows = CellModels.Rows(family, 17, 5, 1, 40);
        return (CellModels.Bind(spec, rows), rows);
    }

    private static (GroupedCells Cells, CellQuadrature Quadrature) Quadrature(CellBoundModel model)
    {
        var start = JointStart.Of(model);
        var cells = new GroupedCells(start.System);
        return (cells, CellQuadrature.Of(cells, start.Theta));
    }

    private static IEnumerable<double[]> Positions(GroupedCells cells, int count)
    {
        var stream = new PhiloxStream(44, 0);
        for (var i = 0; i < count; i++)
            yield return [.. Enumerable.Range(0, cells.System.Scales.Dimension + cells.PopulationCount).Select(_ => 1.5 * stream.NextDouble() - 1)];
    }

    // Rows by group, effects on a grid of spherical coordinates.
    private static double LogLikelihood(CellBoundModel model, List<CellModels.Row> rows, ReadOnlySpan<double> beta, double[] lambda, double shape)
    {
        const double Step = 0.1;
        var q = model.Spec.Factors[0].Terms.Length;
        var (intercept, slope) = (beta[0], beta[1]);
        var total = 0.0;
        foreach (var group in rows.GroupBy(row => row.Groups[0]))
        {
            var own = group.ToList();
            var logs = new List<double>();
            for (var v = -9.0; v <= 9; v += Step)
            {
                for (var w = q == 1 ? 0 : -9.0; w <= (q == 1 ? 0 : 9); w += Step)
                {
                    var log = -0.5 * (v * v + w * w) + q * Math.Log(Step / Math.Sqrt(2 * Math.PI));
                    foreach (var row in own)
                    {
                        var u = q == 1 ? lambda[0] * v : lambda[0] * v + row.Columns[0] * (lambda[2] * v + lambda[3] * w);
                        log += CellModels.LogLikelihood(
                            model.Spec.Response.Family, row, row.Offset + intercept + slope * row.Columns[0] + u, shape: shape);
                    }

                    logs.Add(log);
                }
            }

            var top = logs.Max();
            total += top + Math.Log(logs.Sum(log => Math.Exp(log - top)));
        }

        return total;
    }

    private static (double[] Mean, double[] Square, double[] Negative, double[] Cross) Moments(
        CellModels.Row[] rows, Family family, double intercept, double[] sds)
    {
        var q = sds.Length;
        var points = q == 1 ? 4001 : q == 2 ? 161 : 81;
        var grid = Enumerable.Range(0, points).Select(i => -6 + 12.0 * i / (points - 1)).ToArray();
        var (mass, sums) = (0.0, new double[4, q]);
        var u = new double[q];
        var index = new int[q];
        for (var node = 0; node < (int)Math.Pow(points, q); node++)
        {
            var rest = node;
            var log = 0.0;
            for (var a = 0; a < q; a++)
            {
                (rest, index[a]) = Math.DivRem(rest, points);
                u[a] = sds[a] * grid[index[a]];
                log -= 0.5 * grid[index[a]] * grid[index[a]];
            }

            foreach (var row in rows)
                log += CellModels.LogLikelihood(
                    family,
                    row,
                    row.Offset + intercept + u[0] + (q > 1 ? u[1] * row.Columns[0] : 0) + (q > 2 ? u[2] * row.Columns[1] : 0),
                    shape: 2.5);
            var weight = Math.Exp(log);
            mass += weight;
            for (var a = 0; a < q; a++)
            {
                sums[0, a] += weight * u[a];
                sums[1, a] += weight * u[a] * u[a];
                sums[2, a] += weight * (u[a] < 0 ? 1 : u[a] == 0 ? 0.5 : 0);
                sums[3, a] += weight * u[a] * u[0];
            }
        }

        double[] Row(int m) => [.. Enumerable.Range(0, q).Select(a => sums[m, a] / mass)];
        return (Row(0), Row(1), Row(2), Row(3));
    }

    private static void Within(double[] draws, double expected)
    {
        var error = Diagnostics.Sd(draws) / Math.Sqrt(draws.Length);
        Assert.InRange((Diagnostics.Mean(draws) - expected) / error, -5, 5);
    }

    private static IEnumerable<DrawBlock> Blocks(Posterior posterior) => [posterior.Population, posterior.Scales, .. posterior.Effects];

    private static double[] Draws(DrawBlock block, int index)
    {
        var draws = new double[block.DrawCount];
        block.CopyDraws(index, draws);
        return draws;
    }
}
