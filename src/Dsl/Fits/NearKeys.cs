using TypedPooling.Data;

namespace TypedPooling;

/// <summary>Finds the level whose text is nearest to a key that no row had: another case, blanks around it, or a slip of the keyboard.</summary>
internal static class NearKeys
{
    /// <summary>A question that names the nearest level; null where no level is near.</summary>
    /// <param name="text">Text of the key asked for.</param>
    /// <param name="levels">The levels of the data.</param>
    /// <remarks>Near is an edit distance of 1 for texts of up to five characters and of 2 for longer ones, case and outer blanks not counted; of
    /// texts without a letter, such as numbers, only blanks may differ. O(levels x length^2), where an error is worded.</remarks>
    public static string? Question(string text, LevelTable levels) => Question(text, Enumerable.Range(0, levels.Count).Select(levels.Text));

    /// <summary>A question that names the nearest of some texts; null where none is near.</summary>
    /// <param name="text">The text asked for.</param>
    /// <param name="texts">The texts there are.</param>
    public static string? Question(string text, IEnumerable<string> texts)
    {
        var wanted = Folded(text);
        var (best, least) = ((string?)null, !wanted.Any(char.IsLetter) ? 1 : wanted.Length <= 5 ? 2 : 3);
        foreach (var one in texts)
        {
            if (least == 0)
                break;
            var distance = Distance(wanted, Folded(one), least);
            if (distance < least)
                (best, least) = (one, distance);
        }

        return best is null ? null : $"Did you mean '{best}'?";
    }

    private static string Folded(string text) => text.Trim().ToUpperInvariant();

    // Levenshtein's distance, a row at a time; the limit where it is not below that.
    private static int Distance(string a, string b, int limit)
    {
        if (Math.Abs(a.Length - b.Length) >= limit)
            return limit;
        var row = new int[b.Length + 1];
        for (var j = 0; j <= b.Length; j++)
            row[j] = j;
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
                (diagonal, row[j]) = (row[j], Math.Min(Math.Min(row[j], row[j - 1]) + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1)));
        }

        return Math.Min(limit, row[b.Length]);
    }
}
