using System.Linq.Expressions;
using System.Reflection;
using TypedPooling.Data;

namespace TypedPooling.Selectors;

/// <summary>The key of a grouping factor or of a categorical predictor as an expression over the row.</summary>
/// <param name="Name">The explicit name, or the printed formula.</param>
/// <param name="Formula">The expression, for printing.</param>
/// <param name="Key">Canonical text, key type included: equal for two selectors that differ only in the parameter's name or the closure their
/// constants come from.</param>
/// <param name="Body">The normalised lambda over the row; returns the key's type.</param>
internal abstract record KeySelector(string Name, string Formula, string Key, LambdaExpression Body)
{
    /// <summary>Type of the keys.</summary>
    public abstract Type KeyType { get; }

    /// <summary>How many factors the key is nested in: 0 for a key of its own. A nested key is a pair made by <see cref="Body"/>, and missing where a
    /// part of it is null.</summary>
    public int Depth { get; init; }

    /// <summary>Makes a key selector.</summary>
    /// <typeparam name="TRow">Type of the rows.</typeparam>
    /// <typeparam name="TKey">Type of the keys; a null key is an error in the data.</typeparam>
    /// <param name="selector">The key as a lambda.</param>
    /// <param name="name">The name, or null to take the formula.</param>
    /// <returns>The selector.</returns>
    /// <exception cref="ModelException">NameNeeded.</exception>
    public static KeySelector<TKey> Of<TRow, TKey>(Expression<Func<TRow, TKey>> selector, string? name = null)
    {
        var normal = ExpressionNormalizer.Normalize(selector);
        var printed = SelectorName.Of(normal, name);

        // Levels of another key type are other levels: the type is part of what makes two selectors the same.
        return new KeySelector<TKey>(printed.Name, printed.Formula.Text, $"{printed.Key} as {typeof(TKey)}", normal);
    }

    /// <summary>Makes the selector of a key nested in another.</summary>
    /// <typeparam name="TRow">Type of the rows.</typeparam>
    /// <typeparam name="TOuter">Type of the outer keys.</typeparam>
    /// <typeparam name="TInner">Type of the inner keys.</typeparam>
    /// <param name="outer">The outer key.</param>
    /// <param name="inner">The inner key, which is not nested itself.</param>
    /// <param name="name">The name, or null to take both as a path.</param>
    /// <returns>The selector of the pair.</returns>
    public static KeySelector<(TOuter Outer, TInner Inner)> Nested<TRow, TOuter, TInner>(
        KeySelector<TOuter> outer, KeySelector<TInner> inner, string? name)
    {
        var row = outer.Body.Parameters[0];
        var pair = Expression.New(
            typeof(ValueTuple<TOuter, TInner>).GetConstructor([typeof(TOuter), typeof(TInner)])!,
            outer.Body.Body,
            new Substitution(inner.Body.Parameters[0], row).Visit(inner.Body.Body));
        return new KeySelector<(TOuter, TInner)>(
            string.IsNullOrWhiteSpace(name) ? $"{outer.Name}/{inner.Name}" : name,
            $"({outer.Formula}, {inner.Formula})",
            $"({outer.Key}, {inner.Key}) nested",
            Expression.Lambda<Func<TRow, (TOuter, TInner)>>(pair, row))
        { Depth = outer.Depth + 1, Nesting = new NestedKey<TOuter, TInner>(outer.Nesting) };
    }

    /// <summary>An empty index for the keys.</summary>
    /// <returns>A new <see cref="LevelIndex{TKey}"/>.</returns>
    public abstract LevelTable NewIndex();

    /// <summary>The method of the index, of one key, that numbers a key.</summary>
    public abstract MethodInfo GetOrAdd { get; }

    /// <summary>The number of a key that was not read from a row.</summary>
    /// <param name="index">An index of <see cref="NewIndex"/>.</param>
    /// <param name="key">The key; null where it is missing.</param>
    /// <returns>Its number, which is given one where it is new; -1 for null.</returns>
    public abstract int NumberOf(LevelTable index, object? key);

    /// <summary>The selector as closed delegates, see <see cref="ClosedSelector"/>.</summary>
    /// <param name="row">Access to the rows.</param>
    /// <returns>Reads the key of a row and numbers it.</returns>
    public abstract LevelPart Close(RowAccess row);
}
