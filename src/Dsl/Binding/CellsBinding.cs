using TypedPooling.Data;
using TypedPooling.Declarations;
using TypedPooling.Model;

namespace TypedPooling.Binding;

/// <summary>From a model and its cells to a <see cref="CellBoundModel"/>: categories expanded, defaults decided, everything checked.</summary>
internal static class CellsBinding
{
    /// <summary>Binds a model with its priors, on the standardised scale where it is standardised; or that of the likelihood alone, in which every
    /// prior but a fixed value is flat and nothing is standardised.</summary>
    public static CellBoundModel Bind(LoweredModel model, CollapsedCells data, bool hasPriors)
    {
        if (!hasPriors && model.Spec.IsStandardized)
            model = LoweredModel.Of(model.Declaration with { IsStandardized = false });
        var (spec, cells, total, standardization, original) = Decide(model, data);
        var bound = new CellBoundModel(hasPriors ? spec : spec.WithoutPriors(), [.. data.Levels], cells, data.DroppedRowCount)
        {
            Standardization = standardization,
            OriginalCells = original,
        };
        var byCell = ColumnsByCell.Of(bound);
        List<Problem> problems =
        [
            .. LevelTexts.Check(bound),
            .. GroupConstancy.Check(byCell, model.GroupConstants),
            .. Identification.Check(bound.Spec, total, hasPriors),
            .. Separation.Check(bound, hasPriors),
            .. hasPriors ? FlatScales.Check(byCell) : [],
            .. hasPriors && bound.Family.TooCloseFit(data.Cells.View, spec.Response.Name, spec.Response.Sigma, spec.Response.Shape) is { } close
                ? [close]
                : Array.Empty<Problem>(),
            .. IdenticalFactors.Check(byCell),
        ];
        Refusals.ThrowIfAny(problems);
        return bound;
    }

    /// <summary>Expands categories and decides every prior, without asking whether the data can be fitted.</summary>
    /// <returns>The model, its cells, moments of its columns over all rows, all standardised where the model is, by what, and the cells as they were
    /// read.</returns>
    public static (ModelSpec Spec, ResponseCells Cells, CellMoments Total, Standardization? Standardization, ResponseCells Original) Decide(
        LoweredModel model, CollapsedCells data)
    {
        Refusals.ThrowIfEmpty(model.Spec, data);
        var columns = BoundColumns.Of(model, data.Categories, data.Indicators);
        var original = Expand(data, columns);
        var (cells, total) = (original, Total(original));
        Refusals.ThrowIfOverflowing(columns.Spec, total);
        Standardization? standardization = null;
        if (model.Spec.IsStandardized)
        {
            var scales = columns.Spec.Response.Family.IsLocationScale;
            standardization = Standardization.Of(columns.Spec, total, scales ? cells.ResponseMean : 0, scales ? cells.ResponseSd : 0);
            cells = standardization.Apply(cells);
            total = Total(cells);
        }

        var spec = DefaultPriors.Decide(columns.Spec, total, cells.ResponseMean, cells.ResponseSd > 0 ? cells.ResponseSd : 1);
        return (spec, cells, total, standardization, original);
    }

    // From numbers of levels to indicator columns.
    private static ResponseCells Expand(CollapsedCells data, BoundColumns columns)
    {
        var cells = data.Cells;
        var width = columns.From.Length;
        var factorCount = data.Levels.Length;
        var indicators = data.Indicators;
        var expanded = new double[cells.Count * width];
        for (var cell = 0; cell < cells.Count; cell++)
        {
            for (var c = 0; c < width; c++)
            {
                var from = columns.From[c];
                if (from < columns.NumericCount)
                {
                    expanded[cell * width + c] = cells.Columns[cell * cells.ColumnCount + from];
                    continue;
                }

                var (category, level) = indicators[from - columns.NumericCount];
                expanded[cell * width + c] = cells.Levels[cell * cells.FactorCount + factorCount + category] == level ? 1 : 0;
            }
        }

        return cells.With(expanded, width, factorCount);
    }

    /// <summary>Moments of the columns over all rows; 0 for the response, whose own are kept with the cells.</summary>
    public static CellMoments Total(ResponseCells cells)
    {
        var builder = new CellMomentsBuilder(cells.ColumnCount);
        var values = new double[cells.ColumnCount + 1];
        for (var cell = 0; cell < cells.Count; cell++)
        {
            cells.Columns.Slice(cell * cells.ColumnCount, cells.ColumnCount).CopyTo(values);
            builder.AddReplicates(0, values, cells.Rows[cell]);
        }

        return builder.Build();
    }
}
