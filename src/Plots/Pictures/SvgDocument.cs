using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using System.Xml;
using System.Xml.Linq;
using SkiaSharp;

namespace TypedPooling.Plots.Pictures;

/// <summary>What SkiaSharp draws on an SVG canvas, as an image that stands by itself or inside a page: with a title and a text alternative, with
/// identifiers of its own, and no longer than it need be.</summary>
internal static class SvgDocument
{
    private static readonly XNamespace Svg = "http://www.w3.org/2000/svg";

    private static readonly Regex LongNumber = new(@"-?\d*\.\d+(?:[eE][-+]?\d+)?|-?\d+[eE][-+]?\d+", RegexOptions.CultureInvariant);

    /// <summary>Draws a picture as SVG.</summary>
    /// <param name="size">Its size.</param>
    /// <param name="heading">Its title; empty for none.</param>
    /// <param name="alternative">What it shows, for those who cannot see it; empty where the title says it.</param>
    /// <param name="dashes">The patterns of its lines.</param>
    /// <param name="render">Draws it.</param>
    public static string Of(PlotSize size, string heading, string alternative, SvgDashes dashes, Action<SKCanvas> render)
    {
        using MemoryStream stream = new();
        using (var canvas = SKSvgCanvas.Create(new SKRect(0, 0, size.Width, size.Height), stream))
            render(canvas);
        stream.Position = 0;
        var document = XDocument.Load(stream);
        dashes.WriteTo(document.Root!);
        return Clean(document, size, heading, alternative);
    }

    private static string Clean(XDocument document, PlotSize size, string heading, string alternative)
    {
        var root = document.Root!;
        foreach (var attribute in root.DescendantsAndSelf().Attributes().ToList())
        {
            switch (attribute.Name.LocalName)
            {
                case "d" or "x" or "y" or "width" or "height" or "cx" or "cy" or "rx" or "ry" or "r" or "x1" or "x2" or "y1" or "y2" or "points"
                    or "transform" or "stroke-width" or "fill-opacity" or "stroke-opacity":
                    attribute.Value = LongNumber.Replace(attribute.Value, Rounded);
                    break;
                case "font-family":
                    attribute.Value = $"{attribute.Value}, Verdana, sans-serif";
                    break;
            }
        }

        // A list of places ends in a comma, and texts in blanks: browsers complain of the one, and show the other to readers of the page.
        foreach (var line in root.Descendants(Svg + "text"))
        {
            line.Value = line.Value.Trim();
            foreach (var places in line.Attributes().Where(attribute => attribute.Name.LocalName is "x" or "y"))
                places.Value = places.Value.TrimEnd(' ', ',');
        }

        // The letters are of one font nearly always: it is said once.
        var letters = root.Descendants().Attributes("font-family").ToList();
        if (letters.Select(letter => letter.Value).Distinct().Count() == 1)
        {
            root.SetAttributeValue("font-family", letters[0].Value);
            letters.Remove();
        }

        // Groups that hold nothing, and clips that nothing refers to.
        foreach (var empty in root.Descendants(Svg + "g").Where(group => !group.HasElements).Reverse().ToList())
            empty.Remove();
        JoinClips(root);

        root.SetAttributeValue("viewBox", string.Create(CultureInfo.InvariantCulture, $"0 0 {size.Width} {size.Height}"));
        root.SetAttributeValue("role", "img");
        if (heading.Length + alternative.Length > 0)
        {
            var title = heading.Length > 0 ? heading : alternative;
            root.SetAttributeValue("aria-label", alternative.Length > 0 ? alternative : heading);
            root.AddFirst(new XElement(Svg + "title", title), new XElement(Svg + "desc", alternative.Length > 0 ? alternative : heading));
        }

        // SkiaSharp counts identifiers over all drawings of the process, and the same picture is to be the same text. Several pictures share a page,
        // and identifiers are of the page: they begin with a number made of the picture.
        Rename(root, (_, i) => $"c{i}");
        var prefix = "p" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(root.ToString(SaveOptions.DisableFormatting))))[..8];
        Rename(root, (id, _) => $"{prefix}-{id}");

        StringBuilder text = new();
        using (var writer = XmlWriter.Create(text, new() { OmitXmlDeclaration = true, NewLineHandling = NewLineHandling.None }))
            root.Save(writer);
        return text.ToString();
    }

    // One clip of each kind is left.
    private static void JoinClips(XElement root)
    {
        Dictionary<string, string> kinds = [];
        Dictionary<string, string> same = [];
        foreach (var clip in root.Descendants(Svg + "clipPath"))
        {
            var id = clip.Attribute("id")!.Value;
            var kind = string.Concat(clip.Nodes());
            same[$"url(#{id})"] = $"url(#{kinds.GetValueOrDefault(kind, id)})";
            kinds.TryAdd(kind, id);
        }

        foreach (var reference in root.Descendants().Attributes("clip-path"))
            reference.Value = same.GetValueOrDefault(reference.Value, reference.Value);
        var used = root.Descendants().Attributes("clip-path").Select(attribute => attribute.Value).ToHashSet();
        foreach (var clip in root.Descendants(Svg + "clipPath").ToList())
        {
            if (!used.Contains($"url(#{clip.Attribute("id")?.Value})"))
                clip.Remove();
        }
    }

    private static void Rename(XElement root, Func<string, int, string> rename)
    {
        var names = root.Descendants().Attributes("id").Select((id, i) => (Old: id.Value, New: rename(id.Value, i))).ToDictionary(
            pair => pair.Old, pair => pair.New);
        foreach (var attribute in root.Descendants().Attributes())
        {
            var value = attribute.Value;
            if (attribute.Name.LocalName == "id")
                attribute.Value = names[value];
            else if (value.StartsWith("url(#", StringComparison.Ordinal) && names.TryGetValue(value[5..^1], out var clip))
                attribute.Value = $"url(#{clip})";
            else if (attribute.Name.LocalName == "href" && value.StartsWith('#') && names.TryGetValue(value[1..], out var other))
                attribute.Value = $"#{other}";
        }
    }

    private static string Rounded(Match number) =>
        Math.Round(double.Parse(number.Value, NumberStyles.Float, CultureInfo.InvariantCulture), 2).ToString("0.##", CultureInfo.InvariantCulture);
}
