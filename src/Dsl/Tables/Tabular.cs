namespace TypedPooling;

/// <summary>Tables in the forms of documents.</summary>
/// <remarks>Thread-safe: it keeps nothing.</remarks>
public static class Tabular
{
    /// <summary>The tables in GitHub's Markdown: the title, a table with pipes, the notes.</summary>
    /// <param name="answer">A parameter table, coefficients of levels, a comparison: see <see cref="ITabular"/>.</param>
    /// <returns>Lines that end with a line feed. Signs that Markdown or HTML would read as markup are escaped in names and keys.</returns>
    public static string ToMarkdown(this ITabular answer)
    {
        ArgumentNullException.ThrowIfNull(answer);
        return string.Join('\n', answer.ToTables().Select(MarkdownTable.Of));
    }

    /// <summary>The tables in LaTeX: the title, a <c>tabular</c> with rules, the notes. No package is needed.</summary>
    /// <param name="answer">A parameter table, coefficients of levels, a comparison: see <see cref="ITabular"/>.</param>
    /// <returns>Lines that end with a line feed. Signs with a meaning in LaTeX are escaped in names and keys. Other letters than Latin ones need
    /// XeLaTeX or LuaLaTeX.</returns>
    public static string ToLatex(this ITabular answer)
    {
        ArgumentNullException.ThrowIfNull(answer);
        return string.Join('\n', answer.ToTables().Select(LatexTable.Of));
    }
}
