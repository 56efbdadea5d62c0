using TypedPooling.Engines;
using TypedPooling.Tests.Dsl.Support;
using Xunit;
using static TypedPooling.Prior;

namespace TypedPooling.Tests.Dsl;

/// <summary>A prior on the whole covariance of a factor's effects: how it is declared, printed and fitted.</summary>
public sealed class CovarianceTests
{
    private static readonly Group<Reading, string?> Site = Group.By((Reading r) => r.Site);

    /// <summary>Message, declaration.</summary>
    public static TheoryData<string, Func<object>> Contradictions => new()
    {
        {
            "[DuplicateTerm] Site: The effects of Site have a prior on their whole covariance, HuangWand(2, 5), and another on an sd. Keep one of "
                + "the two.",
            () => Model.Varying(Site, g => g.Intercept(Exponential(1)).Covariance(HuangWand(2, 5)))
        },
        {
            "[DuplicateTerm] Site: The effects of Site have a prior on their whole covariance, HuangWand(2, 5), and another on an sd. Keep one of "
                + "the two.",
            () => Model.Varying(Site, g => g.Intercept().Covariance(HuangWand(2, 5)).Slope(r => r.X, Exponential(1)))
        },
        {
            "[DuplicateTerm] Site: The effects of Site have a prior on their whole covariance, InverseWishart(4, 2), and another on correlations. "
                + "Keep one of the two.",
            () => Model.Varying(Site, g => g.Intercept().Slope(r => r.X).Covariance(InverseWishart(4, 2)).Correlated(Lkj(2)))
        },
        {
            "[DuplicateTerm] Site: The effects of Site have a prior on their whole covariance, InverseWishart(4, 2), and another on correlations. "
                + "Keep one of the two.",
            () => Model.Varying(Site, g => g.Intercept().Slope(r => r.X).Uncorrelated().Covariance(InverseWishart(4, 2)))
        },
        {
            "[DuplicateTerm] Site: The covariance of the effects of Site is declared twice. Declare it once.",
            () => Model.Varying(Site, g => g.Intercept().Covariance(HuangWand(2, 5)).Covariance(HuangWand(2, 5)))
        },
        {
            "[PriorOutOfRange] Site: HuangWand(2, 5, 1, 1) has 3 scales, but there are 2 varying effects. Give the prior a size that fits the "
                + "number of "
                + "varying effects.",
            () => Model.Varying(Site, g => g.Intercept().Slope(r => r.X).Covariance(HuangWand(2, 5, 1, 1)))
        },
        {
            "[PriorOutOfRange] Site: InverseWishart(1, 2) needs more than 1 degrees of freedom, because there are 2 varying effects. Give the "
                + "prior a size "
                + "that fits the number of varying effects.",
            () => Model.Varying(Site, g => g.Intercept().Slope(r => r.X).Covariance(InverseWishart(1, 2)))
        },
        {
            "[PriorOutOfRange] Site: InverseWishart(4, [1, 0; 0, 2]) has a scale matrix of size 2, but there is 1 varying effect. Give the prior "
                + "a size "
                + "that fits the number of varying effects.",
            () => Model.Varying(Site, g => g.Intercept().Covariance(InverseWishart(4, new double[,] { { 1, 0 }, { 0, 2 } })))
        },
        {
            "[PriorOutOfRange] InverseWishart: The parameter 'scaleMatrix' of InverseWishart must be positive definite; its first element is "
                + "1. Give 'scaleMatrix' a value that InverseWishart allows.",
            () => InverseWishart(4, new double[,] { { 1, 2 }, { 2, 1 } })
        },
    };

    private static NormalModel<Reading> Model => PooledModel.Of<Reading>().Normal(r => r.Y);

    [Theory]
    [MemberData(nameof(Contradictions))]
    public void Refuses_what_contradicts_itself(string message, Func<object> declare) =>
        Assert.Equal(message, Assert.Throws<ModelException>(declare).Message);

    [Fact]
    public void Prints_the_covariance() => Assert.Equal(
        """
        Y_i    ~ Normal(μ_i, σ)
        μ_i    = β_0 + u_Site[i],0 + u_Site[i],X X_i
        u_Site ~ MVN(0, Σ_Site)
        β_0    ~ default
        Σ_Site ~ HuangWand(2, 5, 0.5)
        σ      ~ default
        """.ReplaceLineEndings("\n"),
        Model.Intercept().Varying(Site, g => g.Intercept().Slope(r => r.X).Covariance(HuangWand(2, 5, 0.5))).ToString());

    [Fact]
    public void A_fit_reports_sds_and_the_correlation_and_differs_little_where_data_say_much()
    {
        var stream = new TypedPooling.Randomness.PhiloxStream(17, 0);
        var visits = new List<Visit>();
        for (var cafe = 0; cafe < 40; cafe++)
        {
            var (intercept, slope) = (4 + stream.NextNormal(), -1 + 0.5 * stream.NextNormal());
            for (var i = 0; i < 12; i++)
                visits.Add(new Visit($"c{cafe}", i % 2 == 1, intercept + i % 2 * slope + 0.4 * stream.NextNormal()));
        }

        var group = Group.By((Visit v) => v.Cafe);
        var model = PooledModel.Of<Visit>().Normal(v => v.Wait).Intercept().Slope(v => v.Afternoon);
        var options = RunOptions.Default with { Seed = 4 };
        var byPrior = model.Varying(group, g => g.Intercept().Slope(v => v.Afternoon).Covariance(HuangWand(2, 10))).Fit(visits, options).For(group);
        var byDefault = model.Varying(group, g => g.Intercept().Slope(v => v.Afternoon)).Fit(visits, options).For(group);

        Assert.True(byPrior.InterceptSd.EssBulk >= 400);
        Assert.Equal(byDefault.InterceptSd.Mean, byPrior.InterceptSd.Mean, 0.25 * byDefault.InterceptSd.Sd + 5 * byPrior.InterceptSd.McseMean);
    }
}
