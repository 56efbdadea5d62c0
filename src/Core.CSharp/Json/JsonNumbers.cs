using System.Collections.Immutable;
using System.Text.Json;

namespace TypedPooling.Json;

/// <summary>Numbers as JSON, which has neither NaN nor infinities: NaN is null, an infinity the text <c>Infinity</c> or <c>-Infinity</c>, and every
/// other number has the digits that give the same bits back.</summary>
internal static class JsonNumbers
{
    private const string Infinity = "Infinity";
    private const string MinusInfinity = "-Infinity";

    public static void WriteValue(Utf8JsonWriter writer, double value)
    {
        if (double.IsNaN(value))
            writer.WriteNullValue();
        else if (double.IsInfinity(value))
            writer.WriteStringValue(value > 0 ? Infinity : MinusInfinity);
        else
            writer.WriteNumberValue(value);
    }

    public static double ValueOf(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.Null => double.NaN,
        JsonValueKind.Number => json.GetDouble(),
        JsonValueKind.String when json.ValueEquals(Infinity) => double.PositiveInfinity,
        JsonValueKind.String when json.ValueEquals(MinusInfinity) => double.NegativeInfinity,
        _ => throw new JsonException($"A number is expected, null (for NaN), \"{Infinity}\" or \"{MinusInfinity}\", and not {json.GetRawText()}."),
    };

    public static void WriteReal(this Utf8JsonWriter writer, string name, double value)
    {
        writer.WritePropertyName(name);
        WriteValue(writer, value);
    }

    public static void WriteReals(this Utf8JsonWriter writer, string name, ImmutableArray<double> values) =>
        writer.WriteList(name, values, value => WriteValue(writer, value));

    public static double Real(this JsonElement json, string name) => ValueOf(json.Member(name));

    public static ImmutableArray<double> Reals(this JsonElement json, string name) => json.List(name, ValueOf);
}
