using MathNet.Numerics.LinearAlgebra;
using TypedPooling.Data;
using TypedPooling.Draws;
using TypedPooling.Engines;
using TypedPooling.Inference.Hierarchy.CrossedFactors;
using TypedPooling.Inference.Marginal;
using TypedPooling.Inference.Numerics;
using TypedPooling.Inference.Scales;
using TypedPooling.Model;
using TypedPooling.Tests.Support;
using Xunit;

namespace TypedPooling.Tests.Inference;

/// <summary>Several factors integrated out, against the normal density of all rows as one dense system.</summary>
public sealed class CrossedSystemTests
{
    /// <summary>Designs by name. Terms are columns, -1 for the intercept.</summary>
    public static TheoryData<string> Designs => [.. DesignOf.Keys];

    /// <summary>Designs whose scales are all known.</summary>
    public static TheoryData<string> KnownDesigns => GibbsAlgebraTests.Designs;

    private static IReadOnlyDictionary<string, Design> DesignOf { get; } = new Dictionary<string, Design>
    {
        ["crossed intercepts"] = new([[-1], [-1]], Crossed(9, 4, 60)),
        ["crossed, the smaller factor first"] = new([[-1], [-1]], Crossed(4, 9, 60)),
        ["slopes in both"] = new([[-1, 0, 1], [1, -1]], Crossed(9, 4, 80)),
        ["slopes in both, more than a strip of 24 dense"] = new([[-1, 0], [1, -1]], Crossed(40, 14, 300)),
        ["slopes without varying intercepts"] = new([[1], [0, 1]], Crossed(9, 5, 80)),
        ["flat priors and a fixed effect"] = new(
            [[-1, 1], [-1]], Crossed(7, 5, 60))
        { Priors = [new FlatPrior(), new FixedPrior(0.25), new FlatPrior()] },
        ["joined priors"] = new(
            [[-1], [-1, 1]], Crossed(7, 5, 60))
        { Priors = [new StudentTPrior(5, 0.3, 2), new LaplacePrior(0.1, 0.5), new NormalPrior(0, 1)] },
        ["a joined effect beside an integrated intercept"] = new(
            [[-1], [-1]], Crossed(7, 5, 60))
        { Priors = [new NormalPrior(0.5, 2), new LaplacePrior(0.1, 0.5), new FlatPrior()] },
        ["no population intercept"] = new([[-1, 1], [-1]], Crossed(7, 5, 60)) { HasIntercept = false },
        ["nested"] = new([[-1], [-1]], Nested(12, 4)) { HasPanels = true },
        ["nested with slopes"] = new([[-1, 1], [-1, 0]], Nested(12, 4)) { HasPanels = true },
        ["balanced: one class"] = new([[-1], [-1]], Balanced(8, 5)) { ClassCount = 1 },
        ["three factors, nested and crossed"] = new([[-1, 0], [-1], [-1]], Three(30, 2, 2)) { HasPanels = true },
        ["three factors in a chain"] = new([[-1], [-1, 1], [-1]], Chain(40)) { HasPanels = true },
    };

    [Theory]
    [MemberData(nameof(Designs))]
    public void The_density_is_the_dense_normal_density_of_the_whole_response(string design)
    {
        var (model, rows) = Model(design);
        var density = MarginalDensity.Of(model);
        foreach (var theta in Points(model.Spec, density.Dimension).Take(2))
        {
            var actual = density.LogLikelihood(theta);
            var expected = Dense(model.Spec, rows, density);
            Assert.True(Math.Abs(expected - actual) <= 1e-10 * Math.Abs(expected), $"{expected} and {actual}");
        }
    }

    [Theory]
    [MemberData(nameof(Designs))]
    public void The_gradient_is_that_of_finite_differences(string design)
    {
        var (model, _) = Model(design);
        var density = MarginalDensity.Of(model);
        foreach (var theta in Points(model.Spec, density.Dimension))
        {
            var gradient = new double[density.Dimension];
            var value = density.LogDensity(theta, gradient);
            Assert.Equal(value, density.LogDensity(theta), 1e-12 * Math.Abs(value));
            for (var d = 0; d < theta.Length; d++)
            {
                var expected = (4 * Slope(5e-4) - Slope(1e-3)) / 3;
                Assert.True(Math.Abs(expected - gradient[d]) <= 1e-6 * (1 + Math.Abs(expected)), $"theta[{d}]: {expected} and {gradient[d]}");

                double Slope(double h) => (At(h) - At(-h)) / (2 * h);

                double At(double step)
                {
                    var moved = theta.ToArray();
                    moved[d] += step;
                    return density.LogDensity(moved);
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Designs))]
    public void The_layout_fits_the_design(string design)
    {
        var (model, _) = Model(design);
        var system = CrossedSystem.Reduce(model);
        Assert.Equal(DesignOf[design].HasPanels, system.Layout.Panels.Length > 0);
        if (DesignOf[design].ClassCount > 0)
            Assert.Equal(DesignOf[design].ClassCount, system.Classes.Count);
        var counts = model.Spec.Factors.Select((factor, k) => model.Levels[k].Count * factor.Terms.Length).ToArray();
        Assert.Equal(counts.Max(), counts[system.Eliminated]);
        Assert.Equal(counts.Sum() - counts.Max() + system.IntegratedCount, system.Layout.Order);
    }

    [Fact]
    public void The_plan_says_what_is_eliminated_what_is_dense_and_what_it_costs()
    {
        var plan = MarginalEngine.Plan(Model("nested").Model);
        Assert.Equal(["u[g1]", "u[g0], beta"], plan.Steps.Select(step => step.Coefficients));
        Assert.Matches("^[0-9]+ sparse, [0-9]+ dense$", plan.Steps[1].Method);
        Assert.Equal(3, plan.Dimension);
        Assert.Equal("3 numbers sampled independently", plan.Sampling);
        Assert.Equal(plan.Evaluations * plan.Steps.Sum(step => step.Cost), plan.Cost);
        Assert.Equal(3, plan.ToString().Split('\n').Length);

        var balanced = MarginalEngine.Plan(Model("balanced: one class").Model, RunOptions.Default with { Sampling = SamplingMethod.Nuts });
        Assert.Equal("8 levels eliminated in 1 class", balanced.Steps[0].Method);
        Assert.Equal("8 dense", balanced.Steps[1].Method);
        Assert.Equal("3 numbers sampled by NUTS", balanced.Sampling);

        var one = MarginalEngine.Plan(EngineCases.All["one row a level"]());
        Assert.Equal("beta", one.Steps[^1].Coefficients);
        Assert.Throws<ModelException>(() => MarginalEngine.Plan(EngineCases.TwoFactors()));
    }

    [Theory]
    [MemberData(nameof(KnownDesigns))]
    public void Exact_moments_at_known_scales_are_those_of_the_dense_system(string design)
    {
        var (model, rows) = GibbsAlgebraTests.Model(design);
        var truth = new GibbsAlgebraTests.Dense(model.Spec, rows);
        var posterior = new MarginalEngine().RunNormal(model, new RunOptions { Draws = 100 });

        var at = 0;
        var none = new double[model.Spec.Population.Length];
        for (var i = 0; i < none.Length; i++, at++)
        {
            var weights = none.ToArray();
            weights[i] = 1;
            Near(posterior.Exact!.Of(weights, 0, 0, []), at);
        }

        for (var f = 0; f < 2; f++)
        {
            var q = model.Spec.Factors[f].Terms.Length;
            for (var i = 0; i < model.Levels[f].Count * q; i++, at++)
            {
                var weights = new double[q];
                weights[i % q] = 1;
                Near(posterior.Exact!.Of(none, f, i / q, weights), at);
            }
        }

        // A combination of a population effect and a level's own.
        var combined = posterior.Exact!.Of(
            [.. none.Select((_, i) => i == 2 ? 2.0 : 0)], 1, 3, [.. Enumerable.Repeat(1.0, model.Spec.Factors[1].Terms.Length)]);
        var vector = Vector<double>.Build.Dense(truth.Mean.Count);
        vector[2] = 2;
        var width = model.Spec.Factors[1].Terms.Length;
        var start = none.Length + model.Levels[0].Count * model.Spec.Factors[0].Terms.Length + 3 * width;
        for (var a = 0; a < width; a++)
            vector[start + a] = 1;
        Assert.Equal(vector * truth.Mean, combined.Mean, 1e-6);
        Assert.Equal(Math.Sqrt(vector * (truth.Covariance * vector)), combined.Sd, 1e-7);

        void Near(NormalMoments moments, int index)
        {
            Assert.Equal(truth.Mean[index], moments.Mean, design.Contains("far") ? 1e-4 : 1e-8);
            Assert.Equal(Math.Sqrt(truth.Covariance[index, index]), moments.Sd, 1e-7);
        }
    }

    [Theory]
    [MemberData(nameof(KnownDesigns))]
    public void Draws_at_known_scales_have_the_moments_of_the_dense_system(string design)
    {
        const int Count = 20_000;
        var (model, rows) = GibbsAlgebraTests.Model(design);
        var truth = new GibbsAlgebraTests.Dense(model.Spec, rows);
        var posterior = new MarginalEngine().RunNormal(model, new RunOptions { Seed = 5, Draws = Count / 4 });

        // All coefficients side by side, so that covariances between factors, levels and beta are compared too.
        var all =
            ((DrawBlock[])[posterior.Population, .. posterior.Effects]).SelectMany(block => Enumerable.Range(0, block.ParameterCount).Select(i =>
        {
            var draws = new double[Count];
            block.CopyDraws(i, draws);
            return draws;
        })).ToArray();
        for (var a = 0; a < all.Length; a++)
        {
            var (mean, sd) = (truth.Mean[a], Math.Sqrt(truth.Covariance[a, a]));
            Assert.True(
                Math.Abs(all[a].Average() - mean) <= 5 * sd / Math.Sqrt(Count) + 1e-9 * Math.Abs(mean),
                $"mean of {a}: {all[a].Average()} for {mean}");
            for (var b = 0; b <= a; b++)
            {
                var (otherMean, otherSd) = (truth.Mean[b], Math.Sqrt(truth.Covariance[b, b]));
                var covariance = all[a].Zip(all[b], (x, y) => (x - mean) * (y - otherMean)).Average();

                // The sd of a product of correlated normals is at most sqrt(2) sd sd.
                Assert.True(
                    Math.Abs(covariance - truth.Covariance[a, b]) <= 5.5 * Math.Sqrt(2.0 / Count) * sd * otherSd + 1e-12,
                    $"covariance of {a}, {b}: {covariance} for {truth.Covariance[a, b]}");
            }
        }
    }

    private static (NormalBoundModel Model, List<(int[] Groups, double[] Columns, double Y)> Rows) Model(string name)
    {
        var design = DesignOf[name];
        var priors = design.Priors ?? [new NormalPrior(1, 2), new NormalPrior(-0.5, 1.5), new FlatPrior()];
        PopulationTerm[] population =
        [
            .. design.HasIntercept ? [new PopulationTerm("Intercept", ModelSpec.Ones, priors[0])] : Array.Empty<PopulationTerm>(),
            new PopulationTerm("x0", 0, priors[1]),
            new PopulationTerm("x1", 1, priors[2]),
        ];
        var spec = Systems.Spec(2, population, [new VaryingTerm("t", ModelSpec.Ones, new FixedPrior(1))], null, new HalfCauchyPrior(2));
        spec = spec with
        {
            Factors = [.. design.Terms.Select((columns, k) => new FactorSpec(
                $"g{k}",
                [.. columns.Select(
                    (column, a) => new VaryingTerm(
                        column < 0 ? "Intercept" : $"x{column}", column, a == 1 ? new UniformPrior(0, 4) : new ExponentialPrior(1.3)))],
                new LkjPrior(2)))],
        };
        return (Systems.BindSeveral(spec, design.Rows), design.Rows);
    }

    // An ordinary point, another, sds near 0, and |rho| near 1 with one sd at 0.
    private static IEnumerable<double[]> Points(ModelSpec spec, int dimension)
    {
        var parameters = new ScaleCoordinates(spec).Parameters;
        yield return [.. Enumerable.Range(0, dimension).Select(d => 0.3 * Math.Sin(3 * d + 1) - 0.2)];
        yield return [.. Enumerable.Range(0, dimension).Select(d => 0.7 * Math.Cos(2 * d + 1))];
        yield return [
            .. Enumerable.Range(0, dimension).Select(d => d < parameters.Length && parameters[d].Kind == ParameterKind.VaryingSd ? -12.0 : 0.2)];
        yield return [.. Enumerable.Range(0, dimension).Select(
            d => d < parameters.Length && parameters[d].Kind == ParameterKind.VaryingCorrelation ? 6.0 : d == 1 ? -14 : 0.1)];
    }

    // log N(y; X m, X P^-1 X' + sum Z Sigma Z' + sigma^2 I), joined effects as given, flat ones by a second dense step.
    private static double Dense(ModelSpec spec, List<(int[] Groups, double[] Columns, double Y)> rows, MarginalDensity density)
    {
        var n = rows.Count;
        double Column(int i, int c) => c == ModelSpec.Ones ? 1 : rows[i].Columns[c];
        var covariance = Matrix<double>.Build.Dense(n, n, (i, j) => i == j ? density.Point.Sigma * density.Point.Sigma : 0);
        var rest = Vector<double>.Build.Dense(n, i => rows[i].Y);
        var flat = new List<int>();
        var joined = 0;
        foreach (var term in spec.Population)
        {
            switch (term.Prior)
            {
                case NormalPrior normal:
                    for (var i = 0; i < n; i++)
                    {
                        rest[i] -= normal.Mean * Column(i, term.Column);
                        for (var j = 0; j < n; j++)
                            covariance[i, j] += normal.Sd * normal.Sd * Column(i, term.Column) * Column(j, term.Column);
                    }

                    break;
                case FlatPrior:
                    flat.Add(term.Column);
                    break;
                default:
                    var value = term.Prior is FixedPrior known ? known.Value : density.JoinedCoefficients[joined++];
                    for (var i = 0; i < n; i++)
                        rest[i] -= value * Column(i, term.Column);
                    break;
            }
        }

        for (var f = 0; f < spec.Factors.Length; f++)
        {
            var terms = spec.Factors[f].Terms;
            var q = terms.Length;
            var lambda = Matrix<double>.Build.Dense(q, q, (a, b) => density.Point.Factors[f].Lambda[a * q + b]);
            var sigma = lambda * lambda.Transpose();
            for (var i = 0; i < n; i++)
            {
                for (var j = 0; j < n; j++)
                {
                    for (var a = 0; a < q && rows[i].Groups[f] == rows[j].Groups[f]; a++)
                    {
                        for (var b = 0; b < q; b++)
                            covariance[i, j] += Column(i, terms[a].Column) * sigma[a, b] * Column(j, terms[b].Column);
                    }
                }
            }
        }

        var cholesky = covariance.Cholesky();
        var log = -0.5 * (n - flat.Count) * Math.Log(2 * Math.PI) - 0.5 * cholesky.DeterminantLn;
        var solved = cholesky.Solve(rest);
        var squares = rest * solved;
        if (flat.Count > 0)
        {
            var x = Matrix<double>.Build.Dense(n, flat.Count, (i, k) => Column(i, flat[k]));
            var h = x.TransposeThisAndMultiply(cholesky.Solve(x)).Cholesky();
            var g = x.TransposeThisAndMultiply(solved);
            squares -= g * h.Solve(g);
            log -= 0.5 * h.DeterminantLn;
        }

        return log - 0.5 * squares;
    }

    private static List<(int[] Groups, double[] Columns, double Y)> Crossed(int first, int second, int count) =>
        Systems.CrossedRows(31, first, second, count, 2);

    private static List<(int[] Groups, double[] Columns, double Y)> Nested(int outer, int inner) =>
        [.. Systems.CrossedRows(32, outer, inner, outer * inner * 3, 2).Select(
            row => (new[] { row.Groups[0], (row.Groups[0] * inner) + row.Groups[1] }, row.Columns, row.Y))];

    private static List<(int[] Groups, double[] Columns, double Y)> Balanced(int first, int second) =>
        [.. Enumerable.Range(0, first * second).Select(
            i => (new[] { i / second, i % second }, new double[] { i % second % 2, Math.Cos(i % second) }, Math.Sin(5 * i) + Math.Cos(i / second)))];

    // Classes in schools, both crossed with years.
    private static List<(int[] Groups, double[] Columns, double Y)> Three(int schools, int classes, int years) =>
        [.. Nested(schools, classes).Select((row, i) => (new[] { row.Groups[0], row.Groups[1], i % years }, row.Columns, row.Y))];

    // Levels of the second factor linked in a chain by the first, and a third nested in pairs of them: there is fill to handle.
    private static List<(int[] Groups, double[] Columns, double Y)> Chain(int length) =>
        [.. Systems.CrossedRows(33, 4 * length, 3, 9 * length, 2)
            .Select(
                (row, i) => (
                    new[] { i % (4 * length), ((i % (4 * length) / 4) + (i / (4 * length) % 3 == 1 ? 1 : 0)) % length, i % (4 * length) / 8 },
                    row.Columns,
                    row.Y))];

    private sealed record Design(int[][] Terms, List<(int[] Groups, double[] Columns, double Y)> Rows)
    {
        public bool HasIntercept { get; init; } = true;

        public IRealPrior[]? Priors { get; init; }

        public bool HasPanels { get; init; }

        public int ClassCount { get; init; }
    }
}
