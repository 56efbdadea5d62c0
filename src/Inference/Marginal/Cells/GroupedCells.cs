using TypedPooling.Data;
using TypedPooling.Inference.Hierarchy.Columns;
using TypedPooling.Inference.Hierarchy.JointPosterior;
using TypedPooling.Responses;

namespace TypedPooling.Inference.Marginal.Cells;

/// <summary>The cells of a model with one grouping factor or none, level after level, with what a linear predictor is made of. Immutable; shared by
/// threads.</summary>
/// <remarks>eta_i = known_i + x~_i'beta~ + z_i'u with beta~ that of centred columns (<see cref="HierarchyColumns"/>) and u the level's effects about
/// the factor's own origin, from which the columns z are measured.</remarks>
internal sealed class GroupedCells
{
    /// <summary>Sorts the cells of a model.</summary>
    /// <param name="system">The joint posterior of a model of cells: its layout and coordinates are used.</param>
    public GroupedCells(JointSystem system)
    {
        var model = (CellBoundModel)system.Model;
        var columns = system.Columns;
        var likelihood = (CellLikelihood)system.Likelihood;
        var design = likelihood.Design;
        System = system;
        Family = model.Family;
        LogConstant = model.Cells.LogConstant;
        ScaleTerm = Family.NewScaleTerm(model.Cells.View);
        PopulationCount = columns.Population.Count;
        TermCount = columns.FactorCount == 0 ? 0 : columns.TermCount(0);
        IsInterceptOnly = TermCount == 1 && columns.IsOnes(columns.FactorFeatures[0][0]);
        var cellCount = design.Count;
        Known = likelihood.Known.ToArray();
        Responses = [.. design.Order.Select(cell => model.Cells.Responses[cell])];
        Sizes = [.. design.Order.Select(cell => model.Cells.Sizes[cell])];
        Population = new double[cellCount * PopulationCount];
        Varying = new double[cellCount * TermCount];
        Starts = new int[(TermCount == 0 ? 0 : columns.LevelCounts[0]) + 1];
        for (var i = 0; i < cellCount; i++)
        {
            for (var e = 0; e < PopulationCount; e++)
                Population[i * PopulationCount + e] = design.PopulationValue(i, e);
            for (var a = 0; a < TermCount; a++)
                Varying[i * TermCount + a] = design.VaryingValue(i, 0, a) + columns.Pivots[0].Origin[a];
            if (TermCount > 0)
                Starts[design.Starts(0)[i] / TermCount + 1] = i + 1;
        }

        for (var j = 0; j < LevelCount; j++)
            MostCells = Math.Max(MostCells, Starts[j + 1] - Starts[j]);
    }

    /// <summary>The model with its layout and coordinates.</summary>
    public JointSystem System { get; }

    /// <summary>The distribution of the response.</summary>
    public CellsFamily Family { get; }

    /// <summary>What the rows' log likelihood holds beside the cells'.</summary>
    public double LogConstant { get; }

    /// <summary>What the rows' log likelihood holds of sigma and the shape alone.</summary>
    public ScaleTerm ScaleTerm { get; }

    /// <summary>Number of estimated population effects p.</summary>
    public int PopulationCount { get; }

    /// <summary>Number of varying terms q; 0 without a factor.</summary>
    public int TermCount { get; }

    /// <summary>True where the only varying term is the intercept: every z_i is 1.</summary>
    public bool IsInterceptOnly { get; }

    /// <summary>Number of levels J; 0 without a factor.</summary>
    public int LevelCount => Starts.Length - 1;

    /// <summary>Greatest number of cells of a level.</summary>
    public int MostCells { get; }

    /// <summary>Number of cells C.</summary>
    public int Count => Known.Length;

    /// <summary>First cell of each level, and C at the end. Length J + 1.</summary>
    public int[] Starts { get; }

    /// <summary>Known parts of the predictors. Length C.</summary>
    public double[] Known { get; }

    /// <summary>x~, C x p by rows.</summary>
    public double[] Population { get; }

    /// <summary>z, C x q by rows.</summary>
    public double[] Varying { get; }

    /// <summary>As <see cref="ResponseCells.Responses"/>. Length C.</summary>
    public double[] Responses { get; }

    /// <summary>As <see cref="ResponseCells.Sizes"/>. Length C.</summary>
    public double[] Sizes { get; }
}
