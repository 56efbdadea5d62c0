using TypedPooling.Data;

namespace TypedPooling.Declarations;

/// <summary>A <see cref="LevelChoice{TRow}"/> whose key type is known; the key means nothing where the average or every
/// row's own key is chosen.</summary>
internal sealed class KeyChoice<TRow, TKey>(string factor, TKey? key, LevelKind kind)
    : LevelChoice<TRow>(factor, kind, kind is LevelKind.Average or LevelKind.Renewed ? string.Empty : LevelIndex<TKey>.ToText(key!))
{
    internal override bool IsOf(LevelTable levels) => levels is LevelIndex<TKey>;

    internal override int Find(LevelTable levels) => Kind is LevelKind.Average or LevelKind.Renewed ? -1 : ((LevelIndex<TKey>)levels).Find(key!);
}
