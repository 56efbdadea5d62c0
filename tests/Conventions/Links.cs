using System.Text.RegularExpressions;

namespace TypedPooling.Tests.Conventions;

/// <summary>Links of documents to other files of the repository.</summary>
internal static partial class Links
{
    /// <summary>Relative links that lead to no file, or to no heading of the file.</summary>
    /// <param name="documents">Documents in Markdown.</param>
    /// <param name="textOf">The text of a file by its path, or null where there is none.</param>
    public static IEnumerable<string> Broken(IEnumerable<SourceFile> documents, Func<string, string?> textOf) =>
        from document in documents
        from target in Targets(document.Text)
        let parts = target.Split('#', 2)
        let path = parts[0].Length == 0 ? document.Path : Resolved(document.Path, parts[0])
        let text = parts[0].Length == 0 ? document.Text : textOf(path)
        where text is null || (parts.Length > 1 && !Anchors(text).Contains(parts[1]))
        select text is null
            ? $"{document.Path} links to {target}, which is no file."
            : $"{document.Path} links to {target}, but {path} has no such heading.";

    /// <summary>Pages that a table of contents does not list.</summary>
    /// <param name="pages">The pages, in the folder of the table.</param>
    /// <param name="contents">The table of contents.</param>
    public static IEnumerable<string> Unlisted(IEnumerable<SourceFile> pages, string contents) =>
        pages.Select(page => page.Path).Where(path => !Regex.IsMatch(contents, $@"(?m)^\s*(- )?href: {Regex.Escape(Path.GetFileName(path))}\s*$"))
            .Select(path => $"docs/toc.yml does not list {path}.");

    // Code is not read: an index and a call look like a link.
    private static IEnumerable<string> Targets(string text) =>
        Link().Matches(InlineCode().Replace(FencedCode().Replace(text, string.Empty), string.Empty)).Select(match => match.Groups[1].Value).Where(
            target => !target.Contains(':'));

    // As GitHub and docfx make them: lower case, punctuation left out, spaces to hyphens.
    private static IEnumerable<string> Anchors(string text) =>
        Heading().Matches(FencedCode().Replace(text, string.Empty)).Select(
            match => Punctuation().Replace(match.Groups[1].Value.Trim().ToLowerInvariant(), string.Empty).Replace(' ', '-'));

    private static string Resolved(string from, string target) =>
        Path.GetRelativePath("/", Path.Combine("/", Path.GetDirectoryName(from)!, target)).Replace('\\', '/');

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"(?ms)^```.*?^```")]
    private static partial Regex FencedCode();

    [GeneratedRegex("`[^`\n]*`")]
    private static partial Regex InlineCode();

    [GeneratedRegex(@"(?m)^#+ (.*)$")]
    private static partial Regex Heading();

    [GeneratedRegex(@"[^\p{L}\p{N} _-]")]
    private static partial Regex Punctuation();
}
