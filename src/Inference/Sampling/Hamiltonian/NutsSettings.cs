using System.Globalization;

namespace TypedPooling.Inference.Sampling.Hamiltonian;

/// <summary>What is special to NUTS; how long and on how many threads it runs is in <see cref="Engines.RunOptions"/>. Immutable.</summary>
internal sealed record NutsSettings
{
    // A dense metric holds the square of the dimension, 800 MB a chain at this one.
    private const int MostDense = 10_000;

    /// <summary>The defaults.</summary>
    public static NutsSettings Default { get; } = new();

    /// <summary>Shape of the metric.</summary>
    public MetricShape Metric { get; init; } = MetricShape.Automatic;

    /// <summary>Greatest dimension for which <see cref="MetricShape.Automatic"/> is dense. From 0 to 10,000.</summary>
    public int DenseLimit { get; init; } = 30;

    /// <summary>Energy error, in natural log units, beyond which a trajectory counts as divergent; positive. Source: [StanReference], which uses
    /// 1000.</summary>
    public double DivergenceThreshold { get; init; } = 1000;

    /// <summary>Checks every setting.</summary>
    /// <param name="dimension">Dimension of the density.</param>
    /// <exception cref="ModelException">A setting is out of range; all that are get named.</exception>
    public void Validate(int dimension)
    {
        var problems = new List<Problem>();
        if (!Enum.IsDefined(Metric))
            Refuse(nameof(Metric), (int)Metric, "Use Automatic, Diagonal or Dense.");
        if (DenseLimit is < 0 or > MostDense)
            Refuse(nameof(DenseLimit), DenseLimit, "Use a value from 0 to 10,000.");
        if (!(DivergenceThreshold > 0))
            Refuse(nameof(DivergenceThreshold), DivergenceThreshold, "Use a positive value.");
        if (Metric == MetricShape.Dense && dimension > MostDense)
        {
            problems.Add(new Problem(
                ProblemCode.OptionOutOfRange,
                string.Create(
                    CultureInfo.InvariantCulture, $"A dense metric of {dimension:N0} dimensions is too large; at most {MostDense:N0} are possible."),
                "Use a diagonal metric.")
            { Term = nameof(Metric) });
        }

        if (problems.Count > 0)
            throw new ModelException(problems);

        void Refuse(string setting, double value, string remedy) => problems.Add(
            new Problem(
                ProblemCode.OptionOutOfRange, string.Create(CultureInfo.InvariantCulture, $"{setting} is {value}."), remedy)
            { Term = setting });
    }

    public bool IsDense(int dimension) => Metric switch
    {
        MetricShape.Diagonal => false,
        MetricShape.Dense => true,
        _ => dimension <= DenseLimit,
    };
}
