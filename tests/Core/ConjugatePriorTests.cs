using MathNet.Numerics.Distributions;
using TypedPooling.Model;
using TypedPooling.Randomness;
using TypedPooling.Tests.Support;
using Xunit;

namespace TypedPooling.Tests.Core;

public sealed class ConjugatePriorTests
{
    public static TheoryData<IScalePrior, double, double> Scales => new()
    {
        // The prior, its median and its 90 % quantile, by hand.
        { new ExponentialPrior(2), Math.Log(2) / 2, Math.Log(10) / 2 },
        { new HalfNormalPrior(3), 3 * 0.6744897501960817, 3 * 1.6448536269514722 },
        { new HalfCauchyPrior(5), 5, 5 * 6.313751514675043 },
        { new HalfStudentTPrior(4, 1), 0.7406970841, 2.131846786 },
        { new UniformPrior(0, 10), 5, 9 },
        { new GammaPrior(1, 0.5), 2 * Math.Log(2), 2 * Math.Log(10) },
    };

    [Theory]
    [MemberData(nameof(Scales))]
    public void A_single_sd_keeps_its_median_and_its_90_percent_quantile(IScalePrior prior, double median, double upper)
    {
        var model = ConjugatePriors.Replace(OneSd(prior), CovarianceFamily.InverseWishart);

        var conjugate = Assert.IsType<InverseGammaOnVariancePrior>(model.Spec.Factors[0].Terms[0].Sd);

        // P(sd <= s) = P(g >= scale / s^2), g ~ Gamma(shape, 1)
        Assert.Equal(0.5, 1 - Gamma.CDF(conjugate.Shape, 1, conjugate.Scale / (median * median)), 1e-8);
        Assert.Equal(0.9, 1 - Gamma.CDF(conjugate.Shape, 1, conjugate.Scale / (upper * upper)), 1e-8);
        var listed = Assert.Single(model.Replaced);
        Assert.Equal(("sd(g: Intercept)", prior.Text, conjugate.Text), (listed.Parameter, listed.Original, listed.Replacement));
    }

    [Theory]
    [InlineData(CovarianceFamily.InverseWishart, 2, 2)]
    [InlineData(CovarianceFamily.InverseWishart, 3, 1)]
    [InlineData(CovarianceFamily.HuangWand, 2, 2)]
    [InlineData(CovarianceFamily.HuangWand, 3, 1)]
    public void Correlated_effects_keep_the_medians_of_sds_and_the_densities_of_correlations(CovarianceFamily family, int q, double eta)
    {
        const int Draws = 40_000;
        var spec = Systems.Spec(
            q - 1,
            [],
            [.. Enumerable.Range(0, q).Select(a => new VaryingTerm($"t{a}", a - 1, new ExponentialPrior(a + 1)))],
            new LkjPrior(eta),
            new FixedPrior(1));
        var model = ConjugatePriors.Replace(spec, family);
        var prior = model.Spec.Factors[0].Covariance!;
        Assert.Null(prior.ReasonAgainst(q));
        var stream = new PhiloxStream(21, 0);
        var factor = new double[q * q];
        var below = new int[q];
        double sum = 0, fourth = 0;
        for (var s = 0; s < Draws; s++)
        {
            prior.SampleFactor(q, stream, factor);
            for (var a = 0; a < q; a++)
                below[a] += Math.Sqrt(Dot(a, a)) < Math.Log(2) / (a + 1) ? 1 : 0;
            var rho = Dot(1, 0) / Math.Sqrt(Dot(0, 0) * Dot(1, 1));
            sum += rho * rho;
            fourth += rho * rho * rho * rho;
        }

        for (var a = 0; a < q; a++)
            Assert.Equal(0.5, (double)below[a] / Draws, 5 * 0.5 / Math.Sqrt(Draws));

        // (rho + 1) / 2 ~ Beta(b, b), b = eta + q / 2 - 1: E rho^2 = 1 / (2 b + 1), E rho^4 = 3 / ((2 b + 1)(2 b + 3)).
        var b = eta + 0.5 * q - 1;
        Assert.Equal(1 / (2 * b + 1), sum / Draws, 5 * Math.Sqrt((3 / ((2 * b + 1) * (2 * b + 3)) - 1 / Math.Pow(2 * b + 1, 2)) / Draws));
        Assert.Equal(3 / ((2 * b + 1) * (2 * b + 3)), fourth / Draws, 0.01);
        Assert.All(model.Spec.Factors[0].Terms, term => Assert.Null(term.Sd));
        Assert.Equal("covariance(g)", Assert.Single(model.Replaced).Parameter);

        double Dot(int r, int c) => Enumerable.Range(0, q).Sum(k => factor[r * q + k] * factor[c * q + k]);
    }

    [Fact]
    public void Huang_and_Wands_prior_becomes_an_inverse_Wishart_only_where_that_is_asked_for()
    {
        var spec = Systems.Spec(1, [], [new VaryingTerm("a", -1, null), new VaryingTerm("b", 0, null)], null, new FixedPrior(1));
        spec = spec with { Factors = [spec.Factors[0] with { Covariance = new HuangWandPrior(2, 1, 3) }] };

        Assert.Empty(ConjugatePriors.Replace(spec, CovarianceFamily.HuangWand).Replaced);
        var wishart = Assert.IsType<InverseWishartPrior>(ConjugatePriors.Replace(spec, CovarianceFamily.InverseWishart).Spec.Factors[0].Covariance);
        Assert.Equal(3, wishart.DegreesOfFreedom);
        Assert.Equal(9, wishart.ScaleMatrix[3] / wishart.ScaleMatrix[0], 1e-9);
    }

    [Fact]
    public void Heavy_tails_of_a_coefficient_become_normal_and_conjugate_priors_stay()
    {
        PopulationTerm[] population =
        [
            new("a", -1, new CauchyPrior(1, 2)), new(
                "b", 0, new NormalPrior(0, 1)), new("c", 1, new FlatPrior()), new("d", 2, new FixedPrior(3)), new("e", 3, new LaplacePrior(-1, 2)),
        ];
        var spec = Systems.Spec(
            4, population, [new VaryingTerm("a", -1, new InverseGammaOnVariancePrior(2, 1))], new UncorrelatedPrior(), new FlatPrior());
        var model = ConjugatePriors.Replace(spec, CovarianceFamily.InverseWishart);

        var normal = Assert.IsType<NormalPrior>(model.Spec.Population[0].Prior);
        Assert.Equal((1, 2 * Math.Tan(0.4 * Math.PI) / 1.2815515655446004), (normal.Mean, normal.Sd));
        Assert.Equal(2 * Math.Log(5) / 1.2815515655446004, Assert.IsType<NormalPrior>(model.Spec.Population[4].Prior).Sd, 1e-12);
        Assert.Equal(["a", "e"], model.Replaced.Select(r => r.Parameter));
        Assert.Equal(spec.Population.Skip(1).Take(3), model.Spec.Population.Skip(1).Take(3));
        Assert.Equal(spec.Factors[0].Terms.AsEnumerable(), model.Spec.Factors[0].Terms);
        Assert.IsType<FlatPrior>(model.Spec.Response.Sigma);
    }

    private static ModelSpec OneSd(IScalePrior prior) =>
        Systems.Spec(0, [], [new VaryingTerm("Intercept", ModelSpec.Ones, prior)], null, new FixedPrior(1));

    [Fact]
    public void With_Huang_and_Wands_family_priors_of_single_sds_stay()
    {
        var spec = Systems.Spec(
            0, [], [new VaryingTerm("Intercept", ModelSpec.Ones, new HalfCauchyPrior(2))], new UncorrelatedPrior(), new UniformPrior(0, 100));

        Assert.Empty(ConjugatePriors.Replace(spec, CovarianceFamily.HuangWand).Replaced);
    }
}
