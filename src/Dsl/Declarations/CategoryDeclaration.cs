using TypedPooling.Data;
using TypedPooling.Selectors;

namespace TypedPooling.Declarations;

/// <summary>A categorical predictor in treatment coding: an indicator for every level but the reference.</summary>
internal abstract record CategoryDeclaration(IRealPrior? Prior) : PopulationDeclaration(Prior)
{
    public abstract KeySelector Selector { get; }

    /// <summary>The reference level as text; null where the first one is meant.</summary>
    public abstract string? Reference { get; }

    /// <summary>The numbers of the levels seen, sorted: text by its UTF-16 code units, enums by value.</summary>
    public abstract int[] Sorted(LevelTable levels);
}

internal sealed record TextCategory(KeySelector<string?> Key, IRealPrior? Prior, string? ReferenceText) : CategoryDeclaration(Prior)
{
    public override KeySelector Selector => Key;

    public override string? Reference => ReferenceText;

    public override int[] Sorted(LevelTable levels)
    {
        int[] numbers = [.. Enumerable.Range(0, levels.Count)];
        Array.Sort(numbers, (a, b) => string.CompareOrdinal(levels.Text(a), levels.Text(b)));
        return numbers;
    }
}

internal sealed record EnumCategory<TKey, TEnum>(KeySelector<TKey> Key, IRealPrior? Prior, TEnum? ReferenceValue) : CategoryDeclaration(Prior)
    where TEnum : struct, Enum
{
    public override KeySelector Selector => Key;

    public override string? Reference => ReferenceValue is { } value ? LevelIndex<TEnum>.ToText(value) : null;

    public override int[] Sorted(LevelTable levels)
    {
        var typed = (LevelIndex<TKey>)levels;
        int[] numbers = [.. Enumerable.Range(0, levels.Count)];
        Array.Sort(numbers, (a, b) => Comparer<TKey>.Default.Compare(typed.Key(a), typed.Key(b)));
        return numbers;
    }
}
