using TypedPooling.Data;
using TypedPooling.Engines;
using TypedPooling.Inference.Hierarchy.CellLikelihoods;
using TypedPooling.Inference.MaximumLikelihood;
using TypedPooling.Inference.Posteriors;
using TypedPooling.Model;
using TypedPooling.Randomness;
using TypedPooling.Tests.Support;
using Xunit;

namespace TypedPooling.Tests.Inference;

/// <summary>The sparse least squares of spherical effects against dense algebra, for one factor, crossed and nested ones, with and without
/// slopes.</summary>
public sealed class PenalizedLeastSquaresTests
{
    public static TheoryData<string> Designs => [.. Patterns.Keys];

    // Levels of each factor by row, and the varying columns of each factor (-1 for the intercept).
    private static IReadOnlyDictionary<string, (Func<int, PhiloxStream, int[]> Levels, int[][] Columns)> Patterns { get; } =
        new Dictionary<string, (Func<int, PhiloxStream, int[]>, int[][])>
        {
            ["no factor"] = ((_, _) => [], []),
            ["one factor with slopes"] = ((i, _) => [i % 9], [[-1, 0, 1]]),
            ["two crossed intercepts"] = ((i, s) => [i % 23, (int)(7 * s.NextDouble())], [[-1], [-1]]),
            ["two crossed intercepts, the second larger"] = ((i, s) => [(int)(5 * s.NextDouble()), i % 31], [[-1], [-1]]),
            ["a ring"] = ((i, _) => [i % 72, (i % 72 / 2 + i / 72) % 36], [[-1], [-1]]),
            ["crossed slopes"] = ((i, s) => [i % 17, (int)(6 * s.NextDouble())], [[-1, 0], [1, -1]]),
            ["three crossed factors"] = (
                (i, s) => [(int)(5 * s.NextDouble()), i % 19, (int)(8 * s.NextDouble())], [[-1], [-1, 1], [0]]),
            ["nested, an effect a row"] = ((i, _) => [i, i / 3, i / 12], [[-1], [-1], [-1]]),
            ["nested slopes in many blocks"] = ((i, _) => [i / 4, i / 12, i / 36], [[-1, 0], [-1, 1], [-1]]),
            ["nested and crossed"] = ((i, s) => [i / 3, i / 12, (int)(4 * s.NextDouble())], [[-1], [-1, 0], [-1]]),
        };

    [Theory]
    [MemberData(nameof(Designs))]
    public void Solutions_determinant_and_inverse_are_those_of_the_dense_matrix(string name)
    {
        var model = Model(name);
        var plan = CellPlan.Of(model);
        var system = CellSystem.Of(model, plan);
        var squares = new PenalizedLeastSquares(system);
        var selected = new SelectedInverse(system, squares);
        var stream = new PhiloxStream(8, 2);
        foreach (ref var value in squares.Columns.AsSpan())
            value = stream.NextNormal();

        // Some weights below 0, as few that the matrix stays positive definite.
        var weights = system.Known.Select((_, i) => i % 50 == 7 ? -0.01 : stream.NextDouble()).ToArray();
        for (var block = 0; block < plan.BlockCount; block++)
        {
            var dense = Dense(system, squares, weights, block);
            Assert.True(squares.TryFactorise(block, weights));
            Assert.Equal(0.5 * dense.Cholesky().DeterminantLn, squares.HalfLogDeterminant, 1e-10 * (1 + Math.Abs(squares.HalfLogDeterminant)));
            var b = Enumerable.Range(0, plan.BlockSize).Select(_ => stream.NextNormal()).ToArray();
            var solution = (double[])b.Clone();
            squares.Solve(block, solution);
            AssertClose(MathNet.Numerics.LinearAlgebra.Vector<double>.Build.Dense(b), dense * Vector(solution));

            // K'^-1 x, of length x in A; and in parts: the rest, then leaf by leaf.
            var upper = (double[])b.Clone();
            squares.SolveUpper(block, upper);
            Assert.Equal(Vector(b) * Vector(b), Vector(upper) * (dense * Vector(upper)), 1e-9);
            var (firstLeaf, lastLeaf) = plan.LeavesOf(block);
            var (q, leaves) = (plan.LeafTermCount, (lastLeaf - firstLeaf) * plan.LeafTermCount);
            squares.SolveRest(b.AsSpan(leaves));
            for (var leaf = firstLeaf; leaf < lastLeaf; leaf++)
                squares.SolveLeaf(leaf, b.AsSpan(leaves), b.AsSpan((leaf - firstLeaf) * q, q));
            Assert.Equal(upper, b);

            selected.Compute(block);
            var inverse = dense.Inverse();
            var result = new double[system.TermCounts.Sum()];
            for (var leaf = firstLeaf; leaf < lastLeaf; leaf++)
            {
                for (var i = plan.LeafCells[leaf]; i < plan.LeafCells[leaf + 1]; i++)
                {
                    selected.Times(i, leaf, result);
                    AssertClose(Restricted(system, i, inverse * Column(system, squares, i)), Vector(result));
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Designs))]
    public void A_level_has_its_block_of_the_inverse(string name)
    {
        var model = Model(name);
        var plan = CellPlan.Of(model);
        var system = CellSystem.Of(model, plan);
        var squares = new PenalizedLeastSquares(system);
        var selected = new SelectedInverse(system, squares);
        squares.Columns.AsSpan().Fill(0.7);
        var weights = system.Known.Select((_, i) => 0.5 + 0.01 * i).ToArray();
        for (var k = 0; k < system.FactorCount; k++)
        {
            for (var level = 0; level < model.Levels[k].Count; level++)
            {
                var (block, at) = plan.PlaceOf(k, level);
                var q = system.TermCounts[k];
                Assert.True(squares.TryFactorise(block, weights));
                selected.Compute(block);
                var own = new double[q * q];
                selected.Of(k, level, own);
                var inverse = Dense(system, squares, weights, block).Inverse();
                for (var a = 0; a < q; a++)
                {
                    for (var b = 0; b < q; b++)
                        Assert.Equal(inverse[at + a, at + b], own[a * q + b], 1e-11);
                }
            }
        }
    }

    [Fact]
    public void A_matrix_that_is_not_positive_definite_is_told()
    {
        var system = CellSystem.Of(Model("two crossed intercepts"), CellPlan.Of(Model("two crossed intercepts")));
        var squares = new PenalizedLeastSquares(system);
        squares.Columns.AsSpan().Fill(1);
        var weights = new double[system.Known.Length];
        Assert.True(squares.TryFactorise(0, weights));
        Array.Fill(weights, -1);
        Assert.False(squares.TryFactorise(0, weights));
    }

    [Fact]
    public void Designs_have_leaves_panels_and_dense_ends_as_their_names_say()
    {
        Assert.Empty(CellPlan.Of(Model("two crossed intercepts")).Layout.Panels);
        Assert.Equal(31, CellPlan.Of(Model("two crossed intercepts, the second larger")).LeafCount);
        var ring = CellPlan.Of(Model("a ring")).Layout;
        Assert.NotEmpty(ring.Panels);
        Assert.True(ring.DenseOrder > 0);
        var nested = CellPlan.Of(Model("nested, an effect a row"));
        Assert.True(nested.Layout.Panels.Length > nested.Layout.DenseOrder);
        Assert.Equal((0, 144), (nested.Eliminated, nested.LeafCount));
        Assert.Equal(9, CellPlan.Of(Model("one factor with slopes")).BlockCount);
        Assert.Equal(0, CellPlan.Of(Model("no factor")).BlockSize);
    }

    [Fact]
    public void A_design_too_large_for_its_dense_end_is_refused_before_anything_large_is_allocated()
    {
        // 8,000 x 8,000 levels at random: any order of elimination fills in.
        var stream = new PhiloxStream(6, 3);
        var model = Bind(200_000, 8000, () => (int)(8000 * stream.NextDouble()));
        var before = GC.GetAllocatedBytesForCurrentThread();
        var refusal = Assert.Throws<ModelException>(() => new MaximumLikelihoodEngine().Run(model.With(model.Spec.WithoutPriors()), new RunOptions()));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 100_000_000);
        var problem = Assert.Single(refusal.Problems);
        Assert.Equal(ProblemCode.EngineRefuses, problem.Code);
        Assert.Contains("dense matrices of order", problem.Sentence, StringComparison.Ordinal);
        Assert.Contains("Engine.Nuts", problem.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public void A_design_that_needs_more_memory_than_there_is_is_refused()
    {
        var plan = CellPlan.Of(Model("crossed slopes"));
        plan.RequireMemory(plan.Bytes);
        var refusal = Assert.Throws<ModelException>(() => plan.RequireMemory(plan.Bytes - 1));
        Assert.Equal(ProblemCode.EngineRefuses, Assert.Single(refusal.Problems).Code);
    }

    [Fact]
    public void Draws_that_need_more_memory_than_there_is_are_refused()
    {
        var model = Model("two crossed intercepts");
        var posterior = new MaximumLikelihoodEngine().Run(model.With(model.Spec.WithoutPriors()), new RunOptions());

        // 7 levels beside the leaves, 8 bytes each.
        Assert.Equal(7, ((CellModes)posterior.Point!.Moments!).System.Plan.Layout.Order);
        KeptDraws.RequireMemory(100, 7, 5600);
        var problem = Assert.Single(Assert.Throws<ModelException>(() => KeptDraws.RequireMemory(100, 7, 5599)).Problems);
        Assert.Equal(ProblemCode.EngineRefuses, problem.Code);
        Assert.StartsWith("100 draws of 7 varying effects", problem.Sentence, StringComparison.Ordinal);
        Assert.NotEqual(TimeSpan.Zero, posterior.Timings.Setup);
    }

    [Fact]
    public void Many_nested_levels_have_no_limit()
    {
        // 12,000 classes in 3,000 schools: far more than a dense system could hold.
        var model = Bind(24_000, 12_000, i => i / 8);
        var progress = new List<RunProgress>();
        var posterior = new MaximumLikelihoodEngine().Run(
            model.With(model.Spec.WithoutPriors()), new RunOptions { Progress = new Listener(progress.Add) });
        Assert.True(posterior.Point!.IsConverged);
        Assert.Contains("15,000 effects", posterior.SamplingReason, StringComparison.Ordinal);
        Assert.Equal(posterior.Point.Evaluations + 1, progress.Count);
        Assert.Equal(progress[^1].Total, progress[^1].Completed);
        Assert.All(progress.SkipLast(1), told => Assert.True(told.IsWarmup && told.Completed < told.Total));
    }

    [Fact]
    public void A_search_that_is_cancelled_ends_within_an_evaluation()
    {
        using var stop = new CancellationTokenSource();
        var told = 0;
        var options = new RunOptions
        {
            Cancellation = stop.Token,
            Progress = new Listener(_ =>
            {
                if (++told == 3)
                    stop.Cancel();
            }),
        };
        var model = Model("crossed slopes");
        Assert.Throws<OperationCanceledException>(() => new MaximumLikelihoodEngine().Run(model.With(model.Spec.WithoutPriors()), options));
        Assert.Equal(3, told);
    }

    private static CellBoundModel Bind(int rows, int levels, Func<int> other) => Bind(rows, levels, _ => other());

    private static CellBoundModel Bind(int rows, int levels, Func<int, int> other)
    {
        var stream = new PhiloxStream(9, 4);
        FactorSpec[] factors = [.. Enumerable.Range(0, 2).Select(
            k => new FactorSpec($"f{k}", [new VaryingTerm("Intercept", ModelSpec.Ones, new FlatPrior())], new UncorrelatedPrior()))];
        var effects = Enumerable.Range(0, rows).Select(_ => stream.NextNormal()).ToArray();
        return CellModels.Bind(
            CellModels.Spec(TestFamilies.Poisson, 0, [new("Intercept", ModelSpec.Ones, new FlatPrior())], factors),
            [.. Enumerable.Range(0, rows).Select(i =>
            {
                int[] groups = [i * levels / rows, other(i)];
                return new CellModels.Row(groups, [], 0, stream.NextPoisson(2 * Math.Exp(0.5 * effects[groups[0]] + 0.7 * effects[^(groups[1] + 1)])), 1);
            })]);
    }

    private sealed class Listener(Action<RunProgress> listen) : IProgress<RunProgress>
    {
        public void Report(RunProgress value) => listen(value);
    }

    private static CellBoundModel Model(string name)
    {
        var (levels, columns) = Patterns[name];
        var stream = new PhiloxStream(5, 3);
        var spec = CellModels.Spec(
            TestFamilies.Bernoulli,
            2,
            [new("Intercept", ModelSpec.Ones, new FlatPrior())],
            [.. columns.Select(
                (own, k) => new FactorSpec(
                    $"f{k}", [.. own.Select(c => new VaryingTerm(c < 0 ? "Intercept" : $"x{c}", c, new FlatPrior()))], new UncorrelatedPrior()))]);
        return CellModels.Bind(spec, [.. Enumerable.Range(0, 144).Select(
            i => new CellModels.Row(levels(i, stream), [stream.NextNormal(), stream.NextNormal()], 0, i * 7 % 5 > 1 ? 1 : 0, 1))]);
    }

    private static MathNet.Numerics.LinearAlgebra.Matrix<double> Dense(
        CellSystem system, PenalizedLeastSquares squares, double[] weights, int block)
    {
        var size = system.Plan.BlockSize;
        var dense = MathNet.Numerics.LinearAlgebra.Matrix<double>.Build.DenseIdentity(size, size);
        var (first, last) = system.Plan.CellsOf(block);
        for (var i = first; i < last; i++)
        {
            var column = Column(system, squares, i);
            dense += weights[i] * column.ToColumnMatrix() * column.ToRowMatrix();
        }

        return dense;
    }

    private static MathNet.Numerics.LinearAlgebra.Vector<double> Column(CellSystem system, PenalizedLeastSquares squares, int cell)
    {
        var column = new double[system.Plan.BlockSize];
        ForEach(system, cell, (at, place) => column[place] = squares.Columns[cell * system.TermCounts.Sum() + at]);
        return Vector(column);
    }

    private static MathNet.Numerics.LinearAlgebra.Vector<double> Restricted(
        CellSystem system, int cell, MathNet.Numerics.LinearAlgebra.Vector<double> whole)
    {
        var part = new double[system.TermCounts.Sum()];
        ForEach(system, cell, (at, place) => part[at] = whole[place]);
        return Vector(part);
    }

    // By the levels of the model's own cell.
    private static void ForEach(CellSystem system, int cell, Action<int, int> see)
    {
        var from = system.Plan.Order[cell];
        var at = 0;
        for (var k = 0; k < system.FactorCount; k++)
        {
            var (_, place) = system.Plan.PlaceOf(k, system.Model.Cells.Levels[from * system.FactorCount + k]);
            for (var b = 0; b < system.TermCounts[k]; b++)
                see(at++, place + b);
        }
    }

    private static MathNet.Numerics.LinearAlgebra.Vector<double> Vector(double[] values) =>
        MathNet.Numerics.LinearAlgebra.Vector<double>.Build.Dense(values);

    private static void AssertClose(
        MathNet.Numerics.LinearAlgebra.Vector<double> expected, MathNet.Numerics.LinearAlgebra.Vector<double> actual)
    {
        Assert.Equal(expected.Count, actual.Count);
        for (var a = 0; a < expected.Count; a++)
            Assert.Equal(expected[a], actual[a], 1e-10 * (1 + Math.Abs(expected[a])));
    }
}
