using System.Collections.Concurrent;
using TypedPooling.Engines;
using TypedPooling.Inference.Numerics;

namespace TypedPooling;

/// <summary>Computes the parts of rows on several threads, each with a workspace of its own. The number of threads changes no part.</summary>
/// <typeparam name="TWorker">What one thread computes with; the parts of a row must not depend on the rows that it saw before.</typeparam>
/// <param name="make">Makes a workspace.</param>
/// <param name="options">Threads and cancellation.</param>
internal sealed class RowWorkers<TWorker>(Func<TWorker> make, RunOptions options)
{
    private const int PartLength = 32;

    private readonly ConcurrentBag<TWorker> workers = [];
    private readonly int threads = options.Threads > 0 ? options.Threads : Environment.ProcessorCount;

    /// <summary>Computes a part for each row.</summary>
    /// <param name="count">Number of rows.</param>
    /// <param name="levelOf">Of each row a level: rows of a level are computed one after another, so that its draws are made once.</param>
    /// <param name="part">Computes a row.</param>
    /// <returns>The parts, in the order of the rows.</returns>
    public PointwiseElpd[] Each(int count, Func<int, int> levelOf, Func<TWorker, int, PointwiseElpd> part)
    {
        var parts = new PointwiseElpd[count];
        int[] rows = [.. Enumerable.Range(0, count)];
        Array.Sort([.. rows.Select(levelOf)], rows);
        SharedWork.For(threads, (count + PartLength - 1) / PartLength, number =>
        {
            var worker = workers.TryTake(out var free) ? free : make();
            for (var i = number * PartLength; i < Math.Min(count, (number + 1) * PartLength); i++)
            {
                options.Cancellation.ThrowIfCancellationRequested();
                parts[rows[i]] = part(worker, rows[i]);
            }

            workers.Add(worker);
        });
        return parts;
    }
}
