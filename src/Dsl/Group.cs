using System.Linq.Expressions;
using TypedPooling.Selectors;

namespace TypedPooling;

/// <summary>Makes handles of grouping factors.</summary>
public static class Group
{
    /// <summary>A grouping factor: rows with equal keys belong to one level.</summary>
    /// <typeparam name="TRow">Type of the rows.</typeparam>
    /// <typeparam name="TKey">Type of the keys: text, a number, an enum, or any type with value equality and a text of its own.</typeparam>
    /// <param name="key">The key as a lambda, <c>(Visit v) => v.Cafe</c>. A null key in the data is an error.</param>
    /// <param name="name">Name of the factor; the lambda's own text where left out, <c>Cafe</c>.</param>
    /// <returns>The handle, for <c>Varying</c> and for reading a fit.</returns>
    /// <exception cref="ModelException">The key has no name of its own and none is given.</exception>
    public static Group<TRow, TKey> By<TRow, TKey>(Expression<Func<TRow, TKey>> key, string? name = null)
    {
        ArgumentNullException.ThrowIfNull(key);
        return new(KeySelector.Of(key, name));
    }
}

/// <summary>A handle of a grouping factor. Two handles are equal when name, row type and key type are, whatever objects they are.</summary>
/// <typeparam name="TRow">Type of the rows.</typeparam>
/// <typeparam name="TKey">Type of the keys.</typeparam>
public sealed class Group<TRow, TKey> : IEquatable<Group<TRow, TKey>>
{
    internal Group(KeySelector<TKey> selector) => Selector = selector;

    /// <summary>Name of the factor.</summary>
    public string Name => Selector.Name;

    internal KeySelector<TKey> Selector { get; }

    /// <summary>True where the names are equal; the types are, or this would not compile.</summary>
    /// <param name="other">Another handle, or null.</param>
    /// <returns>Whether both stand for the same factor of a model.</returns>
    public bool Equals(Group<TRow, TKey>? other) => other is not null && string.Equals(Name, other.Name, StringComparison.Ordinal);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Group<TRow, TKey> other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => Name.GetHashCode(StringComparison.Ordinal);

    /// <summary>The factor's name.</summary>
    public override string ToString() => Name;
}
