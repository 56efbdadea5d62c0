namespace TypedPooling.Bench;

/// <summary>Something to be timed.</summary>
/// <param name="Name">Short name, by which it is filtered.</param>
/// <param name="Purpose">What it is for, in a few words.</param>
/// <param name="Prepare">Makes the input, untimed, and returns the work to be timed. The work returns a number that depends on all it computed, so
/// that nothing is optimised away.</param>
internal sealed record Benchmark(string Name, string Purpose, Func<Func<double>> Prepare)
{
    /// <summary>What a call produces, in <see cref="Unit"/>, from the mean of the numbers the timed calls returned; null where only time
    /// matters.</summary>
    public Func<double, double>? Amount { get; init; }

    /// <summary>Unit of <see cref="Amount"/>, printed as so many a second.</summary>
    public string Unit { get; init; } = string.Empty;

    /// <summary>Why it cannot run here, as a sentence without its full stop; null where it can.</summary>
    public Func<string?> Missing { get; init; } = () => null;
}
