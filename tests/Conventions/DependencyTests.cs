using System.Text.RegularExpressions;
using System.Xml.Linq;
using Xunit;

namespace TypedPooling.Tests.Conventions;

public sealed class DependencyTests
{
    private static readonly Dictionary<string, string> Projects = new()
    {
        ["TypedPooling.Core"] = "src/Core.CSharp/TypedPooling.Core.csproj",
        ["TypedPooling.Inference"] = "src/Inference/TypedPooling.Inference.csproj",
        ["TypedPooling"] = "src/Dsl/TypedPooling.csproj",
    };

    private static IEnumerable<SourceFile> Inference => Repository.Sources
        .Where(f => f.Path.StartsWith("src/Inference/", StringComparison.Ordinal))
        .Select(f => f with { Path = f.Path["src/Inference/".Length..] });

    [Fact]
    public void Assemblies_reference_only_those_below_them() =>
        Convention.Holds(Convention.Assemblies.SelectMany(a => Upward(a.GetName().Name!, a.GetReferencedAssemblies().Select(r => r.Name!))));

    [Fact]
    public void Projects_reference_only_those_below_them() =>
        Convention.Holds(Convention.Layers.SelectMany(layer => Upward(layer, ProjectReferences(Projects[layer]))));

    [Fact]
    public void A_reference_upwards_is_noticed() =>
        Assert.Equal(
            ["TypedPooling.Core references TypedPooling, which is above it."], Upward("TypedPooling.Core", ["System.Runtime", "TypedPooling"]));

    [Fact]
    public void Engines_never_use_each_other() => Convention.Holds(EngineIsolation.Violations(Inference));

    [Fact]
    public void An_engine_that_uses_another_is_noticed()
    {
        SourceFile[] files =
        [
            new("Numerics/Shared.cs", "namespace TypedPooling.Inference.Numerics; public sealed class Shared { public double Mode => 1; }"),
            new("First/First.cs", "namespace TypedPooling.Inference.First; public sealed class FirstEngine { public static int Mode => 2; }"),
            new(
                "Second/Second.cs",
                "using TypedPooling.Inference.Numerics;\nnamespace TypedPooling.Inference.Second;\nclass Second { double X => new Shared().Mode + "
                    + "First.FirstEngine.Mode; }"),
            new("Catalogue.cs", "namespace TypedPooling.Inference; class Catalogue { int X => First.FirstEngine.Mode; }"),
        ];

        Assert.Equal(
            [
                "Second/Second.cs(3) uses First of the engine First.",
                "Second/Second.cs(3) uses FirstEngine of the engine First.",
                "Second/Second.cs(3) uses Mode of the engine First.",
            ],
            EngineIsolation.Violations(files));
    }

    [Fact]
    public void A_shared_folder_that_uses_an_engine_is_noticed()
    {
        SourceFile[] files =
        [
            new("Numerics/Shared.cs", "namespace TypedPooling.Inference.Numerics; class Shared { object X => typeof(FirstEngine); }"),
            new("First/First.cs", "namespace TypedPooling.Inference; class FirstEngine;"),
        ];

        Assert.Equal(["Numerics/Shared.cs(1) uses FirstEngine of the engine First."], EngineIsolation.Violations(files));
    }

    [Fact]
    public void Every_engine_has_its_row_in_the_table_of_engines() =>
        Convention.Holds(WithoutRow(EngineIsolation.EngineFolders(Inference), Repository.TextOf("docs/engines.md") ?? ""));

    [Fact]
    public void An_engine_without_a_row_is_noticed() =>
        Assert.Equal(
            ["docs/engines.md has no row for the engine Second."],
            WithoutRow(["First", "Second"], "| engine | for |\n|---|---|\n| **First** | Second |\n"));

    private static IEnumerable<string> WithoutRow(IEnumerable<string> engines, string table) => engines
        .Where(engine => !Regex.IsMatch(table, $@"^\| \*\*{Regex.Escape(engine)}\*\*", RegexOptions.Multiline))
        .Select(engine => $"docs/engines.md has no row for the engine {engine}.");

    private static IEnumerable<string> ProjectReferences(string project) => XDocument.Load(Path.Combine(Repository.Root, project))
        .Descendants("ProjectReference")
        .Select(reference => Path.GetFileNameWithoutExtension(((string)reference.Attribute("Include")!).Replace('\\', '/')));

    private static IEnumerable<string> Upward(string layer, IEnumerable<string> references) => references
        .Where(r => r.StartsWith("TypedPooling", StringComparison.Ordinal) && !Convention.Layers.TakeWhile(below => below != layer).Contains(r))
        .Select(r => $"{layer} references {r}, which is above it.");
}
