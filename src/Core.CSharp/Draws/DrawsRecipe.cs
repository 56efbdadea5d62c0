using TypedPooling.Data;
using TypedPooling.Files;

namespace TypedPooling.Draws;

/// <summary>What draws of a posterior are made from where they are not stored: what a file holds in their place. Immutable.</summary>
/// <remarks>
/// An engine that makes effects again when they are read gives its posterior a recipe. The blocks that a posterior of the engine has and those that
/// the recipe makes are the same, bit by bit. The numbers of a recipe have a meaning of their own, so that a later version, which may draw by other
/// random numbers, makes draws of the same distribution.
/// </remarks>
internal abstract class DrawsRecipe
{
    /// <summary>Names the recipe in a file.</summary>
    public abstract string Kind { get; }

    /// <summary>True where the recipe makes the population effects too, so that a file does not hold them.</summary>
    public abstract bool MakesPopulation { get; }

    /// <summary>True where the recipe makes the scales too, so that a file does not hold them.</summary>
    public abstract bool MakesScales { get; }

    /// <summary>Writes what the draws are made from.</summary>
    public abstract void Write(FileWriter writer);

    /// <summary>The recipe of some of the draws.</summary>
    /// <param name="draws">Places of draws, in their order.</param>
    public abstract DrawsRecipe Take(int[] draws);

    /// <summary>Makes the blocks.</summary>
    /// <param name="model">The model with its data, as the engine fitted it.</param>
    /// <param name="stored">The posterior without the blocks that the recipe makes; its seed and the numbers of its draws address random
    /// numbers.</param>
    /// <returns>The posterior with every block, and with moments in closed form where it has such.</returns>
    /// <exception cref="ModelException">FileDamaged: the numbers do not belong to the model.</exception>
    public abstract Posterior Complete(BoundModel model, Posterior stored);
}
