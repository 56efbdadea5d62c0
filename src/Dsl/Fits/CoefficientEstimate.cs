using System.Text.Json;
using System.Text.Json.Serialization;
using TypedPooling.Json;

namespace TypedPooling;

/// <summary>A coefficient in four numbers, in units of the response (of its log in a LogNormal model) per unit of its column.</summary>
/// <param name="Mean">Posterior mean.</param>
/// <param name="Sd">Posterior standard deviation.</param>
/// <param name="Interval">Central interval.</param>
/// <remarks>Immutable and therefore thread-safe.</remarks>
[JsonConverter(typeof(AnswerJsonConverter))]
public readonly record struct CoefficientEstimate(double Mean, double Sd, Interval Interval) : IJsonAnswer<CoefficientEstimate>
{
    /// <summary>Mean, sd and interval, rounded to three significant digits of the sd.</summary>
    public override string ToString()
    {
        var decimals = Figures.Decimals(Sd);
        return $"{Figures.Fixed(Mean, decimals)} (sd {Figures.Fixed(Sd, decimals)}; {Interval})";
    }

    static CoefficientEstimate IJsonAnswer<CoefficientEstimate>.ReadFrom(JsonElement json) => new(
        json.Real("mean"),
        json.Real("sd"),
        json.Answer<Interval>("interval"));

    void IJsonAnswer.WriteTo(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteReal("mean", Mean);
        writer.WriteReal("sd", Sd);
        writer.WriteAnswer("interval", Interval);
        writer.WriteEndObject();
    }
}
