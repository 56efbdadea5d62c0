namespace TypedPooling.Tests.Conventions.Snippets;

/// <summary>Checks the code blocks of a document by the rules of README.md in this folder.</summary>
internal static class DocumentCheck
{
    private static readonly Dictionary<string, string[]> KnownWords = new()
    {
        ["csharp"] = ["fresh", "compile-only", "fails", "file", "region"],
        ["fsharp"] = ["file", "region"],
        ["text"] = ["within"],
    };

    /// <summary>What is wrong with the document's blocks, each with its line; empty where all is well.</summary>
    public static IReadOnlyList<string> Problems(SourceFile document) =>
        Problems(document, Repository.TextOf, Repository.TextFiles("").Select(f => f.Path));

    /// <summary>The same with the repository's files given.</summary>
    public static IReadOnlyList<string> Problems(SourceFile document, Func<string, string?> read, IEnumerable<string> files)
    {
        var fences = Fence.In(document.Text);
        var problems = new List<string>();
        foreach (var fence in fences)
        {
            var unknown = fence.Words.Where(word => KnownWords.TryGetValue(fence.Language, out var known) && !known.Contains(word.Split('=')[0]));
            problems.AddRange(unknown.Select(word => $"{document.Path}({fence.FirstLine}): '{word}' means nothing after {fence.Language}."));
            if ((fence.Language == "fsharp" || IsRegion(fence)) && CompiledRegion.Problem(fence, read, files) is { } problem)
                problems.Add($"{document.Path}({fence.FirstLine}): {problem}");
        }

        foreach (var program in Programs(document.Path, fences))
            problems.AddRange(new CSharpProgram(program).Problems());
        return problems;
    }

    // C# that another project compiles and runs: it is no part of the document's program.
    private static bool IsRegion(Fence fence) => fence.Language == "csharp" && (fence.Has("file") || fence.Has("region"));

    private static List<List<CSharpBlock>> Programs(string document, IReadOnlyList<Fence> fences)
    {
        var programs = new List<List<CSharpBlock>>();
        for (var i = 0; i < fences.Count; i++)
        {
            if (fences[i].Language != "csharp" || IsRegion(fences[i]))
                continue;
            var output = i + 1 < fences.Count && fences[i + 1] is { Language: "text", FollowsFence: true } next ? next : null;
            if (programs.Count == 0 || fences[i].Has("fresh"))
                programs.Add([]);
            programs[^1].Add(new CSharpBlock(document, fences[i], output));
        }

        return programs;
    }
}
