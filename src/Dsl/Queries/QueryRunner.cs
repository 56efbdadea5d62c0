namespace TypedPooling.Queries;

/// <summary>Runs queries: asynchronously where the provider can, else where it is called.</summary>
/// <param name="isAsynchronous">True where the caller awaits.</param>
/// <param name="cancellation">Looked at before each query and for every row of an answer.</param>
/// <remarks>The verb that is not asynchronous runs the same code: none of its steps waits for another thread, so its task is always
/// complete.</remarks>
internal sealed class QueryRunner(bool isAsynchronous, CancellationToken cancellation)
{
    /// <summary>The rows of the answer.</summary>
    public async ValueTask<List<T>> ToList<T>(IQueryable<T> query)
    {
        cancellation.ThrowIfCancellationRequested();
        var rows = new List<T>();
        if (isAsynchronous && query is IAsyncEnumerable<T> asynchronous)
        {
            await foreach (var row in asynchronous.WithCancellation(cancellation).ConfigureAwait(false))
                rows.Add(row);
        }
        else
        {
            foreach (var row in query)
            {
                cancellation.ThrowIfCancellationRequested();
                rows.Add(row);
            }
        }

        return rows;
    }
}
