using TypedPooling.Tests.Dsl.Support;
using Xunit;

namespace TypedPooling.Tests.Dsl;

/// <summary>What must not compile, each with a twin that does: the twin shows that the snippet fails for its own reason.</summary>
public sealed class CompileTimeTests
{
    /// <summary>What the pair is about, the snippet that fails, its error, the twin.</summary>
    public static TheoryData<string, string, string, string> Pairs => new()
    {
        {
            "a correlation prior where a scale prior is due",
            "waits.Varying(cafe, g => g.Intercept(Lkj(2)));", "CS1503",
            "waits.Varying(cafe, g => g.Intercept(Exponential(2)));"
        },
        {
            "a scale prior where a correlation prior is due",
            "waits.Varying(cafe, g => g.Intercept().Slope(v => v.Afternoon).Correlated(Exponential(2)));", "CS1503",
            "waits.Varying(cafe, g => g.Intercept().Slope(v => v.Afternoon).Correlated(Lkj(2)));"
        },
        { "a prior of scales only on a coefficient", "waits.Intercept(Exponential(1));", "CS1503", "waits.Intercept(Normal(1, 1));" },
        { "a prior of scales only on a slope", "waits.Slope(v => v.Afternoon, HalfCauchy(1));", "CS1503", "waits.Slope(v => v.Afternoon, "
            + "Uniform(-1, 1));" },
        {
            "a prior of coefficients only on sigma",
            "PooledModel.Of<Visit>().Normal(v => v.Wait, sigma: Normal(0, 1));", "CS1503",
            "PooledModel.Of<Visit>().Normal(v => v.Wait, sigma: HalfNormal(1));"
        },
        {
            "a prior of coefficients only on a varying effect",
            "waits.Varying(cafe, g => g.Slope(v => v.Afternoon, Normal(0, 1)));", "CS1503",
            "waits.Varying(cafe, g => g.Slope(v => v.Afternoon, Flat));"
        },
        { "a group handle of another row type", "waits.Varying(school, g => g.Intercept());", "CS1503", "waits.Varying(cafe, g => g.Intercept());" },
        {
            "a slope before a response is chosen",
            "PooledModel.Of<Visit>().Slope(v => v.Afternoon);", "CS1061",
            "PooledModel.Of<Visit>().Normal(v => v.Wait).Slope(v => v.Afternoon);"
        },
        {
            "varying effects before a response is chosen",
            "PooledModel.Of<Visit>().Varying(cafe, g => g.Intercept());", "CS1061",
            "PooledModel.Of<Visit>().Normal(v => v.Wait).Varying(cafe, g => g.Intercept());"
        },
        { "reading rows before a response is chosen", "PooledModel.Of<Visit>().Bind(visits);", "CS1061", "PooledModel.Of<Visit>().Normal(v => "
            + "v.Wait).Bind(visits);" },
        {
            "sigma together with a known error",
            "PooledModel.Of<Visit>().Normal(v => v.Wait, sigma: Exponential(1), knownSd: v => v.Se);", "CS1739",
            "PooledModel.Of<Visit>().Normal(v => v.Wait, knownSd: v => v.Se);"
        },
        { "a text column as a slope", "waits.Slope(v => v.Cafe);", "CS0619", "waits.Categorical(v => v.Cafe);" },
        { "a text column as the response", "PooledModel.Of<Visit>().Normal(v => v.Cafe);", "CS0453", "PooledModel.Of<Visit>().Normal(v => v.Tip);" },
        { "a text column as a varying slope", "waits.Varying(cafe, g => g.Slope(v => v.Cafe));", "CS0619", "waits.Varying(cafe, g => g.Slope(v => "
            + "v.Tip));" },
        { "a reference of another type", "waits.Categorical(v => v.Cafe, reference: 3);", "CS0453", "waits.Categorical(v => v.Cafe, reference: "
            + "\"3\");" },
        {
            "a group-level predictor of nothing",
            "waits.Varying(cafe, g => g.PredictedBy(v => v.Tip).Intercept());", "CS1061",
            "waits.Varying(cafe, g => g.Intercept().PredictedBy(v => v.Tip));"
        },
        {
            "a group-level predictor of correlations",
            "waits.Varying(cafe, g => g.Intercept().Uncorrelated().PredictedBy(v => v.Tip));", "CS1061",
            "waits.Varying(cafe, g => g.Intercept().PredictedBy(v => v.Tip).Uncorrelated());"
        },
        { "a column of another row type", "waits.Slope((Pupil p) => p.Score);", "CS0411", "waits.Slope((Visit v) => v.Wait * v.Wait);" },
        {
            "sums of another row type",
            "waits.Bind(PooledModel.Of<Pupil>().Normal(p => p.Score).Read(new List<Pupil>()));", "CS1503",
            "waits.Bind(PooledModel.Of<Visit>().Normal(p => p.Wait).Read(new List<Visit>()));"
        },
        { "fitting before a response is chosen", "PooledModel.Of<Visit>().Fit(visits);", "CS1061", "PooledModel.Of<Visit>().Normal(v => "
            + "v.Wait).Fit(visits);" },
        { "fitting rows of another type", "waits.Fit(new List<Pupil>());", "CS1503", "waits.Fit(new List<Visit>());" },
        { "a key of another type", "waits.Fit(visits).For(cafe).Level(3);", "CS1503", "waits.Fit(visits).For(cafe).Level(\"3\");" },
        { "a key of another type in the indexer", "_ = waits.Fit(visits).For(cafe)[3];", "CS1503", "_ = waits.Fit(visits).For(cafe)[\"3\"];" },
        { "reading a fit by a group handle of another row type", "waits.Fit(visits).For(school);", "CS1503", "waits.Fit(visits).For(cafe);" },
        {
            "REML by a property of the engine of maximum likelihood, which fits every response",
            "_ = new TypedPooling.Inference.MaximumLikelihood.MaximumLikelihoodEngine { Criterion = default };",
            "CS0200",
            "_ = new TypedPooling.Inference.MaximumLikelihood.MaximumLikelihoodEngine { QuadraturePoints = 9 };"
        },
        {
            "sigma of a fit whose response may not have one",
            "Fit<Visit> fit = waits.Fit(visits); _ = fit.Sigma;", "CS1061",
            "NormalFit<Visit> fit = waits.Fit(visits); _ = fit.Sigma;"
        },
        {
            "a coefficient of another row type",
            "waits.Fit(visits).Coefficient((Pupil p) => p.Score);",
            "CS1660",
            "waits.Fit(visits).Coefficient((Visit v) => v.Wait);"
        },
        {
            "a level of another row type in a prediction",
            "waits.Fit(visits).PredictMean(visits.First(), school.Level(\"a\"));",
            "CS1503",
            "waits.Fit(visits).PredictMean(visits.First(), cafe.Level(\"a\"));"
        },
        { "a key of another type in a choice", "cafe.New(3);", "CS1503", "cafe.New(\"3\");" },
        { "predicting rows of another type", "waits.Fit(visits).PredictNew(new List<Pupil>());", "CS1503", "waits.Fit(visits).PredictNew(new "
            + "List<Visit>());" },
        {
            "the median on the response's own scale of a model without a log",
            "waits.Fit(visits).PredictMedian(visits.First());", "CS1061",
            "PooledModel.Of<Visit>().LogNormal(v => v.Wait).Intercept().Fit(visits).PredictMedian(visits.First());"
        },
        {
            "a sigma of a Bernoulli model",
            "PooledModel.Of<Visit>().Bernoulli(v => v.Afternoon, sigma: Exponential(1));",
            "CS1739",
            "PooledModel.Of<Visit>().Bernoulli(v => v.Afternoon, link: Link.Probit);"
        },
        {
            "a sigma of a Poisson model",
            "PooledModel.Of<Visit>().Poisson(v => v.Wait, sigma: Exponential(1));",
            "CS1739",
            "PooledModel.Of<Visit>().Poisson(v => v.Wait, exposure: v => v.Se);"
        },
        {
            "a sigma of a NegativeBinomial model",
            "PooledModel.Of<Visit>().NegativeBinomial(v => v.Wait, sigma: Exponential(1));",
            "CS1739",
            "PooledModel.Of<Visit>().NegativeBinomial(v => v.Wait, shape: Exponential(1));"
        },
        {
            "a sigma of a Gamma model",
            "PooledModel.Of<Visit>().Gamma(v => v.Wait, sigma: Exponential(1));",
            "CS1739",
            "PooledModel.Of<Visit>().Gamma(v => v.Wait, shape: Exponential(1));"
        },
        {
            "a sigma of a fit of a Gamma model",
            "_ = PooledModel.Of<Visit>().Gamma(v => v.Wait).Intercept().Fit(visits).Sigma;",
            "CS1061",
            "_ = PooledModel.Of<Visit>().StudentT(v => v.Wait).Intercept().Fit(visits).Sigma;"
        },
        {
            "a shape of a StudentT model",
            "PooledModel.Of<Visit>().StudentT(v => v.Wait, shape: Exponential(1));",
            "CS1739",
            "PooledModel.Of<Visit>().StudentT(v => v.Wait, degreesOfFreedom: Fixed(4));"
        },
        {
            "a correlation prior of a shape",
            "PooledModel.Of<Visit>().Gamma(v => v.Wait, shape: Lkj(2));",
            "CS1503",
            "PooledModel.Of<Visit>().Gamma(v => v.Wait, shape: HalfCauchy(2));"
        },
        {
            "a sigma of a fit of a Bernoulli model",
            "_ = PooledModel.Of<Visit>().Bernoulli(v => v.Afternoon).Intercept().Fit(visits).Sigma;",
            "CS1061",
            "_ = PooledModel.Of<Visit>().Bernoulli(v => v.Afternoon).Intercept().Fit(visits).Intercept;"
        },
        { "trials that are left out", "PooledModel.Of<Visit>().Binomial(v => v.Wait);", "CS1501", "PooledModel.Of<Visit>().Binomial(v => v.Wait, v "
            + "=> v.Tip);" },
        {
            "weights of proportions",
            "PooledModel.Of<Visit>().Bernoulli(v => v.Afternoon).PrecisionWeight(v => v.Se);",
            "CS1061",
            "PooledModel.Of<Visit>().Bernoulli(v => v.Afternoon).Offset(v => v.Se);"
        },
        {
            "an engine of Normal models only on counts",
            "PooledModel.Of<Visit>().Poisson(v => v.Wait).Intercept().Fit(visits, Engine.Gibbs);", "CS1503",
            "TypedPooling.Engines.IEngine any = null!; PooledModel.Of<Visit>().Poisson(v => v.Wait).Intercept().Fit(visits, any); "
                + "waits.Fit(visits, any);"
        },
        {
            "restricted maximum likelihood of a Bernoulli model",
            "PooledModel.Of<Visit>().Bernoulli(v => v.Afternoon).Intercept().Fit(visits, Engine.RestrictedMaximumLikelihood);", "CS1503",
            "PooledModel.Of<Visit>().Bernoulli(v => v.Afternoon).Intercept().Fit(visits, Engine.MaximumLikelihood); waits.Fit(visits, "
                + "Engine.RestrictedMaximumLikelihood);"
        },
        {
            "the likelihood of a fit by draws",
            "_ = waits.Fit(visits).Likelihood;", "CS1061",
            "NormalLikelihoodFit<Visit> fit = waits.Fit(visits, Engine.MaximumLikelihood); _ = fit.Likelihood;"
        },
        {
            "the likelihood of a fit by an engine of draws",
            "_ = PooledModel.Of<Visit>().Bernoulli(v => v.Afternoon).Intercept().Fit(visits, Engine.Nuts).Likelihood;", "CS1061",
            "BernoulliLikelihoodFit<Visit> fit = PooledModel.Of<Visit>().Bernoulli(v => v.Afternoon).Intercept().Fit(visits, "
                + "Engine.MaximumLikelihood); _ = fit.Likelihood;"
        },
        {
            "a profile interval of a fit by draws",
            "var fit = waits.Fit(visits, Engine.Marginal); fit.ProfileInterval(fit.Sigma);", "CS1061",
            "var fit = waits.Fit(visits, Engine.RestrictedMaximumLikelihood); fit.ProfileInterval(fit.Sigma);"
        },
        {
            "a bootstrap of a fit by draws",
            "waits.Fit(visits, Engine.Gibbs).Bootstrap();",
            "CS1061",
            "waits.Fit(visits, Engine.MaximumLikelihood).Bootstrap();"
        },
        {
            "a conditional sd of a fit by draws",
            "waits.Fit(visits).For(cafe).Level(\"a\").ConditionalSd(\"Intercept\");", "CS1061",
            "waits.Fit(visits, Engine.MaximumLikelihood).For(cafe).Level(\"a\").ConditionalSd(\"Intercept\");"
        },
        {
            "the likelihood where the engine may be any",
            "TypedPooling.Engines.INormalEngine any = Engine.MaximumLikelihood; _ = waits.Fit(visits, any).Likelihood;", "CS1061",
            "TypedPooling.Engines.INormalEngine any = Engine.MaximumLikelihood; _ = (waits.Fit(visits, any) as ILikelihoodFit)?.Likelihood;"
        },
        {
            "deriving from a fit",
            "} private sealed class Mine : NormalFit<Visit> {", "CS1729",
            "} private sealed class Mine : Exception {"
        },
        { "text as a yes or no", "PooledModel.Of<Visit>().Bernoulli(v => v.Cafe);", "CS0453", "PooledModel.Of<Visit>().Bernoulli(v => v.Cafe == "
            + "\"a\");" },
        { "changing a fit", "waits.Fit(visits).Posterior = null!;", "CS0200", "_ = waits.Fit(visits).Posterior;" },
    };

    [Theory]
    [MemberData(nameof(Pairs))]
    public void Refuses_to_compile(string what, string snippet, string error, string twin)
    {
        Assert.True(Snippet.Errors(twin).Length == 0, $"The twin of '{what}' must compile, and says {Snippet.Errors(twin)}.");
        Assert.Contains(error, Snippet.Errors(snippet));
    }
}
