using System.Reflection;
using Xunit;

namespace TypedPooling.Tests.Conventions;

public sealed class PriorTypeTests
{
    private static readonly IReadOnlySet<string> Names = PriorTypes.All.Select(type => type.Name).ToHashSet();

    [Fact]
    public void No_code_asks_for_a_concrete_type_of_prior() =>
        Convention.Holds(PriorTypes.Violations(Repository.Sources, Names, PriorTypes.Exceptions));

    [Theory]
    [InlineData("class A { bool X(object prior) => prior is NormalPrior; }")]
    [InlineData("class A { double X(object prior) => prior switch { NormalPrior { Sd: var sd } => sd, _ => 0 }; }")]
    [InlineData("using P = TypedPooling.NormalPrior;")]
    [InlineData("class A { object X => new NormalPrior(0, 1); }")]
    public void Code_that_names_a_prior_is_noticed(string text) =>
        Assert.Equal(
            ["src/Dsl/A.cs(1) names NormalPrior: ask a member of the prior's interface."],
            PriorTypes.Violations([new("src/Dsl/A.cs", text)], Names, []));

    [Fact]
    public void Its_own_file_a_comment_and_an_exception_may_name_a_prior() =>
        Assert.Empty(PriorTypes.Violations(
            [
                new("src/Core.CSharp/Priors/NormalPrior.cs", "record NormalPrior { NormalPrior X => this; }"),
                new("src/Dsl/A.cs", "/// <summary>See <see cref=\"NormalPrior\"/>.</summary>\nclass A; // not a NormalPrior"),
                new("src/Dsl/B.cs", "class B { object X => new NormalPrior(0, 1); }"),
            ],
            Names,
            [new("src/Dsl/B.cs", ["NormalPrior"], "tried here")]));

    [Fact]
    public void An_exception_that_nobody_needs_is_noticed() =>
        Assert.Equal(
            ["src/Dsl/B.cs no longer names NormalPrior: take it off the exceptions."],
            PriorTypes.Violations([new("src/Dsl/B.cs", "class B;")], Names, [new("src/Dsl/B.cs", ["NormalPrior"], "tried here")]));

    [Theory]
    [InlineData(typeof(IPrior))]
    [InlineData(typeof(IUnivariatePrior))]
    [InlineData(typeof(IRealPrior))]
    [InlineData(typeof(IScalePrior))]
    [InlineData(typeof(ICorrelationPrior))]
    [InlineData(typeof(ICovariancePrior))]
    public void A_prior_that_lacks_a_member_does_not_compile(Type kind) =>
        Assert.All(
            kind.GetMethods(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance),
            method => Assert.True(method.IsAbstract, $"{kind.Name}.{method.Name} has a default."));
}
