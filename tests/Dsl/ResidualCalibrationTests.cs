using TypedPooling.Engines;
using TypedPooling.Tests.Dsl.Support;
using TypedPooling.Tests.Support;
using Xunit;
using static TypedPooling.Prior;

namespace TypedPooling.Tests.Dsl;

/// <summary>Leave-one-out quantile residuals are uniform where parameters and data come from the prior predictive distribution, and in-sample ones
/// are not.</summary>
/// <remarks>
/// Each replication draws parameters and data of 13 rows from the model and fits it. The share of its rows whose residual has a probability in a bin
/// is one number: rows of one data set depend on each other, replications do not. Its mean over replications is within 5 standard errors of the
/// bin's width.
/// </remarks>
public sealed class ResidualCalibrationTests
{
    private static readonly double[] Edges = [0, 0.05, 0.2, 0.5, 0.8, 0.95, 1];
    private static readonly Group<Toss, string?> Site = Group.By((Toss t) => t.Site);

    // Four sites of three rows, and one of a single row.
    private static readonly Toss[] Rows = [.. Enumerable.Range(0, 13).Select(i => new Toss { Site = "site " + i / 3, X = i % 3 - 1, N = 3 + i % 4 })];

    // By family the largest distance from uniformity, in standard errors.
    private static readonly Dictionary<string, Func<int, bool, double>> Families = new()
    {
        ["Normal"] = (count, isInSample) => Distance(
            PooledModel.Of<Toss>().Normal(t => t.Y, sigma: Exponential(1)).Intercept(Normal(0, 1)).Slope(t => t.X, Normal(0, 1))
                .Varying(Site, g => g.Intercept(Exponential(1))),
            (t, y) => t with { Y = y },
            count,
            isInSample),
        ["LogNormal"] = (count, isInSample) => Distance(
            PooledModel.Of<Toss>().LogNormal(t => t.Y, sigma: Exponential(1)).Intercept(Normal(0, 1)).Varying(Site, g => g.Intercept(Exponential(1))),
            (t, y) => t with { Y = y },
            count,
            isInSample),
        ["Bernoulli"] = (count, isInSample) => Distance(
            PooledModel.Of<Toss>().Bernoulli(t => t.Won).Intercept(Normal(0, 1)).Varying(Site, g => g.Intercept(Exponential(1))),
            (t, y) => t with { Won = y > 0 },
            count,
            isInSample),
        ["Binomial"] = (count, isInSample) => Distance(
            PooledModel.Of<Toss>().Binomial(t => t.Wins, t => t.N).Intercept(Normal(0, 1)).Slope(t => t.X, Normal(0, 0.5))
                .Varying(Site, g => g.Intercept(Exponential(1))),
            (t, y) => t with { Wins = (int)y },
            count,
            isInSample),
        ["Poisson"] = (count, isInSample) => Distance(
            PooledModel.Of<Toss>().Poisson(t => t.Wins, t => t.N).Intercept(Normal(-1, 0.7)).Varying(Site, g => g.Intercept(Exponential(2))),
            (t, y) => t with { Wins = (int)y },
            count,
            isInSample),
        ["NegativeBinomial"] = (count, isInSample) => Distance(
            PooledModel.Of<Toss>().NegativeBinomial(t => t.Wins, t => t.N, Gamma(4, 2)).Intercept(Normal(-1, 0.7))
                .Varying(Site, g => g.Intercept(Exponential(2))),
            (t, y) => t with { Wins = (int)y },
            count,
            isInSample),
        ["Gamma"] = (count, isInSample) => Distance(
            PooledModel.Of<Toss>().Gamma(t => t.Y, Gamma(4, 2)).Intercept(Normal(0, 0.7)).Varying(Site, g => g.Intercept(Exponential(2))),
            (t, y) => t with { Y = Math.Max(y, 1e-300) },
            count,
            isInSample),
        ["Beta"] = (count, isInSample) => Distance(
            PooledModel.Of<Toss>().Beta(t => t.Y, Gamma(6, 1)).Intercept(Normal(0, 0.7)),
            (t, y) => t with { Y = Math.Clamp(y, 1e-12, 1 - 1e-12) },
            count,
            isInSample),
        ["StudentT"] = (count, isInSample) => Distance(
            PooledModel.Of<Toss>().StudentT(t => t.Y, sigma: Exponential(1), degreesOfFreedom: Gamma(4, 1).Above(1)).Intercept(Normal(0, 1)),
            (t, y) => t with { Y = y },
            count,
            isInSample),
    };

    public static TheoryData<string> Names => [.. Families.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Leave_one_out_residuals_are_uniform(string family) => Assert.InRange(Families[family](40, false), 0, 5);

    [NightlyTheory]
    [MemberData(nameof(Names))]
    public void Leave_one_out_residuals_are_uniform_in_many_replications(string family) => Assert.InRange(Families[family](300, false), 0, 5);

    [Fact]
    public void In_sample_residuals_are_not() => Assert.True(Families["Normal"](40, true) > 8);

    private static double Distance<TSelf, TFit, TLikelihoodFit>(
        FittedModel<Toss, TSelf, TFit, TLikelihoodFit> model, Func<Toss, double, Toss> with, int replications, bool isInSample)
        where TSelf : FittedModel<Toss, TSelf, TFit, TLikelihoodFit>
        where TFit : Fit<Toss>
        where TLikelihoodFit : Fit<Toss>, ILikelihoodFit<Toss>
    {
        var simulation = model.SimulatePrior(Rows, replications, seed: 20261128);
        var shares = new double[Edges.Length - 1][];
        for (var bin = 0; bin < shares.Length; bin++)
            shares[bin] = new double[replications];
        for (var r = 0; r < replications; r++)
        {
            var responses = simulation.Responses(r);
            Toss[] rows = [.. Rows.Select((t, i) => with(t, responses[i]))];
            var fit = model.Fit(rows, new RunOptions { Draws = 250, Warmup = 250, Seed = (ulong)r });
            foreach (var residual in (isInSample ? fit.ResidualsInSample(rows) : fit.Residuals(rows)).Rows)
                shares[Math.Min(Array.FindLastIndex(Edges, edge => edge <= residual.Probability), shares.Length - 1)][r] += 1.0 / rows.Length;
        }

        return shares.Select((own, bin) =>
        {
            var mean = own.Average();
            var error = Math.Sqrt(own.Sum(share => (share - mean) * (share - mean)) / (replications - 1) / replications);
            return Math.Abs(mean - (Edges[bin + 1] - Edges[bin])) / error;
        }).Max();
    }
}
