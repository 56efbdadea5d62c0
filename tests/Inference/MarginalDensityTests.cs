using MathNet.Numerics.LinearAlgebra;
using TypedPooling.Inference.Marginal;
using TypedPooling.Model;
using TypedPooling.Tests.Support;
using Xunit;

namespace TypedPooling.Tests.Inference;

public class MarginalDensityTests
{
    public static TheoryData<string, int, int, bool, bool> Shapes => new()
    {
        // name, varying terms q, columns, population has intercept, sigma known
        { "intercept only", 1, 0, true, false },
        { "intercept and slope", 2, 1, true, false },
        { "intercept and slope, more population columns", 2, 4, true, false },
        { "three terms", 3, 3, true, false },
        { "varying intercept, population without one", 1, 2, false, false },
        { "known errors", 1, 1, true, true },
        { "no factor", 0, 2, true, false },
    };

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Equals_the_dense_normal_density_of_the_whole_response(string name, int q, int columns, bool intercept, bool known)
    {
        var (spec, rows, se) = Case(q, columns, intercept, known, 0);
        var density = MarginalDensity.Of(Systems.Bind(spec, rows, se));
        double[] theta = [.. Enumerable.Range(0, density.Dimension).Select(d => 0.3 * Math.Sin(3 * d + 1) - 0.2)];

        var expected = Dense(spec, rows, se, theta);

        Assert.True(
            Math.Abs(expected - density.LogLikelihood(theta)) <= 1e-10 * Math.Abs(expected),
            $"{name}: {expected} and {density.LogLikelihood(theta)}");
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 1)]
    [InlineData(2, 4)]
    [InlineData(3, 3)]
    public void Equals_the_dense_density_over_many_unbalanced_groups(int q, int columns)
    {
        var (spec, rows, se) = Case(q, columns, true, false, 0, groups: 37);
        var density = MarginalDensity.Of(Systems.Bind(spec, rows, se));
        double[] theta = [.. Enumerable.Range(0, density.Dimension).Select(d => 0.4 * Math.Sin(2 * d + 1) - 0.1)];

        var expected = Dense(spec, rows, se, theta);

        Assert.True(
            Math.Abs(expected - density.LogLikelihood(theta)) <= 1e-10 * Math.Abs(expected), $"{expected} and {density.LogLikelihood(theta)}");
    }

    // A value alone takes one pass from a fixed point near beta^; with a gradient it takes two. Scales of any size; responses near the population
    // line and far from zero, where squares at another point would lose all digits.
    [Theory]
    [InlineData(1, 1, 0.5)]
    [InlineData(2, 1, 0.5)]
    [InlineData(2, 1, 1e-6)]
    [InlineData(2, 4, 0.5)]
    [InlineData(1, 2, 1e-6)]
    [InlineData(3, 3, 0.5)]
    public void A_value_alone_is_the_value_with_a_gradient(int q, int columns, double noise)
    {
        var (spec, rows, se) = Case(q, columns, true, false, 0, groups: 37);
        rows = [.. rows.Select(row => (row.Group, row.Columns, 1e4 + (300 * row.Columns.Sum()) + (noise * row.Y)))];
        rows.AddRange(rows.Where(row => row.Group < 5).Select(row => (row.Group + 40, row.Columns, row.Y + (noise * Math.Cos(row.Y)))).ToList());
        var density = MarginalDensity.Of(Systems.Bind(spec, rows, se));
        var gradient = new double[density.Dimension];
        foreach (var size in new[] { -12.0, -3, 0, 3 })
        {
            double[] theta = [.. Enumerable.Range(0, density.Dimension).Select(d => (d <= q ? size : 0) + (0.4 * Math.Sin((2 * d) + 1)))];
            var expected = density.LogDensity(theta, gradient);
            Assert.Equal(expected, density.LogDensity(theta), 1e-9 * Math.Abs(expected));
        }
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Has_the_gradient_of_finite_differences(string name, int q, int columns, bool intercept, bool known)
    {
        var (spec, rows, se) = Case(q, columns, intercept, known, 100);
        var density = MarginalDensity.Of(Systems.Bind(spec, rows, se));
        double[][] points =
        [
            [.. Enumerable.Range(0, density.Dimension).Select(d => 0.3 * Math.Sin(3 * d + 1) - 0.2)],
            [.. Enumerable.Range(0, density.Dimension).Select(d => d == 0 ? 0.1 : d <= q ? -12 : 0.4)],    // sds near 0
            [.. Enumerable.Range(0, density.Dimension).Select(d => d <= q ? 0.2 : 8.0)],                    // |rho| near 1
        ];
        foreach (var theta in points)
        {
            var gradient = new double[density.Dimension];
            var scratch = new double[density.Dimension];
            density.LogDensity(theta, gradient);
            for (var d = 0; d < theta.Length; d++)
            {
                // Richardson extrapolation of central differences.
                var h = 1e-3;
                double At(double step)
                {
                    var moved = theta.ToArray();
                    moved[d] += step;
                    return density.LogDensity(moved, scratch);
                }

                var coarse = (At(h) - At(-h)) / (2 * h);
                var fine = (At(h / 2) - At(-h / 2)) / h;
                var expected = (4 * fine - coarse) / 3;
                Assert.True(Math.Abs(expected - gradient[d]) <= 1e-6 * (1 + Math.Abs(expected)), $"{name}, theta[{d}]: {expected} and {gradient[d]}");
            }
        }
    }

    private static (ModelSpec Spec, List<(int Group, double[] Columns, double Y)> Rows, double[]? Se) Case(
        int q, int columns, bool intercept, bool known, double shift, int groups = 6)
    {
        var population = new List<PopulationTerm>();
        if (intercept)
            population.Add(new PopulationTerm("Intercept", ModelSpec.Ones, new NormalPrior(1 + shift, 2)));
        for (var c = 0; c < columns; c++)
            population.Add(new PopulationTerm($"x{c}", c, c == 1 ? new FlatPrior() : c == 2 ? new FixedPrior(0.4) : new NormalPrior(-0.5, 1.5)));
        var varying = Enumerable.Range(0, q).Select(a => new VaryingTerm($"t{a}", a - 1, a == 1 ? new UniformPrior(0, 4) : new ExponentialPrior(1.3)))
            .ToArray();
        var spec = Systems.Spec(columns, [.. population], varying, null, known ? null : new HalfCauchyPrior(2));
        var rows = Systems.Rows(11, q == 0 ? 1 : groups, q == 0 ? 12 : 4, columns, shift);
        return (spec, rows, known ? [.. rows.Select((_, i) => 0.4 + 0.1 * (i % 5))] : null);
    }

    // log N(y; X m, X P^-1 X' + Z Sigma Z' + R) with the flat priors as a limit: integrate them by a second dense step.
    private static double Dense(ModelSpec spec, List<(int Group, double[] Columns, double Y)> rows, double[]? se, double[] theta)
    {
        var coordinates = new TypedPooling.Inference.Scales.ScaleCoordinates(spec);
        var point = coordinates.NewPoint();
        coordinates.Constrain(theta, point);
        var n = rows.Count;
        var q = spec.Factors.IsEmpty ? 0 : spec.Factors[0].Terms.Length;
        var values = new double[coordinates.Parameters.Length];
        coordinates.Report(point, values);
        double Column(int i, int c) => c == ModelSpec.Ones ? 1 : rows[i].Columns[c];

        var covariance = Matrix<double>.Build.Dense(n, n);
        var mean = Vector<double>.Build.Dense(n, i => rows[i].Y);
        for (var i = 0; i < n; i++)
            covariance[i, i] = se is null ? point.Sigma * point.Sigma : se[i] * se[i];
        var flat = new List<int>();
        foreach (var term in spec.Population)
        {
            switch (term.Prior)
            {
                case FixedPrior known:
                    for (var i = 0; i < n; i++)
                        mean[i] -= known.Value * Column(i, term.Column);
                    break;
                case NormalPrior normal:
                    for (var i = 0; i < n; i++)
                    {
                        mean[i] -= normal.Mean * Column(i, term.Column);
                        for (var j = 0; j < n; j++)
                            covariance[i, j] += normal.Sd * normal.Sd * Column(i, term.Column) * Column(j, term.Column);
                    }

                    break;
                default:
                    flat.Add(term.Column);
                    break;
            }
        }

        var sds = new double[q];
        var sigmaOffset = se is null ? 1 : 0;
        for (var a = 0; a < q; a++)
            sds[a] = values[sigmaOffset + a];
        var correlation = Matrix<double>.Build.DenseIdentity(Math.Max(1, q));
        var at = sigmaOffset + q;
        for (var a = 1; a < q; a++)
        {
            for (var b = 0; b < a; b++)
                correlation[a, b] = correlation[b, a] = values[at++];
        }

        for (var i = 0; i < n; i++)
        {
            for (var j = 0; j < n; j++)
            {
                if (rows[i].Group != rows[j].Group)
                    continue;
                for (var a = 0; a < q; a++)
                {
                    for (var b = 0; b < q; b++)
                        covariance[i, j] += Column(i, spec.Factors[0].Terms[a].Column) * sds[a] * correlation[a, b] * sds[b] * Column(
                            j, spec.Factors[0].Terms[b].Column);
                }
            }
        }

        var cholesky = covariance.Cholesky();
        var log = -0.5 * (n - flat.Count) * Math.Log(2 * Math.PI) - 0.5 * cholesky.DeterminantLn;
        var solved = cholesky.Solve(mean);
        var squares = mean * solved;
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
}
