using TypedPooling.Engines;

namespace TypedPooling.Inference.Sampling.Importance;

/// <summary>Counts proposals, and what is evaluated again of them afterwards, from all threads, and tells who listens: every 1 % of what is
/// expected.</summary>
internal sealed class ProposalProgress(IProgress<RunProgress>? listener, int total)
{
    // Evaluations of the search for modes between two reports, before there are proposals.
    private const int SearchInterval = 32;

    private readonly Lock guard = new();
    private int expected = total;
    private int told;
    private bool isAdapting = true;
    private int searched;

    /// <summary>Proposals so far.</summary>
    public int Completed { get; private set; }

    /// <summary>One evaluation of the search for modes: who listens is told that the run has begun.</summary>
    public void Search()
    {
        if (searched++ % SearchInterval == 0)
            listener?.Report(new(0, 0, expected, IsWarmup: true));
    }

    /// <summary>The final round begins: what is still to come is known now.</summary>
    /// <param name="finalCount">Proposals of the round.</param>
    /// <param name="after">Evaluations once the round is accepted.</param>
    public void Begin(int finalCount, int after) => (expected, isAdapting) = (Completed + finalCount + after, false);

    public void Add(int proposals)
    {
        lock (guard)
        {
            Completed += proposals;

            // The next block may come before the next report.
            if (listener is null || (Completed - told + ProposalLayout.BlockSize <= expected / 100 && Completed < expected))
                return;
            told = Completed;
            listener.Report(new(0, Completed, Math.Max(expected, Completed), isAdapting));
        }
    }
}
