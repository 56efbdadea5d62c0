using System.Collections.Concurrent;
using TypedPooling.Engines;

namespace TypedPooling.Samples.ScoringService;

/// <summary>A fit to the data and new rows, under way or ended. Thread-safe.</summary>
public sealed class Refit(int id, int rows) : IProgress<RunProgress>, IDisposable
{
    private readonly ConcurrentDictionary<int, RunProgress> chains = new();
    private readonly CancellationTokenSource cancellation = new();
    private RefitResponse ended = new(id, RefitState.Running, rows, 0, 0, null, null);

    public int Id => id;

    public CancellationToken Cancellation => cancellation.Token;

    /// <summary>Told of each chain from its own thread.</summary>
    public void Report(RunProgress value) => chains[value.Chain] = value;

    public void Cancel() => cancellation.Cancel();

    public void End(RefitState state, int? version = null, ModelException? problem = null) =>
        Volatile.Write(ref ended, ended with { State = state, Version = version, Problem = problem });

    public RefitResponse Describe()
    {
        var told = chains.Values;
        return Volatile.Read(ref ended) with { Completed = told.Sum(chain => (long)chain.Completed), Total = told.Sum(chain => (long)chain.Total) };
    }

    public void Dispose() => cancellation.Dispose();
}
