using System.Reflection;
using TypedPooling.Draws;
using TypedPooling.Inference.Marginal.Cells;
using TypedPooling.Inference.MaximumLikelihood;
using TypedPooling.Inference.Posteriors;
using Xunit;

namespace TypedPooling.Tests.Files;

/// <summary>Draws of a version that centred, scaled or fitted roughly in another way: what they say of the model counts, not their
/// coordinates.</summary>
public sealed class RecipeTests
{
    [Fact]
    public void Population_effects_centred_elsewhere_are_centred_here()
    {
        var (fit, recipe) = Of<CoefficientRecipe>("Marginal");
        var pivoted = ((double[])Field(recipe, "pivoted")).Select((value, i) => i % 2 == 0 ? value + 17 : value).ToArray();
        var other = new CoefficientRecipe((ScalePoints)Field(recipe, "scales"), (StoredBlock)Field(recipe, "population"), pivoted);

        Near(fit, other, 1e-9);
    }

    [Fact]
    public void Positions_about_another_rough_fit_become_positions_about_this_one()
    {
        var (fit, recipe) = Of<CellRecipe>("Marginal, Bernoulli");
        var width = (int)Field(recipe, "width");

        // One scale, then two population effects in units of the other fit.
        var positions = ((double[])Field(recipe, "positions")).Select((value, i) => i % width == 0 ? value : 3 * value - 1).ToArray();

        Near(fit, new CellRecipe(positions, width, (StoredBlock)Field(recipe, "population")), 1e-6);
    }

    [Fact]
    public void Bounded_and_centred_effects_have_the_coordinates_that_give_them()
    {
        var (fit, recipe) = Of<CellRecipe>("Marginal, Poisson slopes");
        var width = (int)Field(recipe, "width");
        var positions = ((double[])Field(recipe, "positions")).Select((value, i) => i % width < width - 2 ? value : value + 0.5).ToArray();

        Near(fit, new CellRecipe(positions, width, (StoredBlock)Field(recipe, "population")), 1e-6);
    }

    [Fact]
    public void A_maximum_in_coordinates_that_are_no_longer_is_found_again()
    {
        var (fit, recipe) = Of<ModeRecipe>("ML, Bernoulli");
        var state = (CellMaximumState)recipe.GetType().GetFields(BindingFlags.Instance | BindingFlags.NonPublic).Single().GetValue(recipe)!;

        Near(fit, new ModeRecipe(state with { Best = [.. state.Best.Select(value => value + 0.3)] }), 1e-4);
        Near(fit, new ModeRecipe(state with { Modes = [] }), 1e-4);
    }

    private static (Fit<Item> Fit, T Recipe) Of<T>(string name)
        where T : DrawsRecipe
    {
        var fit = StoredFit.All.Single(one => one.Name == name).Fit();
        return (fit, Assert.IsType<T>(fit.Posterior.Recipe));
    }

    private static object Field(object owner, string name) =>
        owner.GetType().GetField(name, BindingFlags.Instance | BindingFlags.NonPublic)!.GetValue(owner)!;

    private static void Near(Fit<Item> fit, DrawsRecipe recipe, double tolerance)
    {
        var own = fit.Posterior.Standardized ?? fit.Posterior;
        var made = recipe.Complete(fit.Bound, own with { Effects = [] });
        var (expected, actual) = (new double[made.DrawCount], new double[made.DrawCount]);
        for (var i = 0; i < own.Effects[0].ParameterCount; i++)
        {
            own.Effects[0].CopyDraws(i, expected);
            made.Effects[0].CopyDraws(i, actual);
            for (var s = 0; s < actual.Length; s++)
                Assert.True(Math.Abs(expected[s] - actual[s]) <= tolerance * (1 + Math.Abs(expected[s])), $"{i}, {s}: {expected[s]:R} {actual[s]:R}");
        }
    }
}
