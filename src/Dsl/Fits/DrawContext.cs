using TypedPooling.Draws;

namespace TypedPooling;

/// <summary>One joint draw of a posterior, as the function given to <see cref="Fit{TRow}.Derive"/> sees it.</summary>
/// <remarks>Not thread-safe: use it only within the call that it is given to, on the thread of that call.</remarks>
public sealed class DrawContext
{
    private readonly Posterior posterior;

    internal DrawContext(Posterior posterior) => this.posterior = posterior;

    internal int Index { get; set; }

    /// <summary>True where quantities are taken at the estimates of a point fit instead of in a draw.</summary>
    internal bool IsAtEstimates { get; init; }

    /// <summary>True once a quantity was asked for that stays random at the estimates.</summary>
    internal bool MetRandom { get; private set; }

    /// <summary>The value of a quantity in this draw.</summary>
    /// <param name="quantity">A quantity of the same fit.</param>
    /// <returns>The value.</returns>
    /// <exception cref="ModelException">The quantity belongs to another fit, whose draws are not aligned with these.</exception>
    public double Of(Quantity quantity)
    {
        ArgumentNullException.ThrowIfNull(quantity);
        if (!ReferenceEquals(quantity.Posterior, posterior))
            throw OfAnotherFit(quantity.Name);

        if (!IsAtEstimates || quantity.Estimate is not { } estimate)
            return quantity.DrawArray[Index];
        MetRandom |= estimate.IsRandom;
        return estimate.Of(Index);
    }

    /// <summary>That a quantity belongs to another fit.</summary>
    internal static ModelException OfAnotherFit(string name) => new(new Problem(
        ProblemCode.UnknownTerm,
        $"The quantity '{name}' belongs to another fit, so its draws are not aligned with this one's.",
        "Combine quantities of one fit only.")
    { Term = name });
}
