using System.Diagnostics.CodeAnalysis;
using System.Linq.Expressions;
using TypedPooling.Keys;
using TypedPooling.Selectors;

namespace TypedPooling;

/// <summary>Makes handles of grouping factors.</summary>
/// <remarks>Thread-safe: any thread may call its members at any time.</remarks>
public static class Group
{
    /// <summary>A grouping factor: rows with equal keys belong to one level.</summary>
    /// <typeparam name="TRow">Type of the rows.</typeparam>
    /// <typeparam name="TKey">Type of the keys: text, a number, an enum, or any type with value equality and a text of its own.</typeparam>
    /// <param name="key">The key as a lambda, <c>(Visit v) => v.Cafe</c>. A null key in the data is an error.</param>
    /// <param name="name">Name of the factor; the lambda's own text where left out, <c>Cafe</c>.</param>
    /// <returns>The handle, for <c>Varying</c> and for reading a fit.</returns>
    /// <exception cref="ModelException">The key has no name of its own and none is given.</exception>
    public static Group<TRow, TKey> By<TRow, [DynamicallyAccessedMembers(KeyMembers.Kept)] TKey>(
        Expression<Func<TRow, TKey>> key, string? name = null)
    {
        ArgumentNullException.ThrowIfNull(key);
        return new(KeySelector.Of(key, name));
    }
}
