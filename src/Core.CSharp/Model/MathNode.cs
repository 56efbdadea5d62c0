using System.Globalization;
using System.Text;
using TypedPooling.Keys;

namespace TypedPooling.Model;

/// <summary>A piece of mathematics: the one form behind the model as text and as MathML. Immutable.</summary>
internal abstract record MathNode
{
    /// <summary>Appends the piece as plain text.</summary>
    public abstract void WriteText(StringBuilder text);

    /// <summary>Appends the piece as presentation MathML; what users named is escaped.</summary>
    public abstract void WriteMarkup(StringBuilder markup);

    /// <summary>The piece as plain text.</summary>
    public string ToText()
    {
        var text = new StringBuilder();
        WriteText(text);
        return text.ToString();
    }

    public static MathNode Row(params MathNode[] parts) => new MathRow(parts);

    /// <summary>A name with arguments: <c>Normal(0, s)</c>.</summary>
    public static MathNode Call(string name, params MathNode[] arguments) => Row(new MathName(name), InParentheses(Separated(", ", arguments)));

    public static MathNode InParentheses(MathNode inner) => Row(new MathOperator("("), inner, new MathOperator(")"));

    public static MathNode InBrackets(MathNode inner) => Row(new MathOperator("["), inner, new MathOperator("]"));

    public static MathNode Separated(string separator, params IEnumerable<MathNode> parts)
    {
        var row = new List<MathNode>();
        foreach (var part in parts)
        {
            if (row.Count > 0)
                row.Add(new MathOperator(separator));
            row.Add(part);
        }

        return row.Count == 1 ? row[0] : new MathRow([.. row]);
    }
}

/// <summary>A letter of mathematics: β, i, R.</summary>
internal sealed record MathSymbol(string Letter) : MathNode
{
    public override void WriteText(StringBuilder text) => text.Append(Letter);

    public override void WriteMarkup(StringBuilder markup) => markup.Append("<mi>").Append(Markup.Escaped(Letter)).Append("</mi>");
}

/// <summary>A name that users or the library gave: a column, a term, a distribution. Where it stands among the signs of a subscript and could be
/// taken for more, plain text has it in braces.</summary>
internal sealed record MathName(string Name, bool IsBraced = false) : MathNode
{
    public override void WriteText(StringBuilder text)
    {
        if (IsBraced)
            text.Append('{').Append(Name).Append('}');
        else
            text.Append(Name);
    }

    public override void WriteMarkup(StringBuilder markup) =>
        markup.Append("<mtext>").Append(Markup.Escaped(KeyText.Printed(Name))).Append("</mtext>");
}

internal sealed record MathNumber(string Digits) : MathNode
{
    public static MathNumber Zero { get; } = new("0");

    public static MathNumber Of(double value) => new(value.ToString("G6", CultureInfo.InvariantCulture));

    public override void WriteText(StringBuilder text) => text.Append(Digits);

    public override void WriteMarkup(StringBuilder markup) => markup.Append("<mn>").Append(Markup.Escaped(Digits)).Append("</mn>");
}

/// <summary>A sign between or around others, with the spaces that plain text has about it.</summary>
internal sealed record MathOperator(string Sign) : MathNode
{
    public override void WriteText(StringBuilder text) => text.Append(Sign);

    public override void WriteMarkup(StringBuilder markup)
    {
        var sign = Sign.Trim();
        markup.Append(sign is "(" or ")" or "[" or "]" ? "<mo stretchy=\"false\">" : "<mo>").Append(Markup.Escaped(sign)).Append("</mo>");
    }
}

/// <summary>White space of some characters.</summary>
internal sealed record MathSpace(int Width = 1) : MathNode
{
    public override void WriteText(StringBuilder text) => text.Append(' ', Width);

    public override void WriteMarkup(StringBuilder markup) =>
        markup.Append(CultureInfo.InvariantCulture, $"<mspace width=\"{0.25 * Width:0.##}em\"></mspace>");
}

/// <summary>Pieces side by side.</summary>
internal sealed record MathRow(params MathNode[] Parts) : MathNode
{
    public override void WriteText(StringBuilder text)
    {
        foreach (var part in Parts)
            part.WriteText(text);
    }

    public override void WriteMarkup(StringBuilder markup)
    {
        markup.Append("<mrow>");
        foreach (var part in Parts)
            part.WriteMarkup(markup);
        markup.Append("</mrow>");
    }
}

/// <summary>A piece with a subscript: <c>β_0</c>.</summary>
internal sealed record MathIndexed(MathNode Of, MathNode Index) : MathNode
{
    public override void WriteText(StringBuilder text)
    {
        Of.WriteText(text);
        text.Append('_');
        Index.WriteText(text);
    }

    public override void WriteMarkup(StringBuilder markup)
    {
        markup.Append("<msub>");
        Of.WriteMarkup(markup);
        Index.WriteMarkup(markup);
        markup.Append("</msub>");
    }
}

/// <summary>A sum, which may go on in a new line before each plus sign.</summary>
internal sealed record MathSum(params MathNode[] Terms) : MathNode
{
    public override void WriteText(StringBuilder text) => Separated(" + ", Terms).WriteText(text);

    public override void WriteMarkup(StringBuilder markup) => Separated(" + ", Terms).WriteMarkup(markup);
}
