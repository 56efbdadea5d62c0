namespace TypedPooling.Draws;

/// <summary>Moments of linear combinations of coefficients where their posterior is exactly normal.</summary>
public abstract class ExactMoments
{
    /// <summary>Mean and sd of a'beta plus b'u_level of some levels.</summary>
    /// <param name="population">Weights a over the population effects. Length: number of population effects.</param>
    /// <param name="levels">The levels, at most one of each grouping factor; possibly none.</param>
    /// <returns>The moments, to rounding.</returns>
    public abstract NormalMoments Of(ReadOnlySpan<double> population, ReadOnlySpan<LevelWeights> levels);

    /// <summary>Mean and sd of a'beta + b'u_level.</summary>
    /// <param name="population">Weights a over the population effects. Length: number of population effects.</param>
    /// <param name="factor">Index of the grouping factor of the varying effects; ignored where <paramref name="effects"/> is empty.</param>
    /// <param name="level">Number of the level, from 0; ignored where <paramref name="effects"/> is empty.</param>
    /// <param name="effects">Weights b over the varying effects of the level; empty where none takes part. Length q or 0.</param>
    /// <returns>The moments, to rounding.</returns>
    public NormalMoments Of(ReadOnlySpan<double> population, int factor, int level, ReadOnlySpan<double> effects) =>
        effects.IsEmpty ? Of(population, []) : Of(population, [new LevelWeights(factor, level, [.. effects])]);

    /// <summary>Mean and sd of b'u_level where the population effects stand at their means: the conditional mode and its sd, the square root of the
    /// conditional variance that <c>ranef</c> of lme4 gives.</summary>
    /// <param name="factor">Index of the grouping factor.</param>
    /// <param name="level">Number of the level, from 0.</param>
    /// <param name="effects">Weights b over the varying effects of the level. Length q.</param>
    /// <returns>The moments, to rounding. The sd leaves out what is not known of the population effects, so it is at most that of
    /// <c>Of</c>.</returns>
    public abstract NormalMoments GivenPopulation(int factor, int level, ReadOnlySpan<double> effects);
}
