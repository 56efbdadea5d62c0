using System.Text.Json;
using System.Text.Json.Serialization;
using TypedPooling.Json;

namespace TypedPooling;

/// <summary>Mean and standard deviation of a quantity's posterior.</summary>
/// <param name="Mean">The posterior mean.</param>
/// <param name="Sd">The posterior standard deviation, in the same units.</param>
/// <remarks>Immutable and therefore thread-safe.</remarks>
[JsonConverter(typeof(AnswerJsonConverter))]
public readonly record struct MeanAndSd(double Mean, double Sd) : IJsonAnswer<MeanAndSd>
{
    /// <summary>Mean and sd, rounded to three significant digits of the latter.</summary>
    public override string ToString()
    {
        var decimals = Figures.Decimals(Sd);
        return $"{Figures.Fixed(Mean, decimals)} (sd {Figures.Fixed(Sd, decimals)})";
    }

    static MeanAndSd IJsonAnswer<MeanAndSd>.ReadFrom(JsonElement json) => new(json.Real("mean"), json.Real("sd"));

    void IJsonAnswer.WriteTo(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteReal("mean", Mean);
        writer.WriteReal("sd", Sd);
        writer.WriteEndObject();
    }
}
