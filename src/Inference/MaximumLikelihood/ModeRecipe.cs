using TypedPooling.Data;
using TypedPooling.Draws;
using TypedPooling.Engines;
using TypedPooling.Files;
using TypedPooling.Inference.Posteriors;
using TypedPooling.Inference.Scales;
using TypedPooling.Model;

namespace TypedPooling.Inference.MaximumLikelihood;

/// <summary>A maximum of the likelihood of cells: its coordinates and the modes of the effects there, to the last bit.</summary>
/// <remarks>Where the coordinates have another meaning here than where they were written, so that they give other estimates, the model is fitted
/// again: the maximum is the data's own.</remarks>
internal sealed class ModeRecipe(CellMaximumState maximum) : DrawsRecipe
{
    /// <summary>The name in files.</summary>
    public const string Name = "maximum of cells";

    // Relative, of estimates.
    private const double Tolerance = 1e-6;

    /// <summary>Where the search ended.</summary>
    public CellMaximumState Maximum => maximum;

    public override string Kind => Name;

    public override bool MakesPopulation => true;

    public override bool MakesScales => true;

    /// <summary>Reads a recipe.</summary>
    /// <exception cref="ModelException">FileDamaged.</exception>
    public static ModeRecipe Read(FileReader reader, ModelSpec spec)
    {
        FileDamage.Unless(!spec.Response.Family.IsNormal, "a maximum of cells does not belong to this response");
        return new(CellMaximumState.Read(reader, spec.Population.Count(term => term.Prior?.FixedValue is null)));
    }

    public override void Write(FileWriter writer) => maximum.Write(writer);

    public override DrawsRecipe Take(int[] draws) => this;

    public override Posterior Complete(BoundModel model, Posterior stored)
    {
        FileDamage.Unless(stored.Point is not null, "a maximum has no estimates");
        FileDamage.Unless(
            stored.Point!.Scales.Length == new ScaleCoordinates(model.Spec).Parameters.Length, "the estimates are not those of the model");
        var cells = (CellBoundModel)model;
        var modes = Modes(cells, stored.Point!) ?? Again(cells);
        return CellFit.Complete(stored with { Point = stored.Point with { Moments = modes } }, modes, [.. stored.Point.Scales], this);
    }

    private CellModes? Modes(CellBoundModel model, PointEstimate point)
    {
        if (CellMaximum.TryRestore(model, maximum) is not { } restored)
            return null;
        var modes = new CellModes(
            restored.System, restored.Function, maximum.Best.AsSpan(0, restored.System.PopulationCount), maximum.Covariance);
        var scales = LikelihoodPosterior.Scales(model.Spec, restored.Function.Reported(), new ScaleCoordinates(model.Spec).Parameters.Length);
        return AreNear(modes.Beta, point.Population.AsSpan()) && AreNear(scales, point.Scales.AsSpan()) ? modes : null;
    }

    private CellModes Again(CellBoundModel model) =>
        (CellModes)CellFit.Run(model, maximum.Nodes, RunOptions.Default).Point!.Moments;

    private static bool AreNear(ReadOnlySpan<double> one, ReadOnlySpan<double> other)
    {
        if (one.Length != other.Length)
            return false;
        for (var i = 0; i < one.Length; i++)
        {
            if (Math.Abs(one[i] - other[i]) > Tolerance * (Math.Abs(one[i]) + Math.Abs(other[i])))
                return false;
        }

        return true;
    }
}
