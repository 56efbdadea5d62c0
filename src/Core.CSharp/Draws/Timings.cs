namespace TypedPooling.Draws;

/// <summary>How long the parts of a run took, by the wall clock.</summary>
/// <param name="Setup">From the bound model to a density ready to evaluate, the choice of an engine included where the library chooses.</param>
/// <param name="Warmup">Adaptation of the sampler; zero where there is none.</param>
/// <param name="Sampling">Drawing.</param>
public sealed record Timings(TimeSpan Setup, TimeSpan Warmup, TimeSpan Sampling)
{
    /// <summary>All parts together.</summary>
    public TimeSpan Total => Setup + Warmup + Sampling;
}
