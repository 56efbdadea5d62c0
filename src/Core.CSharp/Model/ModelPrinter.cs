using System.Text;
using TypedPooling.Keys;

namespace TypedPooling.Model;

/// <summary>Prints a model as mathematics in plain text, see <see cref="ModelMathematics"/>: lines aligned at their relation, then each sentence
/// after an empty line.</summary>
internal static class ModelPrinter
{
    private const int WrapAt = 96;

    /// <summary>The model as mathematics.</summary>
    /// <param name="spec">The model, with or without data.</param>
    /// <returns>Lines separated by a line feed, without one at the end.</returns>
    public static string Print(ModelSpec spec)
    {
        var mathematics = ModelMathematics.Of(spec);
        var lines = mathematics.Lines.Select(
            line => (Left: KeyText.Printed(line.Left.ToText()), line.Relation, Right: KeyText.Printed(line.Right.ToText()))).ToArray();
        var width = lines.Max(line => line.Left.Length);
        var text = new StringBuilder();
        foreach (var (left, relation, right) in lines)
        {
            if (text.Length > 0)
                text.Append('\n');
            text.Append(left.PadRight(width)).Append(' ').Append(relation).Append(' ');
            Wrap(text, right, width + 3);
        }

        foreach (var sentence in mathematics.Sentences)
            text.Append("\n\n").Append(sentence);
        return text.ToString();
    }

    // A long sum goes on below, each continuation beginning with its plus sign.
    private static void Wrap(StringBuilder text, string right, int indent)
    {
        while (right.Length > WrapAt && right.LastIndexOf(" + ", WrapAt, StringComparison.Ordinal) is > 0 and var at)
        {
            text.Append(right, 0, at).Append('\n').Append(' ', indent - 2);
            right = right[(at + 1)..];
        }

        text.Append(right);
    }
}
