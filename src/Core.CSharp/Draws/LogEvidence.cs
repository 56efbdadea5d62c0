using System.Text.Json;
using System.Text.Json.Serialization;
using TypedPooling.Json;

namespace TypedPooling.Draws;

/// <summary>Log marginal likelihood of a model: log p(y), every parameter integrated out over its proper prior.</summary>
/// <param name="Value">Natural log, all constants included; densities of the response are in units of one over the response's.</param>
/// <param name="Error">Monte-Carlo standard error of the value, in natural log units; 0 where it is exact.</param>
[JsonConverter(typeof(ReportJsonConverter))]
public readonly record struct LogEvidence(double Value, double Error) : IJsonAnswer<LogEvidence>
{
    static LogEvidence IJsonAnswer<LogEvidence>.ReadFrom(JsonElement json) => new(json.Real("value"), json.Real("error"));

    void IJsonAnswer.WriteTo(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteReal("value", Value);
        writer.WriteReal("error", Error);
        writer.WriteEndObject();
    }
}
