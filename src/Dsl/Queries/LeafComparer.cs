namespace TypedPooling.Queries;

/// <summary>Compares what groups are grouped by: equal where all values are; in order value by value, text by its UTF-16 code units.</summary>
internal sealed class LeafComparer : IEqualityComparer<object?[]>, IComparer<object?[]>
{
    public static LeafComparer Instance { get; } = new();

    public bool Equals(object?[]? x, object?[]? y) => x.AsSpan().SequenceEqual(y);

    public int GetHashCode(object?[] obj)
    {
        var hash = default(HashCode);
        foreach (var leaf in obj)
            hash.Add(leaf);
        return hash.ToHashCode();
    }

    public int Compare(object?[]? x, object?[]? y)
    {
        for (var i = 0; i < x!.Length; i++)
        {
            var order = Compare(x[i], y![i]);
            if (order != 0)
                return order;
        }

        return 0;
    }

    private static int Compare(object? a, object? b) => (a, b) switch
    {
        (null, null) => 0,
        (null, _) => -1,
        (_, null) => 1,
        (string text, string other) => string.CompareOrdinal(text, other),
        (IComparable value, _) => value.CompareTo(b),
        _ => string.CompareOrdinal(a.ToString(), b.ToString()),
    };
}
