namespace TypedPooling.Model;

/// <summary>A population effect: one element of beta.</summary>
/// <param name="Name">Name of the term; unique among the population effects.</param>
/// <param name="Column">Index into the model's columns, or <see cref="ModelSpec.Ones"/>.</param>
/// <param name="Prior">Prior of the coefficient; null where the documented default, scaled by the data, is meant.</param>
public sealed record PopulationTerm(string Name, int Column, IRealPrior? Prior)
{
    /// <summary>True where the prior was left to the documented default.</summary>
    public bool HasDefaultPrior { get; init; }
}
