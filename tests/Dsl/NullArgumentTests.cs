using System.Linq.Expressions;
using TypedPooling.Engines;
using TypedPooling.Tests.Dsl.Support;
using Xunit;

namespace TypedPooling.Tests.Dsl;

/// <summary>What is null at the public border is refused in words, never by a NullReferenceException from within.</summary>
public sealed class NullArgumentTests
{
    private static readonly Expression<Func<Reading, double>> None = null!;
    private static readonly Expression<Func<Reading, double?>> NoneOrMissing = null!;
    private static readonly Group<Reading, string?> Site = Group.By((Reading r) => r.Site);
    private static readonly Reading[] Data = [.. Rows.Readings(40)];
    private static readonly Lazy<NormalFit<Reading>> Fitted = new(() => Model.Fit(Data, new RunOptions { Chains = 1, Draws = 50 }));
    private static readonly Lazy<NormalLikelihoodFit<Reading>> Likely = new(() => Model.Fit(Data, Engine.MaximumLikelihood));
    private static readonly Lazy<PoissonFit<Reading>> Counted = new(() => Counts.Fit(Data, new RunOptions { Chains = 1, Draws = 50 }));

    private static ModelBuilder<Reading> New => PooledModel.Of<Reading>();

    private static NormalModel<Reading> Model => New.Normal(r => r.Y).Intercept().Varying(Site, g => g.Intercept());

    private static PoissonModel<Reading> Counts => New.Poisson(r => r.Line).Intercept().Varying(Site, g => g.Intercept());

    public static TheoryData<string, Func<object?>> Calls => new()
    {
        { "Normal", () => New.Normal(None) },
        { "Normal or missing", () => New.Normal(NoneOrMissing) },
        { "known sd", () => New.Normal(r => r.Y, None) },
        { "LogNormal", () => New.LogNormal(None) },
        { "StudentT", () => New.StudentT(None) },
        { "Gamma", () => New.Gamma(None) },
        { "Bernoulli", () => New.Bernoulli(None) },
        { "Binomial", () => New.Binomial(r => r.Line, None) },
        { "Poisson", () => New.Poisson(None) },
        { "exposure", () => New.Poisson(r => r.Line, None) },
        { "NegativeBinomial", () => New.NegativeBinomial(None) },
        { "Slope", () => Model.Slope(None) },
        { "Slope or missing", () => Model.Slope(NoneOrMissing) },
        { "Categorical", () => Model.Categorical((Expression<Func<Reading, string?>>)null!) },
        { "Categorical of an enum", () => Model.Categorical((Expression<Func<Reading, Season>>)null!) },
        { "Categorical of listed levels", () => Model.Categorical(r => r.Kind, (IReadOnlyList<string?>)null!) },
        { "Offset", () => Model.Offset(None) },
        { "PrecisionWeight", () => Model.PrecisionWeight(None) },
        { "Count", () => Model.Count(None) },
        { "Group.By", () => Group.By((Expression<Func<Reading, string>>)null!) },
        { "Nested", () => Site.Nested((Expression<Func<Reading, int>>)null!) },
        { "Varying of no group", () => New.Normal(r => r.Y).Varying((Group<Reading, string?>)null!, g => g.Intercept()) },
        { "Varying of no terms", () => New.Normal(r => r.Y).Varying(Site, null!) },
        { "Varying that returns null", () => New.Normal(r => r.Y).Varying(Site, _ => null!) },
        { "varying slope", () => New.Normal(r => r.Y).Varying(Site, g => g.Slope(None)) },
        { "PredictedBy", () => New.Normal(r => r.Y).Varying(Site, g => g.Intercept().PredictedBy(None)) },
        { "Covariance", () => New.Normal(r => r.Y).Varying(Site, g => g.Intercept().Covariance(null!)) },
        { "rows", () => Model.Fit((IEnumerable<Reading>)null!) },
        { "sums", () => Model.Fit((ModelData<Reading>)null!) },
        { "cells", () => Counts.Fit((ModelData<Reading>)null!) },
        { "rows of sums", () => Model.Read(null!) },
        { "rows of cells", () => Counts.Read(null!) },
        { "added rows", () => Model.Read(Data).Add(null!) },
        { "merged sums", () => Model.Read(Data).Merge(null!) },
        { "merged cells", () => Counts.Read(Data).Merge(null!) },
        { "engine", () => Model.Fit(Data, (INormalEngine)null!) },
        { "engine of cells", () => Counts.Fit(Data, (IEngine)null!) },
        { "compared engine", () => Model.Compare(Data, Engine.Marginal, null!) },
        { "compared engines", () => Model.Compare(Data, null!) },
        { "Describe", () => Model.Describe((IEnumerable<Reading>)null!) },
        { "Bind", () => Model.Bind((IEnumerable<Reading>)null!) },
        { "NoPooling", () => Model.NoPooling(Data, (Group<Reading, string?>)null!) },
        { "ComparePooling", () => Model.ComparePooling(Data, (Group<Reading, string?>)null!) },
        { "SimulatePrior", () => Model.SimulatePrior(null!) },
        { "For", () => Fitted.Value.For((Group<Reading, string?>)null!) },
        { "Derive", () => Fitted.Value.Derive(null!) },
        { "Coefficient by name", () => Fitted.Value.Coefficient((string)null!) },
        { "Coefficient", () => Fitted.Value.Coefficient(None) },
        { "Level", () => Fitted.Value.For(Site).Level(null!) },
        { "Sd by name", () => Fitted.Value.For(Site).Sd((string)null!) },
        { "Sd", () => Fitted.Value.For(Site).Sd(None) },
        { "Slope of a level", () => Fitted.Value.For(Site).Level("site 1").Slope(None) },
        { "Loo", () => Fitted.Value.Loo(null!) },
        { "Waic", () => Fitted.Value.Waic(null!) },
        { "LeaveGroupOut", () => Fitted.Value.LeaveGroupOut((Group<Reading, string?>)null!) },
        { "PredictMean", () => Fitted.Value.PredictMean((Reading)null!) },
        { "PredictMean of rows", () => Fitted.Value.PredictMean((IEnumerable<Reading>)null!).ToArray() },
        { "PredictMean of no choices", () => Fitted.Value.PredictMean(Data[0], null!) },
        { "PredictMean of a null choice", () => Fitted.Value.PredictMean(Data[0], [null!]) },
        { "PredictMean of counts", () => Counted.Value.PredictMean((Reading)null!) },
        { "PredictMean of counts and no choices", () => Counted.Value.PredictMean(Data[0], null!) },
        { "Probability", () => Fitted.Value.Intercept.Probability(null!) },
        { "ProfileInterval", () => Likely.Value.ProfileInterval(null!) },
        { "LikelihoodRatio", () => LikelihoodRatio.Test(null!, Likely.Value) },
        { "ModelComparison", () => ModelComparison.Of(null!) },
        { "draw of a derived quantity", () => Fitted.Value.Derive(d => d.Of(null!)) },
    };

    [Theory]
    [MemberData(nameof(Calls))]
    public void A_null_argument_is_refused_in_words(string call, Func<object?> act)
    {
        var failure = Record.Exception(act);

        Assert.True(failure is ArgumentException or ModelException, $"{call}: {failure?.GetType().Name ?? "nothing"} {failure?.Message}");
    }
}
