using TypedPooling.Engines;
using TypedPooling.Tests.Dsl.Support;
using Xunit;
using static TypedPooling.Prior;

namespace TypedPooling.Tests.Dsl;

/// <summary>Sums, products and comparisons of quantities.</summary>
public sealed class QuantityArithmeticTests
{
    private static readonly Group<Visit, string> Cafe = Group.By((Visit v) => v.Cafe);

    private static readonly Lazy<NormalFit<Visit>> Draws = new(() => Model.Fit(Rows.Cafe, new() { Draws = 500 }));

    private static NormalModel<Visit> Model => PooledModel.Of<Visit>().Normal(v => v.Wait).Intercept().Slope(v => v.Afternoon)
        .Varying(Cafe, g => g.Intercept().Slope(v => v.Afternoon));

    [Fact]
    public void Operators_are_those_of_Derive_draw_by_draw()
    {
        var fit = Draws.Value;
        var (a, b) = (fit.Intercept, fit.Coefficient("Afternoon"));
        Same(fit.Derive(d => d.Of(a) + d.Of(b)), a + b, "Intercept + Afternoon");
        Same(fit.Derive(d => d.Of(a) - d.Of(b)), a - b, "Intercept - Afternoon");
        Same(fit.Derive(d => d.Of(a) * d.Of(b)), a * b, "Intercept * Afternoon");
        Same(fit.Derive(d => d.Of(b) / d.Of(a)), b / a, "Afternoon / Intercept");
        Same(fit.Derive(d => d.Of(a) + 2), a + 2, "Intercept + 2");
        Same(fit.Derive(d => 2 + d.Of(a)), 2 + a, "2 + Intercept");
        Same(fit.Derive(d => d.Of(a) - 2), a - 2, "Intercept - 2");
        Same(fit.Derive(d => 2 - d.Of(a)), 2 - a, "2 - Intercept");
        Same(fit.Derive(d => d.Of(a) * 2.5), a * 2.5, "Intercept * 2.5");
        Same(fit.Derive(d => 2.5 * d.Of(a)), 2.5 * a, "2.5 * Intercept");
        Same(fit.Derive(d => d.Of(a) / 4), a / 4, "Intercept / 4");
        Same(fit.Derive(d => 4 / d.Of(a)), 4 / a, "4 / Intercept");
        Same(fit.Derive(d => -d.Of(a)), -a, "-Intercept");
        Same(fit.Derive(d => (d.Of(a) - d.Of(b)) / (d.Of(a) + d.Of(b))), (a - b) / (a + b), "(Intercept - Afternoon) / (Intercept + Afternoon)");

        static void Same(Quantity expected, Quantity actual, string name)
        {
            Assert.Equal(expected.Draws.ToArray(), actual.Draws.ToArray());
            Assert.Equal(name, actual.Name);
        }
    }

    [Fact]
    public void Weighted_samples_go_through_the_operators()
    {
        var fit = Draws.Value;
        var (a, b) = (fit.Intercept, fit.Coefficient("Afternoon"));
        Assert.NotNull(fit.Posterior.Weighted);

        // A mean of the weighted sample is linear to rounding; one of the resampled draws differs in Monte-Carlo digits.
        Assert.Equal(a.Mean + b.Mean, (a + b).Mean, 1e-12);
        Assert.Equal(3 * a.Mean - 2 * b.Mean + 1, (3 * a - 2 * b + 1).Mean, 1e-12);
        var derived = fit.Derive(d => d.Of(a) + d.Of(b));
        Assert.NotEqual(derived.Mean, (a + b).Mean);
        Assert.Equal(derived.Mean, (a + b).Mean, 5 * derived.McseMean);
        Assert.Equal(-a.Quantile(0.3), (-a).Quantile(0.7), 1e-9);

        // A level is known by its draws alone, and so is what is made of it.
        var level = fit.For(Cafe)[Rows.Cafe[0].Cafe].Intercept;
        Assert.Equal(fit.Derive(d => d.Of(level) - d.Of(a)).Mean, (level - a).Mean, 1e-12);
    }

    [Fact]
    public void Comparisons_are_posterior_probabilities()
    {
        var fit = Draws.Value;
        var levels = fit.For(Cafe);
        var (one, other) = (levels[Rows.Cafe[0].Cafe].Intercept, levels[Rows.Cafe[^1].Cafe].Intercept);
        var share = one.Draws.Zip(other.Draws).Count(pair => pair.First > pair.Second) / (double)one.Draws.Length;
        Assert.Equal(share, one > other, 1e-12);
        Assert.Equal(1 - share, one < other, 1e-12);
        Assert.Equal(share, (one - other).ProbabilityAbove(0), 1e-12);
        Assert.Equal(fit.Intercept.Probability(x => x > 3.5), fit.Intercept > 3.5, 1e-12);
        Assert.Equal(fit.Intercept.Probability(x => x < 3.5), fit.Intercept.ProbabilityBelow(3.5), 1e-12);
        Assert.Equal(1, (fit.Intercept > 3.5) + (fit.Intercept < 3.5), 1e-12);
    }

    [Fact]
    public void Linear_combinations_keep_exact_moments()
    {
        // Every scale known: the posterior of all coefficients is normal.
        var fit = PooledModel.Of<Visit>().Normal(v => v.Wait, sigma: Fixed(0.5)).Intercept(Normal(5, 2)).Slope(v => v.Afternoon, Normal(-1, 0.5))
            .Varying(Cafe, g => g.Intercept(Fixed(1))).Fit(Rows.Cafe);
        var level = fit.For(Cafe)[Rows.Cafe[0].Cafe];
        var sum = fit.Intercept + level.Effect("Intercept");
        Assert.Equal(level.Intercept.Mean, sum.Mean, 1e-12);
        Assert.Equal(level.Intercept.Sd, sum.Sd, 1e-12);
        Assert.Equal(0, sum.McseMean);
        var afternoon = level.Intercept + fit.Coefficient("Afternoon");
        var predicted = fit.PredictMean(Rows.Cafe[0] with { Afternoon = true });
        Assert.Equal(predicted.Mean, afternoon.Mean, 1e-12);
        Assert.Equal(predicted.Sd, afternoon.Sd, 1e-12);
        Assert.Equal(2 * predicted.Sd, (1 - 2 * afternoon).Sd, 1e-12);
        Assert.Equal(0, (level.Intercept - level.Intercept).Sd, 1e-9);
        Assert.Equal(afternoon.Quantile(0.25), -(-afternoon).Quantile(0.75), 1e-12);

        // Two levels of one factor: by draws.
        var other = fit.For(Cafe)[Rows.Cafe[^1].Cafe];
        Assert.True((level.Intercept - other.Intercept).McseMean > 0);
    }

    [Fact]
    public void Of_a_point_fit_results_stand_at_the_estimates()
    {
        var fit = Model.Fit(Rows.Cafe, Engine.MaximumLikelihood);
        var (a, b) = (fit.Intercept, fit.Coefficient("Afternoon"));
        var covariance = fit.Likelihood.Covariance("Intercept", "Afternoon");
        Assert.Equal(a.Mean + b.Mean, (a + b).Mean, 1e-12);
        Assert.Equal(Math.Sqrt(a.Sd * a.Sd + b.Sd * b.Sd + 2 * covariance), (a + b).Sd, 1e-9);
        Assert.Equal(b.Mean / a.Mean, (b / a).Mean, 1e-12);
        var ratio = fit.For(Cafe).InterceptSd / fit.Sigma;
        Assert.Equal(fit.For(Cafe).InterceptSd.Mean / fit.Sigma.Mean, ratio.Mean, 1e-12);
        Assert.True(double.IsNaN((2 * fit.Sigma).Sd));
        Assert.Equal(2 * fit.Sigma.Mean, (2 * fit.Sigma).Mean);
        Assert.True(double.IsNaN(fit.Sigma.ProbabilityAbove(0.1)));
        Assert.Equal(1 - MathNet.Numerics.Distributions.Normal.CDF(a.Mean, a.Sd, 3.7), a > 3.7, 1e-12);
    }

    [Fact]
    public void Refuses_quantities_of_two_fits()
    {
        var other = Model.Fit(Rows.Cafe, new RunOptions { Draws = 500, Seed = 2 });
        Assert.Equal(ProblemCode.UnknownTerm, Problem(() => Draws.Value.Intercept - other.Intercept).Code);
        Assert.Contains("another fit", Problem(() => Draws.Value.Intercept > other.Intercept).Sentence);
        Assert.Throws<ArgumentNullException>(() => Draws.Value.Intercept + null!);
        Assert.Throws<ArgumentNullException>(() => -(Quantity)null!);
    }

    [Fact]
    public void Every_row_of_the_table_is_found_by_its_name()
    {
        var fit = Draws.Value;
        foreach (var row in fit.Table.Rows)
            Assert.Equal(row.Mean, fit.Quantity(row.Parameter.Name).Mean);
        var problem = Problem(() => fit.Quantity("Afternon"));
        Assert.Equal(ProblemCode.UnknownTerm, problem.Code);
        Assert.StartsWith("Did you mean 'Afternoon'? Ask for one of: Intercept, Afternoon, sigma", problem.Remedy);
        Assert.Throws<ArgumentNullException>(() => fit.Quantity(null!));
    }

    private static Problem Problem(Func<object> act) => Assert.Throws<ModelException>(act).Problems[0];
}
