using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using TypedPooling.Draws;
using TypedPooling.Json;

namespace TypedPooling;

/// <summary>One engine of a comparison.</summary>
/// <param name="Engine">Its name.</param>
/// <param name="Exactness">What its draws are draws of.</param>
/// <param name="Refusals">Why it did not fit the model; empty where it did, and then nothing below has a meaning.</param>
/// <remarks>Immutable and therefore thread-safe.</remarks>
[JsonConverter(typeof(AnswerJsonConverter))]
public sealed record EngineRun(string Engine, Exactness Exactness, ImmutableArray<Problem> Refusals) : IJsonAnswer<EngineRun>
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

    static EngineRun IJsonAnswer<EngineRun>.ReadFrom(JsonElement json) => new(
        json.Text("engine"), json.Named<Exactness>("exactness"), json.Answers<Problem>("refusals"))
    {
        // A double holds every tick of 28 years.
        Time = TimeSpan.FromTicks((long)Math.Round(json.Real("seconds") * TimeSpan.TicksPerSecond)),
        WorstEss = json.Real("worstEss"),
        LogEvidence = json.Find("logEvidence") is null ? null : json.Answer<LogEvidence>("logEvidence"),
        EvidenceBound = json.OptionalReal("evidenceBound"),
        Warnings = json.Answers<FitWarning>("warnings"),
        Differences = json.Answers<ParameterDifference>("differences"),
    };

    void IJsonAnswer.WriteTo(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("engine", Engine);
        writer.WriteString("exactness", Exactness.ToString());
        writer.WriteReal("seconds", Time.TotalSeconds);
        writer.WriteReal("worstEss", WorstEss);
        writer.WriteReal("essPerSecond", EssPerSecond);
        if (LogEvidence is { } evidence)
            writer.WriteAnswer("logEvidence", evidence);
        writer.WriteOptional("evidenceBound", EvidenceBound);
        writer.WriteAnswers("warnings", Warnings);
        writer.WriteAnswers("refusals", Refusals);
        writer.WriteAnswers("differences", Differences);
        writer.WriteEndObject();
    }
}
