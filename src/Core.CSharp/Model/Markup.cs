using System.Text;

namespace TypedPooling.Model;

/// <summary>A model's mathematics as presentation MathML Core.</summary>
/// <remarks>A table of three columns: left side, relation, right side. Sides are aligned by the attribute of older readers and by the styles that
/// MathML Core asks for. Source: [MathMLCore].</remarks>
internal static class Markup
{
    // Characters of a sum, as plain text, after which it goes on in a new row.
    private const int WrapAt = 48;

    private const string Begin = "<mtd style=\"text-align:left\">";

    /// <summary>One element, <c>math</c>, on one line.</summary>
    public static string Of(ModelMathematics mathematics)
    {
        var markup = new StringBuilder("<math xmlns=\"http://www.w3.org/1998/Math/MathML\" display=\"block\">")
            .Append("<mtable columnalign=\"left center left\">");
        foreach (var line in mathematics.Lines)
        {
            var isFirst = true;
            foreach (var right in Rows(line.Right))
            {
                markup.Append("<mtr>").Append(Begin);
                if (isFirst)
                    line.Left.WriteMarkup(markup);
                markup.Append("</mtd><mtd>").Append(isFirst ? $"<mo>{Escaped(line.Relation)}</mo>" : string.Empty).Append("</mtd>").Append(Begin);
                if (!isFirst)
                    markup.Append("<mo form=\"infix\">+</mo>");
                right.WriteMarkup(markup);
                markup.Append("</mtd></mtr>");
                isFirst = false;
            }
        }

        return markup.Append("</mtable></math>").ToString();
    }

    /// <summary>Text that is safe in the content of an element and in an attribute in double quotes.</summary>
    public static string Escaped(string text) => text
        .Replace("&", "&amp;", StringComparison.Ordinal)
        .Replace("<", "&lt;", StringComparison.Ordinal)
        .Replace(">", "&gt;", StringComparison.Ordinal)
        .Replace("\"", "&quot;", StringComparison.Ordinal);

    private static IEnumerable<MathNode> Rows(MathNode side)
    {
        if (side is not MathSum sum)
        {
            yield return side;
            yield break;
        }

        var row = new List<MathNode>();
        var length = 0;
        foreach (var term in sum.Terms)
        {
            var width = term.ToText().Length;
            if (row.Count > 0 && length + width > WrapAt)
            {
                yield return new MathSum([.. row]);
                row.Clear();
                length = 0;
            }

            row.Add(term);
            length += width;
        }

        yield return new MathSum([.. row]);
    }
}
