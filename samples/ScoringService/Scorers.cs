namespace TypedPooling.Samples.ScoringService;

/// <summary>The scorer of this moment, and the refit that will take its place. Requests never wait for a refit.</summary>
public sealed class Scorers : IAsyncDisposable
{
    private const int KeptRefits = 100;

    private readonly ScorerStore store;
    private readonly ScorerSettings settings;
    private readonly ILogger<Scorers> log;
    private readonly Lock starting = new();
    private readonly Dictionary<int, Refit> refits = [];
    private Scorer current;
    private Task running = Task.CompletedTask;
    private int lastId;

    public Scorers(ScorerStore store, ScorerSettings settings, ILogger<Scorers> log)
    {
        (this.store, this.settings, this.log) = (store, settings, log);
        store.RemoveUnfinished();
        current = store.Load() ?? First();
    }

    /// <summary>The scorer. A request reads it once, so that all of its scores are of one version.</summary>
    public Scorer Current => Volatile.Read(ref current);

    /// <summary>Reads the rows and starts to fit the model to the data and them.</summary>
    /// <returns>The refit; null where one is under way.</returns>
    /// <exception cref="ModelException">The rows cannot be used; nothing is changed.</exception>
    public Refit? Start(IReadOnlyList<Visit> rows)
    {
        lock (starting)
        {
            if (!running.IsCompleted)
                return null;
            var data = Current.Data.Add(rows);
            var refit = new Refit(++lastId, rows.Count);
            refits.Add(refit.Id, refit);
            if (refits.Remove(refit.Id - KeptRefits, out var forgotten))
                forgotten.Dispose();
            running = Task.Run(() => Run(refit, data));
            return refit;
        }
    }

    public Refit? Find(int id)
    {
        lock (starting)
            return refits.GetValueOrDefault(id);
    }

    public async ValueTask DisposeAsync()
    {
        lock (starting)
        {
            foreach (var refit in refits.Values)
                refit.TryCancel();
        }

        await running;
    }

    private Scorer First()
    {
        var data = WaitModel.Model.Read(File.ReadLines(settings.FirstRows).Skip(1).Select(line => line.Split(',')).Select(f =>
            new Visit($"Café {f[0]}", f[1] == "1", double.Parse(f[2], System.Globalization.CultureInfo.InvariantCulture))));
        return Save(1, data, Fit(data, null), () => true);
    }

    private void Run(Refit refit, ModelData<Visit> data)
    {
        try
        {
            var fit = Fit(data, refit);

            // A run that is cancelled may return the draws that it has.
            refit.Cancellation.ThrowIfCancellationRequested();
            var scorer = Save(Current.Version + 1, data, fit, refit.TryFinish);
            Volatile.Write(ref current, scorer);
            refit.End(RefitState.Done, scorer.Version);
        }
        catch (OperationCanceledException)
        {
            refit.End(RefitState.Cancelled);
        }
        catch (ModelException problem)
        {
            refit.End(RefitState.Failed, problem: problem);
        }
        catch (Exception failure)
        {
            log.LogError(failure, "Refit {Id} failed.", refit.Id);
            refit.End(RefitState.Failed);
        }
    }

    private NormalFit<Visit> Fit(ModelData<Visit> data, Refit? refit)
    {
        var options = settings.Options with { Progress = refit, Cancellation = refit?.Cancellation ?? default };
        return settings.Engine is { } engine ? WaitModel.Model.Fit(data, engine, options) : WaitModel.Model.Fit(data, options);
    }

    // What scores is what was saved, so that a restart changes no score.
    private Scorer Save(int version, ModelData<Visit> data, NormalFit<Visit> fit, Func<bool> isWanted)
    {
        store.Save(version, data, fit, isWanted);
        var scorer = store.Load() ?? throw new IOException("The fit that was saved is not there.");

        // The first prediction of a fit compiles how it reads rows: not at the expense of a request.
        scorer.Score(new([new("Café 1", true)]));
        return scorer;
    }
}
