using System.Text.Json;
using System.Text.Json.Serialization;
using TypedPooling.Json;

namespace TypedPooling;

/// <summary>A bin of a <see cref="Histogram"/>.</summary>
/// <param name="Lower">Where it begins, in the quantity's units.</param>
/// <param name="Upper">Where it ends, in the quantity's units. The end belongs to the next bin, that of the last one to itself.</param>
/// <param name="Probability">Posterior probability of the bin.</param>
/// <remarks>Immutable and therefore thread-safe.</remarks>
[JsonConverter(typeof(AnswerJsonConverter))]
public readonly record struct HistogramBin(double Lower, double Upper, double Probability) : IJsonAnswer<HistogramBin>
{
    /// <summary>Posterior density: probability over width, per unit of the quantity; infinite in a bin without width.</summary>
    public double Density => Probability / (Upper - Lower);

    static HistogramBin IJsonAnswer<HistogramBin>.ReadFrom(JsonElement json) => new(
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
