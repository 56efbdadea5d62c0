using System.Collections.Immutable;

namespace TypedPooling.Model;

/// <summary>A model whose priors were made conjugate where that is possible, and what was replaced. Made by
/// <see cref="ConjugatePriors.Replace"/>.</summary>
/// <param name="Spec">The model; priors without a conjugate near them are as they were.</param>
/// <param name="Replaced">Every replacement, in the order of the model: population effects, factors, sigma. Empty where nothing was replaced.</param>
public sealed record ConjugateModel(ModelSpec Spec, ImmutableArray<ReplacedPrior> Replaced);
