using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace TypedPooling.Tests.Conventions.Snippets;

/// <summary>A block of C# taken apart, so that blocks can be put together to one program in which every line keeps its number in the
/// document.</summary>
internal sealed class CSharpBlock
{
    private readonly CompilationUnitSyntax root;

    /// <summary>Takes a block apart.</summary>
    /// <param name="document">Name of the document, for messages.</param>
    /// <param name="fence">The block.</param>
    /// <param name="output">What the block must print; null where that is not checked.</param>
    public CSharpBlock(string document, Fence fence, Fence? output)
    {
        Document = document;
        Fence = fence;
        Output = output;
        root = CSharpSyntaxTree.ParseText(fence.Text, new CSharpParseOptions(LanguageVersion.Latest)).GetCompilationUnitRoot();
    }

    public string Document { get; }

    public Fence Fence { get; }

    public Fence? Output { get; }

    /// <summary>The using directives.</summary>
    public string Usings => Numbered(root.Usings);

    /// <summary>The statements.</summary>
    public string Statements => Numbered(root.Members.OfType<GlobalStatementSyntax>());

    /// <summary>The declared types, which must stand behind all statements of a program. Comments at the end of the block come along.</summary>
    public string Types => Numbered(root.Members.Where(member => member is not GlobalStatementSyntax));

    private string Numbered(IEnumerable<SyntaxNode> nodes) => string.Concat(nodes.Select(node =>
    {
        var line = root.SyntaxTree.GetLineSpan(node.FullSpan).StartLinePosition.Line + Fence.FirstLine;
        return $"\n#line {line} \"{Document}\"\n{node.ToFullString()}\n";
    }));
}
