using TypedPooling.Tests.Reference;
using Xunit;

namespace TypedPooling.Tests.Dsl;

/// <summary>Stacking weights against the R package loo, a dense grid and the conditions of a maximum.</summary>
public sealed class StackingTests
{
    private static readonly ReferenceFile Densities = ReferenceFile.Read("reference/stacking.csv");

    [Theory]
    [InlineData("ab")]
    [InlineData("abc")]
    [InlineData("abcd")]
    [InlineData("ad")]
    public void Weights_are_those_of_the_R_package_loo(string models)
    {
        double[][] elpds = [.. models.Select(model => Densities.Numbers(model.ToString()))];
        var weights = Stacking.WeightsOf(elpds, Ones(elpds[0].Length));
        var expected = ReferenceFile.Read("reference/stacking_expected.csv").Rows.Where(row => row.Text("models") == models);
        foreach (var (row, weight) in expected.Zip(weights))
            Assert.Equal(row.Number("weight"), weight, 5e-6);
        Assert.Equal(1, weights.Sum(), 1e-12);
        IsMaximum(elpds, weights, Ones(elpds[0].Length));
    }

    [Fact]
    public void No_point_of_a_dense_grid_is_better()
    {
        // Three models, each right for a part of the rows.
        double[][] elpds =
        [
            [.. Enumerable.Range(0, 30).Select(i => -1 - 2 * Math.Pow(Math.Sin(i), 2))],
            [.. Enumerable.Range(0, 30).Select(i => -1 - 2 * Math.Pow(Math.Sin(i + 1), 2))],
            [.. Enumerable.Range(0, 30).Select(i => -1.1 - 2 * Math.Pow(Math.Sin(i + 2), 2))],
        ];
        long[] counts = [.. Enumerable.Range(0, 30).Select(i => 1L + i % 3)];
        var weights = Stacking.WeightsOf(elpds, counts);
        Assert.All(weights, weight => Assert.InRange(weight, 0.01, 0.99));
        IsMaximum(elpds, weights, counts);
        var best = Value(elpds, weights, counts);
        for (var a = 0; a <= 200; a++)
        {
            for (var b = 0; a + b <= 200; b++)
                Assert.True(Value(elpds, [a / 200.0, b / 200.0, (200 - a - b) / 200.0], counts) <= best + 1e-12);
        }
    }

    [Fact]
    public void Alike_models_share_and_one_that_is_better_everywhere_has_all()
    {
        double[] elpd = [-1, -2, -3];
        Assert.Equal(1, Stacking.WeightsOf([elpd, elpd], Ones(3)).Sum(), 1e-12);
        Assert.Equal([1, 0], Stacking.WeightsOf([elpd, [-1.5, -2.5, -800]], Ones(3)));
        var far = Stacking.WeightsOf([[-2000, -1], [-1, -2000]], Ones(2));
        Assert.Equal([0.5, 0.5], far, new Near());
    }

    private static long[] Ones(int count) => [.. Enumerable.Repeat(1L, count)];

    private static double Value(double[][] elpds, double[] weights, long[] counts) => Enumerable.Range(0, counts.Length).Sum(i =>
        counts[i] * Math.Log(Enumerable.Range(0, weights.Length).Sum(k => weights[k] * Math.Exp(elpds[k][i]))));

    // No gradient is above 1, and it is 1 where a model has a weight.
    private static void IsMaximum(double[][] elpds, double[] weights, long[] counts)
    {
        for (var k = 0; k < weights.Length; k++)
        {
            var gradient = Enumerable.Range(0, counts.Length).Sum(i => counts[i] / (double)counts.Sum() * Math.Exp(elpds[k][i])
                / Enumerable.Range(0, weights.Length).Sum(l => weights[l] * Math.Exp(elpds[l][i])));
            Assert.True(gradient <= 1 + 1e-11, $"model {k}: {gradient}");
            if (weights[k] > 1e-6)
                Assert.Equal(1, gradient, 1e-6);
        }
    }

    private sealed class Near : IEqualityComparer<double>
    {
        public bool Equals(double x, double y) => Math.Abs(x - y) < 1e-9;

        public int GetHashCode(double obj) => 0;
    }
}
