using TypedPooling.Files;
using TypedPooling.Randomness;

namespace TypedPooling.Data;

/// <summary>The levels of a grouping factor or of a categorical predictor, numbered 0, 1, ... in order of first appearance; keys as text.</summary>
/// <remarks>The typed side, from key to number, is <see cref="LevelIndex{TKey}"/>.</remarks>
public abstract class LevelTable
{
    /// <summary>Number of levels seen.</summary>
    public abstract int Count { get; }

    /// <summary>The key of a level as text, in the invariant culture.</summary>
    /// <param name="level">Number of the level, from 0.</param>
    /// <returns>The text; never null.</returns>
    public abstract string Text(int level);

    /// <summary>The number here of a level of another table, which is given one where it is new.</summary>
    /// <param name="other">A table of keys of the same type.</param>
    /// <param name="level">Number of the level there, from 0.</param>
    /// <returns>The number here.</returns>
    /// <exception cref="ArgumentException">The keys of the other table have another type.</exception>
    public abstract int GetOrAdd(LevelTable other, int level);

    /// <summary>The number here of a level of another table, which may have none. Neither table is changed.</summary>
    /// <param name="other">A table of keys of the same type.</param>
    /// <param name="level">Number of the level there, from 0.</param>
    /// <returns>The number here, or -1 where this table does not have the key.</returns>
    /// <exception cref="ArgumentException">The keys of the other table have another type.</exception>
    public abstract int Find(LevelTable other, int level);

    /// <summary>A new table of some of the levels, renumbered.</summary>
    /// <param name="levels">Numbers of levels here, each once, in the order of their new numbers.</param>
    /// <returns>The table; this one is not changed.</returns>
    public abstract LevelTable Select(ReadOnlySpan<int> levels);

    /// <summary>What the keys are, in words without the name of a type; null where their text cannot be read back.</summary>
    internal abstract string? KeyKind { get; }

    /// <summary>Writes the keys as text, in the order of their numbers.</summary>
    /// <param name="writer">The file.</param>
    /// <param name="name">Name of the factor, for messages.</param>
    /// <exception cref="ModelException">NotStorable: a key cannot be read back from its text.</exception>
    internal abstract void Write(FileWriter writer, string name);

    /// <summary>Numbers the keys of a file.</summary>
    /// <param name="reader">The file.</param>
    /// <param name="name">Name of the factor, for messages.</param>
    /// <exception cref="ModelException">FileOfAnotherModel: a text is that of no key. FileDamaged: a key occurs twice.</exception>
    internal abstract void Read(FileReader reader, string name);

    /// <summary>Hands the table to a visitor, with the type of its keys.</summary>
    /// <param name="visitor">Asked once.</param>
    internal abstract TResult Accept<TResult>(ILevelTableVisitor<TResult> visitor);

    /// <summary>Stable 64-bit hash of the level's key: the same on every machine, runtime and run, whatever the order of the levels.</summary>
    /// <param name="level">Number of the level, from 0.</param>
    /// <returns>The hash of <see cref="Text"/>, see <see cref="StableHash"/>.</returns>
    public ulong Hash(int level) => RandomAddresses.Level(Text(level));
}
