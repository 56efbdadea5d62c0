using TypedPooling.Engines;

namespace TypedPooling.Inference.Importance;

/// <summary>Counts proposals from all threads and tells who listens.</summary>
internal sealed class ProposalProgress(IProgress<RunProgress>? listener, int total)
{
    // Proposals between two reports, and evaluations of the search for modes, before there are proposals.
    private const int Interval = 1024;
    private const int SearchInterval = 32;

    private readonly Lock guard = new();
    private int expected = total;
    private int told;
    private bool isAdapting = true;
    private int searched;

    /// <summary>Proposals so far.</summary>
    internal int Completed { get; private set; }

    /// <summary>One evaluation of the search for modes: who listens is told that the run has begun.</summary>
    internal void Search()
    {
        if (searched++ % SearchInterval == 0)
            listener?.Report(new(0, 0, expected, IsWarmup: true));
    }

    /// <summary>The final round begins: what is still to come is known now.</summary>
    internal void Begin(int finalCount) => (expected, isAdapting) = (Completed + finalCount, false);

    internal void Add(int proposals)
    {
        lock (guard)
        {
            Completed += proposals;
            if (listener is null || (Completed - told < Interval && Completed < expected))
                return;
            told = Completed;
            listener.Report(new(0, Completed, Math.Max(expected, Completed), isAdapting));
        }
    }
}
