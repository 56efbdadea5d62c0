namespace TypedPooling.Inference.Sampling.Hamiltonian;

/// <summary>What one chain has made; buffers hold room for all draws asked for, filled up to <see cref="Completed"/>.</summary>
internal sealed class ChainResult(int dimension, int draws)
{
    public readonly double[] Positions = new double[checked(draws * dimension)];
    public readonly double[] LogDensity = new double[draws];
    public readonly double[] Energy = new double[draws];
    public readonly double[] AcceptanceRate = new double[draws];
    public readonly bool[] Divergent = new bool[draws];
    public readonly int[] TreeDepth = new int[draws];
    public readonly int[] Leapfrogs = new int[draws];

    public int Completed { get; set; }

    public double StepSize { get; set; }

    public long Evaluations { get; set; }

    public TimeSpan WarmupTime { get; set; }

    public TimeSpan SamplingTime { get; set; }

    /// <summary>Energy Bayesian fraction of missing information of the first draws; NaN where the energy does not vary. Source:
    /// [Betancourt2016].</summary>
    public double EnergyBfmi(int count)
    {
        var energies = Energy.AsSpan(0, count);
        var mean = 0.0;
        foreach (var energy in energies)
            mean += energy / count;
        var (steps, spread) = (0.0, 0.0);
        for (var i = 0; i < count; i++)
        {
            spread += (energies[i] - mean) * (energies[i] - mean);
            if (i > 0)
                steps += (energies[i] - energies[i - 1]) * (energies[i] - energies[i - 1]);
        }

        return steps / spread;
    }
}
