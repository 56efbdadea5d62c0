using System.Buffers;
using System.Globalization;
using System.Text;
using TypedPooling.Keys;

namespace TypedPooling.Csv;

/// <summary>Cells of CSV files, in the invariant culture: numbers with the digits that give the same bits back, quotes where a text needs
/// them.</summary>
internal static class CsvText
{
    private static readonly SearchValues<char> Special = SearchValues.Create(",\"\r\n#");

    /// <summary>A file in UTF-8 without a byte order mark. Lines end with a line feed on every system.</summary>
    public static StreamWriter Create(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return new StreamWriter(path, append: false, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
    }

    /// <summary>A number as R and most readers know it: <c>NaN</c>, <c>Inf</c> and <c>-Inf</c> are names.</summary>
    public static string Number(double value) =>
        double.IsInfinity(value) ? (value > 0 ? "Inf" : "-Inf") : value.ToString("R", CultureInfo.InvariantCulture);

    /// <summary>A text. One that holds a comma, a quote, a line break or the sign of comments gets quotes.</summary>
    public static string Text(string text) =>
        text.AsSpan().ContainsAny(Special) || text.Length != text.Trim().Length
            ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\""
            : text;

    /// <summary>A key of a level. A text that a spreadsheet would take for a formula gets an apostrophe in front; a number does not.</summary>
    public static string Key<TKey>(TKey key)
    {
        var text = KeyText.Of(key);
        var isNumber = key is sbyte or byte or short or ushort or int or uint or long or ulong or Half or float or double or decimal or Int128;
        return Text(!isNumber && text.Length > 0 && text[0] is '=' or '+' or '-' or '@' or '\t' or '\r' ? "'" + text : text);
    }
}
