using TypedPooling.Binding;

namespace TypedPooling;

/// <summary>All that a model needs of its rows, whatever its response: sums where the response, or its log, is Normal, cells of rows that are equal
/// to the model where it is not. Holds no rows. Immutable.</summary>
/// <typeparam name="TRow">Type of the rows.</typeparam>
/// <remarks>
/// Made by <c>model.Read(rows)</c>. Data of parts of the rows, read on several threads or in several batches, merge into those of the whole. Source:
/// [Chan1983].
/// Thread-safe: <see cref="Add"/> and <see cref="Merge"/> make new data and change none. To read rows on several threads, read parts of them and
/// merge these.
/// </remarks>
public sealed class ModelData<TRow>
{
    private readonly Func<CollapsingWorkspace<TRow>> newWorkspace;

    internal ModelData(Func<CollapsingWorkspace<TRow>> newWorkspace, CollapsedRows content)
    {
        this.newWorkspace = newWorkspace;
        Content = content;
    }

    /// <summary>Number of rows used; a row that stands for several counts as so many.</summary>
    public long RowCount => Content.RowCount;

    /// <summary>Number of rows dropped on request because a value was missing.</summary>
    public long DroppedRowCount => Content.DroppedRowCount;

    /// <summary>Number of cells. Where there are sums, combinations of levels that have rows: with one grouping factor, the number of its levels.
    /// Elsewhere, rows that differ in a column, an offset or a level.</summary>
    public int CellCount => Content.CellCount;

    internal CollapsedRows Content { get; }

    /// <summary>The data of these rows and more.</summary>
    /// <param name="rows">The rows to add; enumerated once, not kept. Row numbers in messages count from 1 within them.</param>
    /// <param name="progress">Told of the number of these rows read so far, as when the data were made; null where nobody listens.</param>
    /// <param name="cancellation">Stops the reading; looked at for every row.</param>
    /// <returns>New data; these are not changed.</returns>
    /// <exception cref="ModelException">Rows hold values that cannot be used, or a selector throws.</exception>
    /// <exception cref="OperationCanceledException">The reading was cancelled.</exception>
    public ModelData<TRow> Add(IEnumerable<TRow> rows, IProgress<long>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(rows);
        var workspace = newWorkspace();
        workspace.Add(Content);
        workspace.Add(rows, progress, cancellation);
        return new(newWorkspace, workspace.Build());
    }

    /// <summary>The data of the rows of both.</summary>
    /// <param name="other">Data read by this model or one with the same columns, keys and response.</param>
    /// <returns>New data; neither is changed. Levels keep the numbers they have here; those only there come after.</returns>
    /// <exception cref="ModelException">The other data are of other columns.</exception>
    public ModelData<TRow> Merge(ModelData<TRow> other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (other.Content.Signature != Content.Signature)
            throw CollapsedRows.OtherModel();
        var workspace = newWorkspace();
        workspace.Add(Content);
        workspace.Add(other.Content);
        return new(newWorkspace, workspace.Build());
    }
}
