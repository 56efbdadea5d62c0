using System.Collections.Immutable;
using System.Text.Json;

namespace TypedPooling.Json;

/// <summary>Members of JSON objects, written and read by name. What is missing or of another kind is a <see cref="JsonException"/> that names
/// it.</summary>
internal static class JsonMembers
{
    public static void WriteList<T>(this Utf8JsonWriter writer, string name, ImmutableArray<T> items, Action<T> write)
    {
        writer.WriteStartArray(name);
        foreach (var item in items.IsDefault ? [] : items)
            write(item);
        writer.WriteEndArray();
    }

    public static void WriteAnswers<T>(this Utf8JsonWriter writer, string name, ImmutableArray<T> items)
        where T : IJsonAnswer => writer.WriteList(name, items, item => item.WriteTo(writer));

    /// <summary>Writes answers of which some are missing: null in their place.</summary>
    public static void WriteOptionalAnswers<T>(this Utf8JsonWriter writer, string name, ImmutableArray<T?> items)
        where T : struct, IJsonAnswer => writer.WriteList(name, items, item =>
    {
        if (item is { } answer)
            answer.WriteTo(writer);
        else
            writer.WriteNullValue();
    });

    public static void WriteTexts(this Utf8JsonWriter writer, string name, ImmutableArray<string> items) =>
        writer.WriteList(name, items, writer.WriteStringValue);

    public static void WriteAnswer<T>(this Utf8JsonWriter writer, string name, T answer)
        where T : IJsonAnswer
    {
        writer.WritePropertyName(name);
        answer.WriteTo(writer);
    }

    /// <summary>Writes a text that may be missing: no member where it is null.</summary>
    public static void WriteOptional(this Utf8JsonWriter writer, string name, string? value)
    {
        if (value is not null)
            writer.WriteString(name, value);
    }

    /// <summary>Writes a whole number that may be missing: no member where it is null.</summary>
    public static void WriteOptional(this Utf8JsonWriter writer, string name, long? value)
    {
        if (value is { } number)
            writer.WriteNumber(name, number);
    }

    /// <summary>Writes a number that may be missing: no member where there is none, null where it is NaN.</summary>
    public static void WriteOptional(this Utf8JsonWriter writer, string name, double? value)
    {
        if (value is { } number)
            writer.WriteReal(name, number);
    }

    public static JsonElement Member(this JsonElement json, string name) =>
        json.Find(name) ?? throw new JsonException($"The member '{name}' is missing.");

    /// <summary>A member; null where the object has none of this name.</summary>
    public static JsonElement? Find(this JsonElement json, string name)
    {
        if (json.ValueKind != JsonValueKind.Object)
            throw new JsonException($"An object with the member '{name}' is expected, and not {json.ValueKind}.");
        return json.TryGetProperty(name, out var member) ? member : null;
    }

    public static string Text(this JsonElement json, string name) => TextOf(json.Member(name), name);

    public static string? OptionalText(this JsonElement json, string name) => json.Find(name) is { } member ? TextOf(member, name) : null;

    public static double? OptionalReal(this JsonElement json, string name) =>
        json.Find(name) is { } member ? JsonNumbers.ValueOf(member) : null;

    public static long Whole(this JsonElement json, string name) => WholeOf(json.Member(name), name);

    public static long? OptionalWhole(this JsonElement json, string name) => json.Find(name) is { } member ? WholeOf(member, name) : null;

    public static int Int(this JsonElement json, string name) => IntOf(json.Member(name), name);

    public static int? OptionalInt(this JsonElement json, string name) => json.Find(name) is { } member ? IntOf(member, name) : null;

    /// <summary>A truth value; false where the object has no member of this name.</summary>
    public static bool Flag(this JsonElement json, string name) => json.Find(name)?.ValueKind switch
    {
        null or JsonValueKind.False => false,
        JsonValueKind.True => true,
        _ => throw new JsonException($"The member '{name}' must be true or false."),
    };

    public static TEnum Named<TEnum>(this JsonElement json, string name)
        where TEnum : struct, Enum
    {
        var text = json.Text(name);
        return Enum.TryParse<TEnum>(text, out var value) && Enum.GetName(value) == text
            ? value
            : throw new JsonException($"The member '{name}' is '{text}', which is no {typeof(TEnum).Name}.");
    }

    public static ImmutableArray<T> List<T>(this JsonElement json, string name, Func<JsonElement, T> read)
    {
        var list = json.Member(name);
        if (list.ValueKind != JsonValueKind.Array)
            throw new JsonException($"The member '{name}' must be an array.");
        var items = ImmutableArray.CreateBuilder<T>(list.GetArrayLength());
        foreach (var item in list.EnumerateArray())
            items.Add(read(item));
        return items.MoveToImmutable();
    }

    public static ImmutableArray<T> Answers<T>(this JsonElement json, string name)
        where T : IJsonAnswer<T> => json.List(name, T.ReadFrom);

    public static ImmutableArray<T?> OptionalAnswers<T>(this JsonElement json, string name)
        where T : struct, IJsonAnswer<T> =>
        json.List<T?>(name, item => item.ValueKind == JsonValueKind.Null ? null : T.ReadFrom(item));

    public static T Answer<T>(this JsonElement json, string name)
        where T : IJsonAnswer<T> => T.ReadFrom(json.Member(name));

    public static ImmutableArray<string> Texts(this JsonElement json, string name) => json.List(name, item => TextOf(item, name));

    private static string TextOf(JsonElement json, string name) => json.ValueKind == JsonValueKind.String
        ? json.GetString()!
        : throw new JsonException($"The member '{name}' must be text.");

    private static int IntOf(JsonElement json, string name) => json.ValueKind == JsonValueKind.Number && json.TryGetInt32(out var value)
        ? value
        : throw new JsonException($"The member '{name}' must be a whole number of 32 bits.");

    private static long WholeOf(JsonElement json, string name) => json.ValueKind == JsonValueKind.Number && json.TryGetInt64(out var value)
        ? value
        : throw new JsonException($"The member '{name}' must be a whole number.");
}
