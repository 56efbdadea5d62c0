using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace TypedPooling.Tests.Dsl.Support;

/// <summary>Compiles a snippet against the assemblies of this process and tells the errors.</summary>
internal static class Snippet
{
    private const string Before = """
        using System;
        using System.Collections.Generic;
        using System.Linq;
        using TypedPooling;
        using static TypedPooling.Prior;

        public sealed record Visit(string Cafe, bool Afternoon, double Wait, double? Tip, double Se);
        public sealed record Pupil(string School, double Score);

        public static class Program
        {
            public static void Run(IEnumerable<Visit> visits)
            {
                var cafe = Group.By((Visit v) => v.Cafe);
                var school = Group.By((Pupil p) => p.School);
                var waits = PooledModel.Of<Visit>().Normal(v => v.Wait);

        """;

    private const string After = """

            }
        }
        """;

    private static readonly IReadOnlyList<MetadataReference> References =
    [
        .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(path => Path.GetFileName(path) is var name
                && (name.StartsWith("System.", StringComparison.Ordinal) || name.StartsWith("TypedPooling", StringComparison.Ordinal)))
            .Select(path => MetadataReference.CreateFromFile(path)),
    ];

    /// <summary>The distinct error ids of a statement, sorted; empty where it compiles.</summary>
    public static string Errors(string statement)
    {
        var tree = CSharpSyntaxTree.ParseText(Before + statement + After);
        var options = new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: NullableContextOptions.Enable);
        var diagnostics = CSharpCompilation.Create("Snippet", [tree], References, options).GetDiagnostics();
        return string.Join(' ', diagnostics.Where(d => d.Severity == DiagnosticSeverity.Error).Select(d => d.Id).Distinct().Order());
    }
}
