using TypedPooling.Engines;
using TypedPooling.Tests.Dsl.Support;
using Xunit;
using static TypedPooling.Prior;

namespace TypedPooling.Tests.Dsl;

/// <summary>Leave-one-out quantile residuals are uniform where parameters and data come from the prior predictive distribution.</summary>
/// <remarks>
/// Each replication draws parameters and data from the model, fits it, and takes the residual of one row, another in each replication: these are
/// independent. Their distance from uniformity times the root of their number is below 1.95 in 999 of 1,000 runs.
/// </remarks>
public sealed class ResidualCalibrationTests
{
    private const double Bound = 1.95;
    private static readonly Group<Toss, string?> Site = Group.By((Toss t) => t.Site);

    // Four sites of three rows, and one of a single row.
    private static readonly Toss[] Rows = [.. Enumerable.Range(0, 13).Select(i => new Toss { Site = "site " + i / 3, X = i % 3 - 1, N = 3 + i % 4 })];

    [Fact]
    public void Of_Normal_responses() => AssertUniform(
        PooledModel.Of<Toss>().Normal(t => t.Y, sigma: Exponential(1)).Intercept(Normal(0, 1)).Slope(t => t.X, Normal(0, 1))
            .Varying(Site, g => g.Intercept(Exponential(1))),
        (t, y) => t with { Y = y },
        200);

    [Fact]
    public void Of_LogNormal_responses() => AssertUniform(
        PooledModel.Of<Toss>().LogNormal(t => t.Y, sigma: Exponential(1)).Intercept(Normal(0, 1)).Varying(Site, g => g.Intercept(Exponential(1))),
        (t, y) => t with { Y = y },
        200);

    [Fact]
    public void Of_Bernoulli_responses() => AssertUniform(
        PooledModel.Of<Toss>().Bernoulli(t => t.Won).Intercept(Normal(0, 1)).Varying(Site, g => g.Intercept(Exponential(1))),
        (t, y) => t with { Won = y > 0 },
        200);

    [Fact]
    public void Of_Binomial_responses() => AssertUniform(
        PooledModel.Of<Toss>().Binomial(t => t.Wins, t => t.N).Intercept(Normal(0, 1)).Slope(t => t.X, Normal(0, 0.5))
            .Varying(Site, g => g.Intercept(Exponential(1))),
        (t, y) => t with { Wins = (int)y },
        200);

    [Fact]
    public void Of_Poisson_responses() => AssertUniform(
        PooledModel.Of<Toss>().Poisson(t => t.Wins, t => t.N).Intercept(Normal(-1, 0.7)).Varying(Site, g => g.Intercept(Exponential(2))),
        (t, y) => t with { Wins = (int)y },
        200);

    [Fact]
    public void Of_NegativeBinomial_responses() => AssertUniform(
        PooledModel.Of<Toss>().NegativeBinomial(t => t.Wins, t => t.N, Gamma(4, 2)).Intercept(Normal(-1, 0.7))
            .Varying(Site, g => g.Intercept(Exponential(2))),
        (t, y) => t with { Wins = (int)y },
        150);

    [Fact]
    public void Of_Gamma_responses() => AssertUniform(
        PooledModel.Of<Toss>().Gamma(t => t.Y, Gamma(4, 2)).Intercept(Normal(0, 0.7)).Varying(Site, g => g.Intercept(Exponential(2))),
        (t, y) => t with { Y = Math.Max(y, 1e-300) },
        150);

    [Fact]
    public void Of_Beta_responses() => AssertUniform(
        PooledModel.Of<Toss>().Beta(t => t.Y, Gamma(6, 1)).Intercept(Normal(0, 0.7)),
        (t, y) => t with { Y = Math.Clamp(y, 1e-12, 1 - 1e-12) },
        60);

    [Fact]
    public void Of_StudentT_responses() => AssertUniform(
        PooledModel.Of<Toss>().StudentT(t => t.Y, sigma: Exponential(1), degreesOfFreedom: Gamma(4, 1).Above(1)).Intercept(Normal(0, 1)),
        (t, y) => t with { Y = y },
        60);

    private static void AssertUniform<TSelf, TFit, TLikelihoodFit>(
        FittedModel<Toss, TSelf, TFit, TLikelihoodFit> model, Func<Toss, double, Toss> with, int replications)
        where TSelf : FittedModel<Toss, TSelf, TFit, TLikelihoodFit>
        where TFit : Fit<Toss>
        where TLikelihoodFit : Fit<Toss>, ILikelihoodFit<Toss>
    {
        var simulation = model.SimulatePrior(Rows, replications, seed: 20261128);
        var probabilities = new double[replications];
        for (var r = 0; r < replications; r++)
        {
            var responses = simulation.Responses(r);
            Toss[] rows = [.. Rows.Select((t, i) => with(t, responses[i]))];
            var fit = model.Fit(rows, new RunOptions { Draws = 250, Warmup = 250, Seed = (ulong)r });
            probabilities[r] = fit.Residuals(rows).Rows[r % Rows.Length].Probability;
        }

        Array.Sort(probabilities);
        var distance = probabilities.Select((u, i) => Math.Max((i + 1.0) / replications - u, u - (double)i / replications)).Max();
        Assert.True(distance * Math.Sqrt(replications) < Bound, $"distance {distance} of {replications} residuals");
    }
}
