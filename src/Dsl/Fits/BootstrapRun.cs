using TypedPooling.Draws;

namespace TypedPooling;

/// <summary>What a parametric bootstrap gave. Immutable.</summary>
/// <param name="Replicates">The estimates, in the shape of independent draws.</param>
/// <param name="SingularCount">Number of replicates with an estimate on the boundary.</param>
/// <param name="FailedCount">Number of replicates without estimates, which are left out.</param>
internal sealed record BootstrapRun(Posterior Replicates, int SingularCount, int FailedCount);
