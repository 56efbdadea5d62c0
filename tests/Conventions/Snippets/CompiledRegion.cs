using System.Xml.Linq;

namespace TypedPooling.Tests.Conventions.Snippets;

/// <summary>Compares a block with the region of the compiled file it was taken from.</summary>
internal static class CompiledRegion
{
    /// <summary>What is wrong with the block, or null.</summary>
    /// <param name="fence">The block.</param>
    /// <param name="read">Gives the text of a file of the repository by its path, or null.</param>
    /// <param name="files">Paths of all files of the repository.</param>
    public static string? Problem(Fence fence, Func<string, string?> read, IEnumerable<string> files)
    {
        if (fence.Value("file") is not { } file || fence.Value("region") is not { } region)
            return $"{Language(fence)} block needs file=... and region=... after its fence.";
        if (read(file) is not { } source)
            return $"there is no file {file}.";
        if (!IsCompiled(file, read, files))
            return $"{file} is not compiled by a project of the solution.";
        if (Region(source, region) is not { } lines)
            return $"{file} has no region '{region}'.";
        return lines.TrimEnd() == fence.Text.ReplaceLineEndings("\n").TrimEnd()
            ? null
            : $"the block differs from region '{region}' of {file}, which is\n{lines}";
    }

    /// <summary>The lines of a region without their common indentation, or null where there is no such region.</summary>
    public static string? Region(string source, string name)
    {
        var lines = source.ReplaceLineEndings("\n").Split('\n');
        var start = Array.FindIndex(lines, line => line.Trim() == $"// <readme {name}>");
        var end = start < 0 ? -1 : Array.FindIndex(lines, start, line => line.Trim() == "// </readme>");
        if (end < 0)
            return null;
        var inside = lines[(start + 1)..end];
        var indentation = inside.Where(line => line.Trim().Length > 0).Select(line => line.Length - line.TrimStart().Length).DefaultIfEmpty().Min();
        return string.Concat(inside.Select(line => (line.Length > indentation ? line[indentation..] : line.TrimStart()).TrimEnd() + "\n"));
    }

    private static string Language(Fence fence) => fence.Language == "fsharp" ? "an F#" : "a C#";

    private static bool IsCompiled(string file, Func<string, string?> read, IEnumerable<string> files)
    {
        var solution = (read("TypedPooling.sln") ?? "").Replace('\\', '/');

        // A project of C# compiles all files below it, but for those of a project further down.
        if (file.EndsWith(".cs", StringComparison.Ordinal))
        {
            var nearest = files.Where(f => f.EndsWith(".csproj", StringComparison.Ordinal) && file.StartsWith(FolderOf(f), StringComparison.Ordinal))
                .MaxBy(f => FolderOf(f).Length);
            return nearest is not null && solution.Contains($"\"{nearest}\"", StringComparison.Ordinal);
        }

        return files.Where(f => f.EndsWith(".fsproj", StringComparison.Ordinal) && solution.Contains($"\"{f}\"", StringComparison.Ordinal))
            .Any(project => XDocument.Parse(read(project)!).Descendants("Compile").Any(
                c => FolderOf(project) + ((string?)c.Attribute("Include"))?.Replace('\\', '/') == file));
    }

    private static string FolderOf(string path) => path[..(path.LastIndexOf('/') + 1)];
}
