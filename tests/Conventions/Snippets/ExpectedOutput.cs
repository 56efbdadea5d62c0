using System.Globalization;
using System.Text.RegularExpressions;

namespace TypedPooling.Tests.Conventions.Snippets;

/// <summary>Compares what a block prints with what the document says it prints.</summary>
internal static class ExpectedOutput
{
    private const string AnyLines = "...";

    /// <summary>The difference in words, or null where the output is as expected.</summary>
    /// <param name="expected">The text block; its word <c>within=t</c> lets numbers differ by t, absolutely or relative to the number
    /// expected.</param>
    /// <param name="printed">What the block printed.</param>
    public static string? Difference(Fence expected, string printed)
    {
        double? within = expected.Value("within") is { } value ? double.Parse(value, CultureInfo.InvariantCulture) : null;
        var (wanted, got) = (Lines(expected.Text), Lines(printed));
        if (Match(wanted, got, within))
            return null;

        var first =
            Enumerable.Range(0, wanted.Length).TakeWhile(i => wanted[i] != AnyLines && i < got.Length && LinesMatch(wanted[i], got[i], within))
                .Count();
        var shown = first < wanted.Length ? $"Line {first + 1} is expected to be\n  {wanted[first]}\n" : "Nothing more is expected.\n";
        return $"the output is not the one shown. {shown}All that was printed:\n{string.Join('\n', got)}";
    }

    private static bool Match(ReadOnlySpan<string> wanted, ReadOnlySpan<string> got, double? within)
    {
        if (wanted.IsEmpty)
            return got.IsEmpty;
        if (wanted[0] != AnyLines)
            return !got.IsEmpty && LinesMatch(wanted[0], got[0], within) && Match(wanted[1..], got[1..], within);
        for (var skipped = 0; skipped <= got.Length; skipped++)
        {
            if (Match(wanted[1..], got[skipped..], within))
                return true;
        }

        return false;
    }

    private static bool LinesMatch(string wanted, string got, double? within)
    {
        if (within is not { } tolerance)
            return wanted == got;
        var (expected, actual) = (Tokens(wanted), Tokens(got));
        return expected.Length == actual.Length && expected.Zip(actual).All(pair => TokensMatch(pair.First, pair.Second, tolerance));
    }

    private static bool TokensMatch(string wanted, string got, double tolerance) =>
        wanted == got
        || (double.TryParse(wanted, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            && double.TryParse(got, NumberStyles.Float, CultureInfo.InvariantCulture, out var other)
            // 1e-12: decimals written in the document are not exact in binary
            && Math.Abs(number - other) <= (tolerance * Math.Max(1, Math.Abs(number))) + 1e-12);

    // Numbers, and whatever else stands between blanks and numbers.
    private static string[] Tokens(string line) =>
        [.. Regex.Matches(line, @"[-+]?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?|[^\s\d+-]+|[-+]").Select(m => m.Value)];

    private static string[] Lines(string text) => [.. text.ReplaceLineEndings("\n").TrimEnd().Split('\n').Select(line => line.TrimEnd())];
}
