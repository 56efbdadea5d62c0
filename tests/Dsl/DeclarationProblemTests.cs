using TypedPooling.Tests.Dsl.Support;
using Xunit;
using static TypedPooling.Prior;

namespace TypedPooling.Tests.Dsl;

/// <summary>What is refused while a model is declared, before there are data.</summary>
public sealed class DeclarationProblemTests
{
    private static readonly Group<Reading, string?> Site = Group.By((Reading r) => r.Site);

    public static TheoryData<string, Func<object>> Declarations => new()
    {
        { "[DuplicateTerm] Intercept: The population effect 'Intercept' is declared twice. Declare it once.", () =>
            Model.Intercept().Slope(r => r.X).Intercept() },
        { "[DuplicateTerm] X: The population effect 'X' is declared twice. Declare it once.", () => Model.Slope(r => r.X).Slope(
            row => (double)row.X) },
        { "[DuplicateTerm] Kind: The population effect 'Kind' is declared twice. Declare it once.", () =>
            Model.Categorical(r => r.Kind).Categorical(r => r.Kind) },
        {
            "[DuplicateTerm] Site: The varying effects of Site are declared twice. Declare all of them in one call of Varying.",
            () => Model.Varying(Site, g => g.Intercept()).Varying(Group.By((Reading r) => r.Site), g => g.Slope(r => r.X))
        },
        {
            "[DuplicateTerm] Site: X: The varying effect 'X' of Site is declared twice. Declare it once.",
            () => Model.Varying(Site, g => g.Slope(r => r.X).Intercept().Slope(r => r.X))
        },
        { "[DuplicateTerm] Site: Intercept: The varying effect 'Intercept' of Site is declared twice. Declare it once.", () => Model.Varying(
            Site, g => g.Intercept().Intercept()) },
        {
            "[DuplicateTerm] Site: The correlations of the effects of Site are declared twice. Declare them once.",
            () => Model.Varying(Site, g => g.Intercept().Correlated().Uncorrelated())
        },
        {
            "[DuplicateTerm] W: The varying effect 'Intercept' of Site is predicted by 'W' twice. Declare it once.",
            () => Model.Varying(Site, g => g.Intercept().PredictedBy(r => r.W).PredictedBy(r => r.W))
        },
        {
            "[DuplicateTerm] W: The population effect 'W' is given two priors, Normal(0, 1) and Normal(0, 2). Declare it once.",
            () => Model.Slope(r => r.W, Normal(0, 1)).Varying(Site, g => g.Intercept().PredictedBy(r => r.W, Normal(0, 2)))
        },
        {
            "[NameNeeded] X: Two different columns are both called 'X'. Give one of them another name with the argument 'name'.",
            () => Model.Slope(r => r.X).Slope(r => r.Z, name: "X")
        },
        {
            "[NameNeeded] Intercept: A column is called 'Intercept', which is reserved for intercepts. Give one of them another name with the "
                + "argument 'name'.",
            () => Model.Slope(r => r.X, name: "Intercept")
        },
        {
            "[EmptyModel] Site: The varying effects of Site are null. Return the result of the last verb: g => g.Intercept().Slope(r => r.X).",
            () => Model.Varying(Site, g => null!)
        },
        {
            "[EmptyModel] Line: The varying effects of Line were declared by the builder of Site. Call the verbs of the builder that the lambda "
                + "receives.",
            () => Model.Varying(Site, site => site.Intercept().Slope(r => r.X)).Varying(Group.By((Reading r) => r.Line), _ => OtherBuilder())
        },
        {
            "[EmptyModel] Site: Nothing varies over the levels of Site. Add Intercept() or Slope(...), or leave the factor out.",
            () => Model.Varying(Site, g => g)
        },
        {
            "[PriorOutOfRange] sd(Site: Intercept): Fixed(-1) on sd(Site: Intercept) allows values below 0, but a standard deviation is never "
                + "negative. Give it a lower bound of 0 or more.",
            () => Model.Varying(Site, g => g.Intercept(Fixed(-1)))
        },
        {
            "[PriorOutOfRange] sd(Site: X): Uniform(-1, 2) on sd(Site: X) allows values below 0, but a standard deviation is never negative. "
                + "Give it a lower bound of 0 or more.",
            () => Model.Varying(Site, g => g.Slope(r => r.X, Uniform(-1, 2)))
        },
        {
            "[PriorOutOfRange] sigma: Uniform(-1, 2) on sigma allows values below 0, but a standard deviation is never negative. "
                + "Give it a lower bound of 0 or more.",
            () => PooledModel.Of<Reading>().Normal(r => r.Y, sigma: Uniform(-1, 2))
        },
        {
            "[PriorOutOfRange] sigma: Fixed(0) on sigma allows only the value 0. Fix it at a positive value.",
            () => PooledModel.Of<Reading>().Normal(r => r.Y, sigma: Fixed(0))
        },
        { "[PriorOutOfRange] Normal: The parameter 'sd' of Normal must be a positive finite number; it is -2. Give 'sd' a value that Normal "
            + "allows.", () =>
            Model.Intercept(Normal(0, -2)) },
        {
            "[UnsupportedType] Flag: The response 'Flag' of a Normal model is true or false, not a number. If you mean numbers, write a "
                + "lambda that returns 1.0 or 0.0.",
            () => PooledModel.Of<Reading>().Normal(r => r.Flag)
        },
        {
            "[UnsupportedType] Flag: The known standard error 'Flag' of a Normal model is true or false, not a number. If you mean numbers, "
                + "write a lambda that returns 1.0 or 0.0.",
            () => PooledModel.Of<Reading>().Normal(r => r.Y, knownSd: r => r.Flag)
        },
    };

    private static VaryingBuilder<Reading> OtherBuilder()
    {
        VaryingBuilder<Reading>? kept = null;
        Model.Varying(Site, site => kept = site.Intercept());
        return kept!;
    }

    private static NormalModel<Reading> Model => PooledModel.Of<Reading>().Normal(r => r.Y);

    [Theory]
    [MemberData(nameof(Declarations))]
    public void Refuses_the_declaration_with_a_sentence_and_a_remedy(string message, Func<object> declare) =>
        Assert.Equal(message, Assert.Throws<ModelException>(declare).Message);

    [Fact]
    public void An_sd_may_be_fixed_at_zero_and_a_flag_may_be_a_slope_or_a_number()
    {
        Assert.Single(Model.Varying(Site, g => g.Intercept(Fixed(0))).Spec.Factors);
        Assert.Single(PooledModel.Of<Reading>().Normal(r => r.Flag ? 1.0 : 0.0).Slope(r => r.Flag).Spec.Columns);
    }

    [Fact]
    public void Equal_priors_for_one_population_effect_are_no_contradiction() =>
        Assert.Single(Model.Slope(r => r.W, Normal(0, 1)).Varying(Site, g => g.Intercept().PredictedBy(r => r.W, Normal(0, 1))).Spec.Population);
}
