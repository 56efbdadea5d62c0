using TypedPooling.Data;
using TypedPooling.Inference.Hierarchy.CellLikelihoods;
using TypedPooling.Inference.Hierarchy.GaussianSystem;
using TypedPooling.Inference.MaximumLikelihood;
using TypedPooling.Model;
using TypedPooling.Randomness;
using TypedPooling.Responses;
using TypedPooling.Tests.Support;
using Xunit;

namespace TypedPooling.Tests.Inference;

/// <summary>Curves of responses against their definitions, and Laplace's approximation: its value against a search of its own, its gradient against
/// differences.</summary>
public sealed class LaplaceLikelihoodTests
{
    private static readonly FlatPrior Flat = new();

    public static TheoryData<string, Link> Curves => new()
    {
        { "Binomial", Link.Logit },
        { "Binomial", Link.Probit },
        { "Binomial", Link.ComplementaryLogLog },
        { "Poisson", Link.Log },
    };

    public static TheoryData<string> Cases => [.. Models.Keys];

    private static IReadOnlyDictionary<string, Func<CellBoundModel>> Models { get; } = new Dictionary<string, Func<CellBoundModel>>
    {
        ["no factor"] = () => Model(1, TestFamilies.Bernoulli, 2, []),
        ["a varying intercept"] = () => Model(2, TestFamilies.Bernoulli, 1, [[-1]]),
        ["correlated slopes"] = () => Model(3, TestFamilies.Binomial, 2, [[-1, 0]]),
        ["uncorrelated slopes by probit"] = () => Model(4, TestFamilies.Of("Binomial", Link.Probit), 2, [[-1, 1]], isCorrelated: false),
        ["three terms by cloglog"] = () => Model(5, TestFamilies.Of("Bernoulli", Link.ComplementaryLogLog), 2, [[-1, 0, 1]]),
        ["counts"] = () => Model(6, TestFamilies.Poisson, 1, [[-1, 0]]),
        ["two crossed factors"] = () => Model(7, TestFamilies.Binomial, 1, [[-1, 0], [-1]]),
        ["counts of three factors"] = () => Model(8, TestFamilies.Poisson, 1, [[-1], [-1], [0]]),
    };

    [Theory]
    [MemberData(nameof(Curves))]
    public void A_curve_is_the_log_likelihood_and_its_derivatives(string family, Link link)
    {
        var curve = TestFamilies.Of(family, link).Curve;
        foreach (var eta in new[] { -40.0, -7.3, -4.999, -1.2, 0, 0.4, 2.1, 5.5, 9 })
        {
            foreach (var (a, n) in new[] { (0.0, 1.0), (1, 1), (3, 7), (7, 7), (0, 4) })
            {
                var value = curve.At(eta, a, n, Unit, out var slope, out var weight, out var weightSlope);
                var probability = link switch
                {
                    Link.Logit => 1 / (1 + Math.Exp(-eta)),
                    Link.Probit => 0.5 * MathNet.Numerics.SpecialFunctions.Erfc(-eta / Math.Sqrt(2)),
                    Link.ComplementaryLogLog => 1 - Math.Exp(-Math.Exp(eta)),
                    _ => 0,
                };
                var expected = link == Link.Log
                    ? a * eta - n * Math.Exp(eta)
                    : (a > 0 ? a * Math.Log(probability) : 0) + (n > a ? (n - a) * Math.Log(1 - probability) : 0);
                if (Math.Abs(eta) < 6 && double.IsFinite(expected))
                    Assert.Equal(expected, value, 1e-9 * (1 + Math.Abs(expected)));
                Assert.True(double.IsFinite(value) && weight >= 0);
                Near(slope, x => Curve(x).Value);
                Near(-weight, x => Curve(x).Slope);
                Near(weightSlope, x => Curve(x).Weight);

                (double Value, double Slope, double Weight) Curve(double x) => (curve.At(x, a, n, Unit, out var s, out var w, out _), s, w);

                void Near(double actual, Func<double, double> of)
                {
                    double Slope(double h) => (of(eta + h) - of(eta - h)) / (2 * h);
                    var difference = (4 * Slope(5e-4) - Slope(1e-3)) / 3;
                    Assert.True(
                        Math.Abs(difference - actual) <= 2e-7 * (1 + Math.Abs(actual) + Math.Abs(value)),
                        $"{family} {link} at {eta}, {a} of {n}: {difference} and {actual}");
                }
            }
        }
    }

    [Fact]
    public void Curves_do_not_overflow_to_NaN()
    {
        foreach (var (family, link) in Curves.Select(row => ((string)((object[])row)[0], (Link)((object[])row)[1])))
        {
            var curve = TestFamilies.Of(family, link).Curve;
            foreach (var eta in new[] { -1e6, -800, 800, 1e6 })
            {
                foreach (var (a, n) in new[] { (0.0, 1.0), (1, 1), (2, 3) })
                    Assert.False(double.IsNaN(curve.At(eta, a, n, Unit, out _, out _, out _)), $"{family} {link} at {eta}, {a} of {n}");
            }
        }
    }

    [Theory]
    [InlineData("Binomial", Link.Logit)]
    [InlineData("Binomial", Link.Probit)]
    [InlineData("Binomial", Link.ComplementaryLogLog)]
    [InlineData("Poisson", Link.Log)]
    [InlineData("NegativeBinomial", Link.Log)]
    [InlineData("Gamma", Link.Log)]
    [InlineData("StudentT", Link.Identity)]
    public void A_curve_from_its_anchor_is_the_difference_of_its_values(string family, Link link)
    {
        var curve = TestFamilies.Of(family, link).Curve;
        foreach (var shape in new[] { 0.05, 3, 400 })
        {
            var scales = new ResponseScales(1, shape);
            foreach (var (a, n) in new[] { (0.0, 1.0), (1, 1), (3, 7), (7, 7), (250, 1000) })
            {
                if (family == "Gamma" && a == 0)
                    continue;
                var anchor = curve.Anchor(a, n);
                var isMeasured = family is "Gamma" or "StudentT" || (a > 0 && (family != "Binomial" || a < n));
                var start = isMeasured ? curve.At(anchor, a, n, scales, out _, out _, out _) : 0;
                foreach (var distance in new[] { -3, -0.31, -0.29, -1e-3, 0, 1e-5, 0.2, 0.34, 0.36, 2.5 })
                {
                    var value = curve.At(anchor + distance, a, n, scales, out var slope, out var weight, out var weightSlope);
                    var from = curve.FromAnchor(anchor, distance, a, n, scales, out var fromSlope, out var fromWeight, out var fromWeightSlope);
                    var size = 1e-11 * (1 + Math.Abs(value) + Math.Abs(start) + Math.Abs(weight));
                    Assert.Equal(value - start, from, size);
                    Assert.Equal(slope, fromSlope, size);
                    Assert.Equal(weight, fromWeight, size);
                    Assert.Equal(weightSlope, fromWeightSlope, 10 * size);
                }
            }
        }
    }

    [Theory]
    [InlineData("Binomial", Link.Logit)]
    [InlineData("Binomial", Link.Probit)]
    [InlineData("Binomial", Link.ComplementaryLogLog)]
    [InlineData("Poisson", Link.Log)]
    public void A_billion_events_keep_their_digits_near_the_anchor(string family, Link link)
    {
        var curve = TestFamilies.Of(family, link).Curve;
        var (a, n) = (3e8, family == "Poisson" ? 1 : 1e9);
        var anchor = curve.Anchor(a, n);
        curve.FromAnchor(anchor, 0, a, n, Unit, out var none, out var weight, out var weightSlope);
        Assert.Equal(0, none);
        foreach (var distance in new[] { -1e-4, 1e-6, 1e-5 })
        {
            // Taylor's series to the third order; the fourth is below 1e-8 of the first here.
            var value = curve.FromAnchor(anchor, distance, a, n, Unit, out var slope, out _, out _);
            Assert.Equal(1, value / (-distance * distance * (weight / 2 + distance * weightSlope / 6)), 1e-7);
            Assert.Equal(1, slope / (-distance * (weight + distance * weightSlope / 2)), 1e-7);
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void The_gradient_is_that_of_finite_differences(string name) => CheckGradient(Function(Models[name]()));

    private static ResponseScales Unit => new(1, 1);

    private static void CheckGradient(LaplaceLikelihood function)
    {
        var stream = new PhiloxStream(5, 5);
        for (var point = 0; point < 3; point++)
        {
            var x = Enumerable.Range(0, function.Coordinates.Dimension).Select(_ => 0.7 * stream.NextNormal()).ToArray();
            if (point == 1 && function.Coordinates.Elements.Length > 0)
                x[^1] = 0;
            if (function.Coordinates.HasShape)
                x[function.Coordinates.ShapeAt] = 0.3 + 0.4 * point;
            var gradient = new double[x.Length];
            var value = function.Evaluate(x, gradient);
            Assert.True(double.IsFinite(value));
            for (var d = 0; d < x.Length; d++)
            {
                var expected = (4 * Slope(5e-4) - Slope(1e-3)) / 3;
                Assert.True(Math.Abs(expected - gradient[d]) <= 1e-6 * (1 + Math.Abs(expected)), $"x[{d}]: {expected} and {gradient[d]}");

                double Slope(double h) => (At(h) - At(-h)) / (2 * h);

                double At(double step)
                {
                    var moved = (double[])x.Clone();
                    moved[d] += step;
                    return function.Evaluate(moved, []);
                }
            }
        }
    }

    [Theory]
    [InlineData("a varying intercept", 2)]
    [InlineData("a varying intercept", 3)]
    [InlineData("a varying intercept", 9)]
    [InlineData("correlated slopes", 2)]
    [InlineData("correlated slopes", 5)]
    [InlineData("uncorrelated slopes by probit", 3)]
    [InlineData("three terms by cloglog", 3)]
    [InlineData("counts", 4)]
    [InlineData("counts of two uncorrelated terms with a shape", 3)]
    [InlineData("positive responses", 3)]
    public void The_gradient_of_the_quadrature_is_that_of_the_rule_with_any_number_of_nodes(string name, int nodes)
    {
        var model = name switch
        {
            "counts of two uncorrelated terms with a shape" => Shaped(TestFamilies.NegativeBinomial, new UncorrelatedPrior()),
            "positive responses" => Shaped(TestFamilies.Gamma, new LkjPrior(1)),
            _ => Models[name](),
        };
        CheckGradient(Function(model, nodes));
    }

    [Fact]
    public void One_node_is_Laplaces_approximation_and_many_are_one_value()
    {
        var model = Models["counts"]();
        var x = new double[Function(model).Coordinates.Dimension];
        Array.Fill(x, 0.4);
        var values = new[] { 1, 7, 15, 25 }.Select(nodes => Function(model, nodes).Evaluate(x, [])).ToArray();
        Assert.Equal(values[3], values[2], 1e-7);
        Assert.NotEqual(values[3], values[0], 1e-3);
    }

    [Fact]
    public void With_much_data_a_level_the_approximation_is_the_integral()
    {
        // One varying intercept: the integral by a fine grid, level by level.
        var model = Model(9, TestFamilies.Poisson, 0, [[-1]], rows: 240, levels: 6);
        var function = Function(model);
        double[] x = [0.3, 0.8];
        var value = function.Evaluate(x, []);
        var system = CellSystem.Of(model, CellPlan.Of(model));
        var beta = system.Centre[0] + system.Map[0] * x[0];
        var sd = function.Point.Factors[0].Lambda[0];
        var exact = model.Cells.LogConstant;
        for (var level = 0; level < 6; level++)
        {
            var own = Enumerable.Range(0, model.Cells.Count).Where(i => model.Cells.Levels[i] == level).ToArray();
            var grid = Enumerable.Range(-8000, 16001).Select(j => j / 1000.0)
                .Select(v => own.Sum(i => model.Cells.Responses[i] * Eta(i, v) - model.Cells.Sizes[i] * Math.Exp(Eta(i, v))) - 0.5 * v * v)
                .ToArray();

            double Eta(int i, double v) => model.Cells.Offsets[i] + beta + sd * v;

            var most = grid.Max();
            exact += most + Math.Log(grid.Sum(f => Math.Exp(f - most)) / 1000 / Math.Sqrt(2 * Math.PI));
        }

        Assert.Equal(exact, value, 0.02);
        Assert.NotEqual(exact, value, 1e-6);
    }

    [Theory]
    [InlineData("correlated slopes")]
    [InlineData("two crossed factors")]
    public void Modes_move_with_the_population_effects_as_their_moments_say(string name)
    {
        var function = Function(Models[name]());
        var system = CellSystem.Of(Models[name](), CellPlan.Of(Models[name]()));
        var p = system.PopulationCount;
        var stream = new PhiloxStream(6, 1);
        var x = Enumerable.Range(0, function.Coordinates.Dimension).Select(_ => 0.6 * stream.NextNormal()).ToArray();
        function.Evaluate(x, []);
        var modes = new CellModes(system, function, x.AsSpan(0, p), new double[p * p]);
        for (var f = 0; f < system.FactorCount; f++)
        {
            var q = system.TermCounts[f];
            for (var b = 0; b < p; b++)
            {
                var (above, below) = (Effects(f, b, 1e-4), Effects(f, b, -1e-4));
                var moves = Natural(f, modes.OnPopulation(f, 1, b));
                for (var a = 0; a < q; a++)
                    Assert.Equal((above[a] - below[a]) / 2e-4, moves[a], 1e-6);
            }
        }

        double[] Effects(int f, int b, double step)
        {
            var moved = (double[])x.Clone();
            moved[b] += step;
            function.Evaluate(moved, []);
            var effects = Natural(f, new CellModes(system, function, x.AsSpan(0, p), new double[p * p]).ModeOf(f, 1));
            function.Evaluate(x, []);
            return effects;
        }

        double[] Natural(int f, ReadOnlySpan<double> spherical)
        {
            var (q, root, effects) = (system.TermCounts[f], modes.RootOf(f), new double[system.TermCounts[f]]);
            for (var a = 0; a < q; a++)
            {
                for (var c = 0; c < q; c++)
                    effects[a] += root[a * q + c] * spherical[c];
            }

            return effects;
        }
    }

    private static CellBoundModel Shaped(Family family, ICorrelationPrior correlations)
    {
        var spec = CellModels.Spec(
            family,
            2,
            [new("Intercept", ModelSpec.Ones, Flat), new("x0", 0, Flat)],
            new FactorSpec("g", [new VaryingTerm("Intercept", ModelSpec.Ones, Flat), new VaryingTerm("x1", 1, Flat)], correlations));
        var model = CellModels.Bind(spec, CellModels.Rows(family, 5, 6, 4, 70));
        return model.With(model.Spec.WithoutPriors());
    }

    private static LaplaceLikelihood Function(CellBoundModel model, int nodes = 1)
    {
        var system = CellSystem.Of(model, CellPlan.Of(model));
        return new LaplaceLikelihood(
            system,
            new LikelihoodCoordinates(
                model.Spec,
                new TypicalScales(1, [.. model.Spec.Factors.SelectMany(factor => factor.Terms).Select(_ => 1.0)]),
                system.PopulationCount),
            nodes);
    }

    private static CellBoundModel Model(
        ulong seed, Family family, int columns, int[][] factors, bool isCorrelated = true, int rows = 70, int levels = 8)
    {
        var stream = new PhiloxStream(seed, 2);
        var builder = new ResponseCellsBuilder(columns, factors.Length);
        var tables = factors.Select(_ => new LevelIndex<int>()).ToArray();
        var effects = Enumerable.Range(0, 20).Select(_ => stream.NextNormal()).ToArray();
        for (var i = 0; i < rows; i++)
        {
            var x = Enumerable.Range(0, columns).Select(c => c == 0 ? (double)(i % 2) : 2 + stream.NextNormal()).ToArray();
            var keys = factors.Select((_, k) => tables[k].GetOrAdd(i < levels ? i : (int)(levels * stream.NextDouble()) / (k + 1))).ToArray();
            var eta = 0.2 + 0.3 * x.Sum() - 0.5 * columns + keys.Select((key, k) => 0.6 * effects[key + k]).Sum();
            var n = family.Name == "Binomial" ? 1 + i % 5 : 1;
            var a = 0.0;
            for (var trial = 0; trial < n && family.Name != "Poisson"; trial++)
                a += stream.NextDouble() < 1 / (1 + Math.Exp(-eta)) ? 1 : 0;
            for (var left = Math.Exp(Math.Min(eta, 2)); family.Name == "Poisson" && (left -= stream.NextExponential()) > 0;)
                a++;
            builder.Add(x, 0.1 * (i % 3), keys, a, n, 0.01, CellModels.Saturated(family, a, n, 0.01));
        }

        var spec = new ModelSpec(
            new ResponseSpec(family, "y", "y", null, null),
            [.. Enumerable.Range(0, columns).Select(c => new ColumnSpec($"x{c}", $"x{c}"))],
            [new("Intercept", ModelSpec.Ones, Flat), .. Enumerable.Range(0, columns).Select(c => new PopulationTerm($"x{c}", c, Flat))],
            [.. factors.Select((terms, k) => new FactorSpec(
                $"g{k}",
                [.. terms.Select(column => new VaryingTerm(column < 0 ? "Intercept" : $"x{column}", column, Flat))],
                isCorrelated ? new LkjPrior(1) : new UncorrelatedPrior()))]);
        return new CellBoundModel(spec, [.. tables], builder.Build(), 0);
    }
}
