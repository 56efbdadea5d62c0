using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using TypedPooling.Json;

namespace TypedPooling;

/// <summary>One level by its own rows alone.</summary>
/// <typeparam name="TKey">Type of the factor's keys.</typeparam>
/// <param name="Key">The level's key.</param>
/// <param name="Rows">Number of rows of the level.</param>
/// <param name="Coefficients">Its coefficients, in the order of the varying terms; null where its rows do not determine one. Length q.</param>
/// <remarks>Immutable and therefore thread-safe.</remarks>
[JsonConverter(typeof(AnswerJsonConverter))]
public sealed record UnpooledLevel<TKey>(TKey Key, long Rows, ImmutableArray<LeastSquaresEstimate?> Coefficients) : IJsonAnswer<UnpooledLevel<TKey>>
{
    static UnpooledLevel<TKey> IJsonAnswer<UnpooledLevel<TKey>>.ReadFrom(JsonElement json) => new(
        JsonKeys.Read<TKey>(json, "key"),
        json.Whole("rows"),
        json.OptionalAnswers<LeastSquaresEstimate>("coefficients"));

    void IJsonAnswer.WriteTo(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        JsonKeys.Write(writer, "key", Key);
        writer.WriteNumber("rows", Rows);
        writer.WriteOptionalAnswers("coefficients", Coefficients);
        writer.WriteEndObject();
    }
}
