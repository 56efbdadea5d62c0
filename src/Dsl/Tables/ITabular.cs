using System.Collections.Immutable;

namespace TypedPooling;

/// <summary>An answer that is shown as tables: parameter tables, coefficients, shrinkage, comparisons, checks.</summary>
/// <remarks><see cref="Tabular"/> turns every such answer into Markdown and LaTeX.</remarks>
public interface ITabular
{
    /// <summary>The tables, as <c>ToString()</c> shows them: numbers rounded, in the invariant culture.</summary>
    /// <returns>One table, or several that belong together.</returns>
    ImmutableArray<PrintedTable> ToTables();
}
