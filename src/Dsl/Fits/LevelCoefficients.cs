using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using TypedPooling.Json;

namespace TypedPooling;

/// <summary>The coefficients of one level: population effect (where there is one) plus varying effect.</summary>
/// <typeparam name="TKey">Type of the factor's keys.</typeparam>
/// <param name="Key">The level's key.</param>
/// <param name="Rows">Number of rows of the level; a row that stands for several counts as so many.</param>
/// <param name="Coefficients">An estimate a varying term, in the order of <see cref="CoefficientTable{TKey}.Terms"/>. Length q.</param>
/// <remarks>Immutable and therefore thread-safe.</remarks>
[JsonConverter(typeof(AnswerJsonConverter))]
public sealed record LevelCoefficients<TKey>(TKey Key, long Rows, ImmutableArray<CoefficientEstimate> Coefficients)
    : IJsonAnswer<LevelCoefficients<TKey>>
{
    static LevelCoefficients<TKey> IJsonAnswer<LevelCoefficients<TKey>>.ReadFrom(JsonElement json) => new(
        JsonKeys.Read<TKey>(json, "key"),
        json.Whole("rows"),
        json.Answers<CoefficientEstimate>("coefficients"));

    void IJsonAnswer.WriteTo(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        JsonKeys.Write(writer, "key", Key);
        writer.WriteNumber("rows", Rows);
        writer.WriteAnswers("coefficients", Coefficients);
        writer.WriteEndObject();
    }
}
