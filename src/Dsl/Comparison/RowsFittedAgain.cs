using System.Collections.Immutable;
using TypedPooling.Binding;
using TypedPooling.Data;
using TypedPooling.Engines;
using TypedPooling.Inference.Sampling.Importance;
using TypedPooling.Standardizing;

namespace TypedPooling;

/// <summary>Fits a model again to the sums without one row, with the priors of the fit, for the row's predictive density.</summary>
internal static class RowsFittedAgain
{
    /// <summary>The part of a row that was left out by fitting again.</summary>
    /// <param name="fit">The fit of all rows.</param>
    /// <param name="design">Rows.</param>
    /// <param name="row">Number of the row in the design.</param>
    /// <param name="part">Its part as the draws tell it.</param>
    /// <param name="workspace">Of the fit.</param>
    /// <param name="options">How to fit.</param>
    /// <returns>The new part. Levels that have no other row are left out of the model too, and their effects are as the prior has them.</returns>
    /// <exception cref="ModelException">No other row is left to fit the model to.</exception>
    public static PointwiseElpd Run<TRow>(
        Fit<TRow> fit, RowDesign design, int row, PointwiseElpd part, RowLikelihoodWorkspace<TRow> workspace, RunOptions options)
    {
        var model = fit.Model;
        var cell = CellOf(model, design, row);
        var values = new double[model.Cells.ColumnCount + 1];
        var weight = workspace.WeightOf(design, row);
        design.Matrix.AsSpan(row * (values.Length - 1), values.Length - 1).CopyTo(values);
        values[^1] = design.Responses![row] - design.Offsets[row];
        if (model.Standardization is { } by)
        {
            for (var c = 0; c < values.Length; c++)
                values[c] = c < values.Length - 1 ? (values[c] - by.Origins[c]) / by.Scales[c] : (values[c] - by.ResponseOrigin) / by.ResponseScale;
            if (model.Spec.Response.KnownSd is not null)
                weight *= by.ResponseScale * by.ResponseScale;
        }

        var (without, numbers) = model.Cells.Rows(cell) == 1
            ? WithoutCell(model, cell, weight)
            : (Of(model, model.Levels, model.Cells.Without(cell, values, weight), k => model.CellLevels(k).ToArray()), null);
        var (engine, _) = EngineSelection.For(without, options);
        var posterior = OriginalScale.Restore(without, engine.RunNormal(without, options));
        var logLikelihood = new double[posterior.DrawCount];
        new RowLikelihoodWorkspace<TRow>(fit, posterior, numbers).ComputeLeftOut(design, row, logLikelihood);
        var (elpd, mcse) = LeaveOneOut.LogMean(logLikelihood, RelativeEfficiency.Of(posterior, logLikelihood, new double[logLikelihood.Length]));
        return part with
        {
            Elpd = elpd,
            EffectiveParameters = part.Elpd + part.EffectiveParameters - elpd,
            ParetoK = double.NaN,
            Mcse = mcse,
            IsRefitted = true,
        };
    }

    // The only row of its cell takes along every level that has no other cell. Numbers: of each level in the new model, -1 where it has none.
    private static (NormalBoundModel Model, int[][] Numbers) WithoutCell(NormalBoundModel model, int cell, double? weight)
    {
        if (model.Cells.CellCount == 1)
            throw new ModelException(
                new Problem(
                    ProblemCode.NoRows, "No row is left without this row.", "Use data with several rows."));
        int[] cells = [.. Enumerable.Range(0, model.Cells.CellCount).Where(other => other != cell)];
        var numbers = new int[model.Levels.Length][];
        var levels = new LevelTable[model.Levels.Length];
        for (var k = 0; k < levels.Length; k++)
        {
            var of = model.CellLevels(k).ToArray();
            int[] kept = [.. cells.Select(other => of[other]).Distinct().Order()];
            numbers[k] = [.. Enumerable.Range(0, model.Levels[k].Count).Select(level => Array.IndexOf(kept, level))];
            levels[k] = model.Levels[k].Select(kept);
        }

        var moments = model.Cells.Without(cell, Math.Log(weight ?? 1), 1 / (weight ?? 1));
        return (Of(model, [.. levels], moments, k =>
        {
            var of = model.CellLevels(k).ToArray();
            return [.. cells.Select(other => numbers[k][of[other]])];
        }), numbers);
    }

    private static NormalBoundModel Of(NormalBoundModel model, ImmutableArray<LevelTable> levels, CellMoments cells, Func<int, int[]> cellLevels) =>
        new(
            model.Spec,
            levels,
            cells,
            [.. Enumerable.Range(0, levels.Length).Select(cellLevels)],
            model.DroppedRowCount)
        { Standardization = model.Standardization };

    private static int CellOf(NormalBoundModel model, RowDesign design, int row)
    {
        var factors = model.Levels.Length;
        for (var cell = 0; cell < model.Cells.CellCount; cell++)
        {
            var k = 0;
            while (k < factors && model.CellLevels(k)[cell] == design.Levels[row * factors + k])
                k++;
            if (k == factors)
                return cell;
        }

        throw new InvalidOperationException("The fit has no such combination of levels as this row.");
    }
}
