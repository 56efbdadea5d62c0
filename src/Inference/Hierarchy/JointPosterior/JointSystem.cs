using TypedPooling.Data;
using TypedPooling.Inference.Hierarchy.Columns;
using TypedPooling.Inference.Hierarchy.Sums;
using TypedPooling.Inference.Scales;

namespace TypedPooling.Inference.Hierarchy.JointPosterior;

/// <summary>The joint posterior of all parameters of a model: its likelihood, and the coordinates of a position (theta, then population effects, then
/// the effects of each factor). Immutable; shared by chains.</summary>
/// <param name="Model">The model with its data.</param>
/// <param name="Columns">The layout of its coefficients.</param>
/// <param name="Scales">The coordinates theta of the scales.</param>
/// <param name="Likelihood">The likelihood.</param>
/// <param name="Population">The coordinates of the population effects.</param>
/// <param name="Factors">The coordinates of each factor's effects.</param>
internal sealed record JointSystem(
    BoundModel Model,
    HierarchyColumns Columns,
    ScaleCoordinates Scales,
    JointLikelihood Likelihood,
    PopulationCoordinates Population,
    FactorCoordinates[] Factors)
{
    /// <summary>Length D of a position.</summary>
    public int Dimension => checked(EffectsStart + Columns.EffectCount);

    /// <summary>Where the effects begin in a position.</summary>
    public int EffectsStart => Scales.Dimension + Population.Count;

    /// <summary>The likelihood of a model and the layout of its coefficients.</summary>
    /// <param name="model">A model whose family has a likelihood here, with LKJ priors on correlations or none.</param>
    public static (HierarchyColumns Columns, JointLikelihood Likelihood) Read(BoundModel model)
    {
        if (model is NormalBoundModel normal)
        {
            var means = normal.Cells.Total().Means(0).ToArray();
            var columns = ColumnsOf(means, means[^1]);
            return (columns, new SumsLikelihood(normal, columns, MomentTable.Of(normal.Cells, columns.Features, columns.Population)));
        }

        if (model is CellBoundModel cells)
        {
            var columns = ColumnsOf(CellLikelihood.Means(cells.Cells), cells.Cells.ResponseMean);
            return (columns, new CellLikelihood(cells, columns));
        }

        throw new NotSupportedException($"No likelihood of a {model.GetType().Name}.");

        HierarchyColumns ColumnsOf(double[] means, double response) => new(model, new PopulationColumns(model.Spec, means, response), means);
    }

    /// <summary>How each factor's effects are parametrised, as a sentence.</summary>
    public string Reason => Factors.Length == 0
        ? "All parameters drawn by NUTS"
        : "All parameters drawn by NUTS; effects " + string.Join(", ", Factors.Select((factor, k) =>
            $"of {Model.Spec.Factors[k].Name} use " + (factor.IsCentred
                ? "centred coordinates: each level's data inform them more than the prior does"
                : "non-centred coordinates: each level's data may inform them less than the prior does")));
}
