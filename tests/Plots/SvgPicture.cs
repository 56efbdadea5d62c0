using System.Globalization;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace TypedPooling.Tests.Plots;

/// <summary>An SVG picture, read as a browser reads it.</summary>
internal sealed partial class SvgPicture
{
    private static readonly XNamespace Svg = "http://www.w3.org/2000/svg";

    public SvgPicture(string text)
    {
        Text = text;
        Root = XDocument.Parse(text).Root!;
    }

    public string Text { get; }

    public XElement Root { get; }

    /// <summary>What a reader reads on it.</summary>
    public IReadOnlyList<string> Texts => [.. Elements("text").Select(element => element.Value)];

    public IEnumerable<XElement> Elements(string name) => Root.Descendants(Svg + name);

    /// <summary>Filled circles of one ink: centre and diameter.</summary>
    public IReadOnlyList<(double X, double Y, double Size)> Circles(string ink) =>
        [.. Elements("ellipse").Concat(Elements("circle")).Where(e => (string?)e.Attribute("fill") == ink).Select(e => (
            Number(e, "cx"), Number(e, "cy"), 2 * Number(e, e.Name.LocalName == "circle" ? "r" : "rx")))];

    /// <summary>Outlined circles of one ink.</summary>
    public int Rings(string ink) => Elements("ellipse").Concat(Elements("circle")).Count(e => (string?)e.Attribute("stroke") == ink);

    /// <summary>Outlined squares of one ink.</summary>
    public IReadOnlyList<(double X, double Y)> Squares(string ink) =>
        [.. Elements("rect").Where(e => (string?)e.Attribute("stroke") == ink).Select(e => (
            Number(e, "x") + Number(e, "width") / 2, Number(e, "y") + Number(e, "height") / 2))];

    /// <summary>Paths drawn as lines in one ink.</summary>
    public IReadOnlyList<XElement> Lines(string ink) => [.. Elements("path").Where(e => (string?)e.Attribute("stroke") == ink)];

    /// <summary>Pieces of a path: how often the pen is set down.</summary>
    public static int Pieces(XElement path) => path.Attribute("d")!.Value.Count(c => c == 'M');

    /// <summary>The points of a path.</summary>
    public static IReadOnlyList<(double X, double Y)> Points(XElement path)
    {
        double[] numbers = [.. Numeral().Matches(path.Attribute("d")!.Value).Select(m => double.Parse(m.Value, CultureInfo.InvariantCulture))];
        return [.. Enumerable.Range(0, numbers.Length / 2).Select(i => (numbers[2 * i], numbers[2 * i + 1]))];
    }

    /// <summary>Every ink that is drawn without transparency, as #RRGGBB; white is the paper.</summary>
    public IEnumerable<string> Inks => Root.Descendants().SelectMany(e => new[] { "stroke", "fill" }
        .Where(name => e.Attribute($"{name}-opacity") is null && e.Attribute(name) is { } ink && ink.Value is not ("none" or "white" or "#FFFFFF"))
        .Select(name => e.Attribute(name)!.Value)).Distinct();

    private static double Number(XElement element, string attribute) =>
        double.Parse(element.Attribute(attribute)!.Value, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"-?\d*\.?\d+(?:[eE]-?\d+)?")]
    private static partial Regex Numeral();
}
