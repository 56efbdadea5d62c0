using TypedPooling.Data;
using TypedPooling.Inference.Scales;

namespace TypedPooling.Inference.Hierarchy.JointPosterior;

/// <summary>The joint posterior of all parameters of a model: its likelihood, and the coordinates of a position (theta, then population effects, then
/// the effects of each factor). Immutable; shared by chains.</summary>
/// <param name="Model">The model with its data.</param>
/// <param name="Terms">Its terms.</param>
/// <param name="Scales">The coordinates theta of the scales.</param>
/// <param name="Likelihood">The likelihood.</param>
/// <param name="Population">The coordinates of the population effects.</param>
/// <param name="Factors">The coordinates of each factor's effects.</param>
internal sealed record JointSystem(
    BoundModel Model,
    JointTerms Terms,
    ScaleCoordinates Scales,
    JointLikelihood Likelihood,
    PopulationCoordinates Population,
    FactorCoordinates[] Factors)
{
    /// <summary>Length D of a position.</summary>
    public int Dimension => checked(EffectsStart + Terms.EffectCount);

    /// <summary>Where the effects begin in a position.</summary>
    public int EffectsStart => Scales.Dimension + Population.Count;

    /// <summary>The likelihood of a model and its terms.</summary>
    /// <param name="model">A model whose family has a likelihood here, with LKJ priors on correlations or none.</param>
    public static (JointTerms Terms, JointLikelihood Likelihood) Read(BoundModel model)
    {
        int[] levels = [.. model.Levels.Select(table => table.Count)];
        if (model is NormalBoundModel normal)
        {
            var means = normal.Cells.Total().Means(0);
            var terms = new JointTerms(model.Spec, levels, means, means[^1]);
            return (terms, new SumsLikelihood(normal, terms));
        }

        if (model is CellBoundModel cells)
        {
            var terms = new JointTerms(model.Spec, levels, CellLikelihood.Means(cells.Cells), cells.Cells.ResponseMean);
            return (terms, new CellLikelihood(cells, terms));
        }

        throw new NotSupportedException($"No likelihood of a {model.GetType().Name}.");
    }

    /// <summary>How each factor's effects are parametrised, as a sentence.</summary>
    public string Reason => Factors.Length == 0
        ? "All parameters drawn by NUTS"
        : "All parameters drawn by NUTS; effects " + string.Join(", ", Factors.Select((factor, k) =>
            $"of {Model.Spec.Factors[k].Name} use " + (factor.IsCentred
                ? "centred coordinates: each level's data inform them more than the prior does"
                : "non-centred coordinates: each level's data may inform them less than the prior does")));
}
