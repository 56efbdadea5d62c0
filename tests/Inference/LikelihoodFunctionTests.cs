using MathNet.Numerics.LinearAlgebra;
using TypedPooling.Data;
using TypedPooling.Draws;
using TypedPooling.Inference.Hierarchy;
using TypedPooling.Inference.Hierarchy.CrossedFactors;
using TypedPooling.Inference.Hierarchy.GaussianSystem;
using TypedPooling.Inference.MaximumLikelihood;
using TypedPooling.Inference.Scales;
using TypedPooling.Model;
using TypedPooling.Randomness;
using TypedPooling.Tests.Support;
using Xunit;

namespace TypedPooling.Tests.Inference;

/// <summary>The criteria against dense algebra over rows, their gradients against differences, and maxima against their conditions.</summary>
public sealed class LikelihoodFunctionTests
{
    private static readonly FlatPrior Flat = new();

    public static TheoryData<string, LikelihoodCriterion> Cases
    {
        get
        {
            var cases = new TheoryData<string, LikelihoodCriterion>();
            foreach (var name in Designs.Keys)
            {
                foreach (var criterion in Enum.GetValues<LikelihoodCriterion>())
                    cases.Add(name, criterion);
            }

            return cases;
        }
    }

    /// <summary>By name: columns, the terms of each factor (columns, -1 for the intercept), rows; then scales that are fixed.</summary>
    private static IReadOnlyDictionary<string, Design> Designs { get; } = new Dictionary<string, Design>
    {
        ["a varying intercept"] = new(1, [[-1]], One(3, 8, 1)),
        ["two correlated terms"] = new(1, [[-1, 0]], One(4, 9, 1)),
        ["three correlated terms"] = new(2, [[-1, 0, 1]], One(5, 12, 2)),
        ["uncorrelated terms"] = new(2, [[-1, 1]], One(6, 9, 2)) { IsCorrelated = false },
        ["a slope without its intercept"] = new(2, [[1]], One(7, 9, 2)),
        ["no factor"] = new(2, [], One(8, 3, 2)),
        ["two crossed factors"] = new(1, [[-1], [-1]], Systems.CrossedRows(9, 8, 5, 60, 1)),
        ["two crossed factors with slopes"] = new(2, [[-1, 1], [0, -1]], Systems.CrossedRows(10, 9, 6, 90, 2)),
        ["a nested factor"] = new(
            1,
            [[-1], [-1]],
            [.. Systems.CrossedRows(11, 4, 12, 60, 1).Select(row => (new[] { row.Groups[1] / 3, row.Groups[1] }, row.Columns, row.Y))]),
        ["a fixed sd among correlated terms"] = new(2, [[-1, 0, 1]], One(12, 12, 2)) { FixedSd = (0, 1, 0.7) },
        ["a fixed sd without correlations"] = new(1, [[-1, 0]], One(13, 9, 1)) { FixedSd = (0, 0, 0.7), IsCorrelated = false },
        ["an sd fixed at 0"] = new(1, [[-1, 0]], One(14, 9, 1)) { FixedSd = (0, 0, 0) },
        ["a fixed sigma"] = new(1, [[-1, 0]], One(15, 9, 1)) { FixedSigma = 0.6 },
        ["two correlated terms far from 0"] = new(1, [[-1, 0]], One(4, 9, 1)) { Shift = 1 << 20 },
        ["two correlated terms very far from 0"] = new(1, [[-1, 0]], One(4, 9, 1)) { Shift = 1 << 27, Tolerance = 1e-8 },
        ["three correlated terms far from 0"] = new(2, [[-1, 0, 1]], One(5, 12, 2)) { Shift = 1 << 20 },
        ["an intercept that comes last"] = new(2, [[0, 1, -1]], One(5, 12, 2)) { Shift = 1 << 10 },
        ["uncorrelated terms far from 0"] = new(2, [[-1, 1]], One(6, 9, 2)) { IsCorrelated = false, Shift = 1 << 20 },
        ["uncorrelated terms very far from 0"] = new(2, [[-1, 1]], One(6, 9, 2)) { IsCorrelated = false, Shift = 1 << 27, Tolerance = 1e-8 },
        ["crossed factors with slopes far from 0"] = new(2, [[-1, 1], [-1, 0]], Systems.CrossedRows(10, 9, 6, 90, 2)) { Shift = 1 << 20 },
        ["uncorrelated slopes of crossed factors far from 0"] = new(
            2, [[-1, 1], [-1, 0]], Systems.CrossedRows(10, 9, 6, 90, 2))
        { IsCorrelated = false, Shift = 1 << 20 },
        ["a fixed sd among correlated terms far from 0"] = new(2, [[-1, 0, 1]], One(12, 12, 2)) { FixedSd = (0, 1, 0.7), Shift = 1 << 20 },
        ["an intercept's fixed sd away from 0"] = new(1, [[-1, 0]], One(12, 12, 1)) { FixedSd = (0, 0, 0.7), Shift = 8 },
        ["fixed scales of crossed factors"] = new(1, [[-1], [-1]], Systems.CrossedRows(16, 8, 5, 60, 1)) { FixedSd = (1, 0, 0.5) },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void The_criterion_is_that_of_dense_algebra(string name, LikelihoodCriterion criterion)
    {
        var design = Designs[name];
        var function = Function(design, criterion);
        foreach (var x in Points(function))
        {
            var value = function.Evaluate(x, []);
            var unit = function.Coordinates.ProfilesSigma ? function.Sigma : 1;
            var lambdas = function.Point.Factors.Select((factor, k) => design.NearZero(factor, k).Select(element => unit * element).ToArray())
                .ToArray();
            var expected = Dense(design, function.Sigma, lambdas, criterion);
            Assert.True(Math.Abs(value - expected) <= design.Tolerance * (1 + Math.Abs(expected)), $"{value} and {expected}");

            // Where sigma is profiled no other is better.
            if (!function.Coordinates.ProfilesSigma)
                continue;
            foreach (var factor in new[] { 0.99, 1.01 })
                Assert.True(
                    Dense(
                        design,
                        factor * function.Sigma,
                        [.. lambdas.Select(lambda => lambda.Select(element => factor * element).ToArray())],
                        criterion) < expected);
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void The_gradient_is_that_of_finite_differences(string name, LikelihoodCriterion criterion)
    {
        var function = Function(Designs[name], criterion);
        foreach (var x in Points(function))
        {
            var gradient = new double[x.Length];
            var value = function.Evaluate(x, gradient);
            Assert.Equal(value, function.Evaluate(x, []), 1e-11 * (1 + Math.Abs(value)));
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
    [MemberData(nameof(Cases))]
    public void Nothing_near_a_maximum_is_higher(string name, LikelihoodCriterion criterion)
    {
        var function = Function(Designs[name], criterion);
        var search = new LikelihoodSearch(function, isCheap: true);
        Assert.True(search.TryRun());
        var stream = new PhiloxStream(1, 1);
        for (var i = 0; i < 200; i++)
        {
            // Near and far: no start of a search may have missed a better region.
            var scale = Math.Pow(10, -4 + 4.5 * stream.NextDouble());
            var moved = search.Best.Select(value => value + scale * stream.NextNormal()).ToArray();
            Assert.True(function.Evaluate(moved, []) <= search.Value + 1e-10 * Math.Abs(search.Value), $"A point {scale:G2} away is higher.");
        }
    }

    [Theory]
    [InlineData(LikelihoodCriterion.MaximumLikelihood)]
    [InlineData(LikelihoodCriterion.RestrictedMaximumLikelihood)]
    public void An_sd_without_differences_between_levels_is_exactly_zero_and_the_derivative_for_its_variance_negative(LikelihoodCriterion criterion)
    {
        // Every level has the same mean: less than sigma would explain.
        var rows = Enumerable.Range(0, 8).SelectMany(g => new[] { -1.0, 0, 1, -0.5, 0.5 }.Select(y => (new[] { g }, Array.Empty<double>(), y)))
            .ToList();
        var function = Function(new Design(0, [[-1]], rows), criterion);
        var search = new LikelihoodSearch(function, isCheap: true);
        Assert.True(search.TryRun());
        Assert.Equal([0.0], search.Best);
        var gradient = new double[1];
        function.Evaluate([1e-3], gradient);
        Assert.True(gradient[0] / 2e-3 < -1);
    }

    [Fact]
    public void A_maximum_just_off_the_boundary_stays_off_it()
    {
        // Means of levels a shade wider apart than sigma explains: the best sd is small and positive, and has a closed form in this balanced design.
        var (levels, per) = (10, 5);
        var rows = new List<(int[], double[], double)>();
        for (var g = 0; g < levels; g++)
        {
            for (var i = 0; i < per; i++)
                rows.Add(([g], [], (g % 2 == 0 ? 1 : -1) * 0.36 + (i - 2) * 0.5));
        }

        var within = rows.GroupBy(row => row.Item1[0]).Sum(
            group => group.Sum(row => Math.Pow(row.Item3 - group.Average(r => r.Item3), 2))) / (levels * (per - 1));
        var between = per * rows.GroupBy(row => row.Item1[0]).Sum(group => Math.Pow(group.Average(r => r.Item3) - rows.Average(r => r.Item3), 2))
            / (levels - 1);
        Assert.True(between > within && between < 1.3 * within, $"{between} and {within}");
        var function = Function(new Design(0, [[-1]], rows), LikelihoodCriterion.RestrictedMaximumLikelihood);
        var search = new LikelihoodSearch(function, isCheap: true);
        Assert.True(search.TryRun());
        function.Evaluate(search.Best, []);
        Assert.Equal(Math.Sqrt(within), function.Sigma, 1e-7);
        Assert.Equal(Math.Sqrt((between - within) / per), function.Sigma * function.Point.Factors[0].Lambda[0], 1e-6);
    }

    private static NormalLikelihood Function(Design design, LikelihoodCriterion criterion)
    {
        var model = design.Bind();
        CoefficientSystem system = NormalHierarchy.Reduce(model);
        return new NormalLikelihood(system, new LikelihoodCoordinates(model.Spec, system.Typical(), total: model.Cells.Total()), criterion);
    }

    // Inside, on the boundary (diagonal elements of 0, also with something beside them), with negative diagonals.
    private static IEnumerable<double[]> Points(NormalLikelihood function)
    {
        var stream = new PhiloxStream(7, 3);
        for (var i = 0; i < 3; i++)
        {
            var x = Enumerable.Range(0, function.Coordinates.Dimension).Select(_ => stream.NextNormal()).ToArray();
            if (i == 1 && function.Coordinates.Elements.Length > 0)
                x[function.Coordinates.Shift + function.Coordinates.Elements.Length - 1] = 0;
            yield return x;
        }
    }

    private static double Dense(Design design, double sigma, double[][] lambdas, LikelihoodCriterion criterion)
    {
        var rows = design.Rows;
        var n = rows.Count;
        var x = Matrix<double>.Build.Dense(n, 1 + design.Columns, (i, c) => c == 0 ? 1 : rows[i].Columns[c - 1]);
        var v = Matrix<double>.Build.Dense(n, n, (i, j) =>
        {
            var sum = i == j ? sigma * sigma : 0;
            for (var k = 0; k < design.Factors.Length; k++)
            {
                if (rows[i].Groups[k] != rows[j].Groups[k])
                    continue;
                var q = design.Factors[k].Length;
                for (var a = 0; a < q; a++)
                {
                    for (var b = 0; b < q; b++)
                    {
                        var covariance = 0.0;
                        for (var c = 0; c < q; c++)
                            covariance += lambdas[k][a * q + c] * lambdas[k][b * q + c];
                        sum += Column(i, design.Factors[k][a]) * covariance * Column(j, design.Factors[k][b]);
                    }
                }
            }

            return sum;
        });
        var y = Vector<double>.Build.Dense(n, i => rows[i].Y);
        var cholesky = v.Cholesky();
        var information = x.TransposeThisAndMultiply(cholesky.Solve(x)).Cholesky();
        var rest = y - x * information.Solve(x.TransposeThisAndMultiply(cholesky.Solve(y)));
        var log = -0.5 * (n * Math.Log(2 * Math.PI) + cholesky.DeterminantLn + rest * cholesky.Solve(rest));
        return criterion == LikelihoodCriterion.MaximumLikelihood
            ? log
            : log - 0.5 * information.DeterminantLn + 0.5 * x.ColumnCount * Math.Log(2 * Math.PI);

        double Column(int row, int column) => column < 0 ? 1 : rows[row].Columns[column];
    }

    private static List<(int[] Groups, double[] Columns, double Y)> One(ulong seed, int groups, int columns) =>
        [.. Systems.Rows(seed, groups, 5, columns).Select(row => (new[] { row.Group }, row.Columns, row.Y))];

    private sealed record Design(int Columns, int[][] Factors, List<(int[] Groups, double[] Columns, double Y)> Rows)
    {
        public bool IsCorrelated { get; init; } = true;

        public (int Factor, int Term, double Value)? FixedSd { get; init; }

        public double? FixedSigma { get; init; }

        /// <summary>What is added to every column that the library sees; the dense criterion is computed without it.</summary>
        public double Shift { get; init; }

        public double Tolerance { get; init; } = 1e-10;

        // On a grid of 2^-20, so that a shift rounds nothing.
        public List<(int[] Groups, double[] Columns, double Y)> Rows { get; } = [
            .. Rows.Select(row => (row.Groups, row.Columns.Select(x => Math.Round(x * (1 << 20)) / (1 << 20)).ToArray(), row.Y))];

        /// <summary>The root of a factor's covariance for the columns without their shift.</summary>
        public double[] NearZero(FactorPoint factor, int k)
        {
            var q = Factors[k].Length;
            double[] root = [.. factor.Lambda];
            var intercept = Array.IndexOf(Factors[k], -1);
            for (var a = 0; a < q && intercept >= 0; a++)
            {
                for (var b = 0; b < q && a != intercept; b++)
                    root[intercept * q + b] += (factor.IsCentred ? -Rows.Average(row => row.Columns[Factors[k][a]]) : Shift) * root[a * q + b];
            }

            return root;
        }

        public NormalBoundModel Bind()
        {
            var spec = Systems.Spec(
                Columns,
                [new("Intercept", ModelSpec.Ones, Flat), .. Enumerable.Range(0, Columns).Select(c => new PopulationTerm($"x{c}", c, Flat))],
                [],
                null,
                FixedSigma is { } sigma ? new FixedPrior(sigma) : Flat);
            spec = spec with
            {
                Factors = [.. Factors.Select((terms, k) => new FactorSpec(
                    $"g{k}",
                    [.. terms.Select(
                        (column, a) => new VaryingTerm(
                            column < 0 ? "Intercept" : $"x{column}",
                            column,
                            FixedSd is { } known && known.Factor == k && known.Term == a ? new FixedPrior(known.Value) : Flat))],
                    IsCorrelated ? new LkjPrior(1) : new UncorrelatedPrior()))],
            };
            return Systems.BindSeveral(spec, [.. Rows.Select(row => (row.Groups, row.Columns.Select(x => x + Shift).ToArray(), row.Y))]);
        }
    }
}
