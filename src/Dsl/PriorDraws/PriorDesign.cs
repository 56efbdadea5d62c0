using TypedPooling.Binding;
using TypedPooling.Declarations;

namespace TypedPooling.PriorDraws;

/// <summary>Rows without their response, as responses are simulated for them. Immutable.</summary>
/// <param name="Columns">The model's columns, a column for each level of a categorical predictor but the reference; defaults
/// open.</param>
/// <param name="Rows">The rows; levels are numbered as the rows have them.</param>
/// <param name="WeightKind">What the weights of rows say.</param>
internal sealed record PriorDesign(BoundColumns Columns, RowDesign Rows, RowWeight WeightKind)
{
    /// <exception cref="ModelException">A value is missing or not finite, a weight is out of range, a key is null, or there are no rows.</exception>
    public static PriorDesign Read<TRow>(LoweredModel model, IReadOnlyCollection<TRow> rows)
    {
        var plan = new ReadingPlan<TRow>(model, RowPurpose.Observation);
        var faults = RowFaultsWorkspace.For(plan.Purpose);
        var scanned = new ScanWorkspace<TRow>(plan, faults).Scan(rows, 0);
        faults.ThrowIfAny(rows.Count);
        if (rows.Count == 0)
            throw new ModelException(new Problem(ProblemCode.NoRows, "There are no rows.", "Give at least one row."));

        var categories = scanned.Tables[plan.FactorCount..];
        var indicators = IndicatorColumn.All(categories);
        var columns = BoundColumns.Of(model, categories, indicators);
        return new(columns, RowDesign.Of(plan, scanned, columns, indicators, null), plan.WeightKind);
    }
}
