using System.Text;
using TypedPooling.Keys;

namespace TypedPooling.Export;

/// <summary>Lines of a program, indented by two spaces a block. Used by one thread.</summary>
/// <param name="comment">What begins a comment.</param>
internal sealed class ProgramText(string comment)
{
    private const int WrapAt = 100;

    private readonly StringBuilder text = new();
    private int depth;

    public void Line(string line) => text.Append(' ', 2 * depth).Append(line).Append('\n');

    /// <summary>A line with what it is about behind it.</summary>
    public void Line(string line, string about) => Line($"{line}  {comment} {Printable(about)}");

    public void Comment(string sentence) => Line($"{comment} {Printable(sentence)}");

    public void Block(string head, Action body)
    {
        Line($"{head} {{");
        depth++;
        body();
        depth--;
        Line("}");
    }

    /// <summary>A block, or nothing where its body writes nothing.</summary>
    public void BlockUnlessEmpty(string head, Action body)
    {
        var start = text.Length;
        Line($"{head} {{");
        var empty = text.Length;
        depth++;
        body();
        depth--;
        if (text.Length == empty)
            text.Length = start;
        else
            Line("}");
    }

    /// <summary>A sum, a term a line where it is long.</summary>
    /// <param name="head">What stands before the first term.</param>
    /// <param name="terms">The terms; at least one.</param>
    /// <param name="end">What stands behind the last term.</param>
    public void Sum(string head, IReadOnlyList<string> terms, string end)
    {
        var whole = $"{head}{string.Join(" + ", terms)}{end}";
        if (whole.Length + 2 * depth <= WrapAt)
        {
            Line(whole);
            return;
        }

        for (var t = 0; t < terms.Count; t++)
            Line($"{(t == 0 ? head : "    + ")}{terms[t]}{(t == terms.Count - 1 ? end : string.Empty)}");
    }

    public override string ToString() => text.ToString();

    // A name may hold a line end, which would end the comment, or letters that a compiler does not take.
    private static string Printable(string about)
    {
        var printed = new StringBuilder();
        foreach (var letter in KeyText.Printed(about))
        {
            if (letter is >= ' ' and <= '~')
                printed.Append(letter);
            else
                printed.Append("\\u").Append(((int)letter).ToString("x4", System.Globalization.CultureInfo.InvariantCulture));
        }

        return printed.ToString();
    }
}
