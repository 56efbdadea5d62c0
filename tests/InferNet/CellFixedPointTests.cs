using TypedPooling.Engines;
using TypedPooling.Inference.InferNet;
using TypedPooling.Model;
using TypedPooling.Responses;
using TypedPooling.Tests.Support;
using Xunit;

namespace TypedPooling.Tests.InferNet;

/// <summary>One intercept and one cell: what each algorithm has to end with is known by sums over a grid.</summary>
public sealed class CellFixedPointTests
{
    public static TheoryData<double, double, Link> Cases => new()
    {
        { 7, 10, Link.Logit },
        { 0, 30, Link.Logit },
        { 1, 1, Link.Logit },
        { 7, 10, Link.Probit },
        { 30, 30, Link.Probit },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void EP_has_the_exact_mean_and_sd_of_a_single_cell(double successes, double trials, Link link)
    {
        var beta = Beta(successes, trials, link, InferNetAlgorithm.ExpectationPropagation);
        var x = Grid(0.3, 2);
        var heights = x.Select(value => LogLikelihood(successes, trials, link, value) - 0.5 * Math.Pow((value - 0.3) / 2, 2)).ToArray();
        var peak = heights.Max();
        var weights = heights.Select(height => Math.Exp(height - peak)).ToArray();
        var mean = x.Zip(weights, (value, w) => value * w).Sum() / weights.Sum();
        var variance = x.Zip(weights, (value, w) => (value - mean) * (value - mean) * w).Sum() / weights.Sum();

        Assert.Equal(mean, beta.Mean[0], 1e-6);
        Assert.Equal(variance, beta.Variance[0, 0], 1e-6 * variance);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void VMP_ends_where_the_bound_of_the_evidence_has_no_slope(double successes, double trials, Link link)
    {
        var beta = Beta(successes, trials, link, InferNetAlgorithm.VariationalMessagePassing);
        var (mean, sd) = (beta.Mean[0], Math.Sqrt(beta.Variance[0, 0]));
        const double Step = 1e-3;

        // As good as flat: below 1e-5 of the change a whole sd makes, in both directions.
        var best = Bound(mean, sd);
        Assert.Equal(0, (Bound(mean + Step * sd, sd) - Bound(mean - Step * sd, sd)) / (2 * Step), 1e-5);
        Assert.Equal(0, (Bound(mean, sd * (1 + Step)) - Bound(mean, sd * (1 - Step))) / (2 * Step), 1e-5);
        Assert.True(best > Bound(mean + 0.1 * sd, sd) && best > Bound(mean, 1.1 * sd) && best > Bound(mean, 0.9 * sd));

        double Bound(double m, double s)
        {
            var x = Grid(m, s);
            var weights = x.Select(value => Math.Exp(-0.5 * Math.Pow((value - m) / s, 2))).ToArray();
            return x.Zip(weights, (value, w) => w * (LogLikelihood(successes, trials, link, value) - 0.5 * Math.Pow((value - 0.3) / 2, 2))).Sum()
                / weights.Sum() + Math.Log(s);
        }
    }

    private static NormalMarginal Beta(double successes, double trials, Link link, InferNetAlgorithm algorithm)
    {
        var spec = CellModels.Spec(TestFamilies.Of("Binomial", link), 0, [new("Intercept", ModelSpec.Ones, new NormalPrior(0.3, 2))]);
        var graph = FactorGraph.Of(CellModels.Bind(spec, [new([], [], 0, successes, trials)]), spec);
        var marginals = new InferNetEngine { Algorithm = algorithm }.NewRun(graph).Iterate(1e-10, 1000, RunOptions.Default);
        Assert.True(marginals.HasConverged);
        return marginals.Beta!;
    }

    // By the support's own formula, not the code under test.
    private static double LogLikelihood(double successes, double trials, Link link, double eta) =>
        CellModels.LogLikelihood(TestFamilies.Of("Binomial", link), new([], [], 0, successes, trials), eta);

    private static double[] Grid(double mean, double sd) => [.. Enumerable.Range(-8000, 16_001).Select(i => mean + i * sd / 1000)];
}
