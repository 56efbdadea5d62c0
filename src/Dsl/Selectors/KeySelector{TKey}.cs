using System.Linq.Expressions;
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
    /// <inheritdoc/>
    public override Type KeyType => typeof(TKey);

    /// <inheritdoc/>
    public override LevelTable NewIndex() => new LevelIndex<TKey>();
}
