using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace TypedPooling.Tests.Conventions;

/// <summary>
/// The rules of files: one public type a file, the file named after it, no file and no line too long. A generic type's file may carry its parameters,
/// <c>Group{TRow,TKey}.cs</c>, where a type without them has the plain name; the parts of a partial type are <c>Type.Part.cs</c>. A file without
/// public types is named after one of its types.
/// </summary>
internal static class FileLayout
{
    private const int LongestFile = 600;
    private const int LongestLine = 150;

    public static IEnumerable<string> Violations(IEnumerable<SourceFile> files)
    {
        foreach (var (path, text) in files)
        {
            var lines = text.TrimEnd('\n').Split('\n').Length;
            if (lines > LongestFile)
                yield return $"{path} has {lines} lines; {LongestFile} is the most.";

            foreach (var (line, number) in text.Split('\n').Select((line, index) => (line, index + 1)).Where(pair => pair.line.Length > LongestLine))
                yield return $"{path}({number}) has {line.Length} characters; {LongestLine} is the most.";

            var types = CSharpSyntaxTree.ParseText(text).GetRoot()
                .DescendantNodes(node => node is CompilationUnitSyntax or BaseNamespaceDeclarationSyntax)
                .OfType<MemberDeclarationSyntax>()
                .Where(node => node is BaseTypeDeclarationSyntax or DelegateDeclarationSyntax)
                .ToList();
            var shown = types.Where(t => t.Modifiers.Any(SyntaxKind.PublicKeyword)).Select(Name).Distinct().ToList();
            if (shown.Count > 1)
                yield return $"{path} has {shown.Count} public types: {string.Join(", ", shown)}.";

            var named = shown.Count > 0 ? shown : [.. types.Select(Name)];
            if (named.Count > 0 && !named.Any(name => IsNamedAfter(path, name)))
                yield return $"{path} is not named after its type: {string.Join(", ", named)}.";
        }
    }

    private static bool IsNamedAfter(string path, string type)
    {
        var file = path[(path.LastIndexOf('/') + 1)..];
        return file.Split('.', '{')[0] == type.Split('<')[0];
    }

    private static string Name(MemberDeclarationSyntax type) => type switch
    {
        TypeDeclarationSyntax declaration => declaration.Identifier.ValueText + declaration.TypeParameterList,
        BaseTypeDeclarationSyntax declaration => declaration.Identifier.ValueText,
        DelegateDeclarationSyntax declaration => declaration.Identifier.ValueText + declaration.TypeParameterList,
        _ => throw new ArgumentException("Not a type.", nameof(type)),
    };
}
