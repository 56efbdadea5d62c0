using TypedPooling.Data;
using TypedPooling.Engines;
using TypedPooling.Tests.Support;
using Xunit;

namespace TypedPooling.Tests.Inference;

/// <summary>A run tells how far it is at least once per 1 % of its work, counted in draws, proposals and evaluations.</summary>
public sealed class ProgressTests
{
    [Theory]
    [InlineData("Marginal", false, SamplingMethod.Importance)]
    [InlineData("Marginal", true, SamplingMethod.Importance)]
    [InlineData("Marginal", false, SamplingMethod.Nuts)]
    [InlineData("Gibbs", true, SamplingMethod.Automatic)]
    [InlineData("Nuts", true, SamplingMethod.Automatic)]
    public void A_run_is_told_of_every_1_percent(string engine, bool isCrossed, SamplingMethod sampling)
    {
        foreach (var (warmup, draws) in new[] { (100, 300), (1000, 1000) })
        {
            var told = Told(
                engine, isCrossed ? TwoFactors() : OneFactor(), new RunOptions { Chains = 2, Warmup = warmup, Draws = draws, Sampling = sampling });
            foreach (var chain in told.GroupBy(p => p.Chain))
            {
                // The total is known once the first rounds are over.
                var before = 0;
                foreach (var progress in chain)
                {
                    Assert.InRange(progress.Completed - before, 0, Math.Max(1, progress.Total / 100));
                    before = progress.Completed;
                }

                Assert.Equal(chain.Last().Total, chain.Last().Completed);
            }
        }
    }

    [Fact]
    public void The_work_behind_the_last_proposal_is_counted()
    {
        // With crossed factors each draw that is kept is solved once more, for its effects.
        var model = TwoFactors();
        var options = new RunOptions { Chains = 2, Draws = 1000, Sampling = SamplingMethod.Importance };
        var counted = Told("Marginal", model, options)[^1];
        var alone = Told("Marginal", OneFactor(), options)[^1];

        Assert.Equal(counted.Total, counted.Completed);
        Assert.Equal(2000, counted.Total - alone.Total);
    }

    [Fact]
    public void Draws_of_an_approximation_are_told_of()
    {
        var rows = Enumerable.Range(0, 60).Select(i => (G: i % 6, Y: Math.Sin(i))).ToArray();
        var model =
            PooledModel.Of<(int G, double Y)>().Normal(r => r.Y, sigma: Prior.HalfCauchy(1)).Intercept().Varying(
                Group.By(((int G, double Y) r) => r.G), g => g.Intercept(Prior.HalfCauchy(1))).Bind(rows);
        var told = Told("Variational", model, new RunOptions { Chains = 2, Draws = 500 });

        Assert.Equal(100, told.Count(p => !p.IsWarmup));
        Assert.All(
            told.Where(p => p.IsWarmup).Zip(told.Skip(1)),
            pair => Assert.True(!pair.Second.IsWarmup || pair.Second.Completed == pair.First.Completed + 1));
    }

    private static (int G, int H, double Y)[] Rows => [.. Enumerable.Range(0, 90).Select(i => (i % 9, i * i % 7, Math.Sin(i) + Math.Cos(i % 9)))];

    private static NormalModel<(int G, int H, double Y)> Model =>
        PooledModel.Of<(int G, int H, double Y)>().Normal(r => r.Y).Intercept().Varying(
            Group.By(((int G, int H, double Y) r) => r.G, "g"), g => g.Intercept());

    private static NormalBoundModel OneFactor() => Model.Bind(Rows);

    private static NormalBoundModel TwoFactors() => Model.Varying(Group.By(((int G, int H, double Y) r) => r.H, "h"), g => g.Intercept()).Bind(Rows);

    private static List<RunProgress> Told(string engine, NormalBoundModel model, RunOptions options)
    {
        var told = new List<RunProgress>();
        var progress = new Listener(value =>
        {
            lock (told)
                told.Add(value);
        });
        EngineCases.Engine(engine).RunNormal(model, options with { Progress = progress });
        return told;
    }

    private sealed class Listener(Action<RunProgress> told) : IProgress<RunProgress>
    {
        public void Report(RunProgress value) => told(value);
    }
}
