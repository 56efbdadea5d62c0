namespace TypedPooling;

/// <summary>How a Stan program is written. Immutable.</summary>
/// <remarks>Thread-safe.</remarks>
public sealed record StanOptions
{
    /// <summary>What is sampled for the varying effects; non-centred by default.</summary>
    /// <remarks>A factor with an sd that is fixed at 0 is non-centred also where centred effects are asked for.</remarks>
    public StanEffects Effects { get; init; } = StanEffects.NonCentred;

    /// <summary>How arrays are declared; by keyword by default.</summary>
    public StanArraySyntax Arrays { get; init; } = StanArraySyntax.Keyword;
}
