using System.Collections.Concurrent;
using TypedPooling.Engines;

namespace TypedPooling.Samples.ScoringService;

/// <summary>A fit to the data and new rows, under way or ended. Thread-safe.</summary>
public sealed class Refit(int id, int rows) : IProgress<RunProgress>, IDisposable
{
    private readonly ConcurrentDictionary<int, RunProgress> chains = new();
    private readonly CancellationTokenSource cancellation = new();
    private readonly Lock finishing = new();
    private bool isFinishing;
    private RefitResponse ended = new(id, RefitState.Running, rows, 0, 0, null, null);

    public int Id => id;

    public CancellationToken Cancellation => cancellation.Token;

    /// <summary>Told of each chain from its own thread.</summary>
    public void Report(RunProgress value) => chains[value.Chain] = value;

    /// <summary>Cancels the refit.</summary>
    /// <returns>False where it is too late: its fit is being put in the place of the last one.</returns>
    public bool TryCancel()
    {
        lock (finishing)
        {
            if (isFinishing)
                return Describe().State != RefitState.Running;
            cancellation.Cancel();
            return true;
        }
    }

    /// <summary>Says that the fit is about to take the place of the last one, from when on the refit cannot be cancelled.</summary>
    /// <returns>False where it was cancelled.</returns>
    public bool TryFinish()
    {
        lock (finishing)
            return isFinishing = !cancellation.IsCancellationRequested;
    }

    public void End(RefitState state, int? version = null, ModelException? problem = null) =>
        Volatile.Write(ref ended, ended with { State = state, Version = version, Problem = problem });

    public RefitResponse Describe()
    {
        var told = chains.Values;
        return Volatile.Read(ref ended) with { Completed = told.Sum(chain => (long)chain.Completed), Total = told.Sum(chain => (long)chain.Total) };
    }

    public void Dispose() => cancellation.Dispose();
}
