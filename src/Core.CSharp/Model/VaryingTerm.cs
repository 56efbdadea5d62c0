namespace TypedPooling.Model;

/// <summary>A varying effect of a grouping factor: one element of u.</summary>
/// <param name="Name">Name of the term; unique in its factor.</param>
/// <param name="Column">Index into the model's columns, or <see cref="ModelSpec.Ones"/>.</param>
/// <param name="Sd">Prior of the sd of the effect over the levels; null where the documented default, scaled by the data, is meant, or where the
/// factor has a prior of the whole covariance.</param>
public sealed record VaryingTerm(string Name, int Column, IScalePrior? Sd)
{
    /// <summary>True where the prior was left to the documented default.</summary>
    public bool HasDefaultPrior { get; init; }
}
