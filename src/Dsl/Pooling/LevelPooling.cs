using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using TypedPooling.Json;

namespace TypedPooling;

/// <summary>The coefficients of one level by no pooling, partial pooling and complete pooling; each list in the order of the varying terms, length
/// q.</summary>
/// <typeparam name="TKey">Type of the factor's keys.</typeparam>
/// <param name="Key">The level's key.</param>
/// <param name="Rows">Number of rows of the level.</param>
/// <param name="NoPooling">Least squares, or maximum likelihood, of its own rows; null where they do not determine a coefficient.</param>
/// <param name="PartialPooling">Of the multilevel model.</param>
/// <param name="CompletePooling">Of the model without varying effects: the same for every level, but for group-level predictors.</param>
/// <remarks>Immutable and therefore thread-safe.</remarks>
[JsonConverter(typeof(AnswerJsonConverter))]
public sealed record LevelPooling<TKey>(
    TKey Key,
    long Rows,
    ImmutableArray<LeastSquaresEstimate?> NoPooling,
    ImmutableArray<MeanAndSd> PartialPooling,
    ImmutableArray<MeanAndSd> CompletePooling)
    : IJsonAnswer<LevelPooling<TKey>>
{
    static LevelPooling<TKey> IJsonAnswer<LevelPooling<TKey>>.ReadFrom(JsonElement json) => new(
        JsonKeys.Read<TKey>(json, "key"),
        json.Whole("rows"),
        json.OptionalAnswers<LeastSquaresEstimate>("noPooling"),
        json.Answers<MeanAndSd>("partialPooling"),
        json.Answers<MeanAndSd>("completePooling"));

    void IJsonAnswer.WriteTo(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        JsonKeys.Write(writer, "key", Key);
        writer.WriteNumber("rows", Rows);
        writer.WriteOptionalAnswers("noPooling", NoPooling);
        writer.WriteAnswers("partialPooling", PartialPooling);
        writer.WriteAnswers("completePooling", CompletePooling);
        writer.WriteEndObject();
    }
}
