using TypedPooling.Tests.Dsl.Support;
using Xunit;

namespace TypedPooling.Tests.Dsl;

/// <summary>No two rows of a parameter table have one name, whoever gave it.</summary>
public sealed class TableNameTests
{
    private static readonly Group<Reading, string?> Site = Group.By((Reading r) => r.Site);

    private static ModelBuilder<Reading> New => PooledModel.Of<Reading>();

    public static TheoryData<string, Func<object>> Declarations => new()
    {
        { "'sigma': a population effect and the residual sd", () => New.Normal(r => r.Y).Slope(r => r.X, name: "sigma") },
        { "'sigma': a population effect and the residual sd", () => New.LogNormal(r => r.Y).Slope(r => r.X, name: "sigma") },
        { "'sigma': a population effect and the residual sd", () => New.StudentT(r => r.Y).Slope(r => r.X, name: "sigma") },
        { "'degrees of freedom': a population effect and the degrees of freedom of the response", () => New.StudentT(r => r.Y).Slope(
            r => r.X, name: "degrees of freedom") },
        { "'shape': a population effect and the shape of the response", () => New.NegativeBinomial(r => r.Line).Slope(r => r.X, name: "shape") },
        { "'shape': a population effect and the shape of the response", () => New.Gamma(r => r.Y).Slope(r => r.X, name: "shape") },
        {
            "'sd(Site: Intercept)': a population effect and the sd of an effect of Site",
            () => New.Normal(r => r.Y).Slope(r => r.X, name: "sd(Site: Intercept)").Varying(Site, g => g.Intercept())
        },
        {
            "'cor(Site: Intercept, X)': a population effect and a correlation of effects of Site",
            () => New.Poisson(r => r.Line).Slope(r => r.Z, name: "cor(Site: Intercept, X)").Varying(Site, g => g.Intercept().Slope(r => r.X))
        },
        {
            "'sd(A: B: C)': the sd of an effect of A and the sd of an effect of A: B",
            () => New.Normal(r => r.Y)
                .Varying(Group.By((Reading r) => r.Site, "A"), g => g.Slope(r => r.X, name: "B: C"))
                .Varying(Group.By((Reading r) => r.Line, "A: B"), g => g.Slope(r => r.Z, name: "C"))
        },
        {
            "'cor(Site: a, b, c)': a correlation of effects of Site and a correlation of effects of Site",
            () => New.Normal(r => r.Y).Varying(
                Site, g => g.Slope(r => r.X, name: "a").Slope(r => r.Z, name: "b, c").Slope(r => r.W, name: "a, b").Slope(r => r.Se, name: "c"))
        },
    };

    /// <summary>The level "B" of the categorical predictor "H" gives the name "H[B]".</summary>
    public static TheoryData<string, Func<object>> Data => new()
    {
        { "Two different columns are both called 'H[B]'.", () => Normal.Slope(r => r.X, name: "H[B]").Bind(TwoKinds) },
        { "Two different columns are both called 'H[B]'.", () => Normal.Varying(Site, g => g.Slope(r => r.X, name: "H[B]")).Bind(TwoKinds) },
        { "Two different columns are both called 'H[B]'.", () =>
            New.Poisson(r => r.Line).Categorical(r => r.Kind, name: "H").Slope(r => r.X, name: "H[B]").Bind(TwoKinds) },
        { "Two different columns are both called 'H[Winter]'.", () =>
            New.Normal(r => r.Y).Categorical(r => r.Season, reference: Season.Summer, name: "H").Slope(r => r.X, name: "H[Winter]").Bind(TwoKinds) },
        {
            "Two different columns are both called 'H[a][B]'.",
            () => New.Normal(r => r.Y).Categorical(r => r.Kind, name: "H").Categorical(r => r.Site, name: "H[a]").Bind(
                [new Reading { Kind = "A", Site = "A" }, new Reading { Kind = "a][B", Site = "B" }])
        },
    };

    private static Reading[] TwoKinds { get; } = [
        new Reading { Kind = "A", Season = Season.Summer, X = 1 }, new Reading { Kind = "B", Season = Season.Winter, X = 2 }];

    private static NormalModel<Reading> Normal => New.Normal(r => r.Y).Intercept().Categorical(r => r.Kind, name: "H");

    [Theory]
    [MemberData(nameof(Declarations))]
    public void A_name_that_a_scale_has_is_refused_when_it_is_declared(string rows, Func<object> declare)
    {
        var problem = Assert.Single(Assert.Throws<ModelException>(declare).Problems);

        Assert.Equal(ProblemCode.NameNeeded, problem.Code);
        Assert.Equal($"Two rows of the parameter table are called {rows}.", problem.Sentence);
        Assert.Equal("Give one of them another name with the argument 'name'.", problem.Remedy);
    }

    [Theory]
    [MemberData(nameof(Data))]
    public void A_name_that_a_level_of_a_category_gives_is_refused_when_it_is_read(string sentence, Func<object> bind)
    {
        var problem = Assert.Single(Assert.Throws<ModelException>(bind).Problems);

        Assert.Equal(ProblemCode.NameNeeded, problem.Code);
        Assert.Equal(sentence, problem.Sentence);
    }

    [Fact]
    public void Names_that_no_other_row_has_are_taken()
    {
        var rows = Rows.Readings(60);

        Assert.Contains("shape", Names(New.Normal(r => r.Y).Slope(r => r.X, name: "shape").Bind(rows).Spec));
        Assert.Contains("sigma", Names(New.Poisson(r => r.Line).Slope(r => r.X, name: "sigma").Bind(rows).Spec));
        Assert.Contains(
            "sd(Line: Intercept)",
            Names(New.Normal(r => r.Y).Slope(r => r.X, name: "sd(Line: Intercept)").Varying(Site, g => g.Intercept()).Bind(rows).Spec));
    }

    private static IEnumerable<string> Names(TypedPooling.Model.ModelSpec spec) => spec.Population.Select(term => term.Name);
}
