using TypedPooling.Binding;
using TypedPooling.Data;
using TypedPooling.Engines;
using TypedPooling.Inference.Importance;
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
    /// <returns>The new part; the old one where the row is the only one of its combination of levels, which would leave a level without rows.</returns>
    public static PointwiseElpd Run<TRow>(SumsFit<TRow> fit, RowDesign design, int row, PointwiseElpd part, RowLikelihoodWorkspace<TRow> workspace, RunOptions options)
    {
        var model = fit.Model;
        var cell = CellOf(model, design, row);
        if (model.Cells.Rows(cell) < 2)
            return part;
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

        var without = new NormalBoundModel(
            model.Spec, model.Levels, model.Cells.Without(cell, values, weight), [.. Enumerable.Range(0, model.Levels.Length).Select(k => model.CellLevels(k).ToArray())], model.DroppedRowCount)
        {
            Standardization = model.Standardization,
        };
        var (engine, _) = EngineSelection.For(without, options);
        var posterior = OriginalScale.Restore(without, engine.RunNormal(without, options));
        var logLikelihood = new double[posterior.DrawCount];
        new RowLikelihoodWorkspace<TRow>(fit, posterior).Compute(design, row, logLikelihood);
        var (elpd, mcse) = LeaveOneOut.LogMean(logLikelihood, RelativeEfficiency.Of(posterior, logLikelihood, new double[logLikelihood.Length]));
        return part with { Elpd = elpd, EffectiveParameters = part.Elpd + part.EffectiveParameters - elpd, ParetoK = double.NaN, Mcse = mcse, IsRefitted = true };
    }

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

        throw new InvalidOperationException("The row's combination of levels is none of the fit's.");
    }
}
