using System.Globalization;
using System.Text;
using System.Xml;

namespace TypedPooling.Plots.Pictures;

/// <summary>Text that XML and HTML can hold.</summary>
internal static class PlainText
{
    /// <summary>The same text, with an escape such as <c>\uD800</c> for each character that XML cannot hold: half of a surrogate pair, U+FFFE and
    /// U+FFFF, and control characters but line breaks and tabulators.</summary>
    public static string Of(string text)
    {
        StringBuilder? plain = null;
        for (var i = 0; i < text.Length; i++)
        {
            var isPair = i + 1 < text.Length && char.IsSurrogatePair(text[i], text[i + 1]);
            if (isPair || (XmlConvert.IsXmlChar(text[i]) && (!char.IsControl(text[i]) || text[i] is '\n' or '\r' or '\t')))
            {
                plain?.Append(text, i, isPair ? 2 : 1);
                i += isPair ? 1 : 0;
                continue;
            }

            plain ??= new StringBuilder(text, 0, i, text.Length + 16);
            plain.Append(CultureInfo.InvariantCulture, $"\\u{(int)text[i]:X4}");
        }

        return plain?.ToString() ?? text;
    }

    /// <summary>The beginning of a text where it is too long, never half a surrogate pair.</summary>
    /// <param name="text">The text.</param>
    /// <param name="most">How many UTF-16 units it may have; one of them is for the dots.</param>
    public static string Short(string text, int most)
    {
        if (text.Length <= most)
            return text;
        var kept = most - 1;
        if (char.IsSurrogatePair(text[kept - 1], text[kept]))
            kept--;
        return text[..kept].TrimEnd() + "…";
    }
}
