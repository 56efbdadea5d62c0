using System.Globalization;
using System.Text.Json;
using TypedPooling.Keys;

namespace TypedPooling.Json;

/// <summary>Keys of levels as JSON: whole numbers are numbers, everything else is the key's text (<see cref="KeyText"/>).</summary>
/// <remarks>Text, int, long, Guid and DateOnly are read back; the other kinds of keys are read as text.</remarks>
internal static class JsonKeys
{
    public static void Write<TKey>(Utf8JsonWriter writer, string name, TKey key)
    {
        writer.WritePropertyName(name);
        switch (key)
        {
            case sbyte or byte or short or ushort or int or uint or long:
                writer.WriteNumberValue(Convert.ToInt64(key, CultureInfo.InvariantCulture));
                break;
            case ulong number:
                writer.WriteNumberValue(number);
                break;
            default:
                writer.WriteStringValue(KeyText.Of(key));
                break;
        }
    }

    /// <exception cref="JsonException">The member is missing, or no key of this type.</exception>
    public static TKey Read<TKey>(JsonElement json, string name)
    {
        var member = json.Member(name);
        var isNumber = member.ValueKind == JsonValueKind.Number;
        if (!isNumber && member.ValueKind != JsonValueKind.String)
            throw new JsonException($"The member '{name}' must be text or a whole number.");
        var text = isNumber ? member.GetRawText() : member.GetString()!;
        object? key = null;
        if (typeof(TKey) == typeof(string))
            key = text;
        else if (typeof(TKey) == typeof(int) && isNumber && member.TryGetInt32(out var number))
            key = number;
        else if (typeof(TKey) == typeof(long) && isNumber && member.TryGetInt64(out var large))
            key = large;
        else if (typeof(TKey) == typeof(Guid) && Guid.TryParseExact(text, "D", out var guid))
            key = guid;
        else if (typeof(TKey) == typeof(DateOnly)
            && DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date))
            key = date;
        return key is TKey typed ? typed : throw new JsonException($"The member '{name}' is no key of type {typeof(TKey).Name}.");
    }
}
