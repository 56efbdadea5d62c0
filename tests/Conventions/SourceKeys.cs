using System.Text.RegularExpressions;

namespace TypedPooling.Tests.Conventions;

/// <summary>
/// Citations and the bibliography agree. A citation is a key in square brackets: letters and a year, or any word in brackets after "Source:" or
/// "Sources:" on the same line. A line of the bibliography starts with the key in bold brackets: <c>- **[Key]** Author (year). Title.</c>
/// </summary>
internal static class SourceKeys
{
    /// <summary>Citations in the documentation comments of sources that the bibliography lacks.</summary>
    public static IEnumerable<string> Unknown(IEnumerable<SourceFile> sources, string bibliography)
    {
        var known = Listed(bibliography).ToHashSet();
        return from file in sources
               from line in file.Text.Split('\n')
               where line.TrimStart().StartsWith("///", StringComparison.Ordinal)
               from key in Cited(line)
               where !known.Contains(key)
               select $"{file.Path} cites [{key}], which docs/references.md does not list.";
    }

    /// <summary>Entries of the bibliography that no file cites.</summary>
    public static IEnumerable<string> Uncited(IReadOnlyCollection<SourceFile> citing, string bibliography) =>
        Listed(bibliography).Where(key => !citing.Any(f => f.Text.Contains($"[{key}]", StringComparison.Ordinal))).Select(
            key => $"Nothing cites [{key}] of docs/references.md.");

    /// <summary>Keys listed more than once.</summary>
    public static IEnumerable<string> Repeated(string bibliography) =>
        Listed(bibliography).GroupBy(key => key).Where(g => g.Count() > 1).Select(g => $"docs/references.md lists [{g.Key}] {g.Count()} times.");

    /// <summary>The keys of the bibliography, in its order.</summary>
    public static IEnumerable<string> Listed(string bibliography) =>
        Regex.Matches(bibliography, @"^- \*\*\[([A-Za-z0-9]+)\]\*\*", RegexOptions.Multiline).Select(m => m.Groups[1].Value);

    private static IEnumerable<string> Cited(string line)
    {
        var source = Regex.Match(line, @"\bSources?:.*");
        return Regex.Matches(line, @"\[([A-Z][A-Za-z]*[0-9]{4}[a-z]?)\]").Concat(Regex.Matches(source.Value, @"\[([A-Za-z0-9]+)\]")).Select(
            m => m.Groups[1].Value).Distinct();
    }
}
