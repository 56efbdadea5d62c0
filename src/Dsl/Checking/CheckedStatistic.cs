using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using TypedPooling.Json;

namespace TypedPooling;

/// <summary>A statistic of the data beside that of replicated data.</summary>
/// <param name="Name">Name of the statistic.</param>
/// <param name="Level">The level whose rows it is of, as text; null for all rows.</param>
/// <param name="Observed">Of the data; where it depends on the parameters, the mean over draws.</param>
/// <param name="Mean">Mean over the replicates.</param>
/// <param name="Sd">Standard deviation over the replicates.</param>
/// <param name="Interval">Central interval of the replicates.</param>
/// <param name="ProbabilityAtLeast">Share of the draws whose replicate is as large as the data or larger: P(T(y_rep) >= T(y)). NaN where the
/// statistic is NaN for the data or in a draw.</param>
/// <param name="ProbabilityAtMost">Share of the draws whose replicate is as small as the data or smaller.</param>
/// <remarks>Immutable and therefore thread-safe.</remarks>
[JsonConverter(typeof(AnswerJsonConverter))]
public sealed record CheckedStatistic(
    string Name, string? Level, double Observed, double Mean, double Sd, Interval Interval, double ProbabilityAtLeast, double ProbabilityAtMost)
    : IJsonAnswer<CheckedStatistic>
{
    // In either tail.
    private const double LeastProbability = 0.01;

    /// <summary>The statistic of every replicate, draw after draw.</summary>
    public ImmutableArray<double> Replicated { get; init; } = [];

    /// <summary>The smaller of the two tail probabilities.</summary>
    public double TailProbability => Math.Min(ProbabilityAtLeast, ProbabilityAtMost);

    /// <summary>True where less than 1 % of the replicates are as far out as the data, on one side.</summary>
    public bool IsUnusual => TailProbability < LeastProbability;

    /// <summary>True where the data are above most of their replicates.</summary>
    internal bool IsAbove => ProbabilityAtLeast < ProbabilityAtMost;

    static CheckedStatistic IJsonAnswer<CheckedStatistic>.ReadFrom(JsonElement json) => new(
        json.Text("name"),
        json.OptionalText("level"),
        json.Real("observed"),
        json.Real("mean"),
        json.Real("sd"),
        json.Answer<Interval>("interval"),
        json.Real("probabilityAtLeast"),
        json.Real("probabilityAtMost"));

    void IJsonAnswer.WriteTo(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("name", Name);
        writer.WriteOptional("level", Level);
        writer.WriteReal("observed", Observed);
        writer.WriteReal("mean", Mean);
        writer.WriteReal("sd", Sd);
        writer.WriteAnswer("interval", Interval);
        writer.WriteReal("probabilityAtLeast", ProbabilityAtLeast);
        writer.WriteReal("probabilityAtMost", ProbabilityAtMost);
        writer.WriteEndObject();
    }
}
