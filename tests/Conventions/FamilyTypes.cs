using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using TypedPooling.Responses;

namespace TypedPooling.Tests.Conventions;

/// <summary>
/// Finds code that asks which family a response has. All that depends on the family is a member of <see cref="Family"/>; a list of families would
/// answer for the next one without a word. A family is named in its own file and where the builder makes its model. Documents and comments may name
/// any.
/// </summary>
internal static class FamilyTypes
{
    private static readonly Dictionary<string, string[]> Exceptions = new()
    {
        // A rate that varies as a Gamma response does; what it becomes.
        ["src/Core.CSharp/Responses/NegativeBinomialFamily.cs"] = ["GammaFamily", "Poisson"],

        // What it becomes.
        ["src/Core.CSharp/Responses/StudentTFamily.cs"] = ["Normal"],

        // What effects are drawn from.
        ["src/Core.CSharp/Model/ModelMathematics.cs"] = ["Normal"],

        // Measures conflicts on a normal model of the columns.
        ["src/Dsl/Binding/PriorConflicts.cs"] = ["NormalFamily"],

        // A word in a message of Infer.NET.
        ["src/Inference.InferNet/GraphRun.cs"] = ["Gamma"],
    };

    /// <summary>The concrete families.</summary>
    public static IReadOnlyList<Type> All { get; } =
        [.. typeof(Family).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(Family)) && !type.IsAbstract).OrderBy(
            type => type.Name, StringComparer.Ordinal)];

    /// <summary>Names of families, as types or as texts, out of place.</summary>
    /// <param name="files">Files, paths relative to the root.</param>
    public static IEnumerable<string> Violations(IEnumerable<SourceFile> files)
    {
        var types = All.Select(type => type.Name).ToHashSet();
        var texts = types.Select(name => name[..^"Family".Length]).ToHashSet();
        foreach (var file in files.Where(file => !file.Path.StartsWith("src/Dsl/Models/ModelBuilder", StringComparison.Ordinal)))
        {
            var own = Path.GetFileNameWithoutExtension(file.Path);
            var allowed = Exceptions.GetValueOrDefault(file.Path, []);
            foreach (var token in CSharpSyntaxTree.ParseText(file.Text, new CSharpParseOptions(LanguageVersion.Latest)).GetRoot().DescendantTokens())
            {
                var text = token.ValueText;
                var isType = token.IsKind(SyntaxKind.IdentifierToken) && types.Contains(text) && own != text;

                // Priors have names of their own, some of them the same.
                var isText = token.IsKind(SyntaxKind.StringLiteralToken) && texts.Contains(text) && own != text + "Family"
                    && !file.Path.Contains("/Priors/");
                if ((isType || isText) && !allowed.Contains(text))
                    yield return $"{file.Path}({token.GetLocation().GetLineSpan().StartLinePosition.Line + 1}) names {text}: ask a member of Family.";
            }
        }
    }
}
