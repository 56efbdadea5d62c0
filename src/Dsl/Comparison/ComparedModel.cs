using System.Text.Json;
using System.Text.Json.Serialization;
using TypedPooling.Json;

namespace TypedPooling;

/// <summary>A row of a comparison of models.</summary>
/// <param name="Name">Name of the model; <c>model 1</c> and so on, in the order given, where it has none.</param>
/// <param name="Estimate">Its expected log predictive density.</param>
/// <param name="Difference">elpd less that of the best model: 0 for the best, negative for the others.</param>
/// <param name="DifferenceSe">Standard error of the difference, from the differences observation by observation; 0 for the best.</param>
/// <remarks>Immutable and therefore thread-safe.</remarks>
[JsonConverter(typeof(AnswerJsonConverter))]
public sealed record ComparedModel(string Name, ElpdEstimate Estimate, double Difference, double DifferenceSe) : IJsonAnswer
{
    void IJsonAnswer.WriteTo(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("name", Name);
        writer.WriteReal("difference", Difference);
        writer.WriteReal("differenceSe", DifferenceSe);
        writer.WriteAnswer("estimate", Estimate);
        writer.WriteEndObject();
    }
}
