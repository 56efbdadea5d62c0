using TypedPooling.Draws;
using TypedPooling.Engines;
using TypedPooling.Inference;
using TypedPooling.Tests.Dsl.Support;
using Xunit;

namespace TypedPooling.Tests.Dsl;

/// <summary>What the type of a fit says: likelihood fits by the type of the engine, and questions that every fit can be asked.</summary>
public sealed class FitTypeTests
{
    private static readonly Group<Reading, string?> Site = Group.By((Reading r) => r.Site);
    private static readonly Reading[] Data = [.. Rows.Readings(60)];
    private static readonly RunOptions Few = new() { Chains = 1, Draws = 100, Warmup = 100 };

    private static NormalModel<Reading> Model =>
        PooledModel.Of<Reading>().Normal(r => r.Y).Intercept().Slope(r => r.X).Varying(Site, g => g.Intercept());

    private static LogNormalModel<Reading> Positive =>
        PooledModel.Of<Reading>().LogNormal(r => Math.Exp(r.Y / 10), name: "E").Intercept().Slope(r => r.X);

    private static PoissonModel<Reading> Counts => PooledModel.Of<Reading>().Poisson(r => r.Line).Intercept().Varying(Site, g => g.Intercept());

    [Fact]
    public void An_engine_known_as_any_gives_a_likelihood_fit_at_run_time()
    {
        INormalEngine any = Engine.RestrictedMaximumLikelihood;
        NormalFit<Reading> fit = Model.Fit(Data, any);
        Assert.IsType<NormalLikelihoodFit<Reading>>(fit);
        Assert.Equal(Model.Fit(Data, Engine.RestrictedMaximumLikelihood).Likelihood.LogLikelihood, (fit as ILikelihoodFit)!.Likelihood.LogLikelihood);
        Assert.IsType<LikelihoodFactorFit<Reading, string?>>(fit.For(Site));
        Assert.IsType<LikelihoodLevelFit<Reading>>(fit.For(Site)[Data[0].Site]);

        IEngine every = Engine.MaximumLikelihood;
        PoissonFit<Reading> counts = Counts.Fit(Data, every);
        Assert.IsType<PoissonLikelihoodFit<Reading>>(counts);
        Assert.IsType<PoissonFit<Reading>>(Counts.Fit(Data, new DrawnEngine()));
        Assert.IsType<NormalFit<Reading>>(Model.Fit(Data, Few));
        Assert.IsType<FactorFit<Reading, string?>>(Model.Fit(Data, Few).For(Site));
    }

    [Fact]
    public void Every_engine_by_name_is_in_the_catalogue_and_every_engine_of_the_catalogue_has_a_name()
    {
        var named = typeof(Engine).GetProperties().Select(property => property.GetValue(null)!.GetType().Name).Order();
        Assert.Equal(EngineCatalogue.All.Select(engine => engine.GetType().Name).Order(), named);
        Assert.Equal(EngineCatalogue.All.Length, EngineCatalogue.All.Select(engine => engine.Name).Distinct().Count());
        Assert.Contains(
            EngineCatalogue.All,
            engine => engine is ILikelihoodEngine { Criterion: LikelihoodCriterion.RestrictedMaximumLikelihood } and not IEngine);
    }

    [Fact]
    public void A_test_of_nested_models_is_one_whatever_is_known_of_the_fits()
    {
        var without = PooledModel.Of<Reading>().Normal(r => r.Y).Intercept().Varying(Site, g => g.Intercept());
        var (small, large) = (without.Fit(Data, Engine.MaximumLikelihood), Model.Fit(Data, Engine.MaximumLikelihood));
        Fit<Reading> smaller = small, larger = large;
        Assert.Equal(LikelihoodRatio.Test(small, large), LikelihoodRatio.Test(smaller, larger));
        Assert.Equal(LikelihoodRatio.Test(small, large), LikelihoodRatio.Test(smaller, large));
        var problem = Assert.Throws<ModelException>(() => LikelihoodRatio.Test(without.Fit(Data, Few), large)).Problems.Single();
        Assert.Equal(ProblemCode.EngineRefuses, problem.Code);
        Assert.Contains("maximises no likelihood", problem.Sentence, StringComparison.Ordinal);

        // Rows of another type are other rows, however they are named.
        var other = PooledModel.Of<Other>().Normal(r => r.Y).Intercept().Fit(Data.Select(r => new Other(r.Y)), Engine.MaximumLikelihood);
        var same = PooledModel.Of<Reading>().Normal(r => r.Y).Intercept().Slope(r => r.X).Fit(Data, Engine.MaximumLikelihood);
        var others = Assert.Throws<ModelException>(() => LikelihoodRatio.Test(other, same)).Problems.Single();
        Assert.Contains("different rows", others.Sentence, StringComparison.Ordinal);
    }

    public static TheoryData<string, Func<Fit<Reading>, object>> Questions => new()
    {
        { "leave-one-out", fit => fit.Loo(Data) },
        { "WAIC", fit => fit.Waic(Data) },
        { "leave-one-group-out", fit => fit.LeaveGroupOut(Site, Data) },
        { "shares of variance", fit => fit.MarginalRSquared },
        { "shrinkage", fit => fit.For(Site).Shrinkage() },
        { "residuals", fit => fit.Residuals(Data) },
        { "profile intervals", fit => ((ILikelihoodFit)fit).ProfileInterval(fit.Intercept) },
        { "bootstrap", fit => ((ILikelihoodFit<Reading>)fit).Bootstrap(4) },
    };

    [Theory]
    [MemberData(nameof(Questions))]
    public void A_question_is_answered_for_sums_and_for_cells(string what, Func<Fit<Reading>, object> ask)
    {
        Assert.NotEmpty(what);
        Assert.NotEmpty(ask(Model.Fit(Data, Engine.MaximumLikelihood, Few)).ToString()!);
        Assert.NotEmpty(ask(Counts.Fit(Data, Engine.MaximumLikelihood, Few)).ToString()!);
    }

    [Fact]
    public void The_link_of_a_Normal_response_is_its_mean_and_of_a_LogNormal_one_its_log()
    {
        var normal = Model.Fit(Data, Few);
        Assert.Equal(normal.PredictMean(Data[3]).Draws.ToArray(), normal.PredictLink(Data[3]).Draws.ToArray());
        Assert.Equal("link(Y)[Site " + Data[3].Site + "]", normal.PredictLink(Data[3]).Name);
        var positive = Positive.Varying(Site, g => g.Intercept()).Fit(Data, Few);
        Assert.Equal(positive.PredictMeanLog(Data[3]).Draws.ToArray(), positive.PredictLink(Data[3]).Draws.ToArray());
        Assert.Equal(positive.PredictMeanLog(Data[3]).Draws.ToArray(), positive.PredictLink([Data[3]]).Single().Draws.ToArray());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_mean_over_groups_of_Normal_and_LogNormal_responses_is_in_closed_form(bool isPoint)
    {
        var positive = Positive.Varying(Site, g => g.Intercept().Slope(r => r.X));
        var fit = isPoint ? positive.Fit(Data, (INormalEngine)Engine.MaximumLikelihood, Few) : positive.Fit(Data, Few);
        var row = Data[5] with { Site = null };
        var bySite = fit.For(Site);

        // exp(eta + v / 2 + sigma^2 / 2), v = z'Sigma z.
        double Expected(Func<Quantity, double> of)
        {
            var (a, b) = (of(bySite.InterceptSd), row.X * of(bySite.Sd(r => r.X)));
            var variance = a * a + 2 * a * b * Correlation(of) + b * b;
            return Math.Exp(of(fit.Intercept) + of(fit.Coefficient(r => r.X)) * row.X + 0.5 * variance + 0.5 * Math.Pow(of(fit.Sigma), 2));
        }

        double Correlation(Func<Quantity, double> of) => of(bySite.Correlation(r => r.X)) is var rho && double.IsNaN(rho) ? 0 : rho;
        var mean = fit.PredictMeanOverGroups(row);
        Assert.Equal("mean over groups(E)[Site (all)]", mean.Name);
        if (isPoint)
            Assert.Equal(Expected(quantity => quantity.Mean), mean.Mean, 1e-9 * mean.Mean);
        else
            Assert.All(Enumerable.Range(0, 20), s => Assert.Equal(Expected(quantity => quantity.Draws[s]), mean.Draws[s], 1e-9 * mean.Draws[s]));

        var normal = Model.Fit(Data, Few);
        Assert.Equal(normal.PredictMean(row, Site.Average()).Draws.ToArray(), normal.PredictMeanOverGroups(row).Draws.ToArray());
        Assert.Equal(normal.PredictMean(Data[5]).Draws.ToArray(), normal.PredictMeanOverGroups(row, Site.Level(Data[5].Site)).Draws.ToArray());
    }

    private sealed record Other(double Y);
}
