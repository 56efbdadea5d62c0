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

internal sealed record ListedCategory<TKey>(KeySelector<TKey> Key, IRealPrior? Prior, string[] Levels, string? ReferenceText)
    : CategoryDeclaration(Prior)
    where TKey : class?
{
    public override KeySelector Selector => Key;

    public override string? Reference => ReferenceText;

    public static ListedCategory<TKey> Of(KeySelector<TKey> key, IReadOnlyList<TKey> levels, IRealPrior? prior, TKey? reference)
    {
        ArgumentNullException.ThrowIfNull(levels);
        var texts = levels.Select(level => level is null ? null : LevelIndex<TKey>.ToText(level)).ToArray();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var text in texts)
        {
            if (text is null)
                throw Refusal(ProblemCode.NullKey, $"The list of levels of '{key.Name}' holds a null.", "List levels only.", null);
            if (!seen.Add(text))
                throw Refusal(ProblemCode.DuplicateTerm, $"The list of levels of '{key.Name}' has '{text}' twice.", "List each level once.", text);
        }

        if (reference is null)
            return new(key, prior, texts!, null);
        var wanted = LevelIndex<TKey>.ToText(reference);
        return seen.Contains(wanted)
            ? new(key, prior, texts!, wanted)
            : throw Refusal(
                ProblemCode.UnknownTerm, $"The list of levels of '{key.Name}' lacks the reference level '{wanted}'.", "Add it to the list.", wanted);

        ModelException Refusal(ProblemCode code, string sentence, string remedy, string? level) =>
            new(new Problem(code, sentence, remedy) { Term = key.Name, Level = level });
    }

    public override int[] Sorted(LevelTable levels)
    {
        var places = Levels.Select((text, place) => (text, place)).ToDictionary(level => level.text, level => level.place, StringComparer.Ordinal);
        int[] numbers = [.. Enumerable.Range(0, levels.Count)];
        if (Array.FindIndex(numbers, number => !places.ContainsKey(levels.Text(number))) is >= 0 and var unlisted)
        {
            throw new ModelException(new Problem(
                ProblemCode.UnknownTerm,
                $"The data have a level '{levels.Text(unlisted)}' that the list of levels of '{Key.Name}' lacks.",
                "Add it to the list, or leave such rows out.")
            { Term = Key.Name, Level = levels.Text(unlisted) });
        }

        Array.Sort(numbers, (a, b) => places[levels.Text(a)].CompareTo(places[levels.Text(b)]));
        return numbers;
    }
}
