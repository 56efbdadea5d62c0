using System.Linq.Expressions;
using System.Reflection;
using TypedPooling.Data;

namespace TypedPooling.Selectors;

/// <summary>A <see cref="KeySelector"/> whose key type is known.</summary>
/// <typeparam name="TKey">Type of the keys.</typeparam>
/// <param name="Name">The explicit name, or the printed formula.</param>
/// <param name="Formula">The expression, for printing.</param>
/// <param name="Key">Canonical text, see <see cref="KeySelector"/>.</param>
/// <param name="Body">The normalised lambda over the row; returns the key's type.</param>
internal sealed record KeySelector<TKey>(string Name, string Formula, string Key, LambdaExpression Body) : KeySelector(Name, Formula, Key, Body)
{
    private static readonly Expression<Func<LevelIndex<TKey>, TKey, int>> Number = (index, key) => index.GetOrAdd(key);

    /// <summary>How the pair of a nested key is closed; null for a key of its own.</summary>
    public NestedKey<TKey>? Nesting { get; init; }

    /// <inheritdoc/>
    public override Type KeyType => typeof(TKey);

    /// <inheritdoc/>
    public override LevelTable NewIndex() => new LevelIndex<TKey>();

    /// <inheritdoc/>
    public override MethodInfo GetOrAdd => ((MethodCallExpression)Number.Body).Method;

    /// <inheritdoc/>
    public override int NumberOf(LevelTable index, object? key) => key is null ? -1 : ((LevelIndex<TKey>)index).GetOrAdd((TKey)key);

    /// <inheritdoc/>
    public override LevelPart Close(RowAccess row)
    {
        if (Nesting?.Close(row, Body.Parameters[0], (NewExpression)Body.Body) is { } nested)
            return (ref byte at, LevelTable index) => nested(ref at, out var pair) ? ((LevelIndex<TKey>)index).GetOrAdd(pair) : -1;
        var read = ClosedSelector.Key<TKey>(row, Body.Parameters[0], Body.Body);
        return (ref byte at, LevelTable index) => ((LevelIndex<TKey>)index).GetOrAdd(read(ref at));
    }
}
