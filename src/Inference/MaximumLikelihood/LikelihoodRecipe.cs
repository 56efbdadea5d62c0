using TypedPooling.Data;
using TypedPooling.Draws;
using TypedPooling.Engines;
using TypedPooling.Files;
using TypedPooling.Inference.Hierarchy;
using TypedPooling.Inference.Posteriors;
using TypedPooling.Inference.Scales;
using TypedPooling.Model;

namespace TypedPooling.Inference.MaximumLikelihood;

/// <summary>A maximum of the likelihood of sums: the scales there, to the last bit. Everything else follows from them and the data.</summary>
/// <param name="scales">The scales at the maximum.</param>
/// <param name="freedom">Degrees of freedom of sigma where it was profiled.</param>
/// <param name="made">Number of draws that the engine makes.</param>
internal sealed class LikelihoodRecipe(ScalePoints scales, double? freedom, int made) : DrawsRecipe
{
    /// <summary>The name in files.</summary>
    public const string Name = "maximum of sums";

    public override string Kind => Name;

    public override bool MakesPopulation => true;

    public override bool MakesScales => true;

    /// <summary>Reads a recipe.</summary>
    /// <exception cref="ModelException">FileDamaged.</exception>
    public static LikelihoodRecipe Read(FileReader reader, ModelSpec spec, int count)
    {
        FileDamage.Unless(spec.Response.Family.IsNormal, "a maximum of sums does not belong to this response");
        var scales = ScalePoints.Read(reader, spec, 1);
        var freedom = reader.Optional();
        FileDamage.Unless(freedom is null or > 0, "the degrees of freedom are not positive");
        var made = reader.Count(RunOptions.MostDraws);
        FileDamage.Unless(made >= count, "there are more draws than were made");
        return new(scales, freedom, made);
    }

    public override void Write(FileWriter writer)
    {
        scales.Write(writer);
        writer.Optional(freedom);
        writer.Count(made);
    }

    public override DrawsRecipe Take(int[] draws) => this;

    public override Posterior Complete(BoundModel model, Posterior stored)
    {
        FileDamage.Unless(stored.Point is not null, "a maximum has no estimates");
        FileDamage.Unless(
            stored.Numbers is null ? stored.DrawCount == made : Array.TrueForAll(stored.Numbers, number => number < made),
            "there are more draws than were made");
        var coordinates = new ScaleCoordinates(model.Spec);
        FileDamage.Unless(stored.Point!.Scales.Length == coordinates.Parameters.Length, "the estimates are not those of the model");
        var system = NormalHierarchy.Reduce((NormalBoundModel)model);
        var point = coordinates.NewPoint();
        scales.Set(0, coordinates, point);
        var workspace = system.NewWorkspace();
        FileDamage.Unless(double.IsFinite(workspace.Solve(point, [], withGradient: false)), "the scales are not those of a maximum");
        var posterior = stored with { Point = stored.Point with { Moments = system.Moments(workspace, point) } };
        return new LikelihoodDraws(system, workspace, point, freedom, [.. stored.Point.Scales]).Complete(posterior, made, this);
    }
}
