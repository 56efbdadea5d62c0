using TypedPooling.Engines;

namespace TypedPooling.Inference.MaximumLikelihood;

/// <summary>Tells a listener of the evaluations of a search, and stops the search where it is cancelled. One search; not thread-safe.</summary>
/// <remarks>Nobody knows beforehand how many evaluations a search takes. The total that is told is what searches of as many coordinates usually take;
/// it grows where this one takes more.</remarks>
internal sealed class SearchProgress(RunOptions options, int dimension)
{
    // Measured on the models of the tests: 13 to 25 evaluations a coordinate, standard errors included.
    private const int UsualEvaluations = 20;

    private readonly int usual = UsualEvaluations * (1 + dimension);
    private int completed;

    /// <summary>Stops a search: looked at once a step at least of whatever an evaluation does.</summary>
    public CancellationToken Cancellation => options.Cancellation;

    /// <summary>Stops a search that was cancelled.</summary>
    /// <exception cref="OperationCanceledException">The search was cancelled.</exception>
    public void ThrowIfCancelled() => options.Cancellation.ThrowIfCancellationRequested();

    /// <summary>Counts an evaluation.</summary>
    /// <exception cref="OperationCanceledException">The search was cancelled.</exception>
    public void Evaluated()
    {
        ThrowIfCancelled();
        completed++;
        options.Progress?.Report(new RunProgress(0, completed, Math.Max(usual, completed + 1), IsWarmup: true));
    }

    /// <summary>Tells that the search has ended.</summary>
    public void Finish() => options.Progress?.Report(new RunProgress(0, completed + 1, completed + 1, IsWarmup: false));
}
