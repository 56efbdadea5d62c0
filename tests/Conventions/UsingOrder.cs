using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace TypedPooling.Tests.Conventions;

/// <summary>
/// The order of using directives as <c>dotnet format</c> makes it: namespaces, then static ones, then aliases; each with System first, the rest by
/// their names. It is the one rule of the formatter that neither the build nor the check of whitespace knows.
/// </summary>
internal static class UsingOrder
{
    /// <summary>Using directives that stand after one that they belong before.</summary>
    public static IEnumerable<string> Violations(IEnumerable<SourceFile> files)
    {
        foreach (var (path, text) in files)
        {
            var root = CSharpSyntaxTree.ParseText(text, new CSharpParseOptions(LanguageVersion.Latest)).GetCompilationUnitRoot();
            foreach (var (before, after) in root.Usings.Zip(root.Usings.Skip(1)))
            {
                if (Compare(before, after) > 0)
                    yield return $"{path}({after.GetLocation().GetLineSpan().StartLinePosition.Line + 1}): '{after}' belongs before '{before}'.";
            }
        }
    }

    private static int Compare(UsingDirectiveSyntax first, UsingDirectiveSyntax second)
    {
        var kind = Kind(first).CompareTo(Kind(second));
        if (kind != 0)
            return kind;
        if (first.Alias is { } alias && second.Alias is { } other)
            return StringComparer.OrdinalIgnoreCase.Compare(alias.Name.ToString(), other.Name.ToString());
        var (names, others) = (Names(first), Names(second));
        var system = IsSystem(others).CompareTo(IsSystem(names));
        return system != 0
            ? system
            : names.Zip(others, StringComparer.OrdinalIgnoreCase.Compare).Append(names.Length - others.Length).FirstOrDefault(order => order != 0);
    }

    private static int Kind(UsingDirectiveSyntax directive) =>
        directive.Alias is not null ? 2 : directive.StaticKeyword.IsKind(SyntaxKind.StaticKeyword) ? 1 : 0;

    private static string[] Names(UsingDirectiveSyntax directive) => directive.NamespaceOrType.ToString().Split('.');

    private static bool IsSystem(string[] names) => names[0] == "System";
}
