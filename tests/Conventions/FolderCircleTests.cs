using Xunit;

namespace TypedPooling.Tests.Conventions;

public sealed class FolderCircleTests
{
    [Theory]
    [InlineData("TypedPooling.Core", "src/Core.CSharp/")]
    [InlineData("TypedPooling.Inference", "src/Inference/")]
    [InlineData("TypedPooling", "src/Dsl/")]
    public void Folders_of_an_assembly_stand_above_each_other_without_a_circle(string assembly, string project) =>
        Convention.Holds(FolderCircles.Of(assembly, FilesOf(project)));

    [Fact]
    public void A_circle_is_told_with_an_example_of_each_step()
    {
        SourceFile[] files =
        [
            new("Top/Top.cs", "namespace N.Top; class Top { Low.First X; }"),
            new("Low/First.cs", "namespace N.Low; class First { Middle.Second X; }"),
            new("Low/Third.cs", "namespace N.Low; class Third;"),
            new("Middle/Second.cs", "using N.Low;\nnamespace N.Middle;\nclass Second { Third X; Third Y; }"),
            new("Apart/Apart.cs", "namespace N.Apart; partial class Split { object X => typeof(Middle.Second); }"),
            new("All.cs", "namespace N; class All { Top.Top X; }"),
        ];

        Assert.Equal(
            [
                string.Join(
                    Environment.NewLine,
                    "A circle of Low, Middle:",
                    "  Low uses Middle (1): Second in Low/First.cs(1)",
                    "  Middle uses Low (2): Third in Middle/Second.cs(3)"),
            ],
            FolderCircles.Of("N", files));
    }

    [Fact]
    public void A_circle_through_a_folder_of_a_folder_is_noticed()
    {
        SourceFile[] files =
        [
            new("System/Top.cs", "namespace N.System; class Top { object X => new Kernels.Kernel(); public static double Quantum => 1; }"),
            new("System/Kernels/Kernel.cs", "namespace N.System.Kernels; class Kernel { double X => Top.Quantum; }"),
        ];

        Assert.Equal("A circle of System, System/Kernels:", Assert.Single(FolderCircles.Of("N", files)).Split(Environment.NewLine)[0]);
    }

    [Fact]
    public void Folders_above_each_other_are_no_circle()
    {
        SourceFile[] files =
        [
            new("High/A.cs", "namespace N.High; class A { Low.B X; Low.B Y; }"),
            new("Low/B.cs", "namespace N.Low; class B;"),
            new("Low/C.cs", "namespace N.Low; using N.High; class C { B X; }"),
        ];

        Assert.Empty(FolderCircles.Of("N", files));
    }

    [Fact]
    public void Sources_that_do_not_compile_are_told() =>
        Assert.StartsWith("Cannot be checked: ", Assert.Single(FolderCircles.Of("N", [new("A/A.cs", "namespace N; class A { Missing X; }")])));

    private static IEnumerable<SourceFile> FilesOf(string project) => Repository.Sources
        .Where(f => f.Path.StartsWith(project, StringComparison.Ordinal))
        .Select(f => f with { Path = f.Path[project.Length..] });
}
