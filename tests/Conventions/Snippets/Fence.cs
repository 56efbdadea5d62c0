namespace TypedPooling.Tests.Conventions.Snippets;

/// <summary>A fenced block of a document.</summary>
/// <param name="Language">First word after the fence.</param>
/// <param name="Words">The other words after the fence.</param>
/// <param name="Text">The lines of the block, each ended by a line feed.</param>
/// <param name="FirstLine">Number of the first line of the text, from 1.</param>
/// <param name="FollowsFence">True where only blank lines stand between this block and the one before.</param>
internal sealed record Fence(string Language, IReadOnlyList<string> Words, string Text, int FirstLine, bool FollowsFence)
{
    /// <summary>Number of the last line of the text.</summary>
    public int LastLine => FirstLine + Text.Count(c => c == '\n') - 1;

    /// <summary>True where a word stands after the fence, alone or with a value.</summary>
    public bool Has(string word) => Words.Any(w => w == word || w.StartsWith(word + "=", StringComparison.Ordinal));

    /// <summary>The value of a word, as in <c>word=value</c>; null where there is none.</summary>
    public string? Value(string word) => Words.FirstOrDefault(w => w.StartsWith(word + "=", StringComparison.Ordinal))?[(word.Length + 1)..];

    /// <summary>The fenced blocks of a document, in order.</summary>
    /// <exception cref="FormatException">The last block is not closed.</exception>
    public static IReadOnlyList<Fence> In(string document)
    {
        var fences = new List<Fence>();
        var lines = document.ReplaceLineEndings("\n").Split('\n');
        var follows = false;
        for (var i = 0; i < lines.Length; i++)
        {
            if (!lines[i].StartsWith("```", StringComparison.Ordinal))
            {
                follows &= string.IsNullOrWhiteSpace(lines[i]);
                continue;
            }

            var end = Array.FindIndex(lines, i + 1, line => line.TrimEnd() == "```");
            if (end < 0)
                throw new FormatException($"The block that starts in line {i + 1} is not closed.");
            var words = lines[i][3..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
            var text = string.Concat(lines[(i + 1)..end].Select(line => line + "\n"));
            fences.Add(new Fence(words.FirstOrDefault() ?? "", [.. words.Skip(1)], text, i + 2, follows));
            (i, follows) = (end, true);
        }

        return fences;
    }
}
