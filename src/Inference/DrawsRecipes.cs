using TypedPooling.Draws;
using TypedPooling.Files;
using TypedPooling.Inference.Marginal.Cells;
using TypedPooling.Inference.MaximumLikelihood;
using TypedPooling.Inference.Posteriors;
using TypedPooling.Model;

namespace TypedPooling.Inference;

/// <summary>The recipes that a file may hold, see <see cref="DrawsRecipe"/>.</summary>
internal static class DrawsRecipes
{
    /// <summary>Reads a recipe.</summary>
    /// <param name="kind">Its name.</param>
    /// <param name="reader">The file.</param>
    /// <param name="spec">The model, as the engine fitted it.</param>
    /// <param name="count">Number of draws.</param>
    /// <exception cref="ModelException">FileDamaged: there is no such recipe, or it is not one of this model.</exception>
    public static DrawsRecipe Read(string kind, FileReader reader, ModelSpec spec, int count) => kind switch
    {
        CoefficientRecipe.Name => CoefficientRecipe.Read(reader, spec, count),
        CellRecipe.Name => CellRecipe.Read(reader, spec, count),
        LikelihoodRecipe.Name => LikelihoodRecipe.Read(reader, spec, count),
        ModeRecipe.Name => ModeRecipe.Read(reader, spec),
        _ => throw FileDamage.Of("its draws are made in a way that this version does not know"),
    };
}
