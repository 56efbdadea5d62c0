using TypedPooling.Draws;
using TypedPooling.Engines;
using TypedPooling.Tests.Dsl.Support;
using Xunit;
using static TypedPooling.Prior;

namespace TypedPooling.Tests.Dsl;

/// <summary>A fit whose draws are independent, made by importance sampling: what it says of itself, and which sample its numbers come from.</summary>
public sealed class IndependentFitTests
{
    private static readonly Group<Visit, string> Cafe = Group.By((Visit v) => v.Cafe);

    private static readonly NormalModel<Visit> Waits = PooledModel.Of<Visit>()
        .Normal(v => v.Wait, sigma: Exponential(1))
        .Intercept(Normal(5, 2))
        .Slope(v => v.Afternoon, Normal(-1, 0.5))
        .Varying(Cafe, g => g.Intercept(Exponential(1)).Slope(v => v.Afternoon, Exponential(1)).Correlated(Lkj(2)));

    private static readonly Lazy<NormalFit<Visit>> Shared = new(() => Waits.Fit(Rows.Cafe, new RunOptions { Seed = 7 }));

    private static NormalFit<Visit> Fit => Shared.Value;

    [Fact]
    public void The_default_is_independent_draws_and_the_text_says_how_they_were_checked()
    {
        var lines = Fit.ToString().ReplaceLineEndings("\n").Split('\n');

        Assert.Equal(DrawKind.Independent, Fit.Posterior.DrawKind);
        Assert.Null(Fit.Posterior.Sampler);
        Assert.Equal("Scales drawn independently by importance sampling from quasi-random proposals, every check passed", lines[2]);
        Assert.Matches(
            @"^4,000 independent draws from 20,480 weighted proposals \(ESS of the weights 1\d,\d{3}, k-hat -?0\.\d\d\), seed 7; (\d+\.\d "
                + @"ms|\d+\.\d\d s)$", lines[3]);
        Assert.EndsWith("rhat", lines[5], StringComparison.Ordinal);
        Assert.All(lines[6..12], line => Assert.EndsWith("  -", line, StringComparison.Ordinal));
        Assert.Empty(Fit.Warnings);
    }

    [Fact]
    public void Population_effects_and_scales_are_summed_up_over_the_weighted_sample()
    {
        var weighted = Fit.Posterior.Weighted!;
        foreach (var (quantity, block, index) in new[] { (
            Fit.Coefficient(v => v.Afternoon), weighted.Population, 1), (Fit.Sigma, weighted.Scales, 0) })
        {
            var values = new double[block.DrawCount];
            block.CopyDraws(index, values);

            Assert.Equal(weighted.Weights.Mean(values), quantity.Mean);
            Assert.Equal(weighted.Weights.Sd(values), quantity.Sd);
            Assert.Equal(weighted.Weights.McseMean(values), quantity.McseMean);
            Assert.Equal(weighted.Weights.McseSd(values), quantity.McseSd);
            Assert.All([0, 0.055, 0.3, 0.5, 0.945, 1], p => Assert.Equal(weighted.Weights.Quantile(values, p), quantity.Quantile(p)));
            Assert.Equal(weighted.Weights.EssMean(values), quantity.EssBulk, 1e-6);
            Assert.Equal(weighted.Weights.EssQuantile(values, 0.3), quantity.EssQuantile(0.3));
            Assert.Equal(0.5, quantity.Probability(x => x <= quantity.Median), 1e-3);
            Assert.True(double.IsNaN(quantity.RHat));

            // The equal-weight draws are of the same distribution: 4,000 of them are worth less than the sample.
            var mean = quantity.Draws.Average();
            Assert.Equal(4000, quantity.Draws.Length);
            Assert.InRange(Math.Abs(mean - quantity.Mean), 1e-12, 5 * quantity.Sd / Math.Sqrt(3000));

            // Worth more than there are proposals: they are quasi-random.
            Assert.InRange(quantity.EssBulk, 20_480, 1_000_000);
        }
    }

    [Fact]
    public void Levels_and_derived_quantities_count_the_resampling_in_their_errors()
    {
        var level = Fit.For(Cafe).Level("5").Intercept;
        var contrast = Fit.Derive(d => d.Of(level) - d.Of(Fit.Intercept));
        foreach (var quantity in new[] { level, contrast })
        {
            Assert.Equal(quantity.Draws.Average(), quantity.Mean, 1e-12);
            Assert.Equal(Fit.Posterior.Weights!.McseMean(quantity.Draws.AsSpan()), quantity.McseMean);
            Assert.InRange(quantity.EssBulk, 2500, 4002);
            Assert.InRange(quantity.EssTail, 2500, 4002);
            Assert.Equal(Fit.Posterior.Weights.EssQuantile(quantity.Draws.AsSpan(), 0.2), quantity.EssQuantile(0.2));
        }
    }

    [Fact]
    public void Importance_that_is_asked_for_and_refused_is_an_error_with_the_remedy_and_automatic_falls_back_with_the_reason()
    {
        // A prior with Cauchy tails on a population effect.
        var heavy = PooledModel.Of<Visit>().Normal(v => v.Wait, Exponential(1)).Intercept(Cauchy(0, 5)).Varying(
            Cafe, g => g.Intercept(Exponential(1)));
        var few = new RunOptions { Chains = 2, Warmup = 60, Draws = 50 };

        var failure = Assert.Throws<ModelException>(() => heavy.Fit(Rows.Cafe, few with { Sampling = SamplingMethod.Importance }));
        Assert.Equal(
            "[SamplingRefused] Sampling is Importance, but its draws are not reliable here: The prior of Intercept has heavier tails "
                + "than a t with 4 degrees of freedom, and the checks may not detect this. Set Sampling to Nuts, or leave it Automatic.",
            failure.Message);

        var fit = heavy.Fit(Rows.Cafe, few);
        Assert.Equal(DrawKind.MarkovChains, fit.Posterior.DrawKind);
        Assert.Equal(
            "Scales drawn by NUTS, since independent draws were refused: The prior of Intercept has heavier tails than a t with 4 degrees of "
                + "freedom, and the checks may not detect this",
            fit.Posterior.SamplingReason);
        Assert.Null(fit.Posterior.LogEvidence);
    }
}
