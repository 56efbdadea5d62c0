using MathNet.Numerics;
using MathNet.Numerics.LinearAlgebra;
using TypedPooling.Randomness;
using TypedPooling.Tests.Support;
using Xunit;

namespace TypedPooling.Tests.Core;

/// <summary>What priors on matrices say of themselves, against their densities and draws. Cases are of every concrete type.</summary>
public sealed class MatrixPriorMemberTests
{
    private const int Draws = 40_000;

    public static TheoryData<string> Correlations => PriorCases.Texts<ICorrelationPrior>();

    public static TheoryData<string> Covariances => PriorCases.Texts<ICovariancePrior>();

    [Theory]
    [MemberData(nameof(Correlations))]
    public void The_concentration_is_that_of_the_correlations_drawn(string text)
    {
        var prior = PriorCases.Named<ICorrelationPrior>(text);
        foreach (var q in new[] { 2, 3 })
        {
            var squares = Correlation(q, (stream, factor) => prior.SampleFactor(q, stream, factor));

            Assert.Equal(squares.All(square => square == 0), prior.IsIdentity);
            if (prior.Concentration is { } eta)
                AssertExponent(eta + 0.5 * q - 2, squares);
            else
                Assert.True(prior.IsIdentity);
        }
    }

    [Theory]
    [MemberData(nameof(Covariances))]
    public void The_exponent_of_a_correlation_is_that_of_the_correlations_drawn(string text)
    {
        var prior = PriorCases.Named<ICovariancePrior>(text);
        foreach (var q in new[] { 2, 3 }.Where(q => prior.ReasonAgainst(q) is null))
        {
            var squares = Correlation(q, (stream, factor) => prior.SampleFactor(q, stream, factor));
            if (prior.CorrelationExponent(q) is { } exponent)
                AssertExponent(exponent, squares);
            else
                Assert.Contains(prior.Conjugate(q)!.ScaleMatrix.Where((_, at) => at / q != at % q), element => element != 0);
        }
    }

    [Theory]
    [MemberData(nameof(Covariances))]
    public void The_prior_of_one_sd_is_the_density_of_its_variance(string text)
    {
        var prior = PriorCases.Named<ICovariancePrior>(text);
        var sd = Fitting(prior).Contains(1) ? prior.SdPrior(0, 1) : null;
        foreach (var value in sd is null ? [] : new[] { 0.2, 0.9, 3 })
            Assert.Equal(prior.LogDensity([value], []), sd!.LogScaleDensity(value) - Math.Log(2 * value), 1e-10);
    }

    [Theory]
    [MemberData(nameof(Covariances))]
    public void The_prior_of_each_sd_is_that_of_the_sds_drawn(string text)
    {
        var prior = PriorCases.Named<ICovariancePrior>(text);
        Assert.NotEmpty(Fitting(prior));
        foreach (var q in Fitting(prior))
        {
            var stream = new PhiloxStream(8, (ulong)q);
            var factor = new double[q * q];
            var draws = Enumerable.Range(0, Draws).Select(_ =>
            {
                prior.SampleFactor(q, stream, factor);
                return Enumerable.Range(0, q).Select(a => Math.Sqrt(factor[(a * q)..((a + 1) * q)].Sum(x => x * x))).ToArray();
            }).ToArray();
            for (var a = 0; a < q; a++)
            {
                foreach (var probability in new[] { 0.1, 0.5, 0.9 })
                {
                    var at = prior.SdPrior(a, q)!.Quantile(probability);
                    var share = draws.Count(sds => sds[a] < at) / (double)Draws;
                    var error = Math.Sqrt(probability * (1 - probability) / Draws);
                    Assert.True(
                        Math.Abs(share - probability) <= 5 * error, $"{share} of the sds of effect {a} of {q} lie below the {probability} quantile.");
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Covariances))]
    public void The_conjugate_form_has_the_density_of_its_prior(string text)
    {
        var prior = PriorCases.Named<ICovariancePrior>(text);
        foreach (var q in Fitting(prior).Where(q => q <= 2))
        {
            var form = prior.Conjugate(q)!;
            Assert.Equal(form.IsMixture, form.MixingScales.Length == q);
            double[] lambda = q == 1 ? [0.8] : [0.9, 0, -0.5, 1.7];
            var factor = Matrix<double>.Build.Dense(q, q, (a, b) => lambda[a * q + b]);
            var sigma = factor * factor.Transpose();
            var scale = Matrix<double>.Build.Dense(q, q, (a, b) => form.ScaleMatrix[a * q + b]);
            var density = form.IsMixture ? Mixed(0, []) : Wishart([]);

            Assert.Equal(prior.LogDensity(lambda, []), Math.Log(density), 1e-7);

            // Over w_i of effect i and those behind it, times the density of the w.
            double Mixed(int i, double[] w)
            {
                if (i == q)
                    return Wishart(w);
                var rate = 1 / (form.MixingScales[i] * form.MixingScales[i]);
                return DoubleExponential.Integrate(
                    x => Math.Exp(0.5 * Math.Log(rate / x / Math.PI) - rate * x) * Mixed(i + 1, [.. w, x]), 0, double.PositiveInfinity);
            }

            double Wishart(double[] w)
            {
                var psi = w.Length == 0 ? scale : scale + 2 * form.MixingDegreesOfFreedom * Matrix<double>.Build.DenseOfDiagonalArray(w);
                var half = 0.5 * form.DegreesOfFreedom;
                var gamma = 0.25 * q * (q - 1) * Math.Log(Math.PI) + Enumerable.Range(0, q).Sum(a => SpecialFunctions.GammaLn(half - 0.5 * a));
                return Math.Exp(
                    half * Math.Log(psi.Determinant()) - half * q * Math.Log(2) - gamma - (half + 0.5 * (q + 1)) * Math.Log(sigma.Determinant())
                    - 0.5 * (psi * sigma.Inverse()).Trace());
            }
        }
    }

    [Theory]
    [MemberData(nameof(Covariances))]
    public void A_prior_has_no_conjugate_form_of_a_size_that_it_does_not_fit(string text)
    {
        var prior = PriorCases.Named<ICovariancePrior>(text);

        Assert.All(Enumerable.Range(1, 8), q => Assert.Equal(prior.ReasonAgainst(q) is null, prior.Conjugate(q) is not null));
    }

    private static IReadOnlyList<int> Fitting(ICovariancePrior prior) => [.. Enumerable.Range(1, 3).Where(q => prior.ReasonAgainst(q) is null)];

    // Squares of the correlation of the last two effects.
    private static double[] Correlation(int q, Action<PhiloxStream, double[]> draw)
    {
        var stream = new PhiloxStream(7, (ulong)q);
        var factor = new double[q * q];
        return [.. Enumerable.Range(0, Draws).Select(_ =>
        {
            draw(stream, factor);
            var rows = Enumerable.Range(q - 2, 2).Select(a => Vector<double>.Build.DenseOfArray(factor[(a * q)..((a + 1) * q)])).ToArray();
            return Math.Pow(rows[0] * rows[1] / (rows[0].L2Norm() * rows[1].L2Norm()), 2);
        })];
    }

    // Under a density proportional to (1 - rho^2)^c the square of rho is Beta(1/2, c + 1).
    private static void AssertExponent(double exponent, double[] squares)
    {
        var mean = 1 / (2 * exponent + 3);
        var error = Math.Sqrt(mean * (1 - mean) / (exponent + 2.5) / squares.Length);
        Assert.True(
            Math.Abs(squares.Average() - mean) <= 5 * error,
            $"The mean square of the correlations is {squares.Average()}, and {mean} under the exponent {exponent}.");
    }
}
