using System.Text;

namespace TypedPooling.Keys;

/// <summary>Reads the parts of a key from its text, from left to right. Used once.</summary>
internal sealed class KeyTextReader(string text)
{
    private const string Missing = "null";
    private const int MostDepth = 64;

    private int at;
    private int depth;

    /// <summary>True where all of the text has been read.</summary>
    public bool IsAtEnd => at == text.Length;

    /// <summary>Reads a key of parts.</summary>
    /// <param name="pattern">Its parts.</param>
    /// <param name="key">The key.</param>
    /// <returns>False where the text is that of no such key.</returns>
    public bool TryRead(KeyPattern pattern, out object? key)
    {
        key = null;
        if (++depth > MostDepth)
            return false;
        var isRead = pattern.Cases.Length > 0 ? TryReadCase(pattern.Cases, out key) : TryReadParts(pattern, out key);
        depth--;
        return isRead;
    }

    // The case with the longest name that fits: a name may begin with another.
    private bool TryReadCase(KeyPattern[] cases, out object? key)
    {
        var start = at;
        foreach (var one in cases.OrderByDescending(one => one.Opening.Length))
        {
            at = start;
            if (TryReadParts(one, out key) && (IsAtEnd || ",;)} ]".Contains(text[at], StringComparison.Ordinal)))
                return true;
        }

        key = null;
        return false;
    }

    private bool TryReadParts(KeyPattern pattern, out object? key)
    {
        key = null;
        if (!TryTake(pattern.Opening))
            return false;
        var parts = new object?[pattern.Parts.Length];
        for (var i = 0; i < parts.Length; i++)
        {
            var part = pattern.Parts[i];
            if (i > 0 && !TryTake(pattern.Separator))
                return false;
            if (part.Name.Length > 0 && !TryTake($"{part.Name} = "))
                return false;
            if (!TryReadPart(part, pattern, isLast: i == parts.Length - 1, out parts[i]))
                return false;
        }

        if (!TryTake(pattern.Closing))
            return false;
        key = pattern.Make(parts);
        return true;
    }

    private bool TryReadPart(KeyPart part, KeyPattern pattern, bool isLast, out object? value)
    {
        value = null;
        var form = part.Form!;
        if (at < text.Length && text[at] == '"' && !form.HasParts)
            return TryReadQuoted(out var quoted) && (value = form.Read(quoted)) is not null;
        var end = End(pattern, isLast);
        if (end - at == Missing.Length && string.CompareOrdinal(text, at, Missing, 0, Missing.Length) == 0)
        {
            at = end;
            return part.MayBeNull;
        }

        if (form.HasParts)
            return TryRead(form.Pattern!, out value) && value is not null;
        value = form.Read(text[at..end]);
        at = end;
        return value is not null;
    }

    // Where a part without quotes ends: at the first letter for which it would have quotes, or where the text goes on behind the parts.
    private int End(KeyPattern pattern, bool isLast)
    {
        var end = text.AsSpan(at).IndexOfAny(pattern.IsTuple ? ",()\"" : ",()\"{};=");
        end = end < 0 ? text.Length : at + end;
        if (!isLast || pattern.Closing.Length == 0 || string.CompareOrdinal(text, end, pattern.Closing, 0, pattern.Closing.Length) == 0)
            return end;
        var closing = text.LastIndexOf(pattern.Closing, Math.Min(text.Length - 1, end + pattern.Closing.Length - 1), StringComparison.Ordinal);
        return closing >= at ? closing : end;
    }

    private bool TryReadQuoted(out string value)
    {
        var quoted = new StringBuilder();
        for (at++; at < text.Length; at++)
        {
            if (text[at] != '"')
            {
                quoted.Append(text[at]);
                continue;
            }

            at++;
            if (at == text.Length || text[at] != '"')
            {
                value = quoted.ToString();
                return true;
            }

            quoted.Append('"');
        }

        value = string.Empty;
        return false;
    }

    private bool TryTake(string expected)
    {
        if (string.CompareOrdinal(text, at, expected, 0, expected.Length) != 0)
            return false;
        at += expected.Length;
        return true;
    }
}
