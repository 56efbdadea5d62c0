using System.Text.RegularExpressions;

namespace TypedPooling.Tests.Conventions;

/// <summary>Finds absolute paths of somebody's machine: a file of the repository must mean the same everywhere.</summary>
internal static class MachinePaths
{
    private static readonly string[] Folders = ["work", "root", "tmp", "home", "Users", "mnt", "opt", "private"];

    // An absolute path starts where no word, dot or slash stands before it (which would make it relative, or part of an address).
    private static readonly Regex Pattern = new(
        $@"(?<![\w.~/\\}})*-])(?:file:/{{2,3}})?/(?:{string.Join('|', Folders)})/\w|\b[A-Za-z]:\\+(?:{string.Join('|', Folders)})\b");

    public static IEnumerable<string> Violations(IEnumerable<SourceFile> files) =>
        from file in files
        from line in file.Text.Split('\n').Select((text, index) => (Text: text, Number: index + 1))
        let match = Pattern.Match(line.Text)
        where match.Success
        select $"{file.Path}({line.Number}) holds a path of a machine: {line.Text.Trim()}";
}
