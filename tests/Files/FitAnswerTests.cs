using TypedPooling.Engines;
using TypedPooling.Tests.Dsl.Support;
using Xunit;
using static TypedPooling.Prior;

namespace TypedPooling.Tests.Files;

/// <summary>Every verb of a fit on one that was loaded.</summary>
public sealed class FitAnswerTests
{
    private static readonly RunOptions Few = new() { Chains = 2, Warmup = 50, Draws = 50 };
    private static readonly Item[] Data = Item.Rows(200, sites: 5);

    private static NormalModel<Item> Model =>
        PooledModel.Of<Item>().Normal(i => i.Y).Intercept().Slope(i => i.Weight).Varying(Item.BySite, g => g.Intercept());

    private static BernoulliModel<Item> Wins =>
        PooledModel.Of<Item>().Bernoulli(i => i.Y > 21.5).Intercept().Slope(i => i.Weight).Varying(Item.BySite, g => g.Intercept());

    [Fact]
    public void Levels_shares_of_variance_and_shrinkage_are_those_of_the_fit()
    {
        var fit = Model.Fit(Data, Few);
        var loaded = Loaded(fit, Model.LoadFit);

        Same(fit, loaded, one => one.For(Item.BySite).Coefficients());
        Same(fit, loaded, one => one.For(Item.BySite).Shrinkage());
        Same(fit, loaded, one => one.For(Item.BySite)["site 2"].Intercept.Quantile(0.3));
        Same(fit, loaded, one => one.For(Item.BySite).InterceptSd.Mean);
        Same(fit, loaded, one => one.MarginalRSquared.Mean + one.ConditionalRSquared.Sd + one.Icc(Item.BySite).Mean);
        Same(fit, loaded, one => one.Sigma.Interval());
        Same(fit, loaded, one => one.Derive(draw => draw.Of(one.Sigma) / draw.Of(one.Intercept)).Mean);
        Same(fit, loaded, one => one.LogEvidence);
        Same(fit, loaded, one => string.Join('|', one.Warnings) + string.Join('|', one.Notes) + one.EngineChoice);
    }

    [Fact]
    public void Comparisons_are_those_of_the_fit_also_with_new_fits()
    {
        var fit = Model.Fit(Data, Few);
        var loaded = Loaded(fit, Model.LoadFit);

        Same(fit, loaded, one => one.Loo(Data).Elpd);
        Same(fit, loaded, one => one.Waic(Data).Elpd);
        Same(fit, loaded, one => one.LeaveGroupOut(Item.BySite).Elpd);
        Same(fit, loaded, one => one.LeaveGroupOut(Item.BySite, refit: true, options: Few).Elpd);
        Assert.Equal(0, ModelComparison.Of(fit.Loo(Data, "saved"), loaded.Loo(Data, "loaded")).Models[1].Difference);
    }

    [Fact]
    public void Answers_of_likelihood_are_those_of_the_fit()
    {
        var fit = Model.Fit(Data, Engine.RestrictedMaximumLikelihood);
        var loaded = Loaded(fit, Model.LoadLikelihoodFit);
        var smaller = PooledModel.Of<Item>().Normal(i => i.Y).Intercept().Varying(Item.BySite, g => g.Intercept());

        Same(fit, loaded, one => one.Likelihood);
        Same(fit, loaded, one => one.Likelihood.Covariance("Intercept", "Weight"));
        Same(fit, loaded, one => one.ProfileInterval(one.For(Item.BySite).InterceptSd));
        Same(fit, loaded, one => one.ProfileInterval(one.Coefficient("Weight")));
        Same(fit, loaded, one => one.Bootstrap(8, new() { Seed = 3 }));
        Same(fit, loaded, one => one.For(Item.BySite).Level("site 1").ConditionalSd("Intercept"));
        Same(
            Model.Fit(Data, Engine.MaximumLikelihood),
            Loaded(Model.Fit(Data, Engine.MaximumLikelihood), Model.LoadLikelihoodFit),
            one => LikelihoodRatio.Test(smaller.Fit(Data, Engine.MaximumLikelihood), one));
    }

    [Fact]
    public void Answers_of_cells_are_those_of_the_fit()
    {
        var fit = Wins.Fit(Data, Engine.MaximumLikelihood);
        var loaded = Loaded(fit, Wins.LoadLikelihoodFit);

        Same(fit, loaded, one => one.Likelihood);
        Same(fit, loaded, one => one.For(Item.BySite).Coefficients());
        Same(fit, loaded, one => one.For(Item.BySite).Level("site 1").ConditionalSd("Intercept"));
        Same(fit, loaded, one => one.PredictMeanOverGroups(Data[0]).Mean);
    }

    [Fact]
    public void A_likelihood_fit_is_one_at_run_time_and_draws_are_refused_as_one()
    {
        var (likely, drawn) = (Bytes(Model.Fit(Data, Engine.MaximumLikelihood)), Bytes(Model.Fit(Data, Few)));

        Assert.IsType<NormalLikelihoodFit<Item>>(Model.LoadFit(new MemoryStream(likely)));
        Assert.IsType<NormalFit<Item>>(Model.LoadFit(new MemoryStream(drawn)));
        var refusal = Assert.Throws<ModelException>(() => Model.LoadLikelihoodFit(new MemoryStream(drawn)));
        Assert.Equal(ProblemCode.NotALikelihoodFit, refusal.Code);
        Assert.Contains("Marginal", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Draws_that_are_left_out_or_do_not_exist_cannot_be_asked_for()
    {
        var fit = Model.Fit(Data, Few);

        Assert.Equal(8, fit.Thin(8).Posterior.DrawCount);
        Assert.Equal(98, fit.Thin(99).Posterior.DrawCount);
        Assert.Equal(fit.Sigma.Draws.ToArray(), fit.Thin(100).Sigma.Draws.ToArray());
        Assert.Equal(ProblemCode.OptionOutOfRange, Assert.Throws<ModelException>(() => fit.Thin(7)).Code);
        Assert.Equal(ProblemCode.OptionOutOfRange, Assert.Throws<ModelException>(() => fit.Thin(101)).Code);
    }

    [Fact]
    public void The_cafe_fit_thinned_to_200_draws_takes_less_than_16_KB()
    {
        var fit = PooledModel.Of<Visit>().Normal(v => v.Wait, sigma: Exponential(1)).Intercept(Normal(5, 2)).Slope(v => v.Afternoon, Normal(-1, 0.5))
            .Varying(
                Group.By((Visit v) => v.Cafe), g => g.Intercept(Exponential(1)).Slope(v => v.Afternoon, Exponential(1)).Correlated(Lkj(2)))
            .Fit(Dsl.Support.Rows.Cafe);
        using var stream = new MemoryStream();

        fit.Thin(200).Save(stream);

        Assert.InRange(stream.Length, 1, 16_000);
    }

    [Fact]
    public void Errors_of_thinned_draws_are_those_of_so_few()
    {
        var fit = Model.Fit(Data, new RunOptions { Chains = 4, Draws = 1000 });
        var all = fit.Sigma;
        var some = fit.Thin(200).Sigma;

        // s^2 (1/200 - 1/4000) and the error of all draws; the sd of 200 draws is itself off by a twentieth.
        var expected = Math.Sqrt(all.Sd * all.Sd * (1.0 / 200 - 1.0 / 4000) + all.Sd * all.Sd / fit.Table.Rows[^2].EssBulk);
        Assert.InRange(some.Posterior.Weights!.McseMean(some.Draws.AsSpan()), 0.8 * expected, 1.3 * expected);
        Assert.InRange(some.Mean, all.Mean - 5 * expected, all.Mean + 5 * expected);
    }

    private static byte[] Bytes(Fit<Item> fit) => StoredFit.Bytes(fit);

    private static TFit Loaded<TFit>(Fit<Item> fit, Func<Stream, TFit> load) => load(new MemoryStream(Bytes(fit)));

    private static void Same<TFit, TAnswer>(TFit fit, TFit loaded, Func<TFit, TAnswer> ask) =>
        Assert.Equal($"{ask(fit):R}", $"{ask(loaded):R}");
}
