using System.Reflection;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace TypedPooling.Tests.Conventions;

/// <summary>The sources of one assembly, bound by the compiler: what counts is the thing a name means, not the name.</summary>
internal sealed class BoundSources
{
    private const string ImplicitUsings =
        "global using System; global using System.IO; global using System.Linq; global using System.Net.Http; "
        + "global using System.Collections.Generic; global using System.Threading; global using System.Threading.Tasks;";

    private readonly List<SyntaxTree> trees;
    private readonly CSharpCompilation compilation;

    /// <summary>Binds the files of an assembly.</summary>
    /// <param name="assembly">Its name: internal members of assemblies below that are open to it are found.</param>
    /// <param name="files">Its files, paths relative to its project.</param>
    public BoundSources(string assembly, IEnumerable<SourceFile> files)
    {
        var parsing = new CSharpParseOptions(LanguageVersion.Latest, DocumentationMode.None);
        var notBelow = Convention.Layers.SkipWhile(layer => layer != assembly).Append(assembly).Append(
            Assembly.GetExecutingAssembly().GetName().Name!);
        trees = [.. files.Select(f => CSharpSyntaxTree.ParseText(f.Text, parsing, f.Path))];
        compilation = CSharpCompilation.Create(
            assembly,
            trees.Append(CSharpSyntaxTree.ParseText(ImplicitUsings, parsing, "ImplicitUsings.cs")),
            Convention.References(without: [.. notBelow]),
            new CSharpCompilationOptions(
                OutputKind.DynamicallyLinkedLibrary, allowUnsafe: true, nullableContextOptions: NullableContextOptions.Enable));
    }

    /// <summary>What keeps the sources from being checked: errors of the compiler, as sentences.</summary>
    public IEnumerable<string> Faults =>
        compilation.GetDiagnostics().Where(d => d.Severity == DiagnosticSeverity.Error).Select(d => $"Cannot be checked: {d}");

    /// <summary>Every name in a file of a folder that means something the sources declare, in the files' order.</summary>
    public IEnumerable<SymbolUse> Uses()
    {
        foreach (var tree in trees.Where(t => Folder(t.FilePath).Length > 0))
        {
            var meaning = compilation.GetSemanticModel(tree);
            foreach (var name in tree.GetRoot().DescendantNodes().OfType<SimpleNameSyntax>())
            {
                var symbol = meaning.GetSymbolInfo(name).Symbol;
                var folders =
                    symbol?.OriginalDefinition.Locations.Where(l => l.IsInSource).Select(l => Folder(l.SourceTree!.FilePath)).Distinct().ToList();
                if (folders is [_, ..])
                    yield return new SymbolUse(
                        name.ToString(), symbol is INamespaceSymbol, tree.FilePath, tree.GetLineSpan(name.Span).StartLinePosition.Line + 1, folders);
            }
        }
    }

    /// <summary>The folder of a file, empty for files of the project's own folder.</summary>
    public static string Folder(string path) => path.Contains('/') ? path[..path.LastIndexOf('/')] : "";
}
