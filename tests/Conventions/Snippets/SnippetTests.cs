using Xunit;

namespace TypedPooling.Tests.Conventions.Snippets;

[Collection(nameof(RunsAlone))]
public sealed class SnippetTests
{
    private const string Command = "dotnet test TypedPooling.sln -c Release";

    public static TheoryData<string> Documents => [.. Repository.Documents.Select(d => d.Path)];

    [Theory]
    [MemberData(nameof(Documents))]
    public void The_code_of_every_document_compiles_runs_and_prints_what_is_shown(string document) =>
        Convention.Holds(DocumentCheck.Problems(Repository.Documents.Single(d => d.Path == document)));

    [Fact]
    public void The_test_command_of_the_README_is_the_one_that_the_gate_runs()
    {
        Assert.Contains($"step test {Command}\n", Repository.TextOf(".ci/run")!.ReplaceLineEndings("\n"), StringComparison.Ordinal);
        if (Repository.TextOf("README.md") is { } readme)
            Assert.Contains(Command, readme, StringComparison.Ordinal);
    }

    [Fact]
    public void Blocks_of_a_document_are_one_program() => Assert.Empty(Problems(
        """
        ~~~csharp
        using TypedPooling;
        public sealed record Row(int X);
        var prior = new NormalPrior(1, 2);
        ~~~
        Then:
        ~~~csharp
        using System.Globalization;
        Console.WriteLine(prior);
        await Task.Yield();
        Console.WriteLine(new Row(3).X.ToString(CultureInfo.InvariantCulture));
        ~~~

        ~~~text
        Normal(1, 2)
        3
        ~~~
        """));

    [Fact]
    public void An_error_is_reported_at_its_line_of_the_document() => Assert.Equal(
        ["doc.md(6): CS0103 The name 'y' does not exist in the current context"],
        Problems("# A\n~~~csharp\nvar x = 1;\n~~~\n~~~csharp\nConsole.WriteLine(x + y);\n~~~\n"));

    [Fact]
    public void A_wrong_output_is_noticed()
    {
        var problem = Assert.Single(Problems("~~~csharp\nConsole.WriteLine(1);\nConsole.WriteLine(2);\n~~~\n~~~text\n1\n3\n~~~\n"));

        Assert.Equal("doc.md(6): the output is not the one shown. Line 2 is expected to be\n  3\nAll that was printed:\n1\n2", problem);
    }

    [Fact]
    public void A_block_that_throws_is_noticed() =>
        Assert.StartsWith(
            "doc.md: the program that starts in line 2 threw System.FormatException: bad",
            Assert.Single(Problems("~~~csharp\nthrow new FormatException(\"bad\");\n~~~\n")),
            StringComparison.Ordinal);

    [Fact]
    public void A_text_block_after_prose_is_not_an_output() =>
        Assert.Empty(Problems("~~~csharp\nConsole.WriteLine(1);\n~~~\nProse.\n~~~text\n2\n~~~\n"));

    [Fact]
    public void Fresh_starts_another_program() => Assert.Empty(Problems("~~~csharp\nvar x = 1;\n~~~\n~~~csharp fresh\nvar x = 2;\n~~~\n"));

    [Fact]
    public void Compile_only_is_not_run_but_compiled()
    {
        Assert.Empty(
            Problems("~~~csharp\nvar x = 1;\n~~~\n~~~csharp compile-only\nvar y = x; throw new Exception();\n~~~\n~~~csharp\nvar y = x;\n~~~\n"));
        Assert.StartsWith("doc.md(2): CS0103", Assert.Single(Problems("~~~csharp compile-only\nz.Run();\n~~~\n")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("fails", "string s = x;", null)]
    [InlineData("fails=CS0029", "string s = x;", null)]
    [InlineData("fails", "double s = x;", "doc.md(5): the block must not compile, and it does.")]
    [InlineData(
        "fails=CS0103",
        "string s = x;",
        "doc.md(5): the block must fail with CS0103, and it fails with CS0029 Cannot implicitly convert type 'int' to 'string'.")]
    public void A_block_that_must_not_compile_does_not(string word, string code, string? problem) =>
        Assert.Equal(problem is null ? [] : [problem], Problems($"~~~csharp\nvar x = 1;\n~~~\n~~~csharp {word}\n{code}\n~~~\n"));

    [Fact]
    public void A_misspelt_word_is_noticed() =>
        Assert.Equal(["doc.md(2): 'compileonly' means nothing after csharp."], Problems("~~~csharp compileonly\nvar x = 1;\n~~~\n"));

    [Fact]
    public void A_block_that_is_not_closed_is_noticed() => Assert.Throws<FormatException>(() => Problems("~~~csharp\nvar x = 1;\n"));

    [Theory]
    [InlineData("", "a\n...\nd", "a\nb\nc\nd\n", true)]
    [InlineData("", "a\n...\nd", "a\nb\nc\n", false)]
    [InlineData("", "a  1.0", "a 1.0", false)]
    [InlineData("", "a", "a\nb", false)]
    [InlineData("within=0.1", "a  1.0 (-20.5)", "a 1.05 (-22)", true)]
    [InlineData("within=0.1", "a  1.0", "a 1.2", false)]
    [InlineData("within=0.1", "a  1.0", "b 1.0", false)]
    [InlineData("within=0.1", "1.0", "1.0 2.0", false)]
    [InlineData("within=0.1", "0.05", "-0.04", true)]
    public void Output_is_compared_by_the_rules(string word, string expected, string printed, bool equal)
    {
        var fence = new Fence("text", [word], expected + "\n", 1, true);

        Assert.Equal(equal, ExpectedOutput.Difference(fence, printed) is null);
    }

    [Theory]
    [InlineData("file=samples/A/Main.fs region=first", "let x =\n    1", null)]
    [InlineData(
        "file=samples/A/Main.fs region=first", "let x = 1", "the block differs from region 'first' of samples/A/Main.fs, which is\nlet x =\n    1\n")]
    [InlineData("file=samples/A/Main.fs region=second", "let x = 1", "samples/A/Main.fs has no region 'second'.")]
    [InlineData("file=samples/A/Lost.fs region=first", "let x = 1", "there is no file samples/A/Lost.fs.")]
    [InlineData("file=samples/A/Loose.fs region=first", "let x = 1", "samples/A/Loose.fs is not compiled by a project of the solution.")]
    [InlineData("region=first", "let x = 1", "an F# block needs file=... and region=... after its fence.")]
    public void An_FSharp_block_equals_its_region(string words, string code, string? problem)
    {
        var files = new Dictionary<string, string>
        {
            ["TypedPooling.sln"] = @"Project(""{0}"") = ""A"", ""samples\A\A.fsproj"", ""{1}""",
            ["samples/A/A.fsproj"] = "<Project><ItemGroup><Compile Include=\"Main.fs\" /></ItemGroup></Project>",
            ["samples/A/Main.fs"] = "module A\n    // <readme first>\n    let x =\n        1\n    // </readme>\n",
            ["samples/A/Loose.fs"] = "// <readme first>\nlet x = 1\n// </readme>\n",
        };

        var found = DocumentCheck.Problems(new("doc.md", $"```fsharp {words}\n{code}\n```\n"), files.GetValueOrDefault, files.Keys);

        Assert.Equal(problem is null ? [] : ["doc.md(2): " + problem], found);
    }

    [Theory]
    [InlineData("file=tests/A/Main.cs region=first", "other.Call();", null)]
    [InlineData("file=tests/A/Deep/Inner.cs region=first", "other.Call();", null)]
    [InlineData("file=tests/A/Main.cs region=first", "Call();", "the block differs from region 'first' of tests/A/Main.cs, which is\nother.Call();\n")]
    [InlineData("file=tests/A/B/Main.cs region=first", "other.Call();", "tests/A/B/Main.cs is not compiled by a project of the solution.")]
    [InlineData("region=first", "other.Call();", "a C# block needs file=... and region=... after its fence.")]
    public void A_CSharp_block_of_a_file_equals_its_region_and_is_not_run(string words, string code, string? problem)
    {
        const string Main = "class A\n{\n    // <readme first>\n    other.Call();\n    // </readme>\n}\n";
        var files = new Dictionary<string, string>
        {
            ["TypedPooling.sln"] = @"Project(""{0}"") = ""A"", ""tests\A\A.csproj"", ""{1}""",
            ["tests/A/A.csproj"] = "<Project />",
            ["tests/A/Main.cs"] = Main,
            ["tests/A/Deep/Inner.cs"] = Main,
            ["tests/A/B/B.csproj"] = "<Project />",
            ["tests/A/B/Main.cs"] = Main,
        };

        // Compiled as a program of the document the block would have an error.
        var found = DocumentCheck.Problems(new("doc.md", $"```csharp {words}\n{code}\n```\n"), files.GetValueOrDefault, files.Keys);

        Assert.Equal(problem is null ? [] : ["doc.md(2): " + problem], found);
    }

    // Tildes stand for backticks, which the documents of this repository could not show inside a block.
    private static IReadOnlyList<string> Problems(string document) =>
        DocumentCheck.Problems(new("doc.md", document.Replace("~~~", "```", StringComparison.Ordinal)), _ => null, []);
}
