using System.Reflection;
using System.Runtime.Loader;
using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace TypedPooling.Tests.Conventions.Snippets;

/// <summary>The C# blocks of a document that make up one program.</summary>
internal sealed class CSharpProgram
{
    // Printed between the blocks to tell their output apart; no program prints it by itself.
    private const string Separator = "\u0001\u0002\u0001";

    private const string ImplicitUsings =
        "using System;\nusing System.Collections.Generic;\nusing System.IO;\nusing System.Linq;\nusing System.Net.Http;\nusing "
            + "System.Threading;\nusing System.Threading.Tasks;\n";

    private static readonly Lazy<IReadOnlyList<MetadataReference>> References = new(() => Convention.References());

    private readonly IReadOnlyList<CSharpBlock> blocks;

    public CSharpProgram(IReadOnlyList<CSharpBlock> blocks) => this.blocks = blocks;

    /// <summary>Compiles the blocks, checks those that must fail, runs the rest and compares what they print.</summary>
    /// <returns>What is wrong, each with document and line; empty where all is well.</returns>
    public IEnumerable<string> Problems()
    {
        var good = blocks.Where(b => !b.Fence.Has("fails")).ToList();
        var compilation = Compile(good);
        var errors = Errors(compilation).ToList();
        if (errors.Count > 0)
            return errors.Select(e => $"{Place(e)}: {e.Id} {e.GetMessage(null)}");

        var wrong = blocks.Where(b => b.Fence.Has("fails")).SelectMany(
            b => FailsAsSaid(b, [.. blocks.TakeWhile(before => before != b).Where(good.Contains), b]));
        return wrong.Concat(Run(compilation, good));
    }

    private static IEnumerable<string> FailsAsSaid(CSharpBlock block, IReadOnlyList<CSharpBlock> program)
    {
        var wanted = block.Fence.Value("fails");
        var errors = Errors(Compile(program)).ToList();
        if (errors.Count == 0)
            yield return $"{block.Document}({block.Fence.FirstLine}): the block must not compile, and it does.";
        else if (wanted is not null && errors.All(e => e.Id != wanted))
            yield return $"{block.Document}({block.Fence.FirstLine}): the block must fail with {wanted}, and it fails "
                + $"with {string.Join(", ", errors.Select(e => $"{e.Id} {e.GetMessage(null)}"))}.";
        foreach (var error in errors.Where(e => Line(e) < block.Fence.FirstLine || Line(e) > block.Fence.LastLine))
            yield return $"{Place(error)}: {error.Id} is outside the block that must not compile.";
    }

    private static IEnumerable<string> Run(CSharpCompilation compilation, IReadOnlyList<CSharpBlock> program)
    {
        using var image = new MemoryStream();
        compilation.Emit(image);
        image.Position = 0;
        var main = new AssemblyLoadContext("snippets").LoadFromStream(image).EntryPoint!;

        var problems = new List<string>();
        var (console, folder) = (Console.Out, Environment.CurrentDirectory);
        using var printed = new StringWriter { NewLine = "\n" };
        try
        {
            Console.SetOut(printed);
            Environment.CurrentDirectory = Repository.Root;
            main.Invoke(null, main.GetParameters().Length == 0 ? [] : [Array.Empty<string>()]);
        }
        catch (TargetInvocationException exception)
        {
            problems.Add($"{program[0].Document}: the program that starts in line {program[0].Fence.FirstLine} threw {exception.InnerException}");
        }
        finally
        {
            Console.SetOut(console);
            Environment.CurrentDirectory = folder;
        }

        var outputs = printed.ToString().Split(Separator);
        for (var i = 0; i < program.Count && i + 1 < outputs.Length; i++)
        {
            if (program[i].Output is { } expected && ExpectedOutput.Difference(expected, outputs[i + 1]) is { } difference)
                problems.Add($"{program[i].Document}({expected.FirstLine}): {difference}");
        }

        return problems;
    }

    private static CSharpCompilation Compile(IReadOnlyList<CSharpBlock> program)
    {
        var text = new StringBuilder(ImplicitUsings);
        foreach (var block in program)
            text.Append(block.Usings);
        for (var i = 0; i < program.Count; i++)
        {
            text.Append($"\n#line hidden\nConsole.Write(\"{string.Concat(Separator.Select(c => $"\\u{(int)c:X4}"))}\");\n");
            var statements = program[i].Statements;
            text.Append(
                program[i].Fence.Has("compile-only") ? $"\n#line hidden\nasync Task NeverRun{i}()\n{{{statements}\n#line hidden\n}}\n" : statements);
        }

        foreach (var block in program)
            text.Append(block.Types);
        return CSharpCompilation.Create(
            "Snippets",
            [CSharpSyntaxTree.ParseText(text.ToString(), new CSharpParseOptions(LanguageVersion.Latest))],
            References.Value,
            new CSharpCompilationOptions(
                OutputKind.ConsoleApplication, optimizationLevel: OptimizationLevel.Release, nullableContextOptions: NullableContextOptions.Enable));
    }

    private static IEnumerable<Diagnostic> Errors(CSharpCompilation compilation) =>
        compilation.GetDiagnostics().Where(d => d.Severity == DiagnosticSeverity.Error);

    private static int Line(Diagnostic error) => error.Location.GetMappedLineSpan().StartLinePosition.Line + 1;

    private static string Place(Diagnostic error) => $"{error.Location.GetMappedLineSpan().Path}({Line(error)})";
}
