using System.Buffers;
using System.Collections.Concurrent;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

namespace TypedPooling.Keys;

/// <summary>Keys of levels as text that depends on the key's value alone: not on the culture, the time zone, or which of several equal keys was met
/// first.</summary>
/// <remarks>
/// The text addresses the random numbers of a level (<see cref="Randomness.StableHash"/>), so keys that are equal have one text and keys that differ
/// have two. Text stays as it is. Numbers and enums are written in the invariant culture, -0 as 0 and a decimal without trailing zeros. Dates and
/// times follow ISO 8601: <c>2024-03-01</c>, <c>2024-03-01T09:30:00.125</c>, <c>09:30:00.125</c>; a <see cref="DateTimeOffset"/> is written in UTC,
/// since keys of one instant are equal whatever their offsets. A <see cref="TimeSpan"/> is written as <c>1.02:03:04</c>. A tuple is its parts in
/// parentheses, a record <c>Name { A = 1, B = x }</c>, a record of F# <c>{ A = 1; B = x }</c>, a union of F# <c>Case</c> or <c>Case(1, x)</c>, on one
/// line; parts get quotes where their text could be taken for more. A type with a <c>ToString()</c> of its own is asked for it, in the invariant
/// culture.
/// </remarks>
public static class KeyText
{
    private const string DateAndTime = "yyyy-MM-dd'T'HH:mm:ss.FFFFFFF";

    private static readonly SearchValues<char> Special = SearchValues.Create(",()\"");
    private static readonly SearchValues<char> SpecialOfMembers = SearchValues.Create(",()\"{};=");
    private static readonly ConcurrentDictionary<Type, KeyShape?> Shapes = new();

    /// <summary>The text of a key.</summary>
    /// <param name="key">Any key.</param>
    /// <returns>The text; empty where the key is null. It may hold line breaks where the key's own text does: see <see cref="Printed"/>.</returns>
    public static string Of(object? key) => key switch
    {
        null => string.Empty,
        string text => text,
        double number => (number == 0 ? 0.0 : number).ToString(CultureInfo.InvariantCulture),
        float number => (number == 0 ? 0.0f : number).ToString(CultureInfo.InvariantCulture),
        Half number => (number == Half.Zero ? Half.Zero : number).ToString(CultureInfo.InvariantCulture),
        decimal number => number.ToString("0.############################", CultureInfo.InvariantCulture),
        DateOnly date => date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        DateTime time => time.ToString(DateAndTime, CultureInfo.InvariantCulture),
        DateTimeOffset time => time.UtcDateTime.ToString(DateAndTime, CultureInfo.InvariantCulture) + "Z",
        TimeOnly time => time.ToString("HH:mm:ss.FFFFFFF", CultureInfo.InvariantCulture),
        ITuple tuple => $"({string.Join(", ", Enumerable.Range(0, tuple.Length).Select(i => Part(tuple[i], Special)))})",
        _ => Shapes.GetOrAdd(key.GetType(), KeyShape.Of) is { } shape ? shape.Text(key, part => Part(part, SpecialOfMembers)) : Own(key),
    };

    /// <summary>A text as one line of print: line breaks and other control characters, among them the escape character of terminals, as <c>\n</c>,
    /// <c>\r</c>, <c>\t</c> or <c>\u001B</c>.</summary>
    /// <param name="text">The text of a key, a name or a line that holds them.</param>
    /// <returns>The same text where it holds no such character.</returns>
    public static string Printed(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (!text.Any(IsUnprintable))
            return text;
        var printed = new StringBuilder(text.Length + 8);
        foreach (var unit in text)
        {
            _ = unit switch
            {
                '\n' => printed.Append("\\n"),
                '\r' => printed.Append("\\r"),
                '\t' => printed.Append("\\t"),
                _ when IsUnprintable(unit) => printed.Append(CultureInfo.InvariantCulture, $"\\u{(int)unit:X4}"),
                _ => printed.Append(unit),
            };
        }

        return printed.ToString();
    }

    // Control characters, the two other line breaks of Unicode, and what turns the direction of a line around.
    private static bool IsUnprintable(char unit) =>
        char.IsControl(unit) || unit is '\u2028' or '\u2029' or (>= '\u202A' and <= '\u202E') or (>= '\u2066' and <= '\u2069');

    // A missing part is not an empty text.
    private static string Part(object? part, SearchValues<char> special)
    {
        if (part is null)
            return "null";
        var text = Of(part);
        return part is ITuple || Shapes.GetOrAdd(part.GetType(), KeyShape.Of) is not null || (!text.AsSpan().ContainsAny(special) && text != "null")
            ? text
            : $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
    }

    // What a type says of itself may ask for the current culture.
    private static string Own(object key)
    {
        var culture = CultureInfo.CurrentCulture;
        CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
        try
        {
            return (key is IFormattable formattable ? formattable.ToString(null, CultureInfo.InvariantCulture) : key.ToString()) ?? string.Empty;
        }
        finally
        {
            CultureInfo.CurrentCulture = culture;
        }
    }
}
