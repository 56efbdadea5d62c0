namespace TypedPooling.Engines;

/// <summary>How far a run is.</summary>
/// <remarks>Importance sampling counts proposals in place of draws, those of adaptive rounds as warmup, is told as chain 0, and tells of no proposals
/// while it searches for modes; chains that follow where it was refused count from 0 again. Iterations of an approximation are warmup.
/// Maximum likelihood counts evaluations, as warmup of chain 0; their total is what such a search usually takes, and grows if this one takes
/// more.</remarks>
/// <param name="Chain">Number of the chain, from 0.</param>
/// <param name="Completed">Draws made so far by this chain, warmup included.</param>
/// <param name="Total">Draws this chain will make, warmup included.</param>
/// <param name="IsWarmup">True during warmup.</param>
public readonly record struct RunProgress(int Chain, int Completed, int Total, bool IsWarmup);
