using System.Text.Json;
using System.Text.Json.Serialization;
using TypedPooling.Json;

namespace TypedPooling;

/// <summary>A coefficient by least squares, or by maximum likelihood where the response is neither Normal nor LogNormal.</summary>
/// <param name="Value">The estimate.</param>
/// <param name="StandardError">Its standard error, in the same units; NaN where the rows leave no degrees of freedom to estimate the residual
/// sd.</param>
/// <remarks>Immutable and therefore thread-safe.</remarks>
[JsonConverter(typeof(AnswerJsonConverter))]
public readonly record struct LeastSquaresEstimate(double Value, double StandardError) : IJsonAnswer<LeastSquaresEstimate>
{
    /// <summary>The estimate and its standard error, rounded to three significant digits of the latter.</summary>
    public override string ToString()
    {
        var decimals = Figures.Decimals(StandardError);
        return $"{Figures.Fixed(Value, decimals)} (se {Figures.Fixed(StandardError, decimals)})";
    }

    static LeastSquaresEstimate IJsonAnswer<LeastSquaresEstimate>.ReadFrom(JsonElement json) => new(
        json.Real("value"),
        json.Real("standardError"));

    void IJsonAnswer.WriteTo(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteReal("value", Value);
        writer.WriteReal("standardError", StandardError);
        writer.WriteEndObject();
    }
}
