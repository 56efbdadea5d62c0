using TypedPooling.Draws;
using TypedPooling.Tests.Dsl.Support;
using Xunit;
using static TypedPooling.Prior;

namespace TypedPooling.Tests.Dsl;

/// <summary>Draws from the prior of responses that are not Normal, held against closed forms.</summary>
public sealed class PriorPredictiveTests
{
    private const int Draws = 20_000;

    // Rows 0 and 1 share a depot, row 2 has another. N is a number of trials, W an exposure.
    private static readonly Parcel[] Rows =
    [
        new("a", 0.5, 1, 1.5, 4, 0.2), new("a", -0.3, 1, 0.7, 3, 0.1), new("b", 1.1, 1, 2.0, 6, -0.2),
    ];

    private static void AssertMean(IEnumerable<double> values, double expected, string what)
    {
        var all = values.ToArray();
        var mean = all.Average();
        var error = Math.Sqrt(all.Average(v => (v - mean) * (v - mean)) / all.Length);
        Assert.True(Math.Abs(mean - expected) <= 5 * error, $"{what}: {mean} where {expected} is due, standard error {error}.");
    }

    [Fact]
    public void Probit_successes_have_the_probabilities_of_normal_numbers_below_thresholds()
    {
        // eta is normal, so P(y = 1) = Phi(E eta / sqrt(1 + var eta)).
        var model = PooledModel.Of<Parcel>().Binomial(p => p.Y, p => p.N, Link.Probit).Intercept(Normal(0.4, 0.6)).Slope(p => p.X, Normal(-0.5, 0.3))
            .Varying(Parcel.ByDepot, g => g.Intercept(Fixed(0.8))).Offset(p => p.Known);
        var draws = model.SimulatePrior(Rows, Draws, 2).Responses().ToArray();
        for (var i = 0; i < Rows.Length; i++)
        {
            var variance = 0.36 + 0.09 * Rows[i].X * Rows[i].X + 0.64;
            var mean = Rows[i].Known + 0.4 - 0.5 * Rows[i].X;
            AssertMean(draws.Select(y => y[i]), Rows[i].N * MathNet.Numerics.Distributions.Normal.CDF(0, 1, mean / Math.Sqrt(1 + variance)), $"successes of row {i}");
            Assert.All(draws, y => Assert.True(y[i] == Math.Floor(y[i]) && y[i] >= 0 && y[i] <= Rows[i].N));
        }
    }

    [Fact]
    public void Poisson_counts_have_the_moments_of_a_mixture_with_log_normal_rates()
    {
        var model = PooledModel.Of<Parcel>().Poisson(p => p.Y, p => p.W).Intercept(Normal(0.5, 0.4)).Varying(
            Parcel.ByDepot, g => g.Intercept(Fixed(0.3)));
        var draws = model.SimulatePrior(Rows, Draws, 3).Responses().ToArray();
        var mean = Rows.Select(row => row.W * Math.Exp(0.5 + 0.5 * 0.25)).ToArray();
        for (var i = 0; i < Rows.Length; i++)
        {
            AssertMean(draws.Select(y => y[i]), mean[i], $"mean of row {i}");
            for (var j = 0; j <= i; j++)
            {
                var shared = Rows[i].Depot == Rows[j].Depot ? 0.25 : 0.16;
                var expected = mean[i] * mean[j] * (Math.Exp(shared) - 1) + (i == j ? mean[i] : 0);
                AssertMean(draws.Select(y => (y[i] - mean[i]) * (y[j] - mean[j])), expected, $"covariance of rows {i} and {j}");
            }
        }
    }

    [Fact]
    public void A_shape_is_drawn_from_its_prior_and_widens_counts_and_positive_responses()
    {
        // Gamma(5, 8): E 1 / shape = 8 / 4.
        var counts = PooledModel.Of<Parcel>().NegativeBinomial(p => p.Y, p => p.W, Gamma(5, 8)).Intercept(Normal(1, 0.3));
        var simulated = counts.SimulatePrior(Rows, Draws, 4);
        AssertMean(simulated.Parameters.Shape.Draws, 5.0 / 8, "shape");
        AssertMean(counts.SamplePrior(Draws, 5).Shape.Draws.Select(phi => 1 / phi), 2, "inverse shape");
        var mean = Rows[0].W * Math.Exp(1 + 0.5 * 0.09);
        AssertMean(simulated.Responses().Select(y => y[0]), mean, "mean count");
        AssertMean(
            simulated.Responses().Select(y => Math.Pow(y[0] - mean, 2)),
            mean + mean * mean * (Math.Exp(0.09) * (1 + 2) - 1),
            "variance of counts");

        var positive = PooledModel.Of<Parcel>().Gamma(p => p.Y, Gamma(5, 8)).Intercept(Fixed(Math.Log(3)));
        var draws = positive.SimulatePrior(Rows, Draws, 6).Responses().ToArray();
        AssertMean(draws.Select(y => y[1]), 3, "mean of a positive response");
        AssertMean(draws.Select(y => Math.Pow(y[1] - 3, 2)), 9 * 2, "variance of a positive response");
    }

    [Fact]
    public void Shares_and_heavy_tailed_responses_have_the_variances_of_their_scales()
    {
        var shares = PooledModel.Of<Parcel>().Beta(p => p.Y, Uniform(1, 3)).Intercept(Fixed(Math.Log(0.3 / 0.7)));
        var simulated = shares.SimulatePrior(Rows, Draws, 7);
        AssertMean(simulated.Parameters.Precision.Draws, 2, "precision");
        AssertMean(simulated.Responses().Select(y => y[2]), 0.3, "mean share");
        AssertMean(simulated.Responses().Select(y => Math.Pow(y[2] - 0.3, 2)), 0.21 * Math.Log(2) / 2, "variance of shares");

        var heavy = PooledModel.Of<Parcel>().StudentT(p => p.Y, sigma: Exponential(2), degreesOfFreedom: Fixed(9)).Intercept(Fixed(1));
        var tails = heavy.SimulatePrior(Rows, Draws, 8);
        AssertMean(tails.Parameters.Sigma.Draws, 0.5, "sigma");
        Assert.All(tails.Parameters.DegreesOfFreedom.Draws, nu => Assert.Equal(9, nu));
        AssertMean(tails.Responses().Select(y => Math.Pow(y[0] - 1, 2)), 2.0 / 4 * 9 / 7, "variance with heavy tails");
    }

    [Fact]
    public void A_table_of_the_prior_has_the_parameters_of_a_fit_in_their_order()
    {
        var model = PooledModel.Of<Parcel>().StudentT(p => p.Y).Intercept().Slope(p => p.X).Varying(
            Parcel.ByDepot, g => g.Intercept().Slope(p => p.X).Correlated());
        var rows = Parcel.Rows();
        var sample = model.SamplePrior(rows, 50);
        var fit = model.Fit(rows, Engine.Nuts, new() { Chains = 1, Draws = 20, Warmup = 50 });
        Assert.Equal(fit.Table.Rows.Select(row => row.Parameter.Name), sample.Table.Rows.Select(row => row.Parameter.Name));
        Assert.Equal(fit.Spec.Population.Select(term => term.Prior!.Text), sample.Spec.Population.Select(term => term.Prior!.Text));
        Assert.Equal(fit.Spec.Response.Shape!.Text, sample.Spec.Response.Shape!.Text);
        Assert.Equal(fit.Sigma.Name, sample.Sigma.Name);
        Assert.Equal(fit.DegreesOfFreedom.Name, sample.DegreesOfFreedom.Name);
        Assert.Equal(ProblemCode.UnknownTerm, Assert.Throws<ModelException>(() => sample.Shape).Code);
    }

    [Fact]
    public void Default_and_improper_priors_of_a_shape_are_named()
    {
        var open = PooledModel.Of<Parcel>().Beta(p => p.Y).Intercept();
        Assert.Equal(
            "[DataNeeded] Intercept: 'Intercept' has the default prior, which depends on the data. Name a prior, or give the rows.",
            Assert.Throws<ModelException>(() => open.SamplePrior()).Message);
        var shapes = PooledModel.Of<Parcel>().Beta(p => p.Y).Intercept(Normal(0, 1)).SamplePrior(Draws);
        AssertMean(shapes.Precision.Draws.Select(phi => 1 / Math.Sqrt(phi)), 1, "the default of a precision, which needs no data");
        var flat = PooledModel.Of<Parcel>().StudentT(p => p.Y, sigma: Flat).Intercept(Flat);
        Assert.Equal(
            """
            [ImproperPrior] Intercept: The prior of 'Intercept' is improper, so it has no draws. Give it a proper prior.
            [ImproperPrior] sigma: The prior of 'sigma' is improper, so it has no draws. Give it a proper prior.
            """.ReplaceLineEndings("\n"),
            Assert.Throws<ModelException>(() => flat.SamplePrior()).Message.ReplaceLineEndings("\n"));
        Assert.Equal(ProblemCode.ImproperPrior, Assert.Throws<ModelException>(() => flat.SimulatePrior(Rows)).Code);
        Assert.Equal(ParameterKind.PopulationEffect, PooledModel.Of<Parcel>().Poisson(p => p.N).Intercept(Normal(0, 1)).SamplePrior(10)
            .Table.Rows.Single().Parameter.Kind);
        Assert.Equal(ProblemCode.DataNeeded, Assert.Throws<ModelException>(() => PooledModel.Of<Parcel>().Poisson(p => p.N).Intercept().SamplePrior())
            .Code);
        Assert.Equal(
            ProblemCode.NotACount,
            Assert.Throws<ModelException>(() => PooledModel.Of<Parcel>().Binomial(p => p.Y, p => p.N).Intercept(Normal(0, 1)).SimulatePrior(
                [Rows[0] with { N = 0 }])).Code);
    }
}
