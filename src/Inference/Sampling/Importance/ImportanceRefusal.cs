namespace TypedPooling.Inference.Sampling.Importance;

/// <summary>Why an importance sample is not used: a value, not an exception, since there is another way to draw. Immutable.</summary>
/// <param name="Code">Stable name, for programs.</param>
/// <param name="Reason">One sentence with the numbers.</param>
internal sealed record ImportanceRefusal(ImportanceRefusalCode Code, string Reason)
{
    /// <summary>The sentence.</summary>
    /// <returns><see cref="Reason"/>.</returns>
    public override string ToString() => Reason;
}
