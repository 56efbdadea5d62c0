namespace TypedPooling.Tests.Conventions;

/// <summary>The difference of two texts: the lines to take away (-) and to add (+), each under the last unindented line before it.</summary>
internal static class LineDifference
{
    public static IReadOnlyList<string> Of(string before, string after)
    {
        var (old, now) = (Lines(before), Lines(after));

        // Length of the longest common subsequence of old[i..] and now[j..].
        var common = new int[old.Length + 1, now.Length + 1];
        for (var i = old.Length - 1; i >= 0; i--)
        {
            for (var j = now.Length - 1; j >= 0; j--)
                common[i, j] = old[i] == now[j] ? common[i + 1, j + 1] + 1 : Math.Max(common[i + 1, j], common[i, j + 1]);
        }

        var changes = new List<string>();
        var (heading, printed) = ("", "");
        for (int i = 0, j = 0; i < old.Length || j < now.Length;)
        {
            if (i < old.Length && j < now.Length && old[i] == now[j])
            {
                if (!old[i].StartsWith(' '))
                    heading = old[i];
                (i, j) = (i + 1, j + 1);
            }
            else if (j < now.Length && (i == old.Length || common[i, j + 1] > common[i + 1, j]))
            {
                Add('+', now[j++]);
            }
            else
            {
                Add('-', old[i++]);
            }
        }

        return changes;

        void Add(char sign, string line)
        {
            if (line.StartsWith(' ') && heading != printed)
                changes.Add("  " + (printed = heading));
            if (!line.StartsWith(' '))
                heading = printed = line;
            changes.Add($"{sign} {line}");
        }
    }

    // Empty lines say nothing.
    private static string[] Lines(string text) => [.. text.Split('\n').Select(l => l.TrimEnd()).Where(l => l.Length > 0)];
}
