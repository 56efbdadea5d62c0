using MathNet.Numerics.LinearAlgebra;
using TypedPooling.Randomness;
using Xunit;
using static TypedPooling.Prior;
using Distributions = MathNet.Numerics.Distributions;

namespace TypedPooling.Tests.Core;

/// <summary>Draws of every prior against its distribution function: the share of draws below a point is binomial.</summary>
public sealed class PriorSamplingTests
{
    private const int Draws = 40_000;

    public static TheoryData<IScalePrior, Func<double, double>> Scales => new()
    {
        { Exponential(2), x => Distributions.Exponential.CDF(2, x) },
        { HalfNormal(1.5), x => 2 * Distributions.Normal.CDF(0, 1.5, x) - 1 },
        { HalfCauchy(0.7), x => 2 * Distributions.Cauchy.CDF(0, 0.7, x) - 1 },
        { HalfStudentT(3, 2), x => 2 * Distributions.StudentT.CDF(0, 2, 3, x) - 1 },
        { HalfStudentT(0.8, 1), x => 2 * Distributions.StudentT.CDF(0, 1, 0.8, x) - 1 },
        { Gamma(2.5, 3), x => Distributions.Gamma.CDF(2.5, 3, x) },
        { Gamma(0.3, 1), x => Distributions.Gamma.CDF(0.3, 1, x) },
        { Gamma(60, 20), x => Distributions.Gamma.CDF(60, 20, x) },
        { Gamma(2, 0.1).Above(1), x => x < 1 ? 0 : 1 - (1 - Distributions.Gamma.CDF(2, 0.1, x)) / (1 - Distributions.Gamma.CDF(2, 0.1, 1)) },
        { ExponentialOnInverseRoot(0.8), x => Math.Exp(-0.8 / Math.Sqrt(x)) },
        { InverseGammaOnVariance(2, 3), x => Distributions.InverseGamma.CDF(2, 3, x * x) },
        { Uniform(0.5, 4), x => Distributions.ContinuousUniform.CDF(0.5, 4, x) },
    };

    public static TheoryData<IRealPrior, Func<double, double>> Reals => new()
    {
        { Normal(-2, 3), x => Distributions.Normal.CDF(-2, 3, x) },
        { Uniform(-1, 2), x => Distributions.ContinuousUniform.CDF(-1, 2, x) },
    };

    public static TheoryData<ICovariancePrior, int> Covariances => new()
    {
        { HuangWand(2, 1.5), 1 },
        { HuangWand(2, 1.5, 0.4), 2 },
        { HuangWand(1.2, 3), 2 },
        { HuangWand(3.5, 0.5, 2, 7), 3 },
        { InverseWishart(3, 0.8), 1 },
        { InverseWishart(2.2, 0.8), 2 },
        { InverseWishart(4.5, new[,] { { 2, 0.3 }, { 0.3, 0.5 } }), 2 },
        { InverseWishart(6, new[,] { { 2, 0.3, -0.8 }, { 0.3, 0.5, 0.1 }, { -0.8, 0.1, 1.2 } }), 3 },
    };

    private static void AssertDistributed(double[] draws, Func<double, double> probability, string what)
    {
        var sorted = draws.Order().ToArray();
        Assert.All(draws, draw => Assert.True(double.IsFinite(draw)));
        foreach (var share in new[] { 0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99 })
        {
            // The distribution function at the k-th of n sorted draws is Beta(k, n - k + 1): about the share, with this standard error.
            var p = probability(sorted[(int)(share * draws.Length)]);
            Assert.True(
                Math.Abs(p - share) <= 5 * Math.Sqrt(share * (1 - share) / draws.Length) + 1.0 / draws.Length,
                $"{what}: {p} below the {share} quantile of the draws.");
        }
    }

    [Theory]
    [MemberData(nameof(Scales))]
    public void Draws_of_a_scale_prior_have_its_distribution(IScalePrior prior, Func<double, double> probability)
    {
        var stream = new PhiloxStream(21, 5);
        AssertDistributed([.. Enumerable.Range(0, Draws).Select(_ => prior.Sample(stream))], probability, prior.Text);
    }

    [Theory]
    [MemberData(nameof(Reals))]
    public void Draws_of_a_coefficient_prior_have_its_distribution(IRealPrior prior, Func<double, double> probability)
    {
        var stream = new PhiloxStream(22, 5);
        AssertDistributed([.. Enumerable.Range(0, Draws).Select(_ => prior.Sample(stream))], probability, prior.Text);
    }

    [Theory]
    [InlineData(2, 1.0)]
    [InlineData(2, 4.0)]
    [InlineData(3, 0.5)]
    [InlineData(4, 2.0)]
    public void Each_correlation_of_an_LKJ_draw_is_a_Beta_variable(int size, double eta)
    {
        var stream = new PhiloxStream(23, (ulong)size);
        var factor = new double[size * size];
        var correlations = Enumerable.Range(0, size * size).Select(_ => new double[Draws]).ToArray();
        for (var s = 0; s < Draws; s++)
        {
            Lkj(eta).SampleFactor(size, stream, factor);
            for (var a = 0; a < size; a++)
            {
                for (var b = 0; b <= a; b++)
                    correlations[a * size + b][s] = Enumerable.Range(0, size).Sum(k => factor[a * size + k] * factor[b * size + k]);
                Assert.Equal(1, correlations[a * size + a][s], 1e-12);
                Assert.All(factor[(a * size + a + 1)..(a * size + size)], value => Assert.Equal(0, value));
            }
        }

        // [Lewandowski2009]: (r + 1) / 2 ~ Beta(b, b) with b = eta + (q - 2) / 2, for every pair.
        var shape = eta + 0.5 * (size - 2);
        for (var a = 1; a < size; a++)
        {
            for (var b = 0; b < a; b++)
                AssertDistributed(correlations[a * size + b], r => Distributions.Beta.CDF(shape, shape, 0.5 * (r + 1)), $"r[{a}, {b}]");
        }
    }

    [Fact]
    public void The_determinant_of_an_LKJ_draw_has_its_mean()
    {
        // E det R = prod over k of (E(1 - c_k^2))^(q - 1 - k), c_k the partial correlations: 1 - c^2 has mean 2b / (2b + 1).
        const int Size = 4;
        const double Eta = 1.5;
        var expected = Enumerable.Range(0, Size - 1).Aggregate(
            1.0, (product, k) => product * Math.Pow(1 - 1 / (2 * (Eta + 0.5 * (Size - 2 - k)) + 1), Size - 1 - k));
        var stream = new PhiloxStream(24, 0);
        var factor = new double[Size * Size];
        var determinants = new double[Draws];
        for (var s = 0; s < Draws; s++)
        {
            Lkj(Eta).SampleFactor(Size, stream, factor);
            determinants[s] = Enumerable.Range(0, Size).Aggregate(1.0, (product, a) => product * factor[a * Size + a] * factor[a * Size + a]);
        }

        var mean = determinants.Average();
        var error = Math.Sqrt(determinants.Average(d => (d - mean) * (d - mean)) / Draws);
        Assert.InRange(mean, expected - 5 * error, expected + 5 * error);
    }

    [Theory]
    [MemberData(nameof(Covariances))]
    public void Sds_and_correlations_of_a_covariance_draw_have_their_marginal_distributions(ICovariancePrior prior, int size)
    {
        var draws = CovarianceDraws(prior, size);
        for (var a = 0; a < size; a++)
        {
            var own = a;
            AssertDistributed(
                [.. draws.Select(sigma => Math.Sqrt(sigma[own * size + own]))], sd => SdBelow(prior, own, size, sd), $"{prior.Text}: sd {a}");
            for (var b = 0; b < a; b++)
            {
                var other = b;
                if (CorrelationShape(prior, size) is { } shape)
                {
                    AssertDistributed(
                        [.. draws.Select(sigma => sigma[own * size + other] / Math.Sqrt(sigma[own * size + own] * sigma[other * size + other]))],
                        r => Distributions.Beta.CDF(shape, shape, 0.5 * (r + 1)), $"{prior.Text}: correlation {a}, {b}");
                }
            }
        }
    }

    [Fact]
    public void Inverse_Wishart_draws_have_their_mean()
    {
        // E Sigma = Psi / (nu - q - 1); the variance of an element is finite for nu > q + 3.
        var psi = new[,] { { 2, 0.3, -0.8 }, { 0.3, 0.5, 0.1 }, { -0.8, 0.1, 1.2 } };
        var draws = CovarianceDraws(InverseWishart(12, psi), 3);
        for (var t = 0; t < 9; t++)
            AssertMean([.. draws.Select(sigma => sigma[t])], psi[t / 3, t % 3] / 8, $"element {t}");
    }

    [Theory]
    [MemberData(nameof(Covariances))]
    public void Draws_of_a_covariance_prior_are_distributed_by_its_density(ICovariancePrior prior, int size)
    {
        // E g / p = 1 for any density g inside the support, here another inverse Wishart: with more degrees of freedom and a greater scale matrix g /
        // p is bounded.
        var (degreesOfFreedom, scale) = prior switch
        {
            HuangWandPrior p =>
                (p.DegreesOfFreedom + size, 2 * p.DegreesOfFreedom * Matrix<double>.Build.DenseDiagonal(
                    size, size, a => Math.Pow(p.Scales[p.Scales.Length == 1 ? 0 : a], 2))),
            InverseWishartPrior { Scale: { } multiple } p => (p.DegreesOfFreedom + 2, 2 * multiple * Matrix<double>.Build.DenseIdentity(size)),
            InverseWishartPrior p => (p.DegreesOfFreedom + 2, 2 * Matrix<double>.Build.Dense(size, size, [.. p.ScaleMatrix])),
            _ => throw new NotSupportedException(prior.Text),
        };
        var other = new Distributions.InverseWishart(degreesOfFreedom, scale);
        var stream = new PhiloxStream(27, (ulong)size);
        var factor = new double[size * size];
        var ratios = new double[Draws];
        for (var s = 0; s < Draws; s++)
        {
            prior.SampleFactor(size, stream, factor);
            var lambda = Matrix<double>.Build.DenseOfRowMajor(size, size, factor);
            ratios[s] = other.Density(lambda * lambda.Transpose()) / Math.Exp(prior.LogDensity(factor, []));
        }

        AssertMean(ratios, 1, prior.Text);
    }

    [Fact]
    public void Known_values_and_no_correlations_are_drawn_as_they_are()
    {
        var stream = new PhiloxStream(25, 0);
        var factor = new double[4];
        Uncorrelated.SampleFactor(2, stream, factor);
        Assert.Equal([1, 0, 0, 1], factor);
        Assert.Equal(3, ((IRealPrior)Fixed(3)).Sample(stream));
        Assert.Throws<InvalidOperationException>(() => ((IScalePrior)Flat).Sample(stream));
    }

    // Sigma by rows, a draw after the other.
    private static double[][] CovarianceDraws(ICovariancePrior prior, int size)
    {
        var stream = new PhiloxStream(26, (ulong)size);
        var draws = new double[Draws][];
        var factor = new double[size * size];
        for (var s = 0; s < Draws; s++)
        {
            prior.SampleFactor(size, stream, factor);
            for (var a = 0; a < size; a++)
            {
                Assert.True(factor[a * size + a] > 0);
                Assert.All(factor[(a * size + a + 1)..(a * size + size)], value => Assert.Equal(0, value));
            }

            draws[s] = [.. Enumerable.Range(0, size * size).Select(
                t => Enumerable.Range(0, size).Sum(k => factor[t / size * size + k] * factor[t % size * size + k]))];
        }

        return draws;
    }

    // [Huang2013]: HuangWand has half-t sds. A diagonal element of an inverse Wishart matrix is inverse gamma.
    private static double SdBelow(ICovariancePrior prior, int term, int size, double sd) => prior switch
    {
        HuangWandPrior p => 2 * Distributions.StudentT.CDF(0, p.Scales[p.Scales.Length == 1 ? 0 : term], p.DegreesOfFreedom, sd) - 1,
        InverseWishartPrior p => Distributions.InverseGamma.CDF(
            0.5 * (p.DegreesOfFreedom - size + 1), 0.5 * (p.Scale ?? p.ScaleMatrix[term * size + term]), sd * sd),
        _ => throw new NotSupportedException(prior.Text),
    };

    // A correlation has a density proportional to (1 - r^2)^(shape - 1): uniform for HuangWand with 2 degrees of freedom. Null where Psi is not
    // diagonal.
    private static double? CorrelationShape(ICovariancePrior prior, int size) => prior switch
    {
        HuangWandPrior p => 0.5 * p.DegreesOfFreedom,
        InverseWishartPrior { Scale: not null } p => 0.5 * (p.DegreesOfFreedom - size + 1),
        _ => null,
    };

    private static void AssertMean(double[] values, double expected, string what)
    {
        var mean = values.Average();
        var error = Math.Sqrt(values.Average(value => (value - mean) * (value - mean)) / values.Length);
        Assert.True(Math.Abs(mean - expected) <= 5 * error, $"{what}: {mean} where {expected} is due, standard error {error}.");
    }
}
