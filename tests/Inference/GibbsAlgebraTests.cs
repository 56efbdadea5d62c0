using MathNet.Numerics.LinearAlgebra;
using TypedPooling.Data;
using TypedPooling.Draws;
using TypedPooling.Engines;
using TypedPooling.Inference.Gibbs;
using TypedPooling.Model;
using TypedPooling.Tests.Support;
using Xunit;

namespace TypedPooling.Tests.Inference;

/// <summary>The Gibbs engine at known scales against the normal algebra of all rows, written out as one dense system.</summary>
public sealed class GibbsAlgebraTests
{
    private const double Sigma = 0.6;

    /// <summary>Designs by name: intercept in the population, terms of two factors (columns, -1 for the intercept), and a shift of the response that
    /// must cost no digits.</summary>
    public static TheoryData<string> Designs => [.. DesignOf.Keys];

    private static IReadOnlyDictionary<string, (bool HasIntercept, int[] First, int[] Second, double Shift)> DesignOf { get; } =
        new Dictionary<string, (bool, int[], int[], double)>
        {
            ["intercepts"] = (true, [-1], [-1], 0),
            ["intercepts, far from zero"] = (true, [-1], [-1], 1e6),
            ["slopes"] = (true, [-1, 0, 1], [1, -1], 0),
            ["slopes without varying intercepts"] = (true, [1], [0, 1], 0),
            ["no population intercept"] = (false, [-1, 1], [-1], 0),
        };

    [Theory]
    [MemberData(nameof(Designs))]
    public void The_conditional_mean_of_a_joint_draw_is_that_of_the_dense_system(string design)
    {
        var (model, rows) = Model(design);
        var truth = new Dense(model.Spec, rows);
        var system = GibbsSystem.Reduce(model);
        Assert.True(system.IsJoint);
        var chain = new GibbsChain(0, system, GibbsStart.Of(system, RunOptions.Default)[0], RunOptions.Default);

        chain.DrawCoefficients(isMean: true);

        CompareMeans(system, chain, truth, DesignOf[design].Shift);
    }

    [Theory]
    [MemberData(nameof(Designs))]
    public void Conditional_means_of_one_factor_at_a_time_converge_to_that_of_the_dense_system(string design)
    {
        var (model, rows) = Model(design);
        var truth = new Dense(model.Spec, rows);
        var system = GibbsSystem.Reduce(model, allowJoint: false);
        Assert.False(system.IsJoint);
        var chain = new GibbsChain(0, system, GibbsStart.Of(system, RunOptions.Default)[0], RunOptions.Default);

        // Block Gauss-Seidel: the fixed point of the conditional means is the joint mean.
        for (var sweep = 0; sweep < 2000; sweep++)
            chain.DrawCoefficients(isMean: true);

        CompareMeans(system, chain, truth, DesignOf[design].Shift);
    }

    [Theory]
    [InlineData("slopes", true)]
    [InlineData("slopes", false)]
    [InlineData("slopes without varying intercepts", true)]
    [InlineData("no population intercept", false)]
    public void Draws_have_the_moments_of_the_dense_system(string design, bool allowJoint)
    {
        var (model, rows) = Model(design);
        var truth = new Dense(model.Spec, rows);
        var system = GibbsSystem.Reduce(model, allowJoint);

        var posterior = GibbsEngine.Run(system, new RunOptions { Seed = 41, Draws = 6000, Warmup = 200 }, new());

        var at = 0;
        foreach (var block in (DrawBlock[])[posterior.Population, .. posterior.Effects])
        {
            for (var i = 0; i < block.ParameterCount; i++, at++)
            {
                var draws = new double[block.DrawCount];
                block.CopyDraws(i, draws);
                var (mean, sd) = (truth.Mean[at], Math.Sqrt(truth.Covariance[at, at]));
                if (sd == 0)
                {
                    Assert.All(draws, draw => Assert.Equal(mean, draw));
                    continue;
                }

                Assert.True(Diagnostics.EssMean(draws, 4) > 1000, $"{block.Parameter(i)}: ESS {Diagnostics.EssMean(draws, 4):F0}");
                Assert.True(
                    Math.Abs(Diagnostics.Mean(draws) - mean) <= 5 * Diagnostics.McseMean(draws, 4),
                    $"{block.Parameter(i)}: mean {Diagnostics.Mean(draws)} for {mean}");
                Assert.True(
                    Math.Abs(Diagnostics.Sd(draws) - sd) <= 5 * Diagnostics.McseSd(draws, 4),
                    $"{block.Parameter(i)}: sd {Diagnostics.Sd(draws)} for {sd}");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Designs))]
    public void The_residual_sum_of_squares_is_that_of_the_rows(string design)
    {
        var (model, rows) = Model(design);
        var system = GibbsSystem.Reduce(model);
        var options = RunOptions.Default;
        var chain = new GibbsChain(0, system, GibbsStart.Of(system, options)[0], options);
        chain.DrawCoefficients();

        var beta = new double[system.Population.TermCount];
        system.Population.Restore(chain.Beta, beta);
        var effects = chain.States.Select(state =>
        {
            var u = new double[state.Spherical.Length];
            state.CopyEffects(u);
            return u;
        }).ToArray();
        var expected = 0.0;
        foreach (var row in rows)
        {
            var rest = row.Y;
            for (var k = 0; k < beta.Length; k++)
                rest -= beta[k] * Value(row, model.Spec.Population[k].Column);
            for (var f = 0; f < 2; f++)
            {
                var terms = model.Spec.Factors[f].Terms;
                for (var a = 0; a < terms.Length; a++)
                    rest -= effects[f][Level(model, f, row) * terms.Length + a] * Value(row, terms[a].Column);
            }

            expected += rest * rest;
        }

        var actual = chain.ResidualSumOfSquares();
        Assert.Equal(1, actual / expected, DesignOf[design].Shift == 0 ? 1e-11 : 1e-7);
    }

    private static void CompareMeans(GibbsSystem system, GibbsChain chain, Dense truth, double shift)
    {
        var beta = new double[system.Population.TermCount];
        system.Population.Restore(chain.Beta, beta);
        var at = 0;
        foreach (var value in beta)
            Assert.Equal(truth.Mean[at++], value, shift == 0 ? 1e-8 : 1e-4);
        foreach (var state in chain.States)
        {
            var effects = new double[state.Spherical.Length];
            state.CopyEffects(effects);
            foreach (var value in effects)
                Assert.Equal(truth.Mean[at++], value, shift == 0 ? 1e-8 : 1e-4);
        }
    }

    internal static (NormalBoundModel Model, List<(int[] Groups, double[] Columns, double Y)> Rows) Model(string design)
    {
        var (hasIntercept, first, second, shift) = DesignOf[design];
        PopulationTerm[] population =
        [
            .. hasIntercept ? [new PopulationTerm("Intercept", ModelSpec.Ones, new NormalPrior(shift, 3))] : Array.Empty<PopulationTerm>(),
            new PopulationTerm("x0", 0, new FixedPrior(0.25)),
            new PopulationTerm("x1", 1, new NormalPrior(0.2, 0.7)),
            new PopulationTerm("x2", 2, new FlatPrior()),
        ];
        var spec = Systems.Spec(
            3, population, [new VaryingTerm("t", ModelSpec.Ones, new FixedPrior(1))], new UncorrelatedPrior(), new FixedPrior(Sigma));
        spec = spec with { Factors = [Factor("g", first, 0.9), Factor("h", second, 0.5)] };
        var rows = Systems.CrossedRows(31, 7, 5, 60, 3, shift);
        return (Systems.BindSeveral(spec, rows), rows);
    }

    // Known sds, different for each term.
    private static FactorSpec Factor(string name, int[] columns, double sd) => new(
        name,
        [.. columns.Select((column, a) => new VaryingTerm(column < 0 ? "Intercept" : $"x{column}", column, new FixedPrior(sd / (1 + a))))],
        new UncorrelatedPrior());

    private static double Value((int[] Groups, double[] Columns, double Y) row, int column) => column < 0 ? 1 : row.Columns[column];

    private static int Level(NormalBoundModel model, int factor, (int[] Groups, double[] Columns, double Y) row) =>
        ((LevelIndex<int>)model.Levels[factor]).Find(row.Groups[factor]);

    /// <summary>All population effects, then all varying effects by factor and level, in one dense normal system; fixed effects have variance
    /// 0.</summary>
    internal sealed class Dense
    {
        public Dense(ModelSpec spec, List<(int[] Groups, double[] Columns, double Y)> rows)
        {
            var seen = spec.Factors.Select((_, f) => rows.Select(row => row.Groups[f]).Distinct().ToList()).ToArray();
            var p = spec.Population.Length;
            var starts = new int[spec.Factors.Length];
            var n = p;
            for (var f = 0; f < starts.Length; f++)
            {
                starts[f] = n;
                n += seen[f].Count * spec.Factors[f].Terms.Length;
            }

            var design = Matrix<double>.Build.Dense(rows.Count, n);
            for (var i = 0; i < rows.Count; i++)
            {
                for (var k = 0; k < p; k++)
                    design[i, k] = Value(rows[i], spec.Population[k].Column);
                for (var f = 0; f < starts.Length; f++)
                {
                    var terms = spec.Factors[f].Terms;
                    for (var a = 0; a < terms.Length; a++)
                        design[i, starts[f] + seen[f].IndexOf(rows[i].Groups[f]) * terms.Length + a] = Value(rows[i], terms[a].Column);
                }
            }

            var prior = Matrix<double>.Build.Dense(n, n);
            var priorMean = Vector<double>.Build.Dense(n);
            var known = Vector<double>.Build.Dense(n);
            var isFixed = new bool[n];
            for (var k = 0; k < p; k++)
            {
                switch (spec.Population[k].Prior)
                {
                    case NormalPrior normal:
                        prior[k, k] = 1 / (normal.Sd * normal.Sd);
                        priorMean[k] = normal.Mean;
                        break;
                    case FixedPrior fixedPrior:
                        known[k] = fixedPrior.Value;
                        isFixed[k] = true;
                        break;
                }
            }

            for (var f = 0; f < starts.Length; f++)
            {
                var terms = spec.Factors[f].Terms;
                for (var j = 0; j < seen[f].Count * terms.Length; j++)
                {
                    var sd = ((FixedPrior)terms[j % terms.Length].Sd!).Value;
                    prior[starts[f] + j, starts[f] + j] = 1 / (sd * sd);
                }
            }

            var free = Enumerable.Range(0, n).Where(i => !isFixed[i]).ToArray();
            var y = Vector<double>.Build.Dense(rows.Count, i => rows[i].Y) - design * known;
            var x = Matrix<double>.Build.Dense(rows.Count, free.Length, (i, k) => design[i, free[k]]);
            var precision = x.TransposeThisAndMultiply(x) / (Sigma * Sigma) + Matrix<double>.Build.Dense(
                free.Length, free.Length, (a, b) => prior[free[a], free[b]]);
            var target = x.TransposeThisAndMultiply(y) / (Sigma * Sigma) + Vector<double>.Build.Dense(
                free.Length, a => prior[free[a], free[a]] * priorMean[free[a]]);
            var mean = precision.Cholesky().Solve(target);
            var covariance = precision.Inverse();
            Mean = known;
            Covariance = Matrix<double>.Build.Dense(n, n);
            for (var a = 0; a < free.Length; a++)
            {
                Mean[free[a]] = mean[a];
                for (var b = 0; b < free.Length; b++)
                    Covariance[free[a], free[b]] = covariance[a, b];
            }
        }

        public Vector<double> Mean { get; }

        public Matrix<double> Covariance { get; }
    }
}
