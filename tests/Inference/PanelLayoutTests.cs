using MathNet.Numerics.LinearAlgebra;
using TypedPooling.Data;
using TypedPooling.Draws;
using TypedPooling.Engines;
using TypedPooling.Inference.Gibbs;
using TypedPooling.Inference.Hierarchy.CrossedFactors;
using TypedPooling.Inference.Marginal;
using TypedPooling.Inference.MaximumLikelihood;
using TypedPooling.Inference.Numerics;
using TypedPooling.Model;
using TypedPooling.Randomness;
using TypedPooling.Tests.Support;
using Xunit;

namespace TypedPooling.Tests.Inference;

/// <summary>Orderings against minimum degree on an explicit graph, what they cost, what they refuse, and the algebra on their panels against dense
/// matrices.</summary>
public sealed class PanelLayoutTests
{
    /// <summary>Designs: a seed, levels, cliques, greatest size of a clique, greatest width, population effects.</summary>
    public static TheoryData<int, int, int, int, int, int> Designs => new()
    {
        { 1, 12, 8, 3, 1, 1 },
        { 2, 40, 30, 2, 1, 0 },
        { 3, 60, 60, 3, 3, 2 },
        { 4, 150, 90, 4, 2, 1 },
        { 5, 300, 260, 2, 3, 0 },
        { 6, 300, 150, 6, 1, 3 },
        { 7, 30, 60, 8, 2, 1 },
    };

    [Theory]
    [MemberData(nameof(Designs))]
    public void The_order_is_that_of_minimum_degree_on_an_explicit_graph(int seed, int levels, int cliqueCount, int size, int width, int population)
    {
        var (widths, cliques) = Design(seed, levels, cliqueCount, size, width);
        var layout = PanelLayout.Of(widths, cliques, population);
        var (sequence, left) = Explicit(widths, cliques, population);

        Assert.Equal(sequence.Count, layout.Panels.Length);
        var at = 0;
        foreach (var level in sequence.Concat(left))
        {
            Assert.Equal(at, layout.CoordinateOf[level]);
            at += widths[level];
        }

        Assert.Equal(at + population, layout.Order);
        Assert.Equal(sequence.Sum(level => widths[level]), layout.DenseStart);
    }

    [Theory]
    [MemberData(nameof(Designs))]
    public void Panels_factorise_solve_and_invert_as_a_dense_matrix_does(int seed, int levels, int cliqueCount, int size, int width, int population)
    {
        var (widths, cliques) = Design(seed, levels, cliqueCount, size, width);

        // No limit of the tables, one that makes half of the levels dense, and none at all.
        foreach (var mostTargets in new[] { long.MaxValue, 60, 0 })
        {
            var layout = PanelLayout.Of(widths, cliques, population, mostTargets);
            Assert.True(layout.Panels.Sum(panel => (long)panel.Targets.Length) <= mostTargets);
            var matrix = Matrix(layout, widths, cliques, population, (ulong)seed);
            var cholesky = new PanelCholesky(layout);
            for (var a = 0; a < layout.Order; a++)
            {
                for (var b = 0; b <= a; b++)
                {
                    if (matrix[a, b] != 0)
                        cholesky.Values[layout.PlaceOf(a, b)] = matrix[a, b];
                }
            }

            var truth = matrix.Cholesky();
            Assert.Equal(truth.DeterminantLn / 2, cholesky.Factorise(), 1e-11 * layout.Order);
            var right = Vector<double>.Build.Dense(layout.Order, i => Math.Sin(i + 1.0));
            var x = right.ToArray();
            cholesky.SolveLower(x);
            cholesky.SolveUpper(x);
            var solution = truth.Solve(right);
            cholesky.Invert();
            var inverse = matrix.Inverse();
            for (var a = 0; a < layout.Order; a++)
            {
                Assert.Equal(solution[a], x[a], 1e-11);
                for (var b = 0; b <= a; b++)
                {
                    if (matrix[a, b] != 0)
                        Assert.Equal(inverse[a, b], cholesky.Inverse[layout.PlaceOf(a, b)], 1e-11);
                }
            }
        }
    }

    [Fact]
    public void Levels_whose_tables_would_take_too_much_memory_become_dense()
    {
        var (widths, cliques) = Design(5, 300, 260, 2, 3);
        var all = PanelLayout.Of(widths, cliques, 1);
        var some = PanelLayout.Of(widths, cliques, 1, mostTargets: 500);
        var none = PanelLayout.Of(widths, cliques, 1, mostTargets: 0);

        Assert.True(all.Panels.Sum(panel => panel.Targets.Length) > 500);
        Assert.InRange(some.Panels.Length, none.Panels.Length + 1, all.Panels.Length - 1);
        Assert.Equal(all.Order, some.Order);

        // Those that go first stay where they are, and what updates the dense panel alone takes no table.
        Assert.Equal(all.Panels.Take(some.Panels.Length).Select(panel => (panel.Start, panel.Width)), some.Panels.Select(
            panel => (panel.Start, panel.Width)));
        Assert.All(none.Panels, panel => Assert.Equal(0, panel.Inner));
    }

    [Theory]
    [InlineData(8_000, 10, 60e6)]
    [InlineData(20_000, 10, 150e6)]
    public void An_ordering_whose_dense_panel_must_be_too_large_stops_early(int levels, int links, double mostVisits)
    {
        var stream = new PhiloxStream(3, 3);
        var cliques = Enumerable.Range(0, levels)
            .Select(_ => Enumerable.Range(0, links).Select(_ => (int)(levels * stream.NextDouble())).Distinct().Order().ToArray()).ToArray();
        var widths = Enumerable.Repeat(1, levels).ToArray();

        var before = GC.GetAllocatedBytesForCurrentThread();
        var layout = PanelLayout.Of(widths, cliques, 1);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.True(layout.IsTooLarge);
        Assert.Empty(layout.Panels);
        Assert.InRange(layout.DenseOrder, PanelLayout.MostDense + 1, levels + 1);
        Assert.InRange(layout.Visits, 1, mostVisits);
        Assert.InRange(allocated, 0, 200L * levels * links);
    }

    [Fact]
    public void A_model_with_too_large_a_dense_end_is_refused_with_numbers_before_anything_large_is_made()
    {
        // Two factors of 8,000 levels, linked at random: nothing to eliminate cheaply.
        var model = Linked(8000);
        AssertRefused(() => new MarginalEngine().RunNormal(model, RunOptions.Default));
        AssertRefused(() => new MaximumLikelihoodEngine().RunNormal(model, RunOptions.Default));
        AssertRefused(() => new RestrictedMaximumLikelihoodEngine().RunNormal(model, RunOptions.Default));
        AssertRefused(() => MarginalEngine.Plan(model));
        Assert.Equal(double.PositiveInfinity, new MarginalEngine().EstimateCost(model, RunOptions.Default));

        static void AssertRefused(Action run)
        {
            // A dense matrix of order 6,867 alone would take 377 MB.
            var before = GC.GetAllocatedBytesForCurrentThread();
            var problem = Assert.Single(Assert.Throws<ModelException>(run).Problems);
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 30_000_000);
            Assert.Equal(ProblemCode.EngineRefuses, problem.Code);
            Assert.Matches(
                "^Integrating the coefficients out would take dense matrices of order 6,[0-9]{3}, about 1.5 GB of memory.",
                problem.Sentence);
            Assert.Contains("Engine.Gibbs", problem.Remedy, StringComparison.Ordinal);
            Assert.Contains("one grouping factor fewer", problem.Remedy, StringComparison.Ordinal);
        }
    }

    [Theory]
    [MemberData(nameof(Designs))]
    public void Sets_of_coordinates_add_products_and_multiply_as_a_dense_matrix_does(
        int seed, int levels, int cliqueCount, int size, int width, int population)
    {
        var (widths, cliques) = Design(seed, levels, cliqueCount, size, width);
        var layout = PanelLayout.Of(widths, cliques, population);

        // The first set comes twice: equal sets share a table.
        int[][] sets =
        [
            .. cliques.Append(cliques[0]).Select(clique => (int[])
            [
                .. clique.SelectMany(level => Enumerable.Range(layout.CoordinateOf[level], widths[level])).Order(),
                .. Enumerable.Range(layout.Order - population, population),
            ]),
        ];
        int[] starts = [0, .. sets.Select((_, i) => sets[..(i + 1)].Sum(set => set.Length))];
        foreach (var (mostPlaces, q) in new[] { (long.MaxValue, 1), (long.MaxValue, 3), (20, 1), (20, 2), (0, 1), (0, 2) })
        {
            var stream = new PhiloxStream((ulong)seed, 6);
            var pairs = new PanelPairs(layout, starts, [.. sets.SelectMany(set => set)], mostPlaces);
            Assert.Equal(sets.Max(set => set.Length), pairs.Widest);
            var rows = sets.Select(set => Matrix<double>.Build.Dense(q, set.Length, (_, _) => stream.NextNormal())).ToArray();
            var values = new double[layout.Length];
            var dense = Matrix<double>.Build.Dense(layout.Order, layout.Order);
            for (var i = 0; i < sets.Length; i++)
            {
                pairs.AddProducts(i, rows[i].ToRowMajorArray(), q, 0.7, values);
                var product = 0.7 * rows[i].TransposeThisAndMultiply(rows[i]);
                for (var a = 0; a < sets[i].Length; a++)
                {
                    for (var b = 0; b < sets[i].Length; b++)
                        dense[sets[i][a], sets[i][b]] += product[a, b];
                }
            }

            for (var i = 0; i < sets.Length; i++)
            {
                var d = sets[i].Length;
                var own = Matrix<double>.Build.Dense(d, d, (a, b) => dense[sets[i][a], sets[i][b]]);
                for (var a = 0; a < d; a++)
                {
                    for (var b = 0; b <= a; b++)
                        Assert.Equal(own[a, b], values[layout.PlaceOf(sets[i][a], sets[i][b])], 1e-12);
                }

                var result = new double[q * d];
                pairs.Multiply(i, rows[i].ToRowMajorArray(), q, values, new double[d * d], result);
                var expected = (rows[i] * own).ToRowMajorArray();
                for (var a = 0; a < result.Length; a++)
                    Assert.Equal(expected[a], result[a], 1e-11);
            }
        }
    }

    [Fact]
    public void A_model_is_ordered_once_for_all_that_plan_it()
    {
        var model = Linked(100);
        var plan = CrossedPlan.Of(model, 1);
        Assert.Same(plan, CrossedPlan.Of(model, 1));
        Assert.Same(plan.Layout, CrossedSystem.Reduce(model).Layout);
        Assert.Same(plan.Layout, GibbsSystem.Reduce(model).Blocks[0].Layout);
        Assert.Equal(plan.Layout.Order - 1, CrossedPlan.Of(model, 0).Layout.Order);
    }

    [Fact]
    public void Much_work_is_told_beforehand_and_little_is_not()
    {
        Assert.Null(CrossedPlan.WorkOf(Linked(100)));
        Assert.Null(CrossedPlan.WorkOf(EngineCases.All["one row a level"]()));

        // Eliminating 8,000 levels leaves some 6,900 dense: 6,900^3 / 3 operations a factorisation, and three times that with derivatives.
        Assert.Matches(
            "^Integrating the 16,000 varying effects out takes about [34]e11 operations an evaluation, derivatives included, and 1.5 GB of memory.",
            CrossedPlan.WorkOf(Linked(8000)));
    }

    private static NormalBoundModel Linked(int levels)
    {
        var stream = new PhiloxStream(3, 3);
        var rows = Enumerable.Range(0, 10 * levels)
            .Select(i => (new[] { i % levels, (int)(levels * stream.NextDouble()) }, Array.Empty<double>(), stream.NextNormal())).ToList();
        var spec = Systems.Spec(
            0,
            [new PopulationTerm("Intercept", ModelSpec.Ones, new FlatPrior())],
            [new VaryingTerm("t", ModelSpec.Ones, new ExponentialPrior(1))],
            null,
            new ExponentialPrior(1));
        return Systems.BindSeveral(spec with { Factors = [spec.Factors[0], spec.Factors[0] with { Name = "h" }] }, rows);
    }

    private static (int[] Widths, int[][] Cliques) Design(int seed, int levels, int cliqueCount, int size, int width)
    {
        var stream = new PhiloxStream((ulong)seed, 4);
        return (
            [.. Enumerable.Range(0, levels).Select(_ => 1 + (int)(width * stream.NextDouble()))],
            [.. Enumerable.Range(0, cliqueCount).Select(
                _ => Enumerable.Range(0, 1 + (int)(size * stream.NextDouble())).Select(_ => (int)(levels * stream.NextDouble())).Distinct().Order()
                    .ToArray())]);
    }

    // The rule of PanelLayout in its simplest form: a set of neighbours for each level.
    private static (List<int> Sequence, List<int> Left) Explicit(int[] widths, int[][] cliques, int population)
    {
        var left = Enumerable.Range(0, widths.Length).ToList();
        var sequence = new List<int>();
        if (cliques.Sum(clique => clique.Length * (clique.Length - 1) / 2.0) > 0.25 * widths.Length * (widths.Length - 1) / 2)
            return (sequence, left);
        var joined = left.ToDictionary(level => level, level => cliques.Where(clique => clique.Contains(level)).SelectMany(clique => clique)
            .Where(other => other != level).ToHashSet());
        while (left.Count > 0)
        {
            var next = left.MinBy(level => (joined[level].Count, level));
            double below = joined[next].Sum(level => widths[level]) + population + widths[next];
            double order = left.Sum(level => widths[level]) + population;
            if (6 * widths[next] * below * below > (Math.Pow(order, 3) - Math.Pow(order - widths[next], 3)) / 3)
                break;
            left.Remove(next);
            sequence.Add(next);
            foreach (var level in joined[next])
            {
                joined[level].UnionWith(joined[next]);
                joined[level].ExceptWith([level, next]);
            }
        }

        return (sequence, left);
    }

    // Positive definite, with numbers where levels meet and for every population effect.
    private static Matrix<double> Matrix(PanelLayout layout, int[] widths, int[][] cliques, int population, ulong seed)
    {
        var stream = new PhiloxStream(seed, 5);
        var matrix = Matrix<double>.Build.Dense(layout.Order, layout.Order);
        foreach (var clique in cliques.Concat(Enumerable.Range(0, widths.Length).Select(level => new[] { level })))
        {
            int[] touched =
            [
                .. clique.SelectMany(level => Enumerable.Range(layout.CoordinateOf[level], widths[level])),
                .. Enumerable.Range(layout.Order - population, population),
            ];
            for (var rank = 0; rank < 3; rank++)
            {
                var row = touched.Select(_ => stream.NextNormal()).ToArray();
                for (var a = 0; a < row.Length; a++)
                {
                    for (var b = 0; b < row.Length; b++)
                        matrix[touched[a], touched[b]] += row[a] * row[b];
                }
            }
        }

        return matrix + Matrix<double>.Build.DenseIdentity(layout.Order);
    }
}
