using System.Runtime.InteropServices;
using TypedPooling.Files;
using TypedPooling.Keys;

// TKey may be nullable, yet a null never reaches the dictionary; text keys have its fastest path only as they are, without a wrapper.
#pragma warning disable CS8714

namespace TypedPooling.Data;

/// <summary>Numbers the keys of a grouping factor 0, 1, ... in order of first appearance.</summary>
/// <typeparam name="TKey">Type of the keys; equality is the type's own.</typeparam>
/// <remarks>Grows while rows are read, by one thread at a time; read-only use from several threads is safe afterwards.</remarks>
public sealed class LevelIndex<TKey> : LevelTable
{
    private readonly Dictionary<TKey, int> numbers = [];
    private readonly List<TKey> keys = [];
    private TKey? lastKey;
    private int lastNumber = -1;

    /// <inheritdoc/>
    public override int Count => keys.Count;

    /// <summary>The key of a level.</summary>
    /// <param name="level">Number of the level, from 0.</param>
    /// <returns>The key as it was first seen.</returns>
    public TKey Key(int level) => keys[level];

    /// <summary>The keys in the order of their numbers.</summary>
    public IReadOnlyList<TKey> Keys => keys;

    /// <inheritdoc/>
    public override string Text(int level) => ToText(keys[level]);

    /// <inheritdoc/>
    public override int GetOrAdd(LevelTable other, int level) => GetOrAdd(KeyOf(other, level));

    /// <inheritdoc/>
    public override int Find(LevelTable other, int level) => Find(KeyOf(other, level));

    /// <inheritdoc/>
    public override LevelTable Select(ReadOnlySpan<int> levels)
    {
        var selected = new LevelIndex<TKey>();
        foreach (var level in levels)
            selected.GetOrAdd(keys[level]);
        return selected;
    }

    internal override string? KeyKind => KeyForm.Of(typeof(TKey))?.Kind;

    internal override void Write(FileWriter writer, string name)
    {
        var form = KeyForm.Of(typeof(TKey)) ?? throw NotStorable(name, null);
        writer.Count(keys.Count);
        foreach (var key in keys)
        {
            var text = ToText(key);
            if (!form.IsText && !(form.Read(text) is TKey same && EqualityComparer<TKey>.Default.Equals(same, key)))
                throw NotStorable(name, text);
            writer.Text(text);
        }
    }

    internal override void Read(FileReader reader, string name)
    {
        var form = KeyForm.Of(typeof(TKey)) ?? throw NotStorable(name, null);
        var count = reader.Room(reader.Count(), 1);
        numbers.EnsureCapacity(count);
        keys.Capacity = count;
        for (var level = 0; level < count; level++)
        {
            var text = reader.Text();
            if (!(form.Read(text) is TKey key && (form.IsText || ToText(key) == text)))
                throw NoKey(name, text);
            FileDamage.Unless(GetOrAdd(key) == level, "a key occurs twice");
        }
    }

    internal override TResult Accept<TResult>(ILevelTableVisitor<TResult> visitor) => visitor.Visit(this);

    /// <summary>A key as text that depends on its value alone, see <see cref="KeyText"/>.</summary>
    /// <param name="key">Any key.</param>
    /// <returns>The text; empty where the key is null or its own text is.</returns>
    public static string ToText(TKey key) => KeyText.Of(key);

    /// <summary>The number of a key, which is given one where it is new.</summary>
    /// <param name="key">The key.</param>
    /// <returns>The number, or -1 where the key is null.</returns>
    public int GetOrAdd(TKey key)
    {
        if (key is null)
            return -1;

        // Rows of one group often follow each other and share the key object: no hashing then.
        if (!typeof(TKey).IsValueType && lastNumber >= 0 && ReferenceEquals(key, lastKey))
            return lastNumber;

        ref var number = ref CollectionsMarshal.GetValueRefOrAddDefault(numbers, key, out var known);
        if (!known)
        {
            number = keys.Count;
            keys.Add(key);
        }

        lastKey = key;
        lastNumber = number;
        return number;
    }

    /// <summary>The number of a key that may be unknown.</summary>
    /// <param name="key">The key.</param>
    /// <returns>The number, or -1 where the key is null or was never seen.</returns>
    public int Find(TKey key) => key is not null && numbers.TryGetValue(key, out var number) ? number : -1;

    private static ModelException NotStorable(string name, string? text) => new(new Problem(
        ProblemCode.NotStorable,
        text is null
            ? $"Keys of type {typeof(TKey).Name} cannot be saved: their text cannot be read back."
            : "The text of this key does not read back as an equal key, so it cannot be saved.",
        "Group by numbers, texts, dates, enums, tuples or records of these, or give the type a TryParse(string, IFormatProvider, out T) that reads "
            + "its ToString().")
    { Term = name, Level = text, IsLevelOfData = true });

    // Keys that had this text when they were saved: a name of an enumeration is another since, or a type is narrower.
    private static ModelException NoKey(string name, string text) => new(new Problem(
        ProblemCode.FileOfAnotherModel,
        "The file has this key, which is none of the model's type of keys.",
        "Load it with the type of keys that was saved; an enumeration needs the names that it had.")
    { Term = name, Level = text, IsLevelOfData = true });

    private static TKey KeyOf(LevelTable other, int level) => other is LevelIndex<TKey> typed
        ? typed.keys[level]
        : throw new ArgumentException($"The other table does not hold keys of type {typeof(TKey)}.", nameof(other));
}
