using TypedPooling.Data;
using TypedPooling.Declarations;

namespace TypedPooling;

/// <summary>Which group a row is predicted for, in place of the one its own key says. Made by <see cref="Group{TRow, TKey}.Level"/>,
/// <see cref="Group{TRow, TKey}.New"/>, <see cref="Group{TRow, TKey}.NewLevels"/> and <see cref="Group{TRow, TKey}.Average"/>. Immutable.</summary>
/// <typeparam name="TRow">Type of the rows.</typeparam>
/// <remarks>Thread-safe: it is immutable, and any number of threads may use it at once.</remarks>
public abstract class LevelChoice<TRow>
{
    private protected LevelChoice(string factor, LevelKind kind, string text) => (Factor, Kind, Text) = (factor, kind, text);

    /// <summary>Name of the grouping factor.</summary>
    public string Factor { get; }

    internal LevelKind Kind { get; }

    /// <summary>The key as text; empty where the average or every row's own key is chosen.</summary>
    internal string Text { get; }

    /// <summary>The choice as predictions name it: <c>Zip 98039</c>, <c>Zip 98999 (new)</c>, <c>Zip (average)</c>.</summary>
    public override string ToString() => new PredictedLevel(Kind, -1, Text).Describe(Factor);

    /// <summary>Whether a table holds keys of the choice's type.</summary>
    internal abstract bool IsOf(LevelTable levels);

    /// <summary>The level's number in a table of keys of the choice's type; -1 where it has none.</summary>
    internal abstract int Find(LevelTable levels);
}
