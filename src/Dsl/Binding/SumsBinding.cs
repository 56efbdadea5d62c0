using System.Collections.Immutable;
using TypedPooling.Data;
using TypedPooling.Declarations;
using TypedPooling.Model;

namespace TypedPooling.Binding;

/// <summary>From a model and its sums to a <see cref="NormalBoundModel"/>: categories expanded, defaults decided, everything checked.</summary>
internal static class SumsBinding
{
    /// <summary>Binds a model with its priors; on the standardised scale where the model is standardised.</summary>
    public static NormalBoundModel Bind(LoweredModel model, CollapsedSums sums)
    {
        var (spec, cells, total, standardization) = Decide(model, sums);
        ImmutableArray<LevelTable> levels = [.. sums.Levels];
        var bound = new NormalBoundModel(spec, levels, cells, sums.CellLevels, sums.DroppedRowCount)
        {
            LogJacobian = 0 - sums.LogResponseSum - (standardization is null ? 0 : cells.RowCount * Math.Log(standardization.ResponseScale)),
            Standardization = standardization,
            Unweighted = sums.Unweighted is null ? null : total,
        };
        var byCell = ColumnsByCell.Of(bound);
        Refusals.ThrowIfAny(
        [
            .. LevelTexts.Check(bound),
            .. GroupConstancy.Check(byCell, model.GroupConstants),
            .. Identification.Check(spec, total),
            .. FlatScales.Check(byCell),
            .. IdenticalFactors.Check(byCell),
            .. PerfectFit.Check(bound, sums.Unweighted is null ? total : cells.Total()),
        ]);
        return bound;
    }

    /// <summary>Binds the model of the likelihood alone: no priors, nothing standardised. What data leave without a maximum is for the engine to
    /// say.</summary>
    public static NormalBoundModel BindLikelihood(LoweredModel model, CollapsedSums sums)
    {
        if (model.Spec.IsStandardized)
            model = LoweredModel.Of(model.Declaration with { IsStandardized = false });
        var (spec, cells, _, _) = Decide(model, sums);
        var bound = new NormalBoundModel(spec.WithoutPriors(), [.. sums.Levels], cells, sums.CellLevels, sums.DroppedRowCount)
        {
            LogJacobian = 0 - sums.LogResponseSum,
        };
        var byCell = ColumnsByCell.Of(bound);
        Refusals.ThrowIfAny(
        [
            .. LevelTexts.Check(bound),
            .. GroupConstancy.Check(byCell, model.GroupConstants),
            .. IdenticalFactors.Check(byCell),
            .. PerfectFit.CheckLikelihood(bound, cells.Total()),
        ]);
        return bound;
    }

    /// <summary>Expands categories and decides every prior, without asking whether the data can be fitted.</summary>
    /// <returns>The model, the moments of its columns, their unweighted total, both standardised where the model is, and by what.</returns>
    public static (ModelSpec Spec, CellMoments Cells, CellMoments Total, Standardization? Standardization) Decide(
        LoweredModel model, CollapsedSums sums)
    {
        Refusals.ThrowIfEmpty(model.Spec, sums);
        var columns = BoundColumns.Of(model, sums.Categories, sums.Indicators);
        var isAsRead = columns.From.AsSpan().SequenceEqual([.. Enumerable.Range(0, sums.Cells.ColumnCount)]);
        var cells = isAsRead ? sums.Cells : sums.Cells.Select(columns.From);

        // Rows count equally here, also where they are weighted: sds of columns are those of the data as they stand.
        var total = sums.Unweighted is null ? cells.Total() : sums.Unweighted.Select(columns.From);
        Refusals.ThrowIfOverflowing(columns.Spec, total);
        if (!model.Spec.IsStandardized)
            return (DefaultPriors.Decide(columns.Spec, total), cells, total, null);

        var standardization = Standardization.Of(columns.Spec, total);
        total = standardization.Apply(total);
        cells = standardization.Apply(cells);

        // Known errors are in units of the response: 1 / sd^2 grows by s_y^2.
        if (model.Spec.Response.KnownSd is not null)
            cells = cells.Reweight(standardization.ResponseScale * standardization.ResponseScale);
        return (DefaultPriors.Decide(columns.Spec, total), cells, total, standardization);
    }
}
