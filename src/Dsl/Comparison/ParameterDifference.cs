using System.Text.Json;
using System.Text.Json.Serialization;
using TypedPooling.Draws;
using TypedPooling.Json;

namespace TypedPooling;

/// <summary>How the marginal distribution of one parameter differs between an engine and the reference.</summary>
/// <param name="Parameter">The parameter.</param>
/// <param name="MeanDifference">Mean less the reference's mean, in posterior sds of the reference.</param>
/// <param name="SdRatio">Sd over the reference's sd.</param>
/// <param name="Distance">Wasserstein distance of the draws, in posterior sds of the reference: how far mass has to be moved on average. Two sets of
/// n independent draws of one distribution differ by some 1 / sqrt(n).</param>
/// <remarks>Immutable and therefore thread-safe.</remarks>
[JsonConverter(typeof(AnswerJsonConverter))]
public sealed record ParameterDifference(Parameter Parameter, double MeanDifference, double SdRatio, double Distance)
    : IJsonAnswer<ParameterDifference>
{
    static ParameterDifference IJsonAnswer<ParameterDifference>.ReadFrom(JsonElement json) => new(
        json.Answer<Parameter>("parameter"),
        json.Real("meanDifference"),
        json.Real("sdRatio"),
        json.Real("distance"));

    void IJsonAnswer.WriteTo(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteAnswer("parameter", Parameter);
        writer.WriteReal("meanDifference", MeanDifference);
        writer.WriteReal("sdRatio", SdRatio);
        writer.WriteReal("distance", Distance);
        writer.WriteEndObject();
    }
}
