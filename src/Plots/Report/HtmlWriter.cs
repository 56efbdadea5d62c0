using System.Text;

namespace TypedPooling.Plots.Report;

/// <summary>Writes HTML. Text is escaped unless it is said to be markup, which only this library makes.</summary>
internal sealed class HtmlWriter
{
    private readonly StringBuilder page = new();
    private readonly Stack<string> open = new();

    /// <summary>Number of characters so far.</summary>
    public int Length => page.Length;

    /// <summary>Appends markup of this library.</summary>
    public HtmlWriter Markup(string markup)
    {
        page.Append(markup);
        return this;
    }

    /// <summary>Appends text, escaped.</summary>
    public HtmlWriter Text(string text)
    {
        page.Append(Escaped(text));
        return this;
    }

    /// <summary>Begins an element.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="attributes">Names and values; values are escaped.</param>
    public HtmlWriter Begin(string name, params ReadOnlySpan<(string Name, string Value)> attributes)
    {
        page.Append('<').Append(name);
        foreach (var (attribute, value) in attributes)
            page.Append(' ').Append(attribute).Append("=\"").Append(Escaped(value)).Append('"');
        page.Append('>');
        open.Push(name);
        return this;
    }

    /// <summary>Ends the element begun last.</summary>
    public HtmlWriter End()
    {
        page.Append("</").Append(open.Pop()).Append('>');
        if (open.Count < 6)
            page.Append('\n');
        return this;
    }

    /// <summary>An element that holds text.</summary>
    public HtmlWriter Element(string name, string text, params ReadOnlySpan<(string Name, string Value)> attributes) =>
        Begin(name, attributes).Text(text).End();

    /// <summary>Text that is safe in the content of an element and in an attribute in quotes.</summary>
    public static string Escaped(string text)
    {
        if (text.AsSpan().IndexOfAny("&<>\"'") < 0)
            return text;
        var escaped = new StringBuilder(text.Length + 16);
        foreach (var sign in text)
        {
            _ = sign switch
            {
                '&' => escaped.Append("&amp;"),
                '<' => escaped.Append("&lt;"),
                '>' => escaped.Append("&gt;"),
                '"' => escaped.Append("&quot;"),
                '\'' => escaped.Append("&#39;"),
                _ => escaped.Append(sign),
            };
        }

        return escaped.ToString();
    }

    public override string ToString() => page.ToString();
}
