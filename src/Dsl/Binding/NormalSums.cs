using TypedPooling.Binding;

namespace TypedPooling;

/// <summary>Everything a model with a Normal or LogNormal response needs of its data: counts, means and centred cross-products by level. Holds no rows. Immutable.</summary>
/// <typeparam name="TRow">Type of the rows.</typeparam>
/// <remarks>Made by <see cref="SumsModel{TRow, TSelf, TFit}.Sums"/>. Sums of parts of the data, made on several threads or machines' batches, merge into the sums of the whole. Source: [Chan1983]. Thread-safe: <see cref="Add"/> and <see cref="Merge"/> make new sums and change none. To read rows on several threads, make sums of parts of them and merge these.</remarks>
public sealed class NormalSums<TRow>
{
    private readonly ReadingPlan<TRow> plan;

    internal NormalSums(ReadingPlan<TRow> plan, NormalSumsData data)
    {
        this.plan = plan;
        Data = data;
    }

    /// <summary>Number of rows in the sums; a row that stands for several counts as so many.</summary>
    public long RowCount => Data.Cells.RowCount;

    /// <summary>Number of rows dropped on request because a value was missing.</summary>
    public long DroppedRowCount => Data.DroppedRowCount;

    /// <summary>Number of combinations of levels that have rows: with one grouping factor, the number of its levels.</summary>
    public int CellCount => Data.Cells.CellCount;

    internal NormalSumsData Data { get; }

    /// <summary>The sums of these rows and more.</summary>
    /// <param name="rows">The rows to add; enumerated once, not kept. Row numbers in messages count from 1 within them.</param>
    /// <param name="progress">Told of the number of these rows read so far, as when the sums were made; null where nobody listens.</param>
    /// <param name="cancellation">Stops the reading; looked at for every row.</param>
    /// <returns>New sums; these are not changed.</returns>
    /// <exception cref="ModelException">Rows hold missing, non-finite or non-positive values or null keys, or a selector throws.</exception>
    /// <exception cref="OperationCanceledException">The reading was cancelled.</exception>
    public NormalSums<TRow> Add(IEnumerable<TRow> rows, IProgress<long>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(rows);
        var workspace = new SumsWorkspace<TRow>(plan);
        workspace.Add(Data);
        workspace.Add(rows, progress, cancellation);
        return workspace.Build();
    }

    /// <summary>The sums of the rows of both.</summary>
    /// <param name="other">Sums made by this model or one with the same columns, keys and response.</param>
    /// <returns>New sums; neither is changed. Levels keep the numbers they have here; those only there come after.</returns>
    /// <exception cref="ModelException">The other sums are of other columns.</exception>
    public NormalSums<TRow> Merge(NormalSums<TRow> other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (other.Data.Signature != Data.Signature)
            throw NormalBinding.OtherModel();
        var workspace = new SumsWorkspace<TRow>(plan);
        workspace.Add(Data);
        workspace.Add(other.Data);
        return workspace.Build();
    }
}
