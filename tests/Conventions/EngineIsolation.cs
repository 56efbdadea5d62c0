using System.Reflection;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Xunit;

namespace TypedPooling.Tests.Conventions;

/// <summary>
/// Finds engines that know other engines. Every folder of the inference project that is not shared is an engine; files outside folders (the catalogue) may name them all.
/// The sources are bound by the compiler, so that what counts is the thing a name means, not the name.
/// </summary>
internal static class EngineIsolation
{
    private const string ImplicitUsings =
        "global using System; global using System.IO; global using System.Linq; global using System.Net.Http; "
        + "global using System.Collections.Generic; global using System.Threading; global using System.Threading.Tasks;";

    /// <summary>Folders of the inference project that engines share.</summary>
    public static IReadOnlySet<string> SharedFolders { get; } = new HashSet<string> { "Hierarchy", "Numerics", "Posteriors", "Sampling", "Scales" };

    /// <summary>The engines' folders.</summary>
    /// <param name="files">Files of the inference project, paths relative to it.</param>
    public static IReadOnlyList<string> EngineFolders(IEnumerable<SourceFile> files) =>
        [.. files.Select(f => Folder(f.Path)).Where(IsEngine).Distinct().Order(StringComparer.Ordinal)];

    /// <summary>Uses of an engine from a folder other than its own, and errors of binding.</summary>
    /// <param name="files">Files of the inference project, paths relative to it.</param>
    public static IReadOnlyList<string> Violations(IEnumerable<SourceFile> files)
    {
        var parsing = new CSharpParseOptions(LanguageVersion.Latest, DocumentationMode.None);
        var trees = files.Select(f => CSharpSyntaxTree.ParseText(f.Text, parsing, f.Path)).ToList();
        var compilation = CSharpCompilation.Create(
            "TypedPooling.Inference",
            trees.Append(CSharpSyntaxTree.ParseText(ImplicitUsings, parsing, "ImplicitUsings.cs")),
            Convention.References(without: ["TypedPooling.Inference", "TypedPooling", Assembly.GetExecutingAssembly().GetName().Name!]),
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, allowUnsafe: true, nullableContextOptions: NullableContextOptions.Enable));

        var violations = compilation.GetDiagnostics().Where(d => d.Severity == DiagnosticSeverity.Error).Select(d => $"Cannot be checked: {d}").ToList();
        foreach (var tree in trees.Where(t => Folder(t.FilePath).Length > 0))
        {
            var meaning = compilation.GetSemanticModel(tree);
            foreach (var name in tree.GetRoot().DescendantNodes().OfType<SimpleNameSyntax>())
            {
                var symbol = meaning.GetSymbolInfo(name).Symbol;
                if (symbol is not null && OtherEngine(symbol, Folder(tree.FilePath)) is { } engine)
                {
                    var line = tree.GetLineSpan(name.Span).StartLinePosition.Line + 1;
                    violations.Add($"{tree.FilePath}({line}) uses {name} of the engine {engine}.");
                }
            }
        }

        return violations;
    }

    // A namespace belongs to an engine where only that engine's folder declares it; it counts by its name.
    private static string? OtherEngine(ISymbol symbol, string here)
    {
        var folders = symbol.OriginalDefinition.Locations.Where(l => l.IsInSource).Select(l => Folder(l.SourceTree!.FilePath)).Distinct().ToList();
        return folders is [var only] && only != here && IsEngine(only) ? only : null;
    }

    private static bool IsEngine(string folder) => folder.Length > 0 && !SharedFolders.Contains(folder);

    private static string Folder(string path) => path.Contains('/') ? path[..path.IndexOf('/')] : "";
}
