using System.Collections.Immutable;
using TypedPooling.Draws;

namespace TypedPooling;

/// <summary>One engine of a comparison.</summary>
/// <param name="Engine">Its name.</param>
/// <param name="Exactness">What its draws are draws of.</param>
/// <param name="Refusals">Why it did not fit the model; empty where it did, and then nothing below has a meaning.</param>
/// <remarks>Immutable and therefore thread-safe.</remarks>
public sealed record EngineRun(string Engine, Exactness Exactness, ImmutableArray<Problem> Refusals)
{
    /// <summary>Wall-clock time of the run, sums ready. The first run of a process holds the compilation of the engine.</summary>
    public TimeSpan Time { get; init; }

    /// <summary>Least bulk or tail effective sample size over the parameter table.</summary>
    public double WorstEss { get; init; } = double.NaN;

    /// <summary><see cref="WorstEss"/> over <see cref="Time"/>.</summary>
    public double EssPerSecond => WorstEss / Time.TotalSeconds;

    /// <summary>Log evidence, where the engine knows it.</summary>
    public LogEvidence? LogEvidence { get; init; }

    /// <summary>Lower bound of the log evidence, where the engine has one.</summary>
    public double? EvidenceBound { get; init; }

    /// <summary>Warnings of the fit.</summary>
    public ImmutableArray<FitWarning> Warnings { get; init; } = [];

    /// <summary>Every parameter against the reference engine; empty for the reference itself.</summary>
    public ImmutableArray<ParameterDifference> Differences { get; init; } = [];
}
