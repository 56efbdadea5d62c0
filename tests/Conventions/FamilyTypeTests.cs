using Xunit;

namespace TypedPooling.Tests.Conventions;

public sealed class FamilyTypeTests
{
    [Fact]
    public void No_code_asks_which_family_a_response_has() => Convention.Holds(FamilyTypes.Violations(Repository.Sources));

    [Fact]
    public void Families_are_found() => Assert.Contains(FamilyTypes.All, type => type.Name == "PoissonFamily");

    [Theory]
    [InlineData("class A { bool X(object family) => family is PoissonFamily; }", "src/Dsl/A.cs(1) names PoissonFamily: ask a member of Family.")]
    [InlineData("class A { bool X(string name) => name == \"Gamma\"; }", "src/Dsl/A.cs(1) names Gamma: ask a member of Family.")]
    [InlineData("class A { int X(string name) => name switch { \"Beta\" => 1, _ => 0 }; }", "src/Dsl/A.cs(1) names Beta: ask a member of Family.")]
    public void Code_that_asks_is_noticed(string text, string violation) =>
        Assert.Equal([violation], FamilyTypes.Violations([new("src/Dsl/A.cs", text)]));

    [Fact]
    public void A_family_may_name_itself_and_the_builder_and_documents_any() => Assert.Empty(FamilyTypes.Violations(
    [
        new("src/Core.CSharp/Responses/PoissonFamily.cs", "class PoissonFamily { string Name => \"Poisson\"; }"),
        new("src/Dsl/Models/ModelBuilder.Counts.cs", "class B { object X => new PoissonFamily(); }"),
        new("src/Dsl/A.cs", "/// <summary>See <see cref=\"PoissonFamily\"/>.</summary>\nclass A; // not a PoissonFamily"),
    ]));

    [Fact]
    public void Only_its_own_file_makes_a_family()
    {
        // Sealed, and of no use to a program: it sees the abstract type, which it cannot derive from.
        Assert.All(FamilyTypes.All, type => Assert.True(type.IsSealed && !type.IsVisible, type.Name));
        Assert.Empty(typeof(TypedPooling.Responses.Family).GetConstructors());
    }
}
