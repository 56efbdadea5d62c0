namespace TypedPooling.Queries;

/// <summary>One row of the answer to a grouped query, as the provider makes it. Immutable.</summary>
/// <typeparam name="TKey">Type of the group's key.</typeparam>
/// <param name="key">The key.</param>
/// <param name="rows">Number of rows of the group.</param>
/// <param name="numbers">What was asked of them.</param>
internal sealed class QueryGroup<TKey>(TKey key, long rows, double?[] numbers)
{
    public TKey Key { get; } = key;

    public long Rows { get; } = rows;

    public double?[] Numbers { get; } = numbers;
}

/// <summary>The same without the type of its key.</summary>
/// <param name="Leaves">What the query was grouped by; empty where all rows are one group.</param>
/// <param name="Rows">Number of rows.</param>
/// <param name="Numbers">What was asked of them.</param>
internal readonly record struct QueryGroup(object?[] Leaves, long Rows, double?[] Numbers);

/// <summary>The means of a group.</summary>
internal sealed class GroupMeans<TKey, TMeans>(TKey key, TMeans means)
{
    public TKey Key { get; } = key;

    public TMeans Means { get; } = means;
}

/// <summary>A row beside the means of its group.</summary>
internal sealed class RowWithMeans<TRow, TMeans>(TRow row, TMeans means)
{
    public TRow Row { get; } = row;

    public TMeans Means { get; } = means;
}
