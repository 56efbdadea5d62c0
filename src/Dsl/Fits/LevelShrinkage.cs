using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using TypedPooling.Json;

namespace TypedPooling;

/// <summary>How far one level is pulled from its own rows towards the population.</summary>
/// <typeparam name="TKey">Type of the factor's keys.</typeparam>
/// <param name="Key">The level's key.</param>
/// <param name="Rows">Number of rows of the level.</param>
/// <param name="NoPooling">The level's own least squares, or maximum likelihood, a coefficient a varying term; null where its rows do not determine
/// them
/// all, or one has no finite estimate.</param>
/// <param name="PartialPooling">Posterior means of the level's coefficients, in the same order.</param>
/// <param name="PoolingMatrix">W_j, q x q by rows, averaged over the posterior: E[u_j] = W_j (b_j - beta) given the rest, for a Normal response.
/// With one term the weight of the level's own estimate.</param>
/// <param name="PoolingEigenvalues">Eigenvalues of W_j in ascending order, averaged likewise; each in [0, 1], 0 complete pooling, 1 none.</param>
/// <remarks>Immutable and therefore thread-safe.</remarks>
[JsonConverter(typeof(AnswerJsonConverter))]
public sealed record LevelShrinkage<TKey>(
    TKey Key,
    long Rows,
    ImmutableArray<double>? NoPooling,
    ImmutableArray<double> PartialPooling,
    ImmutableArray<double> PoolingMatrix,
    ImmutableArray<double> PoolingEigenvalues)
    : IJsonAnswer<LevelShrinkage<TKey>>
{
    static LevelShrinkage<TKey> IJsonAnswer<LevelShrinkage<TKey>>.ReadFrom(JsonElement json) => new(
        JsonKeys.Read<TKey>(json, "key"),
        json.Whole("rows"),
        json.Member("noPooling").ValueKind == JsonValueKind.Null ? null : json.Reals("noPooling"),
        json.Reals("partialPooling"),
        json.Reals("poolingMatrix"),
        json.Reals("poolingEigenvalues"));

    void IJsonAnswer.WriteTo(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        JsonKeys.Write(writer, "key", Key);
        writer.WriteNumber("rows", Rows);
        if (NoPooling is { } own)
            writer.WriteReals("noPooling", own);
        else
            writer.WriteNull("noPooling");
        writer.WriteReals("partialPooling", PartialPooling);
        writer.WriteReals("poolingMatrix", PoolingMatrix);
        writer.WriteReals("poolingEigenvalues", PoolingEigenvalues);
        writer.WriteEndObject();
    }
}
