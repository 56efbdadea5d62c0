namespace TypedPooling;

/// <content>Rows that arrive one by one.</content>
public abstract partial class FittedModel<TRow, TSelf, TFit, TLikelihoodFit>
{
    /// <summary>Reads rows once as they arrive and keeps what a fit needs of them, not the rows. No thread waits for a row.</summary>
    /// <param name="rows">The rows, such as those of a database driver or a message queue; enumerated once, not kept.</param>
    /// <param name="progress">Told of the number of rows read so far, every 16,384 and at the end; null where nobody listens.</param>
    /// <param name="cancellation">Handed to the source and looked at for every row.</param>
    /// <returns>The data that <see cref="Read"/> gives of the same rows in the same order, bit by bit.</returns>
    /// <exception cref="ModelException">As <see cref="Read"/>: rows hold values that the model cannot have; every kind is listed with its first
    /// row.</exception>
    /// <exception cref="OperationCanceledException">The reading was cancelled.</exception>
    /// <remarks>The cost is that of <see cref="Read"/> and a step of an asynchronous enumerator a row. What the source throws comes out as it is. A
    /// <c>DbSet</c> of Entity Framework Core can be read by this verb, by <see cref="Read"/>, or summed by its database: each has a name of its
    /// own, so that none is taken for another.</remarks>
    public Task<ModelData<TRow>> ReadStreamAsync(
        IAsyncEnumerable<TRow> rows, IProgress<long>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(rows);
        return Streamed();

        async Task<ModelData<TRow>> Streamed()
        {
            var workspace = NewWorkspace();
            await workspace.AddAsync(rows, progress, cancellation).ConfigureAwait(false);
            return new(NewWorkspace, Plan, workspace.Build());
        }
    }
}
