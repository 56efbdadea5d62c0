using TypedPooling.Draws;
using TypedPooling.Engines;
using TypedPooling.Inference.Nuts;
using TypedPooling.Tests.Support;
using Xunit;
using Xunit.Abstractions;

namespace TypedPooling.Tests.Inference;

/// <summary>Exact engines against posteriors known by quadrature, most of them on a boundary, and against closed forms where every scale is
/// known.</summary>
public sealed class EngineTruthTests(ITestOutputHelper output)
{
    private const double LeastEss = 1000;
    private const double LeastJointEss = 400;

    public static TheoryData<string, string, SamplingMethod> OneWay => EngineCases.WithMethods(EngineCases.SupportedOneWay);

    public static TheoryData<string> Engines => EngineCases.Engines;

    [Theory]
    [MemberData(nameof(OneWay))]
    public void Moments_and_probabilities_are_those_of_quadrature(string engine, string name, SamplingMethod sampling)
    {
        var (groups, hasIntercept, varies) = EngineCases.OneWay[name];
        var truth = new OneWayQuadrature(groups, 0, hasIntercept ? 3 : 0, 1, varies ? 1 : null);
        var isJoint = EngineCases.Engine(engine) is NutsEngine;

        var posterior = EngineCases.Engine(engine).RunNormal(
            EngineCases.OneWayModel(name), new RunOptions { Seed = 91, Draws = 4000, TargetAcceptance = isJoint ? 0.99 : 0.9, Sampling = sampling });

        // With so few rows a joint sampler of effects and scales meets a neck where sigma or the sd goes to 0: a few trajectories diverge there, and
        // the fit says so.
        var divergences = posterior.Sampler?.DivergenceCount ?? 0;
        Assert.InRange(divergences, 0, isJoint ? 0.01 * posterior.DrawCount : 0);
        Assert.Equal(divergences > 0, posterior.Warnings.Any(w => w.Code == FitWarningCode.Divergences));
        Compare("sigma", Draws(posterior.Scales, 0), truth.Sigma);
        if (hasIntercept)
            Compare("mu", Draws(posterior.Population, 0), truth.Mu);
        if (!varies)
            return;
        var tau = Draws(posterior.Scales, 1);
        Compare("tau", tau, truth.Tau);
        Compare("u", Draws(posterior.Effects[0], 0), truth.FirstEffect);
        foreach (var wanted in new[] { 0.02, 0.1, 0.4, 1, 2 })
        {
            // Far out in a tail an indicator has no effective sample size to speak of.
            var (bound, probability) = truth.TauBelow(wanted);
            if (probability is > 0.01 and < 0.99)
                Compare($"P(tau <= {bound:G3})", [.. tau.Select(t => t <= bound ? 1.0 : 0.0)], (probability, double.NaN));
        }

        void Compare(string what, double[] draws, (double Mean, double Sd) expected)
        {
            var chains = posterior.ChainCount;
            var ess = Diagnostics.EssMean(draws, chains);
            var least = isJoint ? LeastJointEss : LeastEss;
            Assert.True(ess >= least, $"{what}: an ESS of {ess:F0} is below {least}.");
            Within($"E {what}", Diagnostics.Mean(draws), expected.Mean, Diagnostics.McseMean(draws, chains));
            if (!double.IsNaN(expected.Sd))
                Within($"sd {what}", Diagnostics.Sd(draws), expected.Sd, Diagnostics.McseSd(draws, chains));
        }
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public void Draws_at_known_scales_and_the_exact_moments_are_those_of_the_normal_algebra(string engine)
    {
        const string Case = "known errors and a known sd";
        if (!EngineCases.Engine(engine).Supports(EngineCases.All[Case]().Spec).IsSupported)
            return;
        double[] y = [28, 8, -3, 7, -1, 1, 18, 12], se = [15, 10, 16, 11, 9, 11, 10, 18];

        var posterior = EngineCases.Engine(engine).RunNormal(EngineCases.All[Case](), new RunOptions { Seed = 92, Draws = 4000 });

        // mu ~ N(0, 5), flat for a likelihood; y_j ~ N(mu, tau^2 + se_j^2), tau = 6.
        const double Tau = 6;
        var moments = posterior.Exact ?? posterior.Point?.Moments;
        var precision = (posterior.Point is null ? 1 / 25.0 : 0) + se.Sum(s => 1 / (Tau * Tau + s * s));
        var mu = y.Zip(se, (v, s) => v / (Tau * Tau + s * s)).Sum() / precision;
        var expectations = new List<(string What, double[] Draws, double Mean, double Sd, NormalMoments? Exact)>
        {
            ("mu", Draws(posterior.Population, 0), mu, Math.Sqrt(1 / precision), moments?.Of([1], 0, 0, [])),
        };
        for (var j = 0; j < y.Length; j++)
        {
            var w = Tau * Tau / (Tau * Tau + se[j] * se[j]);
            var alone = Draws(posterior.Effects[0], j);
            expectations.Add(($"u[{j}]", alone, w * (y[j] - mu), Math.Sqrt((1 - w) * Tau * Tau + w * w / precision), moments?.Of([0], 0, j, [1])));
            double[] sum = [.. alone.Zip(Draws(posterior.Population, 0), (u, m) => u + m)];
            expectations.Add(
                ($"mu + u[{j}]", sum, w * y[j] + (1 - w) * mu, Math.Sqrt(
                    (1 - w) * Tau * Tau + (1 - w) * (1 - w) / precision), moments?.Of([1], 0, j, [1])));
        }

        foreach (var (what, draws, mean, sd, exact) in expectations)
        {
            Within(what, Diagnostics.Mean(draws), mean, sd / Math.Sqrt(draws.Length));
            Within($"sd {what}", Diagnostics.Sd(draws), sd, sd / Math.Sqrt(2.0 * draws.Length));
            if (exact is { } known)
            {
                Assert.Equal(mean, known.Mean, 1e-10);
                Assert.Equal(sd, known.Sd, 1e-10);
            }
        }

        // Every scale is known: an engine that is exact needs no chain for that.
        if (posterior.Exactness == Exactness.Exact && posterior.Exact is not null)
            Assert.Equal((DrawKind.Independent, true), (posterior.DrawKind, posterior.Sampler is null));
    }

    [Fact]
    public void The_Marginal_engine_gives_exact_moments_where_every_scale_is_known_and_only_there()
    {
        var options = new RunOptions { Chains = 1, Warmup = 20, Draws = 4 };
        foreach (var (name, make) in EngineCases.All.Where(pair => EngineCases.Engine("Marginal").Supports(pair.Value().Spec).IsSupported))
            Assert.Equal(
                name is "every scale known" or "known errors and a known sd",
                EngineCases.Engine("Marginal").RunNormal(make(), options).Exact is not null);
    }

    private void Within(string what, double estimate, double expected, double error)
    {
        var errors = Math.Abs(estimate - expected) / error;
        output.WriteLine($"{what}: {estimate:G6} for {expected:G6}, {errors:F2} errors");
        Assert.True(errors <= 5, $"{what}: {estimate:G6} is {errors:F1} standard errors from {expected:G6}.");
    }

    private static double[] Draws(DrawBlock block, int index)
    {
        var draws = new double[block.DrawCount];
        block.CopyDraws(index, draws);
        return draws;
    }
}
