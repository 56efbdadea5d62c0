namespace TypedPooling.Inference.Hamiltonian;

/// <summary>What is special to NUTS; how long and on how many threads it runs is in <see cref="Engines.RunOptions"/>. Immutable.</summary>
public sealed record NutsSettings
{
    /// <summary>The defaults.</summary>
    public static NutsSettings Default { get; } = new();

    /// <summary>Shape of the metric.</summary>
    public MetricShape Metric { get; init; } = MetricShape.Automatic;

    /// <summary>Greatest dimension for which <see cref="MetricShape.Automatic"/> is dense.</summary>
    public int DenseLimit { get; init; } = 30;

    /// <summary>Energy error, in natural log units, beyond which a trajectory counts as divergent. Source: [StanReference], which uses 1000.</summary>
    public double DivergenceThreshold { get; init; } = 1000;

    internal bool IsDense(int dimension) => Metric switch
    {
        MetricShape.Diagonal => false,
        MetricShape.Dense => true,
        _ => dimension <= DenseLimit,
    };
}
