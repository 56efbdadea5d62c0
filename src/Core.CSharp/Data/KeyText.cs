using System.Buffers;
using System.Globalization;
using System.Runtime.CompilerServices;

namespace TypedPooling.Data;

/// <summary>Keys as text. A tuple's own text has its parts in the current culture, and ("a, b", "c") and ("a", "b, c") alike.</summary>
internal static class KeyText
{
    private static readonly SearchValues<char> Special = SearchValues.Create(",()\"");

    public static string Of(object? key) => key switch
    {
        null => string.Empty,
        IFormattable formattable => formattable.ToString(null, CultureInfo.InvariantCulture),
        ITuple tuple => $"({string.Join(", ", Enumerable.Range(0, tuple.Length).Select(i => Part(tuple[i])))})",
        _ => key.ToString() ?? string.Empty,
    };

    private static string Part(object? part)
    {
        var text = Of(part);
        return part is ITuple || !text.AsSpan().ContainsAny(Special) ? text : $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
    }
}
