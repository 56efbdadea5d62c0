using TypedPooling.Data;
using TypedPooling.Inference.Hierarchy.CellLikelihoods;
using TypedPooling.Inference.Hierarchy.Columns;
using TypedPooling.Inference.Hierarchy.JointPosterior;
using TypedPooling.Responses;

namespace TypedPooling.Inference.Marginal.Cells;

/// <summary>The cells of a model with one grouping factor or none, level after level, with the terms and coordinates of its joint posterior.
/// Immutable; shared by threads.</summary>
/// <remarks>beta~ is that of centred columns (<see cref="HierarchyColumns"/>), u a level's effects about the factor's own origin, from which the
/// columns z are measured.</remarks>
internal sealed class GroupedCells : CellLayout
{
    /// <summary>Sorts the cells of a model.</summary>
    /// <param name="system">The joint posterior of a model of cells: its layout and coordinates are used.</param>
    public GroupedCells(JointSystem system)
        : this(system, (CellBoundModel)system.Model)
    {
    }

    private GroupedCells(JointSystem system, CellBoundModel model)
        : base(model, CellPlan.Of(model), system.Columns.Population.Count)
    {
        var columns = system.Columns;
        var likelihood = (CellLikelihood)system.Likelihood;
        var design = likelihood.Design;
        System = system;
        LogConstant = model.Cells.LogConstant;
        ScaleTerm = Family.NewScaleTerm(model.Cells.View);
        var place = new int[Count];
        for (var i = 0; i < place.Length; i++)
            place[design.Order[i]] = i;
        for (var i = 0; i < Count; i++)
        {
            var from = place[Plan.Order[i]];
            Known[i] = likelihood.Known[from] - Anchors[i];
            for (var e = 0; e < PopulationCount; e++)
                Population[i * PopulationCount + e] = design.PopulationValue(from, e);
            for (var a = 0; a < TermCount; a++)
                Varying[i * TermCount + a] = design.VaryingValue(from, 0, a) + columns.Pivots[0].Origin[a];
        }
    }

    /// <summary>The model with its layout and coordinates.</summary>
    public JointSystem System { get; }

    /// <summary>What the rows' log likelihood holds beside the cells'.</summary>
    public double LogConstant { get; }

    /// <summary>What the rows' log likelihood holds of sigma and the shape alone.</summary>
    public ScaleTerm ScaleTerm { get; }

    /// <summary>Number of varying terms q; 0 without a factor.</summary>
    public int TermCount => Plan.LeafTermCount;

    /// <summary>Number of levels J; 0 without a factor.</summary>
    public int LevelCount => Plan.LeafCount;
}
