using System.ComponentModel;
using TypedPooling.Binding;
using TypedPooling.Data;
using TypedPooling.Declarations;
using TypedPooling.Model;
using TypedPooling.Pooling;

namespace TypedPooling;

/// <summary>A multilevel model that is fitted from cells of its rows: one whose response is a proportion, a count, positive with a shape, or
/// heavy-tailed.</summary>
/// <typeparam name="TRow">Type of the rows.</typeparam>
/// <typeparam name="TSelf">The model's own type.</typeparam>
/// <typeparam name="TFit">Type of its fits.</typeparam>
/// <typeparam name="TLikelihoodFit">Type of its fits by maximum likelihood.</typeparam>
/// <remarks>Thread-safe: any number of threads may extend, print and fit one model at once, if its selectors may run at once.</remarks>
public abstract class CellsModel<TRow, TSelf, TFit, TLikelihoodFit> : FittedModel<TRow, TSelf, TFit, TLikelihoodFit>
    where TSelf : CellsModel<TRow, TSelf, TFit, TLikelihoodFit>
    where TFit : Fit<TRow>
    where TLikelihoodFit : Fit<TRow>, ILikelihoodFit<TRow>
{
    private protected CellsModel(ModelDeclaration declaration)
        : base(declaration)
    {
    }

    /// <inheritdoc/>
    public override CellBoundModel Bind(IEnumerable<TRow> rows) => (CellBoundModel)base.Bind(rows);

    /// <inheritdoc/>
    public override CellBoundModel Bind(ModelData<TRow> data) => (CellBoundModel)base.Bind(data);

    /// <summary>The old name of <see cref="FittedModel{TRow, TSelf, TFit, TLikelihoodFit}.Read"/>.</summary>
    /// <inheritdoc cref="FittedModel{TRow, TSelf, TFit, TLikelihoodFit}.Read"/>
    [Obsolete("Use Read(rows): its ModelData<TRow> is the same type for every family. The next version removes Cells.")]
    [EditorBrowsable(EditorBrowsableState.Never)]
    public CellData<TRow> Cells(IEnumerable<TRow> rows, IProgress<long>? progress = null, CancellationToken cancellation = default) =>
        new(Read(rows, progress, cancellation));

    private protected override CollapsingWorkspace<TRow> NewWorkspace() => new CellsWorkspace<TRow>(Plan);

    private protected override BoundModel Bind(CollapsedRows data, bool hasPriors) => CellsBinding.Bind(Lowered, (CollapsedCells)data, hasPriors);

    private protected override (ModelSpec Spec, Standardization? Standardization) Decide(CollapsedRows data)
    {
        var (spec, _, _, standardization, _) = CellsBinding.Decide(Lowered, (CollapsedCells)data);
        return (spec, standardization);
    }

    private protected override UnpooledModel Unpool(CollapsedRows data, Func<ModelSpec, LevelTable[], int> factorOf) =>
        UnpooledModel.Of(Lowered, (CollapsedCells)data, factorOf);
}
