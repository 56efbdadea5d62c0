using System.Text;
using TypedPooling.Plots.Pictures;

namespace TypedPooling.Plots.Report;

/// <summary>Writes HTML. Text is escaped unless it is said to be markup, which only this library makes.</summary>
/// <param name="depth">How many elements are open around what is written; it decides where lines end.</param>
internal sealed class HtmlWriter(int depth = 0)
{
    private readonly StringBuilder page = new();
    private readonly Stack<string> open = new();

    /// <summary>Number of bytes so far, in UTF-8.</summary>
    public long Bytes { get; private set; }

    /// <summary>Appends markup of this library.</summary>
    public HtmlWriter Markup(string markup)
    {
        Put(markup);
        return this;
    }

    /// <summary>Appends text, escaped.</summary>
    public HtmlWriter Text(string text)
    {
        Put(Escaped(text));
        return this;
    }

    /// <summary>Begins an element.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="attributes">Names and values; values are escaped.</param>
    public HtmlWriter Begin(string name, params ReadOnlySpan<(string Name, string Value)> attributes)
    {
        Put($"<{name}");
        foreach (var (attribute, value) in attributes)
            Put($" {attribute}=\"{Escaped(value)}\"");
        Put(">");
        open.Push(name);
        return this;
    }

    /// <summary>Ends the element begun last.</summary>
    public HtmlWriter End()
    {
        Put($"</{open.Pop()}>");
        if (open.Count + depth < 6)
            Put("\n");
        return this;
    }

    /// <summary>An element that holds text.</summary>
    public HtmlWriter Element(string name, string text, params ReadOnlySpan<(string Name, string Value)> attributes) =>
        Begin(name, attributes).Text(text).End();

    /// <summary>Text that is safe in the content of an element and in an attribute in quotes, with escapes for what no page can hold.</summary>
    public static string Escaped(string text)
    {
        text = PlainText.Of(text);
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

    private void Put(string text)
    {
        page.Append(text);
        Bytes += Encoding.UTF8.GetByteCount(text);
    }
}
