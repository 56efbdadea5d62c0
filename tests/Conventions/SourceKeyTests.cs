using Xunit;

namespace TypedPooling.Tests.Conventions;

public sealed class SourceKeyTests
{
    private static readonly string Bibliography = Repository.TextOf("docs/references.md") ?? "";

    [Fact]
    public void Every_source_that_is_cited_is_in_the_bibliography() => Convention.Holds(SourceKeys.Unknown(Repository.Sources, Bibliography));

    [Fact]
    public void Every_entry_of_the_bibliography_is_cited()
    {
        var citing =
            Repository.TextFiles("").Where(
                f => f.Path is not "docs/references.md" && !f.Path.StartsWith("tests/Conventions/", StringComparison.Ordinal)).ToList();

        Convention.Holds(SourceKeys.Uncited(citing, Bibliography));
    }

    [Fact]
    public void The_bibliography_lists_every_source_once()
    {
        Assert.Contains("Bates2015", SourceKeys.Listed(Bibliography));
        Convention.Holds(SourceKeys.Repeated(Bibliography));
    }

    [Fact]
    public void A_citation_that_the_bibliography_lacks_is_noticed()
    {
        SourceFile[] sources = [new("A.cs", "/// A [Known2001] and R[i, j].\n/// Sources: [ABC], [Lost1999b], p. 3.\nvar x = a[Index2001];")];

        Assert.Equal(
            ["A.cs cites [Lost1999b], which docs/references.md does not list.", "A.cs cites [ABC], which docs/references.md does not list."],
            SourceKeys.Unknown(sources, "- **[Known2001]** A book.\n"));
    }

    [Fact]
    public void An_entry_that_nothing_cites_is_noticed() =>
        Assert.Equal(
            ["Nothing cites [B2] of docs/references.md."], SourceKeys.Uncited([new("A.cs", "/// [A1]")], "- **[A1]** One.\n- **[B2]** Two.\n"));

    [Fact]
    public void A_repeated_entry_is_noticed() =>
        Assert.Equal(["docs/references.md lists [A1] 2 times."], SourceKeys.Repeated("- **[A1]** One.\n- **[A1]** Two.\n"));
}
