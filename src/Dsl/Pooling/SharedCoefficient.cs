using System.Text.Json;
using System.Text.Json.Serialization;
using TypedPooling.Json;

namespace TypedPooling;

/// <summary>A coefficient that all levels share.</summary>
/// <param name="Term">Name of the term.</param>
/// <param name="Estimate">The estimate; null where the rows do not determine it beside the levels' own coefficients.</param>
/// <remarks>Immutable and therefore thread-safe.</remarks>
[JsonConverter(typeof(AnswerJsonConverter))]
public sealed record SharedCoefficient(string Term, LeastSquaresEstimate? Estimate) : IJsonAnswer<SharedCoefficient>
{
    static SharedCoefficient IJsonAnswer<SharedCoefficient>.ReadFrom(JsonElement json) => new(
        json.Text("term"),
        json.Member("estimate").ValueKind == JsonValueKind.Null ? null : json.Answer<LeastSquaresEstimate>("estimate"));

    void IJsonAnswer.WriteTo(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("term", Term);
        if (Estimate is { } estimate)
            writer.WriteAnswer("estimate", estimate);
        else
            writer.WriteNull("estimate");
        writer.WriteEndObject();
    }
}
