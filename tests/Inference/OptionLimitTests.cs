using TypedPooling.Data;
using TypedPooling.Engines;
using TypedPooling.Inference.MaximumLikelihood;
using TypedPooling.Inference.Nuts;
using TypedPooling.Inference.Sampling.Hamiltonian;
using TypedPooling.Inference.Sampling.Importance;
using TypedPooling.Inference.Variational;
using TypedPooling.Model;
using TypedPooling.Tests.Support;
using Xunit;

namespace TypedPooling.Tests.Inference;

/// <summary>Every number that a user can set has limits, and is refused in words before any work is done.</summary>
public sealed class OptionLimitTests
{
    public static TheoryData<string> Engines => EngineCases.Engines;

    /// <summary>Options above their limits, as the message tells them.</summary>
    private static (RunOptions Options, string Message)[] TooLarge { get; } =
    [
        (new RunOptions { Chains = int.MaxValue }, "[OptionOutOfRange] Chains: Chains is 2147483647. Use a value from 1 to 1,000."),
        (new RunOptions { Draws = int.MaxValue }, "[OptionOutOfRange] Draws: Draws is 2147483647. Use a value from 4 to 10,000,000."),
        (new RunOptions { Warmup = int.MaxValue }, "[OptionOutOfRange] Warmup: Warmup is 2147483647. Use a value from 20 to 10,000,000."),
        (new RunOptions { Threads = int.MaxValue }, "[OptionOutOfRange] Threads: Threads is 2147483647. Use 0 (all) or a value up to 1,000."),
        (new RunOptions
        {
            TargetAcceptance = double.NaN,
        }, "[OptionOutOfRange] TargetAcceptance: TargetAcceptance is NaN. Use a value between 0 and 1."),
        (new RunOptions { Chains = int.MinValue }, "[OptionOutOfRange] Chains: Chains is -2147483648. Use a value from 1 to 1,000."),
        (
            new RunOptions { Chains = 1000, Draws = 10_001 },
            "[OptionOutOfRange] Draws: 1,000 chains of 10,001 draws make 10,001,000 draws; the limit is 10,000,000. Use at most 10,000 "
                + "draws per chain."),
    ];

    [Theory]
    [MemberData(nameof(Engines))]
    public void An_engine_refuses_options_above_their_limits(string engine)
    {
        var run = EngineCases.Engine(engine);
        var model = Supported(run);
        foreach (var (options, message) in TooLarge)
            Assert.Equal(message, Assert.Throws<ModelException>(() => run.RunNormal(model, options)).Message);
    }

    [Fact]
    public void The_largest_options_are_taken()
    {
        Assert.Equal(1000, new RunOptions { Chains = 1000, Draws = 10_000, Warmup = 10_000_000, Threads = 1000 }.Validated().Chains);
        Assert.Equal(4, new RunOptions { Chains = 1, Draws = 4, Warmup = 20 }.Validated().Draws);
    }

    [Fact]
    public void Draws_of_more_numbers_than_an_array_holds_are_refused()
    {
        var spec = EngineCases.TwoFactors().Spec;
        var wide = spec with { Population = [.. Enumerable.Range(0, 300).Select(i => new PopulationTerm($"x{i}", ModelSpec.Ones, Prior.Flat))] };

        Assert.Equal(
            "[OptionOutOfRange] Draws: 8,000,000 draws of 300 numbers are more than an array holds. Use at most 1,789,569 draws per chain.",
            Assert.Throws<ModelException>(() => new RunOptions { Draws = 2_000_000 }.Validated(wide)).Message);
        Assert.Equal(1_789_569, new RunOptions { Draws = 1_789_569 }.Validated(wide).Draws);

        // NUTS keeps the effects of every level too.
        var many = Enumerable.Range(0, 900).Select(i => (G: i / 3, Y: Math.Sin(i))).ToArray();
        var model =
            PooledModel.Of<(int G, double Y)>().Normal(r => r.Y).Intercept().Varying(Group.By(((int G, double Y) r) => r.G), g => g.Intercept())
                .Bind(many);
        Assert.Equal(
            "[OptionOutOfRange] Draws: 1 chain of 10,000,000 draws of 303 parameters is more than an array holds. Use at most 7,087,404 draws per "
                + "chain, or an engine that does not keep varying effects.",
            Assert.Throws<ModelException>(() => new NutsEngine().Run(model, new RunOptions { Chains = 1, Draws = 10_000_000 })).Message);
    }

    [Fact]
    public void Options_of_engines_are_refused_in_words()
    {
        var model = Supported(new VariationalEngine());

        Assert.Equal("[OptionOutOfRange] Tolerance: Tolerance is 2. Use a value between 0 and 1.", Refusal(new VariationalEngine { Tolerance = 2 }));
        Assert.Equal(
            "[OptionOutOfRange] Tolerance: Tolerance is NaN. Use a value between 0 and 1.",
            Refusal(new VariationalEngine { Tolerance = double.NaN }));
        Assert.Equal(
            "[OptionOutOfRange] MaximumIterations: MaximumIterations is 0. Use a value from 1 to 1,000,000,000.",
            Refusal(new VariationalEngine { MaximumIterations = 0 }));
        Assert.Equal(
            "[OptionOutOfRange] MaximumIterations: MaximumIterations is 2147483647. Use a value from 1 to 1,000,000,000.",
            Refusal(new VariationalEngine { MaximumIterations = int.MaxValue }));
        Assert.Contains(
            "Use a value from 1 (Laplace's approximation) to 100.",
            Refusal(new MaximumLikelihoodEngine { QuadraturePoints = 101 }),
            StringComparison.Ordinal);

        string Refusal(INormalEngine engine) => Assert.Throws<ModelException>(() => engine.RunNormal(model, RunOptions.Default)).Message;
    }

    [Fact]
    public void Options_of_engines_are_refused_before_a_row_is_read()
    {
        var group = Group.By(((int G, double Y) r) => r.G);
        var normal = PooledModel.Of<(int G, double Y)>().Normal(r => r.Y).Intercept().Varying(group, g => g.Intercept());
        var counts = PooledModel.Of<(int G, double Y)>().Poisson(r => r.Y).Intercept().Varying(group, g => g.Intercept());

        foreach (var engine in (INormalEngine[])[
            new VariationalEngine { Tolerance = 2 },
            new VariationalEngine { MaximumIterations = 0 },
            new MaximumLikelihoodEngine { QuadraturePoints = 0 }])
        {
            Assert.Throws<ModelException>(() => normal.Fit(Unread(), engine));
            Assert.Throws<ModelException>(() => normal.Compare(Unread(), Engine.Gibbs, engine));
        }

        Assert.Throws<ModelException>(() => counts.Fit(Unread(), new MaximumLikelihoodEngine { QuadraturePoints = 101 }));
        Assert.Throws<ModelException>(() => counts.Compare(Unread(), Engine.Nuts, new MaximumLikelihoodEngine { QuadraturePoints = 101 }));

        static IEnumerable<(int G, double Y)> Unread()
        {
            Assert.Fail("A row was read.");
            yield break;
        }
    }

    [Fact]
    public void Settings_of_samplers_are_refused_in_words()
    {
        var target = new Target(1, Gaussian);
        Assert.Equal("[OptionOutOfRange] DenseLimit: DenseLimit is -1. Use a value from 0 to 10,000.", Nuts(new NutsSettings { DenseLimit = -1 }));
        Assert.Equal(
            "[OptionOutOfRange] DenseLimit: DenseLimit is 2147483647. Use a value from 0 to 10,000.",
            Nuts(new NutsSettings { DenseLimit = int.MaxValue }));
        Assert.Equal(
            "[OptionOutOfRange] DivergenceThreshold: DivergenceThreshold is NaN. Use a positive value.",
            Nuts(new NutsSettings { DivergenceThreshold = double.NaN }));
        Assert.Equal("[OptionOutOfRange] Metric: Metric is 7. Use Automatic, Diagonal or Dense.", Nuts(new NutsSettings { Metric = (MetricShape)7 }));

        var defaults = ImportanceSettings.Default;
        foreach (var (settings, setting) in new (ImportanceSettings, string)[]
        {
            (defaults with { WideShare = 1 }, nameof(defaults.WideShare)),
            (defaults with { WideShare = double.NaN }, nameof(defaults.WideShare)),
            (defaults with { LogSds = [0, 0] }, nameof(defaults.LogSds)),
            (defaults with { LogSds = [1] }, nameof(defaults.LogSds)),
            (defaults with { MinimumProposals = int.MaxValue }, nameof(defaults.MinimumProposals)),
            (defaults with { MaximumProposals = int.MaxValue }, nameof(defaults.MaximumProposals)),
            (defaults with { AdaptiveRounds = [int.MaxValue] }, nameof(defaults.AdaptiveRounds)),
            (defaults with { AdaptiveRounds = [] }, nameof(defaults.AdaptiveRounds)),
            (defaults with { ProposalsPerDraw = 0 }, nameof(defaults.ProposalsPerDraw)),
            (defaults with { MaximumParetoK = double.NaN }, nameof(defaults.MaximumParetoK)),
            (defaults with { AgreementErrors = -1 }, nameof(defaults.AgreementErrors)),
        })
        {
            var failure = Assert.Throws<ArgumentOutOfRangeException>(() => ImportanceSampler.Run(_ => target, [[0.0]], RunOptions.Default, settings));
            Assert.Equal(setting, failure.ParamName);
            Assert.DoesNotContain("'True'", failure.Message, StringComparison.Ordinal);
        }

        string Nuts(NutsSettings settings) =>
            Assert.Throws<ModelException>(
                () => NutsSampler.Run(_ => target, [.. Enumerable.Repeat(new double[1], 4)], RunOptions.Default, settings)).Message;

        static double Gaussian(ReadOnlySpan<double> z) => -0.5 * z[0] * z[0];
    }

    private static NormalBoundModel Supported(INormalEngine engine) =>
        EngineCases.All.Values.Select(make => make()).First(model => engine.Supports(model.Spec).IsSupported);
}
