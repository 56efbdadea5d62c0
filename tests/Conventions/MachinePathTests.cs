using Xunit;

namespace TypedPooling.Tests.Conventions;

public sealed class MachinePathTests
{
    private const string Slash = "/"; // joined at run time, so that this file does not trip its own test

    [Fact]
    public void No_file_holds_a_path_of_a_machine() => Convention.Holds(MachinePaths.Violations(Repository.TextFiles("")));

    [Fact]
    public void The_files_of_every_part_are_searched()
    {
        var paths = Repository.TextFiles("").Select(f => f.Path).ToHashSet();

        Assert.Superset(
            new HashSet<string> { ".ci/run", "Directory.Build.props", "docs/references.md", "tests/Conventions/MachinePathTests.cs" }, paths);
    }

    [Theory]
    [InlineData("see {0}work{0}main")]
    [InlineData("cd \"{0}root{0}x\"")]
    [InlineData("in ({0}tmp{0}scratch)")]
    [InlineData("{0}home{0}somebody")]
    [InlineData("at file:{0}{0}{0}Users{0}somebody")]
    public void A_path_of_a_machine_is_noticed(string line) =>
        Assert.Single(MachinePaths.Violations([new("a.md", string.Format(System.Globalization.CultureInfo.InvariantCulture, line, Slash))]));

    [Theory]
    [InlineData("https://example.org/work/paper.pdf")]
    [InlineData("$PWD/artifacts/home")]
    [InlineData("a/b, work/life, and/or")]
    [InlineData("../work/x.cs")]
    public void Other_slashes_are_left_alone(string line) => Assert.Empty(MachinePaths.Violations([new("a.md", line)]));
}
