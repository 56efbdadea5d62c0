using TypedPooling.Binding;
using TypedPooling.Data;
using TypedPooling.Declarations;
using TypedPooling.Inference.Hierarchy.Unpooled;
using TypedPooling.Model;

namespace TypedPooling.Pooling;

/// <summary>A model over the levels of one factor without pooling, fitted: what its answers are made of.</summary>
/// <param name="Spec">The factor alone, and the population effects that levels share; none has a prior but a fixed value.</param>
/// <param name="Predictors">The population effects that are part of a level's own coefficients.</param>
/// <param name="Levels">The levels of the factor.</param>
/// <param name="Rows">Number of rows of each level.</param>
/// <param name="Fit">The estimates.</param>
internal sealed record UnpooledModel(ModelSpec Spec, LevelPredictors Predictors, LevelTable Levels, long[] Rows, IUnpooledFit Fit)
{
    /// <summary>Fits a model without pooling to sums.</summary>
    /// <exception cref="ModelException">The model cannot be fitted to the sums, or has no such factor.</exception>
    public static UnpooledModel Of(LoweredModel model, CollapsedSums sums, Func<ModelSpec, LevelTable[], int> factorOf)
    {
        var (spec, cells, _, standardization) = SumsBinding.Decide(model, sums);
        var factor = factorOf(spec, sums.Levels);
        var byLevel = CompletePooling.ByLevel(cells, sums.CellLevels[factor]);
        var predictors = LevelPredictors.Of(model, spec, factor, byLevel, standardization);
        var levels = sums.Levels[factor];
        var unpooled = new NormalBoundModel(
            Shared(spec, factor, predictors), [levels], byLevel, [[.. Enumerable.Range(0, levels.Count)]], sums.DroppedRowCount)
        {
            LogJacobian = 0 - sums.LogResponseSum,
            Standardization = standardization,
        };
        return new(unpooled.Spec, predictors, levels, unpooled.RowsByLevel(0), UnpooledSystem.Of(unpooled));
    }

    /// <summary>Fits a model without pooling to cells.</summary>
    /// <exception cref="ModelException">The model cannot be fitted to the cells, has no such factor, or its likelihood has no maximum.</exception>
    public static UnpooledModel Of(LoweredModel model, CollapsedCells data, Func<ModelSpec, LevelTable[], int> factorOf)
    {
        var (spec, cells, _, standardization, _) = CellsBinding.Decide(model, data);
        var factor = factorOf(spec, data.Levels);
        var predictors = LevelPredictors.Of(model, spec, factor, ByLevel(cells, factor), standardization);
        var levels = data.Levels[factor];
        var own = cells.Select([.. Enumerable.Range(0, cells.ColumnCount)], [factor]);
        var unpooled = new CellBoundModel(Shared(spec, factor, predictors), [levels], own, data.DroppedRowCount)
        {
            Standardization = standardization,
        };
        return new(unpooled.Spec, predictors, levels, unpooled.RowsByLevel(0), UnpooledCells.Of(unpooled));
    }

    // Flat but where fixed; what varies, or is part of what varies, is no shared effect.
    private static ModelSpec Shared(ModelSpec spec, int factor, LevelPredictors predictors)
    {
        var terms = spec.Factors[factor].Terms;
        var shared = spec.Population
            .Where(term => !predictors.Holds(term.Name) && !terms.Any(t => t.Column == term.Column))
            .Select(term => term.Prior?.FixedValue is not null ? term : term with { Prior = Prior.Flat });
        return spec with { Population = [.. shared], Factors = [spec.Factors[factor]] };
    }

    // Moments of the columns by level; the first row is the pivot, so that a column that does not vary has a sum of squares of exactly 0.
    private static CellMoments ByLevel(ResponseCells cells, int factor)
    {
        var builder = new CellMomentsBuilder(cells.ColumnCount);
        var values = new double[cells.ColumnCount + 1];
        for (var cell = 0; cell < cells.Count; cell++)
        {
            cells.Columns.Slice(cell * cells.ColumnCount, cells.ColumnCount).CopyTo(values);
            builder.AddReplicates(cells.Levels[cell * cells.FactorCount + factor], values, cells.Rows[cell]);
        }

        return builder.Build();
    }
}
