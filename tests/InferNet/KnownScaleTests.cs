using MathNet.Numerics.LinearAlgebra;
using TypedPooling.Inference.InferNet;
using TypedPooling.Model;
using TypedPooling.Tests.Support;
using Xunit;

namespace TypedPooling.Tests.InferNet;

/// <summary>Every scale known: the posterior is normal and dense algebra over the rows knows it.</summary>
public sealed class KnownScaleTests
{
    private const InferNetAlgorithm Vmp = InferNetAlgorithm.VariationalMessagePassing;
    private const InferNetAlgorithm Ep = InferNetAlgorithm.ExpectationPropagation;

    private static readonly PopulationTerm Intercept = new("Intercept", ModelSpec.Ones, new NormalPrior(1, 3));

    [Theory]
    [InlineData(Vmp)]
    [InlineData(Ep)]
    public void Means_of_a_varying_intercept_are_exact(InferNetAlgorithm algorithm)
    {
        var rows = Systems.Rows(31, 7, 4, 0);
        var (_, marginals) = Approximation.Of(OneWay(rows, 0.8, 0.6), algorithm);
        var (mean, _) = Dense(rows, 1, [0], [0], [0.8], 0.6);

        Assert.Equal(mean[0], marginals.Means[0]!.Mean[0], 1e-6);
        for (var j = 0; j < 7; j++)
            Assert.Equal(mean[0] + mean[1 + j], marginals.Coefficients[0][j].Mean[0], 1e-6);
    }

    [Fact]
    public void Sds_by_EP_are_exact_on_a_tree()
    {
        var rows = Systems.Rows(31, 7, 4, 0);
        var (_, marginals) = Approximation.Of(OneWay(rows, 0.8, 0.6), Ep);
        var (_, covariance) = Dense(rows, 1, [0], [0], [0.8], 0.6);

        Assert.Equal(covariance[0, 0], marginals.Means[0]!.Variance[0, 0], 1e-9);
        for (var j = 0; j < 7; j++)
        {
            var coefficient = covariance[0, 0] + 2 * covariance[0, 1 + j] + covariance[1 + j, 1 + j];
            Assert.Equal(coefficient, marginals.Coefficients[0][j].Variance[0, 0], 1e-9);
        }
    }

    [Fact]
    public void Sds_by_VMP_are_those_of_the_mean_field_and_no_larger_than_exact_ones()
    {
        var rows = Systems.Rows(31, 7, 4, 0);
        var (_, marginals) = Approximation.Of(OneWay(rows, 0.8, 0.6), Vmp);
        var (_, covariance) = Dense(rows, 1, [0], [0], [0.8], 0.6);

        // Conditional variances: of mu given the coefficients, of a coefficient given mu.
        Assert.Equal(1 / (1 / 9.0 + 7 / 0.64), marginals.Means[0]!.Variance[0, 0], 1e-12);
        Assert.True(marginals.Means[0]!.Variance[0, 0] < covariance[0, 0]);
        for (var j = 0; j < 7; j++)
        {
            var count = rows.Count(row => row.Group == j);
            Assert.Equal(1 / (count / 0.36 + 1 / 0.64), marginals.Coefficients[0][j].Variance[0, 0], 1e-12);
            Assert.True(marginals.Coefficients[0][j].Variance[0, 0] < covariance[0, 0] + 2 * covariance[0, 1 + j] + covariance[1 + j, 1 + j]);
        }
    }

    [Theory]
    [InlineData(Vmp)]
    [InlineData(Ep)]
    public void Means_with_slopes_a_covariate_and_a_fixed_effect_are_exact(InferNetAlgorithm algorithm)
    {
        var rows = Systems.Rows(32, 6, 5, 3);
        PopulationTerm[] population = [Intercept, Slope(0, new NormalPrior(0, 2)), Slope(1, new NormalPrior(0.5, 1)), Slope(2, new FixedPrior(0.4))];
        VaryingTerm[] varying = [new("Intercept", -1, new FixedPrior(0.8)), new("x0", 0, new FixedPrior(0.5))];
        var (graph, marginals) = Approximation.Of(
            Systems.Bind(Systems.Spec(3, population, varying, new UncorrelatedPrior(), new FixedPrior(0.6)), rows), algorithm);
        var offset = rows.Select(row => (row.Group, row.Columns, row.Y - 0.4 * row.Columns[2])).ToList();
        var (mean, _) = Dense(offset, 3, [0, 1, 2], [0, 1], [0.8, 0.5], 0.6, [1, 0, 0.5], [3, 2, 1]);

        Assert.Equal(mean[0], marginals.Means[0]!.Mean[0], 1e-6);
        Assert.Equal(mean[1], marginals.Means[1]!.Mean[0], 1e-6);
        Assert.Equal([2], graph.Rest);
        Assert.Equal(mean[2], marginals.Beta!.Mean[0], 1e-6);
        for (var j = 0; j < 6; j++)
        {
            Assert.Equal(mean[0] + mean[3 + 2 * j], marginals.Coefficients[0][j].Mean[0], 1e-6);
            Assert.Equal(mean[1] + mean[4 + 2 * j], marginals.Coefficients[1][j].Mean[0], 1e-6);
        }
    }

    [Theory]
    [InlineData(Vmp)]
    [InlineData(Ep)]
    public void Means_of_two_crossed_factors_are_exact(InferNetAlgorithm algorithm)
    {
        var rows = Systems.CrossedRows(33, 5, 4, 40, 1);
        var spec = Systems.Spec(
            1, [Intercept, Slope(0, new NormalPrior(0, 2))], [new("Intercept", -1, new FixedPrior(0.9))], null, new FixedPrior(0.5));
        spec = spec with { Factors = [spec.Factors[0], spec.Factors[0] with { Name = "h", Terms = [new("Intercept", -1, new FixedPrior(0.7))] }] };
        var (graph, marginals) = Approximation.Of(Systems.BindSeveral(spec, rows), algorithm);

        // (beta, u of g, u of h)
        var design = Matrix<double>.Build.Dense(rows.Count, 11, (i, c) => c switch
        {
            0 => 1,
            1 => rows[i].Columns[0],
            < 7 => Level(rows, i, 0) == c - 2 ? 1 : 0,
            _ => Level(rows, i, 1) == c - 7 ? 1 : 0,
        });
        var (mean, _) = Normal(
            design, [.. rows.Select(row => row.Y)], [1, .. new double[10]], [3, 2, .. Enumerable.Repeat(0.9, 5), .. Enumerable.Repeat(0.7, 4)], 0.5);

        // The factor with fewest levels, h, has the population intercept for its mean.
        Assert.Equal([false, true], graph.Blocks.Select(block => block.IsCentred));
        Assert.Equal(mean[0], marginals.Means[1]!.Mean[0], 1e-6);
        Assert.Equal(mean[1], marginals.Beta!.Mean[0], 1e-6);
        for (var j = 0; j < 5; j++)
            Assert.Equal(mean[2 + j], marginals.Coefficients[0][j].Mean[0], 1e-6);
        for (var j = 0; j < 4; j++)
            Assert.Equal(mean[0] + mean[7 + j], marginals.Coefficients[1][j].Mean[0], 1e-6);
    }

    [Theory]
    [InlineData(Vmp)]
    [InlineData(Ep)]
    public void Flat_population_effects_and_known_errors_are_exact(InferNetAlgorithm algorithm)
    {
        double[] y = [28, 8, -3, 7, -1, 1, 18, 12];
        double[] se = [15, 10, 16, 11, 9, 11, 10, 18];
        var spec = Systems.Spec(0, [Intercept with { Prior = new FlatPrior() }], [new("Intercept", -1, new FixedPrior(6))], null, null);
        var model = Systems.Bind(spec, [.. y.Select((value, j) => (j, Array.Empty<double>(), value))], se);
        var (_, marginals) = Approximation.Of(model, algorithm);

        var weights = se.Select(s => 1 / (s * s + 36)).ToArray();
        var mu = weights.Zip(y, (w, value) => w * value).Sum() / weights.Sum();
        Assert.Equal(mu, marginals.Means[0]!.Mean[0], 1e-6);
        Assert.Equal((y[0] / 225 + mu / 36) / (1 / 225.0 + 1 / 36.0), marginals.Coefficients[0][0].Mean[0], 1e-6);
        if (algorithm == Ep)
            Assert.Equal(1 / weights.Sum(), marginals.Means[0]!.Variance[0, 0], 1e-6);
    }

    [Fact]
    public void Regression_without_factors_is_exact()
    {
        var rows = Systems.Rows(34, 1, 12, 2);
        PopulationTerm[] population = [Intercept, Slope(0, new NormalPrior(0, 2)), Slope(1, new NormalPrior(0, 2))];
        var (_, marginals) = Approximation.Of(Systems.Bind(Systems.Spec(2, population, [], null, new FixedPrior(0.7)), rows), Vmp);
        var design = Matrix<double>.Build.Dense(rows.Count, 3, (i, c) => c == 0 ? 1 : rows[i].Columns[c - 1]);
        var (mean, covariance) = Normal(design, [.. rows.Select(row => row.Y)], [1, 0, 0], [3, 2, 2], 0.7);

        for (var b = 0; b < 3; b++)
        {
            Assert.Equal(mean[b], marginals.Beta!.Mean[b], 1e-8);
            Assert.Equal(covariance[b, 1], marginals.Beta.Variance[b, 1], 1e-8);
        }
    }

    private static Data.NormalBoundModel OneWay(List<(int Group, double[] Columns, double Y)> rows, double tau, double sigma) =>
        Systems.Bind(Systems.Spec(0, [Intercept], [new("Intercept", ModelSpec.Ones, new FixedPrior(tau))], null, new FixedPrior(sigma)), rows);

    private static PopulationTerm Slope(int column, IRealPrior prior) => new($"x{column}", column, prior);

    private static int Level(List<(int[] Groups, double[] Columns, double Y)> rows, int i, int factor) =>
        rows.Select(row => row.Groups[factor]).Distinct().ToList().IndexOf(rows[i].Groups[factor]);

    // (beta, u_1, u_2, ...); column 0 is the column of ones.
    private static (Vector<double> Mean, Matrix<double> Covariance) Dense(
        List<(int Group, double[] Columns, double Y)> rows,
        int p,
        int[] population,
        int[] varying,
        double[] sds,
        double sigma,
        double[]? priorMeans = null,
        double[]? priorSds = null)
    {
        var q = varying.Length;
        var levels = rows.Max(row => row.Group) + 1;
        var design = Matrix<double>.Build.Dense(rows.Count, p + q * levels, (i, c) =>
            c < p ? Column(i, population[c]) : (c - p) / q == rows[i].Group ? Column(i, varying[(c - p) % q]) : 0);
        return Normal(
            design, [.. rows.Select(row => row.Y)], [.. priorMeans ?? [1], .. new double[q * levels]],
            [.. priorSds ?? [3], .. Enumerable.Range(0, levels).SelectMany(_ => sds)], sigma);

        double Column(int i, int column) => column == 0 ? 1 : rows[i].Columns[column - 1];
    }

    private static (Vector<double> Mean, Matrix<double> Covariance) Normal(
        Matrix<double> design, double[] y, double[] means, double[] sds, double sigma)
    {
        var prior = Matrix<double>.Build.DiagonalOfDiagonalArray([.. sds.Select(sd => 1 / (sd * sd))]);
        var covariance = (design.TransposeThisAndMultiply(design) / (sigma * sigma) + prior).Inverse();
        var target = design.TransposeThisAndMultiply(Vector<double>.Build.Dense(y)) / (sigma * sigma) + prior * Vector<double>.Build.Dense(means);
        return (covariance * target, covariance);
    }
}
