using TypedPooling.Selectors;

namespace TypedPooling;

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
