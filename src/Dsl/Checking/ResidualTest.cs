using System.Text.Json;
using System.Text.Json.Serialization;
using TypedPooling.Json;

namespace TypedPooling;

/// <summary>A number that sums up residuals, with what a right model gives.</summary>
/// <param name="Name">What it is: <c>dispersion</c>, <c>zeros</c>, <c>outliers</c>, <c>uniformity</c>.</param>
/// <param name="Observed">The number.</param>
/// <param name="Expected">Its expectation where the model is right; of uniformity the distance that 5 % of right models exceed.</param>
/// <param name="PValue">Probability of a number as far out where the model is right; NaN where residuals are not leave-one-out, of which that is not
/// known.</param>
/// <remarks>Immutable and therefore thread-safe.</remarks>
[JsonConverter(typeof(AnswerJsonConverter))]
public sealed record ResidualTest(string Name, double Observed, double Expected, double PValue) : IJsonAnswer<ResidualTest>
{
    static ResidualTest IJsonAnswer<ResidualTest>.ReadFrom(JsonElement json) =>
        new(json.Text("name"), json.Real("observed"), json.Real("expected"), json.Real("pValue"));

    void IJsonAnswer.WriteTo(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("name", Name);
        writer.WriteReal("observed", Observed);
        writer.WriteReal("expected", Expected);
        writer.WriteReal("pValue", PValue);
        writer.WriteEndObject();
    }
}
