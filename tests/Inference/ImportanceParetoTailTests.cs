using TypedPooling.Inference.Sampling.Importance;
using TypedPooling.Tests.Reference;
using Xunit;

namespace TypedPooling.Tests.Inference;

public sealed class ImportanceParetoTailTests
{
    private static readonly Dictionary<string, Func<double, double>> Cases = new()
    {
        ["pareto_0.3"] = u => -0.3 * Math.Log(1 - u),
        ["pareto_0.7"] = u => -0.7 * Math.Log(1 - u),
        ["pareto_1.2"] = u => -1.2 * Math.Log(1 - u),
        ["exponential"] = u => Math.Log(-Math.Log(1 - u)),
        ["logistic"] = u => 2 * Math.Log(u / (1 - u)),
        ["bounded"] = Math.Log,
        ["shifted"] = u => 700 - 0.5 * Math.Log(1 - u),
        ["ties"] = u => Math.Floor(-20 * Math.Log(1 - u)) / 40,
    };

    [Fact]
    public void Gives_the_k_hat_of_the_R_package_loo()
    {
        var rows = ReferenceFile.Read("reference/pareto_k.csv").Rows;
        Assert.Equal(4 * Cases.Count, rows.Count);
        foreach (var row in rows)
        {
            var k = ParetoTail.ShapeOf(Ratios(row.Text("case"), (int)row.Number("count")));
            Assert.True(Math.Abs(k - row.Number("k")) <= 1e-9, $"{row.Text("case")}, {row.Text("count")}: {k} and {row.Number("k")}");
        }
    }

    [Fact]
    public void Does_not_depend_on_order_or_on_ratios_of_zero_far_below_the_tail()
    {
        var ratios = Ratios("pareto_0.7", 2000);
        var k = ParetoTail.ShapeOf(ratios);
        Assert.Equal(k, ParetoTail.ShapeOf([.. ratios.Order()]));
        Assert.Equal(k, ParetoTail.ShapeOf([.. ratios.OrderDescending()]));
        Assert.Equal(k, ParetoTail.ShapeOf([.. ratios.Select(r => r < 0.1 ? double.NegativeInfinity : r)]));
    }

    [Fact]
    public void Equal_ratios_have_no_tail_and_too_few_or_broken_ones_no_shape()
    {
        Assert.Equal(double.NegativeInfinity, ParetoTail.ShapeOf(new double[1000]));
        Assert.Equal(double.PositiveInfinity, ParetoTail.ShapeOf([]));
        Assert.Equal(double.PositiveInfinity, ParetoTail.ShapeOf(new double[15]));
        Assert.Equal(double.PositiveInfinity, ParetoTail.ShapeOf([.. Enumerable.Repeat(double.NegativeInfinity, 100)]));
        foreach (var broken in new[] { double.NaN, double.PositiveInfinity })
        {
            var ratios = Ratios("logistic", 100);
            ratios[50] = broken;
            Assert.Equal(double.PositiveInfinity, ParetoTail.ShapeOf(ratios));
        }
    }

    private static double[] Ratios(string name, int count) => [.. Enumerable.Range(1, count).Select(i => Cases[name](i * 0.6180339887498949 % 1))];
}
