namespace TypedPooling.Tests.Conventions;

/// <summary>The checkout the tests were built from, as text files.</summary>
internal static class Repository
{
    private static readonly HashSet<string> GeneratedFolders = [".git", ".vs", ".idea", "artifacts", "bin", "obj", "TestResults"];
    private static readonly string[] BinaryExtensions = [".png", ".gif", ".jpg", ".ico", ".gz", ".zip", ".dll", ".pdb", ".nupkg", ".pdf", ".ttf"];

    /// <summary>The folder that holds the solution.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>The C# files under src, paths relative to the root.</summary>
    public static IReadOnlyList<SourceFile> Sources { get; } = [.. TextFiles("src").Where(f => f.Path.EndsWith(".cs", StringComparison.Ordinal))];

    /// <summary>The documents whose code blocks are checked.</summary>
    public static IReadOnlyList<SourceFile> Documents =>
        [.. TextFiles("docs").Concat(TextFiles("").Where(f => !f.Path.Contains('/'))).Where(f => f.Path.EndsWith(".md", StringComparison.Ordinal))];

    /// <summary>Every text file below a folder that is not generated, in ordinal order of path.</summary>
    public static IEnumerable<SourceFile> TextFiles(string folder) =>
        Paths(Path.Combine(Root, folder)).Order(StringComparer.Ordinal).Select(path => new SourceFile(Relative(path), File.ReadAllText(path)));

    /// <summary>A file's text, or null where there is no such file.</summary>
    public static string? TextOf(string path) => File.Exists(Path.Combine(Root, path)) ? File.ReadAllText(Path.Combine(Root, path)) : null;

    /// <summary>A path as the repository writes it: relative to the root, with slashes.</summary>
    public static string Relative(string path) => Path.GetRelativePath(Root, path).Replace('\\', '/');

    private static IEnumerable<string> Paths(string folder)
    {
        if (!Directory.Exists(folder))
            return [];
        var here = Directory.EnumerateFiles(folder)
            .Where(file => Path.GetFileName(file) != ".git" && !BinaryExtensions.Contains(Path.GetExtension(file), StringComparer.OrdinalIgnoreCase));
        return here.Concat(Directory.EnumerateDirectories(folder).Where(sub => !GeneratedFolders.Contains(Path.GetFileName(sub))).SelectMany(Paths));
    }

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "TypedPooling.sln")))
                return folder.FullName;
        }

        throw new InvalidOperationException("No folder above the test assembly holds TypedPooling.sln.");
    }
}
