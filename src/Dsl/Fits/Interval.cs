using System.Text.Json;
using System.Text.Json.Serialization;
using TypedPooling.Json;

namespace TypedPooling;

/// <summary>A central interval of a posterior quantity.</summary>
/// <param name="Lower">Lower end, in the quantity's units.</param>
/// <param name="Upper">Upper end, in the quantity's units.</param>
/// <param name="Probability">Posterior probability between the ends.</param>
/// <remarks>Immutable and therefore thread-safe.</remarks>
[JsonConverter(typeof(AnswerJsonConverter))]
public readonly record struct Interval(double Lower, double Upper, double Probability) : IJsonAnswer<Interval>
{
    /// <summary>The ends, rounded to three significant digits of the width, and the probability: <c>2.41 to 3.05 (89%)</c>.</summary>
    public override string ToString()
    {
        var decimals = Figures.Decimals(Upper - Lower);
        return $"{Figures.Fixed(Lower, decimals)} to {Figures.Fixed(Upper, decimals)} ({IntervalProbability.Percent(Probability)})";
    }

    static Interval IJsonAnswer<Interval>.ReadFrom(JsonElement json) => new(
        json.Real("lower"),
        json.Real("upper"),
        json.Real("probability"));

    void IJsonAnswer.WriteTo(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteReal("lower", Lower);
        writer.WriteReal("upper", Upper);
        writer.WriteReal("probability", Probability);
        writer.WriteEndObject();
    }
}
