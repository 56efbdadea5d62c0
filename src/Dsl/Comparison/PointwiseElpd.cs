using System.Text.Json;
using System.Text.Json.Serialization;
using TypedPooling.Json;

namespace TypedPooling;

/// <summary>What one observation, a row or a level, contributes to an expected log predictive density.</summary>
/// <param name="Row">Number of the row among those given, the first being 1; 0 where the observation is a level.</param>
/// <param name="Level">The level as text; null where the observation is a row.</param>
/// <param name="Count">How many rows that are alike the row stands for, each left out by itself; 1 for a level.</param>
/// <param name="Elpd">Log predictive density of the observation given all others, in natural log units: of the response itself, also where its log is
/// modelled.</param>
/// <param name="EffectiveParameters">Log predictive density given all observations less <paramref name="Elpd"/>; for WAIC the variance of the log
/// likelihood.</param>
/// <param name="ParetoK">Pareto k-hat; NaN for WAIC and where the model was fitted again.</param>
/// <param name="Mcse">Monte-Carlo standard error of <paramref name="Elpd"/>; NaN for WAIC.</param>
/// <param name="IsRefitted">True where the model was fitted again without the observation.</param>
/// <remarks>Immutable and therefore thread-safe.</remarks>
[JsonConverter(typeof(AnswerJsonConverter))]
public sealed record PointwiseElpd(
    long Row, string? Level, long Count, double Elpd, double EffectiveParameters, double ParetoK, double Mcse, bool IsRefitted = false)
    : IJsonAnswer<PointwiseElpd>
{
    static PointwiseElpd IJsonAnswer<PointwiseElpd>.ReadFrom(JsonElement json) => new(
        json.Whole("row"),
        json.OptionalText("level"),
        json.Whole("count"),
        json.Real("elpd"),
        json.Real("effectiveParameters"),
        json.Real("paretoK"),
        json.Real("mcse"),
        json.Flag("isRefitted"));

    void IJsonAnswer.WriteTo(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteNumber("row", Row);
        writer.WriteOptional("level", Level);
        writer.WriteNumber("count", Count);
        writer.WriteReal("elpd", Elpd);
        writer.WriteReal("effectiveParameters", EffectiveParameters);
        writer.WriteReal("paretoK", ParetoK);
        writer.WriteReal("mcse", Mcse);
        writer.WriteBoolean("isRefitted", IsRefitted);
        writer.WriteEndObject();
    }
}
