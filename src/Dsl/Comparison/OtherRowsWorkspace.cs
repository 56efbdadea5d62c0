using TypedPooling.Binding;
using TypedPooling.Data;
using TypedPooling.Inference.Marginal.Cells;

namespace TypedPooling;

/// <summary>The log density of a row given the other rows of one of its levels, that level's effects integrated out, in every draw of all else. Used
/// by one thread.</summary>
internal sealed class OtherRowsWorkspace<TRow>(Fit<TRow> fit)
{
    /// <summary>From which k-hat on it is worth its cost: where two rows share a level, importance sampling was seen to be off by 3 of its errors at
    /// k-hats from 0.4 on.</summary>
    public const double WorthAbove = 0.3;

    // Beyond it a level's effects are told by its other rows, and integrating costs more than it brings.
    private const int MostCells = 1000;

    private readonly long[][] rows = [.. Enumerable.Range(0, fit.Spec.Factors.Length).Select(fit.Bound.RowsByLevel)];
    private readonly NormalLevelWorkspace?[] sums = new NormalLevelWorkspace?[fit.Spec.Factors.Length];
    private readonly (CellLevelWorkspace Workspace, int[][] CellsOf)?[] cells = new (CellLevelWorkspace, int[][])?[fit.Spec.Factors.Length];

    /// <summary>Computes it for the level of the row that has the fewest rows.</summary>
    /// <param name="workspace">Of the fit.</param>
    /// <param name="design">Rows, every level known to the fit.</param>
    /// <param name="row">Number of the row in the design.</param>
    /// <param name="logDensity">Overwritten, a value a draw. Length S.</param>
    /// <param name="prediction">Overwritten with the distribution of the response that this is the density of; null where not wanted.</param>
    /// <returns>False where the model has no factor, or none whose effects can be integrated out.</returns>
    public bool TryCompute(
        RowLikelihoodWorkspace<TRow> workspace, RowDesign design, int row, double[] logDensity, PredictionByOthers? prediction = null)
    {
        var factor = -1;
        for (var k = 0; k < rows.Length; k++)
        {
            if (fit.Bound is CellBoundModel && fit.Spec.Factors[k].Terms.Length > CellQuadrature.MostTerms)
                continue;
            if (factor < 0 || RowsOf(k) < RowsOf(factor))
                factor = k;
        }

        if (factor < 0)
            return false;
        if (fit.Bound is NormalBoundModel model)
        {
            var posterior = model.Standardization is null ? fit.Posterior : fit.Posterior.Standardized ?? fit.Posterior;
            sums[factor] ??= new(model, posterior, ReferenceEquals(posterior, fit.Posterior) ? fit.LevelDraws : new(posterior), factor);
            sums[factor]!.ComputeWithout(
                design,
                row,
                ((NormalRowDensity)workspace.Density).WeightOf(design, row) ?? 1,
                logDensity,
                prediction is null ? default : prediction.Eta,
                prediction is null ? default : prediction.Sd);
            return true;
        }

        var bound = (CellBoundModel)fit.Bound;
        var count = rows.Length;
        cells[factor] ??= (
            new(fit.Posterior, fit.LevelDraws, (CellRowDensity)workspace.Density, factor),
            NormalLevelWorkspace.CellsByLevel(
                bound.Levels[factor].Count, [.. Enumerable.Range(0, bound.Cells.Count).Select(cell => bound.Cells.Levels[cell * count + factor])]));
        var (own, cellsOf) = cells[factor]!.Value;
        var level = cellsOf[design.Levels[row * count + factor]];
        if (level.Length > MostCells)
            return false;
        own.ComputeWithout(bound.OriginalCells, level, design, row, logDensity);
        if (prediction is not null)
            own.DrawWithout(bound.OriginalCells, level, design, row, prediction.Uniforms, prediction.Eta);
        return true;

        long RowsOf(int k) => rows[k][design.Levels[row * rows.Length + k]];
    }
}

/// <summary>The distribution of a row's response given the other rows of a level, in every draw of all else. Scratch of one thread.</summary>
/// <param name="drawCount">Number of draws S.</param>
internal sealed class PredictionByOthers(int drawCount)
{
    /// <summary>Of a Normal response its expectation, or that of its log; of the others a draw of the linear predictor. Length S.</summary>
    public double[] Eta { get; } = new double[drawCount];

    /// <summary>Of a Normal response its sd, or that of its log. Length S.</summary>
    public double[] Sd { get; } = new double[drawCount];

    /// <summary>What the draws of linear predictors are made from: numbers between 0 and 1, to be written before. Length S.</summary>
    public double[] Uniforms { get; } = new double[drawCount];
}
