using TypedPooling.Inference.Hierarchy;
using TypedPooling.Inference.Hierarchy.CrossedFactors;
using TypedPooling.Inference.Hierarchy.GaussianSystem;
using TypedPooling.Inference.Posteriors;
using TypedPooling.Inference.Scales;
using TypedPooling.Randomness;
using TypedPooling.Tests.Support;
using Xunit;

namespace TypedPooling.Tests.Inference;

/// <summary>Models of one factor on the general path, the sparse system, against the fast path. The lane "nightly" runs the whole suite on the general
/// path too.</summary>
public sealed class GeneralPathTests
{
    /// <summary>Models of one grouping factor.</summary>
    public static TheoryData<string> OneFactor => [.. EngineCases.All.Where(named => named.Value().Spec.Factors.Length == 1).Select(named => named.Key)];

    [Theory]
    [MemberData(nameof(OneFactor))]
    public void Both_paths_have_one_density_gradient_and_conditional(string name)
    {
        var model = EngineCases.All[name]();
        CoefficientSystem[] systems = [NormalSystem.Reduce(model), CrossedSystem.Reduce(model)];
        var coordinates = new ScaleCoordinates(model.Spec);
        var stream = new PhiloxStream(21, 4);
        for (var i = 0; i < 4; i++)
        {
            // The last with sds near 0.
            var theta = Enumerable.Range(0, coordinates.Dimension).Select(_ => 0.7 * stream.NextNormal() - (i == 3 ? 9 : 0)).ToArray();
            var joined = Enumerable.Range(0, systems[0].Joined.Count).Select(_ => stream.NextNormal()).ToArray();
            var (fast, general) = (Solve(systems[0], coordinates, theta, joined), Solve(systems[1], coordinates, theta, joined));
            Assert.Equal(fast.Length, general.Length);
            for (var at = 0; at < fast.Length; at++)
                Assert.True(Math.Abs(fast[at] - general[at]) <= 1e-9 * (1 + Math.Abs(fast[at])), $"{at}: {fast[at]} and {general[at]}");
        }
    }

    [Theory]
    [MemberData(nameof(OneFactor))]
    public void Both_paths_have_one_set_of_moments_and_draws_of_effects(string name)
    {
        var model = EngineCases.All[name]();
        CoefficientSystem[] systems = [NormalSystem.Reduce(model), CrossedSystem.Reduce(model)];
        var coordinates = new ScaleCoordinates(model.Spec);
        var stream = new PhiloxStream(22, 4);
        var theta = Enumerable.Range(0, coordinates.Dimension).Select(_ => 0.7 * stream.NextNormal()).ToArray();
        var joined = Enumerable.Range(0, systems[0].Joined.Count).Select(_ => stream.NextNormal()).ToArray();
        var (fast, general) = (Effects(systems[0], coordinates, theta, joined), Effects(systems[1], coordinates, theta, joined));
        Assert.Equal(fast.Length, general.Length);
        for (var at = 0; at < fast.Length; at++)
            Assert.True(Math.Abs(fast[at] - general[at]) <= 1e-8 * (1 + Math.Abs(fast[at])), $"{at}: {fast[at]} and {general[at]}");
    }

    [Fact]
    public void The_variable_decides_the_path_of_one_factor_and_no_other()
    {
        var isGeneral = Environment.GetEnvironmentVariable(NormalHierarchy.GeneralPathVariable) == "true";

        Assert.Equal(isGeneral, NormalHierarchy.Reduce(EngineCases.All["two correlated terms"]()) is CrossedSystem);
        Assert.IsType<CrossedSystem>(NormalHierarchy.Reduce(EngineCases.All["two crossed factors"]()));
        Assert.IsType<NormalSystem>(NormalHierarchy.Reduce(EngineCases.All["population effects only"]()));
    }

    // Two draws of the effects of each level, and where all population effects are integrated mean and sd of a combination with them.
    private static double[] Effects(CoefficientSystem system, ScaleCoordinates coordinates, double[] theta, double[] joined)
    {
        var point = coordinates.NewPoint();
        coordinates.Constrain(theta, point);
        var workspace = system.NewWorkspace();
        workspace.Solve(point, joined, withGradient: false);
        var p = system.PopulationCount;
        var population = Enumerable.Range(1, 2 * p).Select(a => Math.Sin(a)).ToArray();
        var draws = new EffectDraws(system, 2, seed: 5);
        for (var s = 0; s < 2; s++)
        {
            workspace.DrawPopulation(population.AsSpan(s * p, p));
            draws.Keep(s, point, workspace, population.AsSpan(s * p, p), spread: 1 + s);
        }

        var block = draws.Blocks(population)[0];
        var values = new List<double>();
        var level = new double[2 * block.TermCount];
        var moments = joined.Length > 0 ? null : system.Moments(workspace, point);
        var weights = Enumerable.Range(1, system.Population.TermCount).Select(t => Math.Cos(t)).ToArray();
        var onEffects = Enumerable.Range(1, block.TermCount).Select(a => Math.Cos(3 * a)).ToArray();
        for (var j = 0; j < block.LevelCount; j++)
        {
            block.CopyLevel(j, level);
            values.AddRange(level);
            if (moments is null)
                continue;
            var (all, given) = (moments.Of(weights, 0, j, onEffects), moments.GivenPopulation(0, j, onEffects));
            values.AddRange([all.Mean, all.Sd, given.Mean, given.Sd]);
        }

        return [.. values];
    }

    // The value, derivatives for sigma, Lambda and joined effects, the conditional mean of beta~ and one draw of it, from the same numbers.
    private static double[] Solve(CoefficientSystem system, ScaleCoordinates coordinates, double[] theta, double[] joined)
    {
        var point = coordinates.NewPoint();
        coordinates.Constrain(theta, point);
        var workspace = system.NewWorkspace();
        var value = workspace.Solve(point, joined, withGradient: false);
        var again = workspace.Solve(point, joined, withGradient: true);
        var mean = new double[system.PopulationCount];
        workspace.DrawPopulation(mean);
        var draw = Enumerable.Range(1, mean.Length).Select(a => Math.Sin(a)).ToArray();
        workspace.DrawPopulation(draw);
        return [value, again, workspace.SigmaGradient, .. point.Factors[0].LambdaGradient, .. workspace.JoinedGradient, .. mean, .. draw];
    }
}
