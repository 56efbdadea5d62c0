using System.Text.Json;
using System.Text.Json.Serialization;
using TypedPooling.Binding;
using TypedPooling.Files;
using TypedPooling.Json;

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
[JsonConverter(typeof(AnswerJsonConverter))]
public sealed class ModelData<TRow> : IJsonAnswer
{
    private readonly Func<CollapsingWorkspace<TRow>> newWorkspace;
    private readonly ReadingPlan<TRow> plan;

    internal ModelData(Func<CollapsingWorkspace<TRow>> newWorkspace, ReadingPlan<TRow> plan, CollapsedRows content)
    {
        this.newWorkspace = newWorkspace;
        this.plan = plan;
        Content = content;
    }

    /// <summary>Number of rows used; a row that stands for several counts as so many.</summary>
    public long RowCount => Content.RowCount;

    /// <summary>Number of rows dropped on request because a value was missing.</summary>
    public long DroppedRowCount => Content.DroppedRowCount;

    /// <summary>Number of cells. Where there are sums, combinations of levels that have rows: with one grouping factor, the number of its levels.
    /// Elsewhere, rows that differ in a column, an offset or a level.</summary>
    public int CellCount => Content.CellCount;

    /// <summary>Whether rows were read, or queries summed them.</summary>
    public DataOrigin Origin => Content.Origin;

    internal CollapsedRows Content { get; }

    /// <summary>The data of these rows and more: the same bits as those of all rows read at once in this order.</summary>
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
        return new(newWorkspace, plan, workspace.Build());
    }

    /// <summary>The data of these rows and of more that arrive one by one: the same bits as those of <see cref="Add"/>.</summary>
    /// <param name="rows">The rows to add; enumerated once, not kept. Row numbers in messages count from 1 within them.</param>
    /// <param name="progress">Told of the number of these rows read so far, every 16,384 and at the end; null where nobody listens.</param>
    /// <param name="cancellation">Handed to the source and looked at for every row.</param>
    /// <returns>New data; these are not changed.</returns>
    /// <exception cref="ModelException">Rows hold values that cannot be used, or a selector throws.</exception>
    /// <exception cref="OperationCanceledException">The reading was cancelled.</exception>
    /// <remarks>What the source throws comes out as it is.</remarks>
    public Task<ModelData<TRow>> AddStreamAsync(
        IAsyncEnumerable<TRow> rows, IProgress<long>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(rows);
        return Added();

        async Task<ModelData<TRow>> Added()
        {
            var workspace = newWorkspace();
            workspace.Add(Content);
            await workspace.AddAsync(rows, progress, cancellation).ConfigureAwait(false);
            return new(newWorkspace, plan, workspace.Build());
        }
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
        return new(newWorkspace, plan, workspace.Build());
    }

    /// <summary>Writes the data to a file, which <c>model.LoadData</c> of a model with the same columns, keys and response reads, on any
    /// machine.</summary>
    /// <param name="path">The file; one that is there is replaced when the new one is complete.</param>
    /// <exception cref="ModelException">NotStorable: keys whose text does not read back.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be written, or the path is that of a folder.</exception>
    /// <remarks>O(cells m^2) bytes and time, and as much memory. The file holds keys and sums, no rows; see <c>docs/files.md</c>.</remarks>
    public void Save(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        FileEnvelope.Write(path, FileKind.Data, ToFile());
    }

    /// <summary>Writes the data to a stream, as to a file.</summary>
    /// <param name="stream">Where to; left open behind the last byte.</param>
    /// <exception cref="ModelException">NotStorable: keys whose text does not read back. Nothing is written.</exception>
    /// <exception cref="IOException">The stream cannot be written.</exception>
    public void Save(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        FileEnvelope.Write(stream, FileKind.Data, ToFile());
    }

    // Sums in JSON would be counts of rows alone, without a word.
    void IJsonAnswer.WriteTo(Utf8JsonWriter writer) =>
        throw new NotSupportedException("Data have no form in JSON. Save them as a file: data.Save(path).");

    private FileWriter ToFile()
    {
        var writer = new FileWriter();
        DataFile.Write(writer, plan, Content);
        return writer;
    }
}
