using Xunit;

namespace TypedPooling.Tests.Conventions;

public sealed class LinkTests
{
    [Fact]
    public void Every_link_of_the_documents_leads_to_a_file_and_a_heading() =>
        Convention.Holds(Links.Broken(Repository.Documents, Repository.TextOf));

    [Fact]
    public void Every_page_is_in_the_contents_of_the_site() =>
        Convention.Holds(
            Links.Unlisted(
                Repository.Documents.Where(f => Path.GetDirectoryName(f.Path) == "docs"), Repository.TextOf("docs/toc.yml") ?? string.Empty));

    [Fact]
    public void A_broken_link_is_noticed_and_code_and_addresses_are_left_alone()
    {
        SourceFile[] documents =
        [
            new(
                "README.md",
                "# A b: c\n[good](docs/a.md), [lost](docs/b.md), [here](#a-b-c), [nowhere](#c), "
                    + "[web](https://example.org/x)\n```\nx[0](y)\n```\n`x[0](y)`"),
            new("docs/a.md", "# First one\n[up](../README.md#a-b-c) [down](../README.md#d) [out](../NOTICE)"),
        ];

        Assert.Equal(
            [
                "README.md links to docs/b.md, which is no file.",
                "README.md links to #c, but README.md has no such heading.",
                "docs/a.md links to ../README.md#d, but README.md has no such heading.",
                "docs/a.md links to ../NOTICE, which is no file.",
            ],
            Links.Broken(documents, path => documents.FirstOrDefault(document => document.Path == path)?.Text));
    }

    [Fact]
    public void A_page_that_the_contents_lack_is_noticed() =>
        Assert.Equal(
            ["docs/toc.yml does not list docs/b.md."], Links.Unlisted([new("docs/a.md", ""), new("docs/b.md", "")], "- name: A\n  href: a.md\n"));
}
