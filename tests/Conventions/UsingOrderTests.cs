using Xunit;

namespace TypedPooling.Tests.Conventions;

public sealed class UsingOrderTests
{
    private static IEnumerable<SourceFile> Sources => new[] { "src", "tests", "samples", "bench" }
        .SelectMany(Repository.TextFiles)
        .Where(f => f.Path.EndsWith(".cs", StringComparison.Ordinal));

    [Fact]
    public void Using_directives_stand_in_order() => Convention.Holds(UsingOrder.Violations(Sources));

    [Fact]
    public void Sources_of_every_folder_are_found() =>
        Assert.Equal(
            ["bench", "samples", "src", "tests"], Sources.Select(f => f.Path[..f.Path.IndexOf('/')]).Distinct().Order(StringComparer.Ordinal));

    // What dotnet format changes, and what it leaves.
    [Theory]
    [InlineData(
        "using System;\nusing System.Text;\nusing Microsoft.Win32;\nusing static System.Math;\nusing static Abc.Def;\nusing A = System.Text.Rune;",
        null)]
    [InlineData("using Microsoft.Win32;\nusing System.Text;", "A.cs(2): 'using System.Text;' belongs before 'using Microsoft.Win32;'.")]
    [InlineData("using System.Text;\nusing System;", "A.cs(2): 'using System;' belongs before 'using System.Text;'.")]
    [InlineData("using TypedPooling;\nusing MathNet.Numerics;", "A.cs(2): 'using MathNet.Numerics;' belongs before 'using TypedPooling;'.")]
    [InlineData("using static System.Math;\nusing System;", "A.cs(2): 'using System;' belongs before 'using static System.Math;'.")]
    [InlineData(
        "using A = System.Text.Rune;\nusing static System.Math;",
        "A.cs(2): 'using static System.Math;' belongs before 'using A = System.Text.Rune;'.")]
    public void A_directive_out_of_order_is_noticed(string text, string? violation) =>
        Assert.Equal(violation is null ? [] : [violation], UsingOrder.Violations([new("A.cs", text)]));
}
