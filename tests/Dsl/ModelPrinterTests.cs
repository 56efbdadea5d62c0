using TypedPooling.Tests.Dsl.Support;
using Xunit;
using static TypedPooling.Prior;

namespace TypedPooling.Tests.Dsl;

public sealed class ModelPrinterTests
{
    private static readonly Group<Reading, string?> Site = Group.By((Reading r) => r.Site);

    private static NormalModel<Reading> Model => PooledModel.Of<Reading>().Normal(r => r.Y);

    private static void AssertPrints(string expected, object model) => Assert.Equal(expected.ReplaceLineEndings("\n"), model.ToString());

    [Fact]
    public void Prints_the_cafe_model() => AssertPrints(
        """
        Wait_i           ~ Normal(μ_i, σ)
        μ_i              = β_0 + u_Cafe[i],0 + (β_Afternoon + u_Cafe[i],Afternoon) Afternoon_i
        u_Cafe           ~ MVN(0, diag(s_Cafe) R_Cafe diag(s_Cafe))
        β_0              ~ Normal(5, 2)
        β_Afternoon      ~ Normal(-1, 0.5)
        s_Cafe,0         ~ Exponential(1)
        s_Cafe,Afternoon ~ Exponential(1)
        R_Cafe           ~ LKJ(2)
        σ                ~ Exponential(1)
        """,
        PooledModel.Of<Visit>().Normal(v => v.Wait, sigma: Exponential(1)).Intercept(Normal(5, 2)).Slope(v => v.Afternoon, Normal(-1, 0.5))
            .Varying(Group.By((Visit v) => v.Cafe), g => g.Intercept(Exponential(1)).Slope(v => v.Afternoon, Exponential(1)).Correlated(Lkj(2))));

    [Fact]
    public void Prints_a_meta_analysis() => AssertPrints(
        """
        Y_i      ~ Normal(μ_i, Se_i)
        μ_i      = β_0 + u_Site[i],0
        u_Site,0 ~ Normal(0, s_Site,0)
        β_0      ~ Flat
        s_Site,0 ~ HalfCauchy(5)
        """,
        PooledModel.Of<Reading>().Normal(r => r.Y, knownSd: r => r.Se).Intercept(Flat).Varying(Site, g => g.Intercept(HalfCauchy(5))));

    [Fact]
    public void Prints_open_priors_as_defaults_fixed_values_as_equations_and_categories_by_level() => AssertPrints(
        """
        Y_i           ~ Normal(μ_i, σ)
        μ_i           = β_0 + u_Site[i],0 + β_x x_i + β_Kind[Kind_i] + u_Site[i],Z Z_i
        x             = (X - 3) / 2
        u_Site,0      ~ Normal(0, s_Site,0)
        u_Site,Z      ~ Normal(0, s_Site,Z)
        β_0           ~ default
        β_x           = 2
        β_Kind[level] ~ default
        s_Site,0      ~ default
        s_Site,Z      ~ default
        σ             = 1.5
        """,
        PooledModel.Of<Reading>().Normal(r => r.Y, sigma: Fixed(1.5)).Intercept().Slope(r => (r.X - 3) / 2, Fixed(2), name: "x")
            .Categorical(r => r.Kind)
            .Varying(Site, g => g.Intercept().Slope(r => r.Z).Uncorrelated()));

    [Fact]
    public void Prints_group_level_predictors_and_unnamed_formulas_and_wraps_long_sums() => AssertPrints(
        """
        (log(Y))_i ~ Normal(μ_i, σ)
        μ_i        = β_0 + u_Site[i],0 + (β_X + u_Site[i],X) X_i + β_{Z^2} (Z^2)_i + β_Flag Flag_i + β_W W_i
                   + β_X:W (X * W)_i
        u_Site     ~ MVN(0, diag(s_Site) R_Site diag(s_Site))
        """,
        string.Join('\n', PooledModel.Of<Reading>().Normal(r => Math.Log(r.Y)).Intercept().Slope(r => r.X).Slope(r => Math.Pow(r.Z, 2))
            .Slope(r => r.Flag)
            .Varying(Site, g => g.Intercept().PredictedBy(r => r.W).Slope(r => r.X).PredictedBy(r => r.W)).ToString().Split('\n').Take(4)));

    [Fact]
    public void Prints_a_model_without_any_term() => AssertPrints("Y_i ~ Normal(μ_i, σ)\nμ_i = 0\nσ   ~ default", Model);

    [Fact]
    public void The_spec_prints_as_the_model_does() => Assert.Equal(Model.Intercept().ToString(), Model.Intercept().Spec.ToString());

    [Fact]
    public void Prints_a_model_of_proportions() => AssertPrints(
        """
        Wins_i      ~ Binomial(N_i, p_i)
        probit(p_i) = Known_i + β_0 + u_Site[i],0 + β_X X_i
        u_Site,0    ~ Normal(0, s_Site,0)
        β_0         ~ default
        β_X         ~ Normal(0, 1)
        s_Site,0    ~ Exponential(1)
        """,
        PooledModel.Of<Toss>().Binomial(t => t.Wins, t => t.N, Link.Probit).Intercept().Slope(t => t.X, Normal(0, 1)).Offset(t => t.Known).Varying(
            Group.By((Toss t) => t.Site), g => g.Intercept(Exponential(1))));

    [Theory]
    [InlineData(Link.Logit, "logit")]
    [InlineData(Link.ComplementaryLogLog, "cloglog")]
    public void Prints_the_link_of_a_Bernoulli_model(Link link, string name) => AssertPrints(
        $"Won_i{new string(' ', name.Length)} ~ Bernoulli(p_i)\n{name}(p_i) = β_0\nβ_0{new string(' ', name.Length + 2)} ~ Flat",
        PooledModel.Of<Toss>().Bernoulli(t => t.Won, link).Intercept(Flat));

    [Fact]
    public void Prints_models_of_counts()
    {
        AssertPrints(
            "Wins_i   ~ Poisson(N_i λ_i)\nlog(λ_i) = β_0\nβ_0      ~ Normal(0, 2)",
            PooledModel.Of<Toss>().Poisson(t => t.Wins, exposure: t => t.N).Intercept(Normal(0, 2)));
        AssertPrints("Wins_i   ~ Poisson(λ_i)\nlog(λ_i) = β_0\nβ_0      ~ default", PooledModel.Of<Toss>().Poisson(t => t.Wins).Intercept());
        AssertPrints(
            "Wins_i   ~ NegativeBinomial(N_i λ_i, φ)\nlog(λ_i) = β_0\nβ_0      ~ Normal(0, 2)\nφ        ~ default",
            PooledModel.Of<Toss>().NegativeBinomial(t => t.Wins, exposure: t => t.N).Intercept(Normal(0, 2)));
    }

    [Fact]
    public void Prints_shapes_and_degrees_of_freedom()
    {
        AssertPrints(
            "Y_i      ~ Gamma(μ_i, α)\nlog(μ_i) = β_0\nβ_0      ~ Normal(0, 2)\nα        ~ Exponential(1)",
            PooledModel.Of<Toss>().Gamma(t => t.Y, shape: Exponential(1)).Intercept(Normal(0, 2)));
        AssertPrints(
            "Y_i ~ StudentT(ν, μ_i, σ)\nμ_i = β_0\nβ_0 ~ Normal(0, 2)\nν   = 4\nσ   ~ default",
            PooledModel.Of<Toss>().StudentT(t => t.Y, degreesOfFreedom: Fixed(4)).Intercept(Normal(0, 2)));
    }
}
