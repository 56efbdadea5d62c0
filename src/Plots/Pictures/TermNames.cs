using System.Collections.Immutable;

namespace TypedPooling.Plots.Pictures;

/// <summary>Finds terms by name.</summary>
internal static class TermNames
{
    /// <summary>Number of a term among those that vary by a factor.</summary>
    /// <param name="terms">Their names.</param>
    /// <param name="term">The name asked for; null for the default.</param>
    /// <param name="factor">Name of the factor, for messages.</param>
    /// <param name="absent">The number where no name is given.</param>
    /// <exception cref="ModelException">UnknownTerm: no such term varies by the factor.</exception>
    public static int Index(ImmutableArray<string> terms, string? term, string factor, int absent)
    {
        var index = term is null ? absent : terms.IndexOf(term);
        return index >= 0
            ? index
            : throw new ModelException(new Problem(
                ProblemCode.UnknownTerm, $"No effect of this name varies by {factor}.", $"Use one of: {string.Join(", ", terms)}.")
            { Term = term });
    }
}
