using TypedPooling.Binding;

namespace TypedPooling;

/// <summary>Everything a model with a response that is a proportion, a count, positive or heavy-tailed needs of its data: rows that are equal to the model collapsed to one cell with its successes and trials, its events and exposure, or the sum or the value of its responses. Holds no rows. Immutable.</summary>
/// <typeparam name="TRow">Type of the rows.</typeparam>
/// <remarks>Made by <see cref="CellsModel{TRow, TSelf, TFit}.Cells"/>. Cells of parts of the data merge into the cells of the whole. Thread-safe: <see cref="Add"/> and <see cref="Merge"/> make new cells and change none. To read rows on several threads, make cells of parts of them and merge these.</remarks>
public sealed class CellData<TRow>
{
    private readonly ReadingPlan<TRow> plan;

    internal CellData(ReadingPlan<TRow> plan, CellsData data)
    {
        this.plan = plan;
        Data = data;
    }

    /// <summary>Number of rows in the cells.</summary>
    public long RowCount => Data.Cells.RowCount;

    /// <summary>Number of rows dropped on request because a value was missing.</summary>
    public long DroppedRowCount => Data.DroppedRowCount;

    /// <summary>Number of cells: of rows that differ in a column, an offset or a group.</summary>
    public int CellCount => Data.Cells.Count;

    internal CellsData Data { get; }

    /// <summary>The cells of these rows and more.</summary>
    /// <param name="rows">The rows to add; enumerated once, not kept. Row numbers in messages count from 1 within them.</param>
    /// <param name="progress">Told of the number of these rows read so far, as when the cells were made; null where nobody listens.</param>
    /// <param name="cancellation">Stops the reading; looked at for every row.</param>
    /// <returns>New cells; these are not changed.</returns>
    /// <exception cref="ModelException">Rows hold values that cannot be used.</exception>
    /// <exception cref="OperationCanceledException">The reading was cancelled.</exception>
    public CellData<TRow> Add(IEnumerable<TRow> rows, IProgress<long>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(rows);
        var workspace = new CellsWorkspace<TRow>(plan);
        workspace.Add(Data);
        workspace.Add(rows, progress, cancellation);
        return workspace.Build();
    }

    /// <summary>The cells of the rows of both.</summary>
    /// <param name="other">Cells made by this model or one with the same columns, keys and response.</param>
    /// <returns>New cells; neither is changed. Levels keep the numbers they have here; those only there come after.</returns>
    /// <exception cref="ModelException">The other cells are of other columns.</exception>
    public CellData<TRow> Merge(CellData<TRow> other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (other.Data.Signature != Data.Signature)
            throw CellBinding.OtherModel();
        var workspace = new CellsWorkspace<TRow>(plan);
        workspace.Add(Data);
        workspace.Add(other.Data);
        return workspace.Build();
    }
}
