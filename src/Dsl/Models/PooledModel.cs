namespace TypedPooling;

/// <summary>Where a model begins.</summary>
/// <remarks>Thread-safe: any thread may call its members at any time.</remarks>
public static class PooledModel
{
    /// <summary>Begins a model over rows of a type; choosing the response comes next.</summary>
    /// <typeparam name="TRow">Type of the rows.</typeparam>
    /// <returns>A builder whose verbs choose a response.</returns>
    public static ModelBuilder<TRow> Of<TRow>() => new();
}
