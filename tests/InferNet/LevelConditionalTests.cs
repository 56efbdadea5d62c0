using System.Globalization;
using MathNet.Numerics.LinearAlgebra;
using TypedPooling.Draws;
using TypedPooling.Engines;
using TypedPooling.Inference.InferNet;
using TypedPooling.Model;
using TypedPooling.Tests.Support;
using Xunit;
using Xunit.Abstractions;
using static TypedPooling.Prior;

namespace TypedPooling.Tests.InferNet;

/// <summary>Levels are drawn given the draws of population effects and scales.</summary>
public sealed class LevelConditionalTests(ITestOutputHelper output)
{
    private static readonly RunOptions Many = RunOptions.Default with { Draws = 5000 };

    [Theory]
    [InlineData(InferNetAlgorithm.ExpectationPropagation, 4.279, 5.989, 5.203)]
    [InlineData(InferNetAlgorithm.VariationalMessagePassing, 4.02, 5.75, 4.18)]
    public void Effects_of_eight_schools_have_the_spread_of_the_exact_posterior(
        InferNetAlgorithm algorithm, double effect, double difference, double coefficient)
    {
        // By EP what quadrature over mu and tau gives for the exact posterior. VMP knows mu and tau too well: then the spread is that given its draws
        // of them, which was 3.70 for the coefficient of a level apart from them.
        School[] schools = [.. new double[] { 28, 8, -3, 7, -1, 1, 18, 12 }.Zip([15, 10, 16, 11, 9, 11, 10, 18], (y, sd) => (y, sd)).Select(
            (pair, j) => new School($"{(char)('A' + j)}", pair.y, pair.sd))];
        var school = Group.By((School s) => s.Name);
        var model = PooledModel.Of<School>().Normal(s => s.Y, knownSd: s => s.Sd).Intercept(Normal(0, 5)).Varying(
            school, g => g.Intercept(InverseGammaOnVariance(2, 25)));
        var posterior = model.Fit(schools, new InferNetEngine { Algorithm = algorithm }, Many).Posterior;
        var (mu, a, c) = (Draws(posterior.Population, 0), Draws(posterior.Effects[0], 0), Draws(posterior.Effects[0], 2));
        var sds = (
            A: Diagnostics.Sd(a),
            AlessC: Diagnostics.Sd([.. a.Zip(c, (x, y) => x - y)]),
            Coefficient: Diagnostics.Sd([.. a.Zip(mu, (x, y) => x + y)]));
        output.WriteLine(
            string.Create(CultureInfo.InvariantCulture, $"{algorithm}: A {sds.A:F3}, A - C {sds.AlessC:F3}, coefficient of A {sds.Coefficient:F3}"));

        Assert.Equal(effect, sds.A, 0.1);
        Assert.Equal(difference, sds.AlessC, 0.12);
        Assert.Equal(coefficient, sds.Coefficient, 0.1);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void With_known_population_effects_and_scales_draws_are_those_of_the_dense_normal(int factors)
    {
        // One, two and three crossed factors; the first and the third have uncorrelated slopes, and one population effect is known.
        var rows = Systems.CrossedRows(41, 6, 4, 40, 1);
        var spec = Systems.Spec(
            1, [new("Intercept", ModelSpec.Ones, new FixedPrior(0.7)), new("x0", 0, new FixedPrior(-0.4))], [], null, new FixedPrior(0.5));
        FactorSpec[] all =
        [
            new("g", [new("Intercept", ModelSpec.Ones, new FixedPrior(0.9)), new("x0", 0, new FixedPrior(0.6))], new UncorrelatedPrior()),
            new("h", [new("Intercept", ModelSpec.Ones, new FixedPrior(0.7))], new UncorrelatedPrior()),
            new("i", [new("Intercept", ModelSpec.Ones, new FixedPrior(0.4)), new("x0", 0, new FixedPrior(0.3))], new UncorrelatedPrior()),
        ];
        rows = [.. rows.Select((row, i) => (new[] { row.Groups[0], row.Groups[1], i % 5 }[..factors], row.Columns, row.Y))];
        spec =
            spec with
            {
                Factors = [.. all[..factors]],
                Population = [spec.Population[0] with { Prior = new NormalPrior(0.7, 1e-6) }, spec.Population[1]],
            };
        var model = Systems.BindSeveral(spec, rows);
        var posterior = new InferNetEngine { Algorithm = InferNetAlgorithm.ExpectationPropagation }.RunNormal(model, RunOptions.Default);

        var levels = Enumerable.Range(0, factors).Select(k => rows.Select(row => row.Groups[k]).Distinct().ToList()).ToArray();
        var columns = new List<(int Factor, int Level, int Term, double Sd)>();
        for (var k = 0; k < factors; k++)
        {
            for (var j = 0; j < levels[k].Count; j++)
                columns.AddRange(all[k].Terms.Select((term, t) => (k, j, t, ((FixedPrior)term.Sd!).Value)));
        }

        var design = Matrix<double>.Build.Dense(rows.Count, columns.Count, (i, c) =>
            levels[columns[c].Factor].IndexOf(rows[i].Groups[columns[c].Factor]) != columns[c].Level
                ? 0
                : columns[c].Term == 0 ? 1 : rows[i].Columns[0]);
        var covariance =
            (design.TransposeThisAndMultiply(design) / 0.25 + Matrix<double>.Build.DenseOfDiagonalArray(
                [.. columns.Select(c => 1 / (c.Sd * c.Sd))])).Inverse();
        var mean = covariance * design.TransposeThisAndMultiply(
            Vector<double>.Build.Dense(rows.Count, i => rows[i].Y - 0.7 + 0.4 * rows[i].Columns[0])) / 0.25;
        var draws = columns.Select(c => Draws(posterior.Effects[c.Factor], c.Level * all[c.Factor].Terms.Length + c.Term)).ToArray();
        var count = draws[0].Length;
        for (var a = 0; a < draws.Length; a++)
        {
            Assert.Equal(mean[a], draws[a].Average(), 5 * Math.Sqrt(covariance[a, a] / count) + 1e-5);
            for (var b = 0; b <= a; b++)
            {
                var found = draws[a].Zip(draws[b], (x, y) => (x - mean[a]) * (y - mean[b])).Average();
                var error = Math.Sqrt((covariance[a, a] * covariance[b, b] + covariance[a, b] * covariance[a, b]) / count);
                Assert.True(Math.Abs(found - covariance[a, b]) < 5 * error + 1e-6, $"{columns[a]} and {columns[b]}: {found} for {covariance[a, b]}");
            }
        }
    }

    [Fact]
    public void Factors_with_too_many_effects_to_draw_together_are_refused()
    {
        var spec = Systems.Spec(
            0,
            [new("Intercept", ModelSpec.Ones, new NormalPrior(0, 1))],
            [new("Intercept", ModelSpec.Ones, new FixedPrior(1))],
            null,
            new FixedPrior(1));
        spec = spec with { Factors = [spec.Factors[0], spec.Factors[0] with { Name = "h" }] };
        var model = Systems.BindSeveral(spec, [.. Enumerable.Range(0, 700).Select(i => (new[] { i, i % 501 }, Array.Empty<double>(), Math.Sin(i)))]);
        var problem = Assert.Single(Assert.Throws<ModelException>(() => new InferNetEngine().RunNormal(model, RunOptions.Default)).Problems);

        Assert.Equal(("h", ProblemCode.EngineRefuses), (problem.Term, problem.Code));
        Assert.Contains("has 501 effects", problem.Sentence, StringComparison.Ordinal);
    }

    private static double[] Draws(DrawBlock block, int index)
    {
        var draws = new double[block.DrawCount];
        block.CopyDraws(index, draws);
        return draws;
    }

    private sealed record School(string Name, double Y, double Sd);
}
