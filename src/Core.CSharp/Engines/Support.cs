using System.Collections.Immutable;
using TypedPooling.Draws;

namespace TypedPooling.Engines;

/// <summary>Whether an engine can fit a model.</summary>
/// <param name="Exactness">What its draws would be.</param>
/// <param name="Reasons">Why it cannot, each with its remedy; empty where it can.</param>
public sealed record Support(Exactness Exactness, ImmutableArray<Problem> Reasons)
{
    /// <summary>True where the engine can fit the model.</summary>
    public bool IsSupported => Reasons.IsEmpty;

    /// <summary>Throws where the engine cannot fit the model.</summary>
    /// <exception cref="ModelException">The engine refuses the model; every reason is listed.</exception>
    public void Require()
    {
        if (!IsSupported)
            throw new ModelException(Reasons);
    }
}
