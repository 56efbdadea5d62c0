namespace TypedPooling.Inference.Sampling.Importance;

/// <summary>Told of each proposal of a final round right after its density was evaluated, while the scratch of that density still holds the point:
/// what depends on the position is then cheap to draw.</summary>
internal interface IProposalSink
{
    /// <summary>Standard normal numbers that are of use with each proposal.</summary>
    int NormalCount { get; }

    /// <summary>Whether each draw that is taken from an accepted round needs its density once more; <see cref="Evaluated"/> is then told of
    /// each.</summary>
    bool EvaluatesDraws { get; }

    /// <summary>Told of evaluations after the round, from any thread; set when a run begins.</summary>
    Action<int>? Evaluated { set; }

    /// <summary>A final round begins; what was kept of an earlier one is void.</summary>
    /// <param name="count">Number of proposals.</param>
    void Begin(int count);

    /// <summary>One proposal, from the thread of its worker.</summary>
    /// <param name="worker">Number of the worker, that of its density.</param>
    /// <param name="proposal">Number of the proposal, from 0; each is told once, in no order.</param>
    /// <param name="normals">Quasi-random standard normal numbers that go with the proposal, as many as there are, at most <see cref="NormalCount"/>;
    /// none where proposals are independent.</param>
    void Keep(int worker, int proposal, ReadOnlySpan<double> normals);
}
