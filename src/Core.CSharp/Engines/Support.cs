using System.Collections.Immutable;

namespace TypedPooling.Engines;

/// <summary>Whether an engine can fit a model.</summary>
/// <param name="Exactness">What its draws would be.</param>
/// <param name="Reasons">Why it cannot, each as a sentence a user can act on; empty where it can.</param>
public sealed record Support(Exactness Exactness, ImmutableArray<string> Reasons)
{
    /// <summary>True where the engine can fit the model.</summary>
    public bool IsSupported => Reasons.IsEmpty;
}
