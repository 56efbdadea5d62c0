using System.Text.Json;
using System.Text.Json.Serialization;

namespace TypedPooling.Json;

/// <summary>An answer that writes itself as JSON. Member names are in camel case whatever the options say.</summary>
internal interface IJsonAnswer
{
    void WriteTo(Utf8JsonWriter writer);
}

/// <summary>An answer that can also be read back.</summary>
/// <typeparam name="TSelf">The answer's own type: its reader is found by the compiler, so that trimmed and native programs keep it.</typeparam>
internal interface IJsonAnswer<TSelf> : IJsonAnswer
    where TSelf : IJsonAnswer<TSelf>
{
    /// <summary>Reads what <see cref="IJsonAnswer.WriteTo"/> wrote.</summary>
    /// <exception cref="JsonException">A member is missing or of another kind.</exception>
    static abstract TSelf ReadFrom(JsonElement json);
}

/// <summary>Writes and reads one type of answers.</summary>
internal sealed class JsonAnswerConverter<T> : JsonConverter<T>
    where T : IJsonAnswer<T>
{
    public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        using var document = JsonDocument.ParseValue(ref reader);
        return T.ReadFrom(document.RootElement);
    }

    public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) => value.WriteTo(writer);
}

/// <summary>Writes every answer, and reads none.</summary>
internal sealed class JsonAnswerWriter : JsonConverter<IJsonAnswer>
{
    public static readonly JsonAnswerWriter Instance = new();

    public override bool CanConvert(Type typeToConvert) => typeof(IJsonAnswer).IsAssignableFrom(typeToConvert);

    public override IJsonAnswer Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        throw new JsonException(typeToConvert.IsGenericType
            ? $"{typeToConvert.Name.Split('`')[0]} is read back with keys of text, whole numbers, Guid or DateOnly only. Read it with keys of text, "
                + "or as a JsonDocument."
            : $"{typeToConvert.Name} is written as JSON and not read back. docs/json.md lists what to read instead.");

    public override void Write(Utf8JsonWriter writer, IJsonAnswer value, JsonSerializerOptions options) => value.WriteTo(writer);
}
