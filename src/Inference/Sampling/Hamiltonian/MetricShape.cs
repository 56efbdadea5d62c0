namespace TypedPooling.Inference.Sampling.Hamiltonian;

/// <summary>What the metric of a Hamiltonian sampler learns of the target's covariance.</summary>
internal enum MetricShape
{
    /// <summary>Dense up to <see cref="NutsSettings.DenseLimit"/> dimensions, diagonal above.</summary>
    Automatic,

    /// <summary>The variances only.</summary>
    Diagonal,

    /// <summary>The whole covariance matrix.</summary>
    Dense,
}
