using MathNet.Numerics.LinearAlgebra;
using TypedPooling.Inference.Hierarchy.GaussianSystem.Kernels;
using TypedPooling.Inference.Marginal;
using TypedPooling.Model;
using TypedPooling.Randomness;
using TypedPooling.Tests.Support;
using Xunit;

namespace TypedPooling.Tests.Inference;

public class ClassKernelTests
{
    public static TheoryData<int, int, int> Shapes
    {
        get
        {
            // classes, varying terms q, population effects p
            var shapes = new TheoryData<int, int, int>();
            foreach (var q in new[] { 1, 2, 3, 9 })
            {
                foreach (var p in new[] { 0, 1, 2, 3, 5 })
                {
                    foreach (var classes in new[] { 1, 2, 3, 4, 5, 7, 8, 9, 75 })
                        shapes.Add(classes, q, p);
                }
            }

            return shapes;
        }
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Gives_the_sums_of_dense_algebra(int count, int q, int p)
    {
        var problem = Problem.Random(count, q, p);

        var sums = problem.Run(ClassKernel.For(problem.Lanes));

        AssertClose(problem.Dense(), sums, 1e-11);
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void The_general_kernel_equals_the_one_written_for_few_terms(int count, int q, int p)
    {
        var problem = Problem.Random(count, q, p);

        var sums = problem.Run(ClassKernel.For(problem.Lanes));

        AssertClose(problem.Run(new GeneralKernel(problem.Lanes)), sums, 1e-11);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Without_a_derivative_the_squares_are_the_same_bits(int q)
    {
        var problem = Problem.Random(6, q, 2);
        var kernel = ClassKernel.For(problem.Lanes);

        var value = kernel.Residuals(problem.Relative, problem.Mean, problem.Factor, problem.Precision, []);

        Assert.Equal(kernel.Residuals(problem.Relative, problem.Mean, problem.Factor, problem.Precision, new double[q * q]).Squares, value.Squares);
        Assert.Equal(0, value.Trace);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Reports_an_overflow_as_a_value(int q)
    {
        for (var count = 1; count <= 5; count++)
        {
            var problem = Problem.Random(count, q, 2);
            var kernel = ClassKernel.For(problem.Lanes);
            foreach (var size in new[] { 1e160, double.PositiveInfinity, double.NaN })
                Assert.False(double.IsFinite(kernel.Reduce(Enumerable.Repeat(size, q * q).ToArray(), new double[4], new double[2])));
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void A_density_that_cannot_be_evaluated_is_negative_infinity(int q)
    {
        var spec = Systems.Spec(
            2,
            [new PopulationTerm("Intercept", ModelSpec.Ones, new NormalPrior(0, 2)), new PopulationTerm("x0", 0, new NormalPrior(0, 2))],
            [.. Enumerable.Range(0, q).Select(a => new VaryingTerm($"t{a}", a - 1, new ExponentialPrior(1)))],
            null,
            new ExponentialPrior(1));
        var density = MarginalDensity.Of(Systems.Bind(spec, Systems.Rows(5, 7, 4, 2)));
        var gradient = new double[density.Dimension];
        foreach (var extreme in new[] { -800.0, -400, 360, 800, double.NaN })
        {
            for (var d = 0; d <= q; d++)
            {
                var theta = new double[density.Dimension];
                theta[d] = extreme;
                var log = density.LogDensity(theta, gradient);

                Assert.True(
                    double.IsNegativeInfinity(log) || (double.IsFinite(log) && gradient.All(double.IsFinite)), $"theta[{d}] = {extreme}: {log}");
            }

            var all = Enumerable.Repeat(extreme, density.Dimension).ToArray();
            Assert.True(!double.IsNaN(density.LogDensity(all, gradient)));
        }
    }

    private static void AssertClose(double[] expected, double[] actual, double tolerance)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (var i = 0; i < expected.Length; i++)
            Assert.True(Math.Abs(expected[i] - actual[i]) <= tolerance * (1 + Math.Abs(expected[i])), $"sum {i}: {expected[i]:R} and {actual[i]:R}");
    }

    private sealed record Problem(DesignClasses Classes, int Q, int P, double[] Relative, double[] Mean, double[] Factor, double Precision)
    {
        public ClassLanes Lanes { get; } = new(Classes, Q, P, P);

        public static Problem Random(int count, int q, int p)
        {
            var stream = new PhiloxStream((ulong)(count * 100 + q * 10 + p), 3);
            double[] Normals(int n) => [.. Enumerable.Range(0, n).Select(_ => stream.NextNormal())];
            var classes = new DesignClasses(
                count, new double[count], Normals(count * q * q), Normals(count * q * p), Normals(count * q), new double[count * q * q]);
            for (var c = 0; c < count; c++)
            {
                for (var i = 0; i < q; i++)
                {
                    for (var j = 0; j < i; j++)
                        classes.Varying[c * q * q + i * q + j] = 0;
                }

                // Every second class has one group, and so no scatter.
                classes.LevelCounts[c] = c % 2 == 0 ? 1 : 2 + c;
                for (var group = 0; c % 2 == 1 && group <= c; group++)
                {
                    var rest = Normals(q);
                    for (var t = 0; t < q * q; t++)
                        classes.Scatter[c * q * q + t] += rest[t / q] * rest[t % q];
                }
            }

            var factor = new double[p * p];
            for (var a = 0; a < p; a++)
            {
                for (var c = 0; c < a; c++)
                    factor[a * p + c] = stream.NextNormal();
                factor[a * p + a] = 0.5 + stream.NextDouble();
            }

            return new Problem(classes, q, p, Normals(q * q), Normals(p), factor, 1.7);
        }

        // log |V|, normal square (lower), normal target, squares, trace, gamma
        public double[] Run(ClassKernel kernel)
        {
            var square = new double[P * P];
            var target = new double[P];
            var gamma = new double[Q * Q];
            var log = kernel.Reduce(Relative, square, target);
            var sums = kernel.Residuals(Relative, Mean, Factor, Precision, gamma);
            return [log, .. square, .. target, sums.Squares, sums.Trace, .. gamma];
        }

        public double[] Dense()
        {
            var log = 0.0;
            var squares = 0.0;
            var trace = 0.0;
            var square = new double[P * P];
            var target = new double[P];
            var gamma = Matrix<double>.Build.Dense(Q, Q);
            var lambda = Matrix<double>.Build.Dense(Q, Q, (i, j) => Relative[i * Q + j]);
            var mean = Vector<double>.Build.Dense(Math.Max(1, P), a => P == 0 ? 0 : Mean[a]);
            var root = Matrix<double>.Build.Dense(
                Math.Max(1, P), Math.Max(1, P), (a, c) => P == 0 ? 1 : a == c ? 1 / Factor[a * P + a] : c < a ? Factor[a * P + c] : 0);
            var hessianInverse = (root * root.Transpose()).Inverse();
            for (var n = 0; n < Classes.Count; n++)
            {
                var c = n;
                var groups = Classes.LevelCounts[c];
                var z = Matrix<double>.Build.Dense(Q, Q, (i, j) => Classes.Varying[c * Q * Q + i * Q + j]);
                var x = Matrix<double>.Build.Dense(Q, Math.Max(1, P), (i, a) => P == 0 ? 0 : Classes.Population[c * Q * P + i * P + a]);
                var y = Vector<double>.Build.Dense(Q, i => Classes.MeanResponse[c * Q + i]);
                var scatter = Matrix<double>.Build.Dense(Q, Q, (i, j) => Classes.Scatter[c * Q * Q + i * Q + j]);
                var b = z * lambda;
                var v = Matrix<double>.Build.DenseIdentity(Q) + b * b.Transpose();
                var w = v.Inverse();
                log += groups * v.Cholesky().DeterminantLn;
                var xwx = groups * (x.Transpose() * w * x);
                var xwy = groups * (x.Transpose() * w * y);
                for (var a = 0; a < P; a++)
                {
                    for (var e = 0; e <= a; e++)
                        square[a * P + e] += xwx[a, e];
                    target[a] += xwy[a];
                }

                var r = y - x * mean;
                var both = scatter + groups * r.OuterProduct(r);
                var spread = groups * (x * hessianInverse * x.Transpose());
                squares += (w * both).Trace();
                trace += (w * spread).Trace();
                gamma += z.Transpose() * (w * (both + spread) * w * Precision - groups * w) * z;
            }

            return [log, .. square, .. target, squares, trace, .. gamma.ToRowMajorArray()];
        }
    }
}
