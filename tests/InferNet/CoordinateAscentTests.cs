using MathNet.Numerics.LinearAlgebra;
using TypedPooling.Inference.InferNet;
using TypedPooling.Model;
using TypedPooling.Tests.Support;
using Xunit;

namespace TypedPooling.Tests.InferNet;

/// <summary>Scales estimated: variational message passing has the fixed point of coordinate ascent, here written out over the rows
/// themselves.</summary>
public sealed class CoordinateAscentTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Marginals_by_VMP_are_the_fixed_point_of_coordinate_ascent_over_rows(int q)
    {
        var rows = Systems.Rows(41, 9, 5, q - 1);
        var (graph, marginals) = Approximation.Of(Model(rows, q), InferNetAlgorithm.VariationalMessagePassing);
        var expected = Ascend(rows, q);

        Assert.True(marginals.HasConverged);
        Assert.True(Assert.IsType<PseudoRows>(graph.Rows).LeftRows > 0); // else nothing was folded into the prior
        Assert.Equal(expected.NoiseShape, marginals.Noise!.Value.Shape, 1e-9);
        Assert.Equal(expected.NoiseRate, marginals.Noise.Value.Rate, 1e-6);
        Assert.Equal(expected.Shape, marginals.Precisions[0]!.Value.Shape, 1e-9);
        for (var a = 0; a < q; a++)
        {
            for (var b = 0; b < q; b++)
            {
                Assert.Equal(expected.Rate[a, b], marginals.Precisions[0]!.Value.Rate[a, b], 1e-6);
                Assert.Equal(expected.MeanCovariance[a, b], marginals.Means[0]!.Variance[a, b], 1e-6);
                Assert.Equal(expected.Covariances[3][a, b], marginals.Coefficients[0][3].Variance[a, b], 1e-6);
            }

            Assert.Equal(expected.Mean[a], marginals.Means[0]!.Mean[a], 1e-6);
            for (var j = 0; j < 9; j++)
                Assert.Equal(expected.Coefficients[j][a], marginals.Coefficients[0][j].Mean[a], 1e-6);
        }
    }

    internal static Data.NormalBoundModel Model(List<(int Group, double[] Columns, double Y)> rows, int q)
    {
        PopulationTerm[] population = [
            .. Enumerable.Range(0, q).Select(a => new PopulationTerm(a == 0 ? "Intercept" : "x0", a - 1, new NormalPrior(0.5, 2)))];
        VaryingTerm[] varying = [.. Enumerable.Range(0, q).Select(
            a => new VaryingTerm(a == 0 ? "Intercept" : "x0", a - 1, q == 1 ? new InverseGammaOnVariancePrior(2.5, 0.7) : null))];
        var spec = Systems.Spec(q - 1, population, varying, null, new InverseGammaOnVariancePrior(1.5, 0.4));
        return Systems.Bind(q == 1 ? spec : spec with { Factors = [spec.Factors[0] with { Covariance = new InverseWishartPrior(5, 1.4) }] }, rows);
    }

    private static State Ascend(List<(int Group, double[] Columns, double Y)> rows, int q)
    {
        const int Levels = 9;
        var z = Enumerable.Range(0, Levels).Select(j =>
            Matrix<double>.Build.DenseOfRows(rows.Where(row => row.Group == j).Select(row => (IEnumerable<double>)[1, .. row.Columns]))).ToArray();
        var y =
            Enumerable.Range(0, Levels).Select(j => Vector<double>.Build.DenseOfEnumerable(rows.Where(row => row.Group == j).Select(row => row.Y)))
                .ToArray();
        var one = Matrix<double>.Build.DenseIdentity(q);
        var mean = Vector<double>.Build.Dense(q, 0.5);
        var meanCovariance = one;
        var coefficients = y.Select(_ => mean).ToArray();
        var covariances = y.Select(_ => one).ToArray();
        double noiseShape = 0, noiseRate = 0, shape = 0;
        var rate = one;
        for (var iteration = 0; iteration < 3000; iteration++)
        {
            noiseShape = 1.5 + 0.5 * rows.Count;
            noiseRate = 0.4 + 0.5 * Enumerable.Range(0, Levels).Sum(j =>
                (y[j] - z[j] * coefficients[j]).DotProduct(
                    y[j] - z[j] * coefficients[j]) + (z[j].TransposeThisAndMultiply(z[j]) * covariances[j]).Trace());
            shape = 2.5 + 0.5 * Levels;
            rate = 0.7 * one;
            for (var j = 0; j < Levels; j++)
                rate += 0.5 * ((coefficients[j] - mean).OuterProduct(coefficients[j] - mean) + covariances[j] + meanCovariance);
            var (noise, precision) = (noiseShape / noiseRate, shape * rate.Inverse());
            for (var j = 0; j < Levels; j++)
            {
                covariances[j] = (noise * z[j].TransposeThisAndMultiply(z[j]) + precision).Inverse();
                coefficients[j] = covariances[j] * (noise * z[j].TransposeThisAndMultiply(y[j]) + precision * mean);
            }

            meanCovariance = (one / 4 + Levels * precision).Inverse();
            mean = meanCovariance * (Vector<double>.Build.Dense(q, 0.5 / 4) + precision * coefficients.Aggregate((a, b) => a + b));
        }

        return new State(noiseShape, noiseRate, shape, rate, mean, meanCovariance, coefficients, covariances);
    }

    private sealed record State(
        double NoiseShape,
        double NoiseRate,
        double Shape,
        Matrix<double> Rate,
        Vector<double> Mean,
        Matrix<double> MeanCovariance,
        Vector<double>[] Coefficients,
        Matrix<double>[] Covariances);
}
