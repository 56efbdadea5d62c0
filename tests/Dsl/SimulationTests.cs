using TypedPooling.Checking;
using TypedPooling.Engines;
using TypedPooling.Predictions;
using TypedPooling.Tests.Dsl.Support;
using Xunit;
using static TypedPooling.Prior;

namespace TypedPooling.Tests.Dsl;

/// <summary>Replicated responses of fits of every family.</summary>
public sealed class SimulationTests
{
    private static readonly Group<Toss, string?> Site = Group.By((Toss t) => t.Site);
    private static readonly Toss[] Rows = [.. Toss.Many(30).Select((t, i) => t with { Y = (1 + i % 7) / 9.0, N = 6 + i % 3 })];

    // Keys that the data did not have are among them.
    private static readonly Toss[] Others = [.. Rows.Select((t, i) => i % 4 == 0 ? t with { Site = "new " + i % 3, Y = double.NaN } : t)];

    public static TheoryData<string> Families => [.. Fits.Keys];

    private static Dictionary<string, Lazy<Fit<Toss>>> Fits { get; } = new()
    {
        ["Normal"] = new(() => PooledModel.Of<Toss>().Normal(t => t.Y).PrecisionWeight(t => t.N).Intercept().Slope(t => t.X)
            .Varying(Site, g => g.Intercept()).Fit(Rows, new RunOptions { Chains = 1, Draws = 60 })),
        ["LogNormal"] = new(() => PooledModel.Of<Toss>().LogNormal(t => t.Y).Intercept().Slope(t => t.X).Varying(Site, g => g.Intercept())
            .Fit(Rows, new RunOptions { Chains = 1, Draws = 60 })),
        ["Bernoulli"] = new(() => PooledModel.Of<Toss>().Bernoulli(t => t.Won).Intercept().Slope(t => t.X).Varying(Site, g => g.Intercept())
            .Fit(Rows, new DrawnEngine(60))),
        ["Binomial"] = new(() => PooledModel.Of<Toss>().Binomial(t => t.Wins, t => t.N).Intercept().Slope(t => t.X).Varying(Site, g => g.Intercept())
            .Fit(Rows, new DrawnEngine(60))),
        ["Poisson"] = new(() => PooledModel.Of<Toss>().Poisson(t => t.Wins, t => t.N).Intercept().Offset(t => t.Known)
            .Varying(Site, g => g.Intercept().Slope(t => t.X).Correlated()).Fit(Rows, new DrawnEngine(60))),
        ["NegativeBinomial"] = new(() => PooledModel.Of<Toss>().NegativeBinomial(t => t.Wins, t => t.N).Intercept()
            .Varying(Site, g => g.Intercept()).Fit(Rows, new DrawnEngine(60))),
        ["Gamma"] = new(() => PooledModel.Of<Toss>().Gamma(t => t.Y).Intercept().Varying(Site, g => g.Intercept()).Fit(Rows, new DrawnEngine(60))),
        ["Beta"] = new(() => PooledModel.Of<Toss>().Beta(t => t.Y).Intercept().Varying(Site, g => g.Intercept()).Fit(Rows, new DrawnEngine(60))),
        ["StudentT"] = new(() => PooledModel.Of<Toss>().StudentT(t => t.Y).Intercept().Varying(Site, g => g.Intercept())
            .Fit(Rows, new DrawnEngine(60))),
    };

    private static double[][] PredictedByDraw<TRow>(Fit<TRow> fit, IEnumerable<TRow> rows)
    {
        var predictions = fit.PredictNew(rows).Select(q => q.Draws.ToArray()).ToArray();
        return [.. Enumerable.Range(0, fit.Posterior.DrawCount).Select(s => predictions.Select(draws => draws[s]).ToArray())];
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void Replicates_are_the_new_observations_of_the_rows(string family)
    {
        var fit = Fits[family].Value;
        var expected = PredictedByDraw(fit, Others);
        var simulation = fit.Simulate(Others);

        Assert.Equal(expected, simulation.Responses());
        Assert.Equal((fit.Posterior.DrawCount, Others.Length), (simulation.DrawCount, simulation.RowCount));

        var some = fit.Simulate(Others, 7);
        Assert.Equal(some.FitDraws.Select(s => expected[s]), some.Responses());
        Assert.Equal(expected[some.FitDraws[4]], some.Responses(4));
        Assert.True(some.FitDraws.Zip(some.FitDraws.Skip(1)).All(pair => pair.First < pair.Second));
    }

    [Fact]
    public void Blocks_of_draws_are_parts_of_the_whole()
    {
        var fit = Fits["Poisson"].Value;
        var rows = ObservedRows.Read(fit, Rows, ReplicatedGroups.Known, default).Rows;
        var draws = EqualDistances.Of(60, 23);
        var whole = new RowReplicates<Toss>(fit, rows, draws).Make(0, withMoments: true, default);
        var parts = new RowReplicates<Toss>(fit, rows, draws, numbersOfBlock: 5 * rows.Length);

        Assert.Equal((5, 5), (parts.BlockSize, parts.BlockCount));
        var made = Enumerable.Range(0, parts.BlockCount).Select(b => parts.Make(b, withMoments: true, default)).ToArray();
        Assert.Equal(whole.Responses, made.SelectMany(block => block.Responses));
        Assert.Equal(whole.Means, made.SelectMany(block => block.Means));
        Assert.Equal(whole.Variances, made.SelectMany(block => block.Variances));
        Assert.Equal(new Simulation<Toss>(parts).Responses(), new Simulation<Toss>(new(fit, rows, draws)).Responses());
        Assert.Equal(3, made[^1].Count);
    }

    [Fact]
    public void Some_draws_of_fits_that_make_effects_again_are_those_among_all()
    {
        var cafe = Group.By((Visit v) => v.Cafe);
        var visits = Support.Rows.Cafe;
        var normal = PooledModel.Of<Visit>().Normal(v => v.Wait).Intercept().Slope(v => v.Afternoon)
            .Varying(cafe, g => g.Intercept().Slope(v => v.Afternoon).Correlated()).Fit(visits, new() { Chains = 2, Draws = 40 });
        var counts = PooledModel.Of<Toss>().Poisson(t => t.Wins, t => t.N).Intercept().Varying(Site, g => g.Intercept())
            .Fit(Rows, new() { Chains = 2, Draws = 40 });
        var crossed = PooledModel.Of<Toss>().Normal(t => t.Y).Intercept().Varying(Site, g => g.Intercept())
            .Varying(Group.By((Toss t) => t.Line), g => g.Intercept()).Fit(Rows, new() { Chains = 2, Draws = 40 });
        var standardized = PooledModel.Of<Toss>().Normal(t => t.Y).Intercept().Slope(t => t.X).Standardized()
            .Varying(Site, g => g.Intercept().Slope(t => t.X)).Fit(Rows, new() { Chains = 2, Draws = 40 });

        Check(normal, visits);
        Check(counts, Rows);
        Check(crossed, Rows);
        Check(standardized, Rows);

        static void Check<TRow>(Fit<TRow> fit, IEnumerable<TRow> rows)
        {
            var expected = PredictedByDraw(fit, rows);
            var some = fit.Simulate(rows, 9);
            Assert.Equal(some.FitDraws.Select(s => expected[s]), some.Responses());
        }
    }

    [Fact]
    public void New_levels_have_the_effects_of_new_groups_of_their_keys()
    {
        var fit = Fits["Binomial"].Value;
        var simulated = fit.Simulate(Rows, Site.NewLevels()).Responses().ToArray();
        for (var i = 0; i < Rows.Length; i++)
        {
            var row = i;
            var predicted = fit.PredictNew(Rows, Site.New(Rows[i].Site)).ElementAt(i).Draws;
            Assert.Equal(predicted.ToArray(), simulated.Select(y => y[row]));
        }

        Assert.Equal("Site (new levels)", Site.NewLevels().ToString());
        Assert.NotEqual(fit.Simulate(Rows).Responses(0), simulated[0]);
        Assert.Equal(
            fit.PredictMeanOverGroups(Rows[0]).Draws.ToArray(), fit.PredictMeanOverGroups(Rows[0], Site.NewLevels()).Draws.ToArray());
        Assert.Equal(ProblemCode.NullKey, Assert.Throws<ModelException>(() => fit.Simulate([Rows[0] with { Site = null }], Site.NewLevels())).Code);
        Assert.Equal(1, fit.Simulate([Rows[0] with { Site = null }], Site.Average()).RowCount);
    }

    [Fact]
    public void Rows_and_numbers_of_draws_that_cannot_be_used_are_refused()
    {
        var fit = Fits["Binomial"].Value;
        Assert.Equal(
            "[OptionOutOfRange] draws: The number of draws is 0. Use a number from 1 to 60, the draws of the fit.",
            Assert.Throws<ModelException>(() => fit.Simulate(Rows, 0)).Message);
        Assert.Equal(ProblemCode.OptionOutOfRange, Assert.Throws<ModelException>(() => fit.Simulate(Rows, 61)).Code);
        Assert.Equal(ProblemCode.NoRows, Assert.Throws<ModelException>(() => fit.Simulate([])).Code);
        Assert.Equal(ProblemCode.NotACount, Assert.Throws<ModelException>(() => fit.Simulate([Rows[0] with { N = 0 }])).Code);
        Assert.Equal(ProblemCode.UnknownTerm, Assert.Throws<ModelException>(() => fit.Simulate(Rows, Site.Level("nowhere"))).Code);
        Assert.Throws<ArgumentNullException>(() => fit.Simulate(null!));
        var simulation = fit.Simulate(Rows, 5);
        Assert.Throws<ArgumentOutOfRangeException>(() => simulation.Responses(5));
        Assert.Throws<ArgumentOutOfRangeException>(() => simulation.Responses(-1));
    }
}
