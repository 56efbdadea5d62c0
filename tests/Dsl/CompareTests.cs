using TypedPooling.Draws;
using TypedPooling.Engines;
using TypedPooling.Inference.Variational;
using TypedPooling.Tests.Dsl.Support;
using Xunit;
using static TypedPooling.Prior;

namespace TypedPooling.Tests.Dsl;

/// <summary>One model by several engines.</summary>
public sealed class CompareTests
{
    private static readonly Group<Visit, string> Cafe = Group.By((Visit v) => v.Cafe, "Cafe");

    private static readonly NormalModel<Visit> Waits = Declared(HalfStudentT(3, 1));

    private static NormalModel<Visit> Declared(IScalePrior sigma) => PooledModel.Of<Visit>()
        .Normal(v => v.Wait, sigma: sigma)
        .Intercept(Normal(5, 2))
        .Slope(v => v.Afternoon, Normal(-1, 0.5))
        .Varying(Cafe, g => g.Intercept().Slope(v => v.Afternoon).Covariance(HuangWand(2, 1)));

    [Fact]
    public void Exact_engines_agree_and_mean_field_keeps_means_and_loses_spread()
    {
        var comparison = Waits.Compare(Rows.Cafe, Engine.Marginal, Engine.Gibbs, Engine.Variational);

        Assert.Equal(["Marginal", "Gibbs", "Variational"], comparison.Engines.Select(run => run.Engine));
        Assert.Same(comparison.Engines[0], comparison.Reference);
        Assert.Empty(comparison.Reference.Differences);
        Assert.All(
            comparison.Engines, run => Assert.True(run.Refusals.IsEmpty && run.Time > TimeSpan.Zero && run.WorstEss > 100 && run.EssPerSecond > 0));

        // 2 population effects, sigma, 2 sds, a correlation, and 2 effects of 20 cafés.
        var gibbs = comparison.Engines[1];
        Assert.Equal(46, gibbs.Differences.Length);
        Assert.Equal([2, 1, 2, 1, 40], gibbs.Differences.GroupBy(d => d.Parameter.Kind).Select(kind => kind.Count()));
        Assert.All(gibbs.Differences, d =>
        {
            Assert.InRange(d.MeanDifference, -0.15, 0.15);
            Assert.InRange(d.SdRatio, 0.85, 1.15);
            Assert.InRange(d.Distance, 0, 0.15);
        });

        var variational = comparison.Engines[2];
        Assert.Equal(Exactness.Approximate, variational.Exactness);
        Assert.All(variational.Differences, d => Assert.InRange(d.MeanDifference, -0.3, 0.3));
        Assert.All(variational.Differences.Where(d => d.Parameter.Kind == ParameterKind.VaryingSd), d => Assert.InRange(d.SdRatio, 0.6, 0.97));
        Assert.True(variational.EvidenceBound < comparison.Reference.LogEvidence!.Value.Value);
        var text = comparison.ToString();
        Assert.Contains("Normal model of Wait: 400 rows, 20 levels of Cafe", text, StringComparison.Ordinal);
        Assert.Contains("Against Marginal, in its posterior sds", text, StringComparison.Ordinal);
        Assert.Contains("correlations", text, StringComparison.Ordinal);
        Assert.DoesNotContain("does not fit", text, StringComparison.Ordinal);
    }

    [Fact]
    public void An_engine_that_refuses_is_listed_with_its_reasons_and_the_next_is_the_reference()
    {
        var model = PooledModel.Of<Visit>().Normal(v => v.Wait, sigma: Exponential(1)).Intercept(Normal(5, 2))
            .Varying(Cafe, g => g.Intercept(Exponential(1)).Slope(v => v.Afternoon, Exponential(1)).Correlated(Lkj(2)));
        var comparison = model.Compare(
            Rows.Cafe, Engine.Variational, Engine.Marginal, new VariationalEngine { Replacing = PriorReplacement.NearestConjugate });

        Assert.Equal("Cafe", Assert.Single(comparison.Engines[0].Refusals).Term);
        Assert.Equal("Marginal", comparison.Reference.Engine);
        Assert.Equal(FitWarningCode.PriorReplaced, Assert.Single(comparison.Engines[2].Warnings).Code);
        var refusal = comparison.Engines[0].Refusals[0];
        Assert.Contains(
            $"Variational does not fit this model: [EngineRefuses] Cafe: {refusal.Sentence} {refusal.Remedy}",
            comparison.ToString(),
            StringComparison.Ordinal);

        Assert.Equal(
            ProblemCode.EngineRefuses,
            Assert.Single(Assert.Throws<ModelException>(() => model.Compare(Rows.Cafe, Engine.Variational)).Problems).Code);
        Assert.Equal(ProblemCode.OptionOutOfRange, Assert.Single(Assert.Throws<ModelException>(() => model.Compare(Rows.Cafe)).Problems).Code);
    }

    [Fact]
    public void The_distance_is_how_far_mass_moves()
    {
        // Known scales: both engines draw from one normal distribution, so that a shift of the prior is a shift of the draws.
        var model = PooledModel.Of<Visit>().Normal(v => v.Wait, sigma: Fixed(1)).Intercept(Normal(0, 0.05)).Varying(
            Cafe, g => g.Intercept(Fixed(0.5)));
        var comparison = model.Compare(model.Read(Rows.Cafe), RunOptions.Default with { Draws = 5000 }, Engine.Marginal, Engine.Gibbs);
        Assert.All(comparison.Engines[1].Differences, d =>
        {
            Assert.InRange(d.Distance, Math.Abs(d.MeanDifference) - 1e-12, 0.06);
            Assert.InRange(d.SdRatio, 0.95, 1.05);
        });
    }
}
