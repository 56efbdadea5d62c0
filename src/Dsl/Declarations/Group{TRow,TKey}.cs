using System.Diagnostics.CodeAnalysis;
using System.Linq.Expressions;
using TypedPooling.Declarations;
using TypedPooling.Keys;
using TypedPooling.Selectors;

namespace TypedPooling;

/// <summary>A handle of a grouping factor. Two handles are equal when name, row type and key type are, whatever objects they are.</summary>
/// <typeparam name="TRow">Type of the rows.</typeparam>
/// <typeparam name="TKey">Type of the keys.</typeparam>
/// <remarks>Thread-safe: a handle is immutable, and all threads may share it.</remarks>
public sealed class Group<TRow, TKey> : IEquatable<Group<TRow, TKey>>
{
    internal Group(KeySelector<TKey> selector) => Selector = selector;

    /// <summary>Name of the factor.</summary>
    public string Name => Selector.Name;

    internal KeySelector<TKey> Selector { get; }

    /// <summary>A grouping factor nested in this one: rows belong to one level where both keys are equal, so that class 1 of one school is not class
    /// 1 of another.</summary>
    /// <typeparam name="TInner">Type of the inner keys: text, a number, an enum, or any type with value equality and a text of its own.</typeparam>
    /// <param name="inner">The inner key as a lambda, <c>v => v.Class</c>. A null in any part of the key is an error in the data.</param>
    /// <param name="name">Name of the nested factor; where left out both names as a path, <c>School/Class</c>.</param>
    /// <returns>The handle of the nested factor, which can be nested in again. Its keys are pairs: <c>("A", 1)</c>, in F# <c>struct ("A",
    /// 1)</c>.</returns>
    /// <exception cref="ModelException">The inner key has no name of its own and none is given.</exception>
    /// <remarks>
    /// What varies over the outer factor is declared by its own <c>Varying</c>; without it only the nested factor has effects. Keys that are unique
    /// already, such as batch:cask, need no nesting:
    /// <see cref="Group.By"/> makes the same levels.
    /// </remarks>
    public Group<TRow, (TKey Outer, TInner Inner)> Nested<[DynamicallyAccessedMembers(KeyMembers.Kept)] TInner>(
        Expression<Func<TRow, TInner>> inner, string? name = null)
    {
        ArgumentNullException.ThrowIfNull(inner);
        return new(KeySelector.Nested<TRow, TKey, TInner>(Selector, KeySelector.Of(inner, name), name));
    }

    /// <summary>Chooses a level that the data had, for a prediction: its effects are those of the fit.</summary>
    /// <param name="key">The key.</param>
    /// <returns>The choice, whatever the key of the row that is predicted; the prediction refuses a key that no row of the data had.</returns>
    /// <exception cref="ModelException">The key is null.</exception>
    public LevelChoice<TRow> Level(TKey key) => new KeyChoice<TRow, TKey>(Name, Required(key), LevelKind.Known);

    /// <summary>Chooses a new group, for a prediction: its effects are drawn from the distribution of the levels, MVN(0, Sigma) of each
    /// draw.</summary>
    /// <param name="key">A key that tells new groups apart. The same key is the same group, so that predictions for its rows go up and down together,
    /// in every prediction of one fit. Where the data had the key too,
    /// the new group is another one that only shares its name.</param>
    /// <returns>The choice, whatever the key of the row that is predicted.</returns>
    /// <exception cref="ModelException">The key is null.</exception>
    public LevelChoice<TRow> New(TKey key) => new KeyChoice<TRow, TKey>(Name, Required(key), LevelKind.New);

    /// <summary>Takes every row's own key for a new group, for a prediction or a simulation: rows of one key are one group, whose effects are drawn
    /// from the distribution of the levels, MVN(0, Sigma) of each draw, also where the data had the key.</summary>
    /// <returns>The choice; each row keeps its own key.</returns>
    public LevelChoice<TRow> NewLevels() => new KeyChoice<TRow, TKey>(Name, default, LevelKind.Renewed);

    /// <summary>Chooses the average of the levels, for a prediction: the factor's effects are 0. That is a group in the middle of all, not one that
    /// nothing is known of; for that there is <see cref="New"/>.</summary>
    /// <returns>The choice, whatever the key of the row that is predicted.</returns>
    public LevelChoice<TRow> Average() => new KeyChoice<TRow, TKey>(Name, default, LevelKind.Average);

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

    private TKey Required(TKey key) => key is not null
        ? key
        : throw new ModelException(new Problem(ProblemCode.NullKey, "The key that chooses a level is null.", "Give a key, or choose Average().")
        { Term = Name });
}
