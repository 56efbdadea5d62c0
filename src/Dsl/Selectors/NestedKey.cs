using System.Linq.Expressions;

namespace TypedPooling.Selectors;

/// <summary>Reads a key that may be a pair of keys.</summary>
/// <typeparam name="TKey">Type of the key.</typeparam>
/// <param name="row">The variable that holds the row, see <see cref="Part{TValue}"/>.</param>
/// <param name="key">The key.</param>
/// <returns>False where the key, or a part of it, is null; every part is read all the same.</returns>
internal delegate bool ReadKey<TKey>(ref byte row, out TKey key);

/// <summary>Closes the selector of a nested key.</summary>
/// <typeparam name="TKey">Type of the pair.</typeparam>
internal abstract record NestedKey<TKey>
{
    /// <summary>The key of closed delegates.</summary>
    /// <param name="row">Access to the rows.</param>
    /// <param name="parameter">The row in the tree.</param>
    /// <param name="key">The tree, which makes the pair.</param>
    /// <returns>The reader of the pair.</returns>
    public abstract ReadKey<TKey> Close(RowAccess row, ParameterExpression parameter, NewExpression key);
}

/// <inheritdoc/>
/// <typeparam name="TOuter">Type of the outer key.</typeparam>
/// <typeparam name="TInner">Type of the inner key.</typeparam>
/// <param name="Outer">The outer key where it is nested itself, or null.</param>
internal sealed record NestedKey<TOuter, TInner>(NestedKey<TOuter>? Outer) : NestedKey<(TOuter Outer, TInner Inner)>
{
    /// <inheritdoc/>
    public override ReadKey<(TOuter Outer, TInner Inner)> Close(RowAccess row, ParameterExpression parameter, NewExpression key)
    {
        var readOuter = Outer?.Close(row, parameter, (NewExpression)key.Arguments[0])
            ?? Plain(ClosedSelector.Key<TOuter>(row, parameter, key.Arguments[0]));
        var readInner = Plain(ClosedSelector.Key<TInner>(row, parameter, key.Arguments[1]));
        return (ref byte at, out (TOuter Outer, TInner Inner) pair) => readOuter(ref at, out pair.Outer) & readInner(ref at, out pair.Inner);
    }

    private static ReadKey<T> Plain<T>(Part<T> part) => (ref byte at, out T key) =>
    {
        key = part(ref at);
        return key is not null;
    };
}
