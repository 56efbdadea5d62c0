namespace TypedPooling.Engines;

/// <summary>How far a run is.</summary>
/// <param name="Chain">Number of the chain, from 0.</param>
/// <param name="Completed">Draws made so far by this chain, warmup included.</param>
/// <param name="Total">Draws this chain will make, warmup included.</param>
/// <param name="IsWarmup">True during warmup.</param>
public readonly record struct RunProgress(int Chain, int Completed, int Total, bool IsWarmup);
