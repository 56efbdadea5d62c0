using MathNet.Numerics.LinearAlgebra;
using TypedPooling.Inference.Marginal;
using TypedPooling.Inference.Scales;
using TypedPooling.Model;
using TypedPooling.Tests.Support;
using Xunit;

namespace TypedPooling.Tests.Inference;

/// <summary>Priors on a whole covariance matrix, as densities of the coordinates that the engines sample.</summary>
public sealed class CovariancePriorTests
{
    public static TheoryData<ICovariancePrior, int> Gradients => new()
    {
        { new HuangWandPrior(2, 1.5), 1 },
        { new HuangWandPrior(2, 1.5), 2 },
        { new HuangWandPrior(3.5, 0.5, 2, 7), 3 },
        { new InverseWishartPrior(3, 0.8), 1 },
        { new InverseWishartPrior(5, 0.8), 3 },
        { new InverseWishartPrior(4.5, new[,] { { 2, 0.3 }, { 0.3, 0.5 } }), 2 },
    };

    [Theory]
    [MemberData(nameof(Gradients))]
    public void The_density_has_the_gradient_of_finite_differences(ICovariancePrior prior, int q)
    {
        var density = MarginalDensity.Of(Systems.Bind(Spec(q, prior), Systems.Rows(3, 8, 4, Math.Max(1, q - 1))));
        var gradient = new double[density.Dimension];
        var scratch = new double[density.Dimension];
        foreach (var size in new[] { 0.3, 1.2 })
        {
            double[] theta = [.. Enumerable.Range(0, density.Dimension).Select(d => size * Math.Sin(3 * d + 1))];
            density.LogDensity(theta, gradient);
            for (var d = 0; d < theta.Length; d++)
            {
                double At(double step)
                {
                    var moved = theta.ToArray();
                    moved[d] += step;
                    return density.LogDensity(moved, scratch);
                }

                const double h = 1e-3;
                var expected = (4 * (At(h / 2) - At(-h / 2)) / h - (At(h) - At(-h)) / (2 * h)) / 3;
                Assert.True(
                    Math.Abs(expected - gradient[d]) <= 1e-6 * (1 + Math.Abs(expected)), $"{prior.Text}, theta[{d}]: {expected} and {gradient[d]}");
            }
        }
    }

    [Fact]
    public void Of_one_effect_HuangWand_is_a_half_t_sd_and_InverseWishart_an_inverse_gamma_variance()
    {
        foreach (var (covariance, scale) in new (ICovariancePrior, IScalePrior)[]
        {
            (new HuangWandPrior(3, 1.7), new HalfStudentTPrior(3, 1.7)),
            (new HuangWandPrior(1, 0.2), new HalfCauchyPrior(0.2)),
            (new InverseWishartPrior(4, 3), new InverseGammaOnVariancePrior(2, 1.5)),
            (new InverseWishartPrior(0.7, new double[,] { { 0.4 } }), new InverseGammaOnVariancePrior(0.35, 0.2)),
        })
        {
            var coordinates = Coordinates(1, covariance);
            var transform = new ScaleTransform(scale);
            foreach (var z in new[] { -3.0, -0.4, 0, 0.9, 4 })
                Assert.Equal(transform.LogDensity(z, Math.Exp(z)), coordinates.Constrain([z], coordinates.NewPoint()), 1e-10);
        }
    }

    [Theory]
    [InlineData(2, 1, 1)]
    [InlineData(2, 1.5, 0.4)]
    [InlineData(3, 0.7, 1)]
    public void Under_HuangWand_each_sd_of_two_is_half_t_and_with_two_degrees_of_freedom_the_correlation_is_uniform(
        double df, double first, double second)
    {
        var coordinates = Coordinates(2, new HuangWandPrior(df, first, second));
        var point = coordinates.NewPoint();
        var grid = Grid(-24, 13, 0.25);
        var correlations = Grid(-11, 11, 0.25);
        double Density(double a, double b, double z) => Math.Exp(coordinates.Constrain([a, b, z], point));

        foreach (var at in new[] { -2.0, -0.3, 0.8 })
        {
            var ofFirst = 0.25 * 0.25 * grid.Sum(b => correlations.Sum(z => Density(at, b, z)));
            var ofSecond = 0.25 * 0.25 * grid.Sum(a => correlations.Sum(z => Density(a, at, z)));
            Assert.Equal(Math.Exp(new ScaleTransform(new HalfStudentTPrior(df, first)).LogDensity(at, Math.Exp(at))), ofFirst, 1e-6);
            Assert.Equal(Math.Exp(new ScaleTransform(new HalfStudentTPrior(df, second)).LogDensity(at, Math.Exp(at))), ofSecond, 1e-6);

            // rho = tanh z; its density is proportional to (1 - rho^2)^(df / 2 - 1).
            var ofCorrelation = 0.25 * 0.25 * grid.Sum(a => grid.Sum(b => Density(a, b, at)));
            var constant = df == 2 ? 0.5 : 2 / Math.PI;
            Assert.Equal(constant * Math.Pow(Math.Cosh(at), -df), ofCorrelation, 1e-6);
        }
    }

    [Fact]
    public void Under_InverseWishart_the_density_integrates_to_one_and_the_covariance_has_its_mean()
    {
        // E Sigma = Psi / (nu - q - 1)
        var psi = new[,] { { 2, 0.6 }, { 0.6, 0.5 } };
        var coordinates = Coordinates(2, new InverseWishartPrior(9, psi));
        var point = coordinates.NewPoint();
        const double step = 0.1;
        var sums = new double[4];
        foreach (var a in Grid(-3, 5, step))
        {
            foreach (var b in Grid(-3.5, 4.5, step))
            {
                foreach (var z in Grid(-7, 7, step))
                {
                    var weight = step * step * step * Math.Exp(coordinates.Constrain([a, b, z], point));
                    sums[0] += weight;
                    sums[1] += weight * Math.Exp(2 * a);
                    sums[2] += weight * Math.Exp(a + b) * Math.Tanh(z);
                    sums[3] += weight * Math.Exp(2 * b);
                }
            }
        }

        Assert.Equal(1, sums[0], 1e-6);
        Assert.Equal(psi[0, 0] / 6, sums[1], 1e-6);
        Assert.Equal(psi[0, 1] / 6, sums[2], 1e-6);
        Assert.Equal(psi[1, 1] / 6, sums[3], 1e-6);
    }

    [Fact]
    public void The_density_of_three_effects_is_that_of_its_definition()
    {
        double[] factor = [1.2, 0, 0, 0.3, 0.7, 0, -0.4, 0.2, 0.9];
        var lambda = Matrix<double>.Build.DenseOfRowMajor(3, 3, factor);
        var sigma = lambda * lambda.Transpose();

        var psi = Matrix<double>.Build.DenseOfArray(new[,] { { 2, 0.3, 0 }, { 0.3, 1, -0.2 }, { 0, -0.2, 0.7 } });
        Assert.Equal(
            Math.Log(new MathNet.Numerics.Distributions.InverseWishart(5, psi).Density(sigma)),
            new InverseWishartPrior(5, psi.ToArray()).LogDensity(factor, []),
            1e-10);

        // Huang and Wand's mixture over a: Sigma | a ~ InverseWishart(nu + 2, 2 nu diag(1 / a)), a_i ~ InverseGamma(1/2, 1 / A_i^2); sums over a grid
        // of log a.
        const double nu = 2.5;
        const double step = 0.4;
        double[] scales = [1.5, 0.6, 2];
        var grid = Grid(-9, 12, step);
        double LogWeight(double logA, double scale) => -Math.Log(scale) - 0.5 * Math.Log(Math.PI) - 0.5 * logA - Math.Exp(-logA) / (scale * scale);
        var total = 0.0;
        foreach (var a in grid)
        {
            foreach (var b in grid)
            {
                foreach (var c in grid)
                {
                    var prior = new InverseWishartPrior(
                        nu + 2, new[,] { { 2 * nu * Math.Exp(-a), 0, 0 }, { 0, 2 * nu * Math.Exp(-b), 0 }, { 0, 0, 2 * nu * Math.Exp(-c) } });
                    total += step * step * step * Math.Exp(
                        prior.LogDensity(factor, []) + LogWeight(a, scales[0]) + LogWeight(b, scales[1]) + LogWeight(c, scales[2]));
                }
            }
        }

        Assert.Equal(Math.Log(total), new HuangWandPrior(nu, scales).LogDensity(factor, []), 1e-6);
    }

    private static double[] Grid(double low, double high, double step) =>
        [.. Enumerable.Range(0, (int)Math.Round((high - low) / step) + 1).Select(i => low + i * step)];

    private static ScaleCoordinates Coordinates(int q, ICovariancePrior prior)
    {
        var spec = Spec(q, prior);
        return new ScaleCoordinates(spec with { Response = spec.Response with { Sigma = new FixedPrior(1) } });
    }

    private static ModelSpec Spec(int q, ICovariancePrior prior)
    {
        var columns = Math.Max(1, q - 1);
        var varying = Enumerable.Range(0, q).Select(a => new VaryingTerm($"t{a}", a - 1, null)).ToArray();
        var spec = Systems.Spec(
            columns, [new PopulationTerm("Intercept", ModelSpec.Ones, new NormalPrior(0, 3))], varying, null, new ExponentialPrior(1));
        return spec with { Factors = [spec.Factors[0] with { Covariance = prior }] };
    }
}
