using System.Globalization;
using System.Xml.Linq;
using ScottPlot;

namespace TypedPooling.Plots.Pictures;

/// <summary>Keeps line patterns in SVG files.</summary>
/// <remarks>SkiaSharp's SVG canvas knows no dashes: it draws the outline of every dash, and complains on the error stream. While a picture is drawn
/// as SVG its dashed lines are solid and carry a number as their mitre limit, which dashed lines have no use for. The number then becomes the
/// attribute <c>stroke-dasharray</c>.</remarks>
internal sealed class SvgDashes : IDisposable
{
    // No picture has such a mitre limit: the default of SkiaSharp and of SVG is 4.
    private const int FirstNumber = 1000;

    private readonly List<(LineStyle Style, LinePattern Pattern, float Limit)> taken = [];
    private readonly List<Dashes> kinds = [];

    /// <summary>Takes the patterns of all lines of the plots; they have them again when this is disposed of.</summary>
    public SvgDashes(params IEnumerable<Plot> plots)
    {
        foreach (var style in plots.SelectMany(Lines).Distinct().Where(style => style.Pattern.Intervals is { Length: > 0 }))
        {
            taken.Add((style, style.Pattern, style.StrokeMiter));
            kinds.Add(new(style.Pattern.Intervals, style.Width, style.Color.ToHex()[..7]));
            (style.Pattern, style.StrokeMiter) = (LinePattern.Solid, FirstNumber + kinds.Count - 1);
        }
    }

    /// <summary>Gives the elements of a drawing their patterns.</summary>
    public void WriteTo(XElement root)
    {
        foreach (var limit in root.Descendants().Attributes("stroke-miterlimit").ToList())
        {
            var number = (int)Math.Round(double.Parse(limit.Value, CultureInfo.InvariantCulture)) - FirstNumber;
            if (number >= 0 && number < kinds.Count && kinds[number].IsOf(limit.Parent!))
            {
                limit.Parent!.SetAttributeValue(
                    "stroke-dasharray", string.Join(' ', kinds[number].Intervals.Select(length => length.ToString(CultureInfo.InvariantCulture))));
            }

            if (number >= 0 || limit.Value == "4")
                limit.Remove();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var (style, pattern, limit) in taken)
            (style.Pattern, style.StrokeMiter) = (pattern, limit);
    }

    // ScottPlot leaves the limit of one line in the paint of what it draws next, a tick or a frame: a line is known by its width and colour too. SVG
    // has names for some colours.
    private sealed record Dashes(float[] Intervals, float Width, string Ink)
    {
        public bool IsOf(XElement line) =>
            Math.Abs(double.Parse(line.Attribute("stroke-width")!.Value, CultureInfo.InvariantCulture) - Width) < 1e-3
            && line.Attribute("stroke")!.Value is var ink && (!ink.StartsWith('#') || ink.Equals(Ink, StringComparison.OrdinalIgnoreCase));
    }

    private static IEnumerable<LineStyle> Lines(Plot plot) =>
    [
        .. plot.PlottableList.OfType<IHasLine>().Select(line => line.LineStyle),
        .. plot.PlottableList.SelectMany(plottable => plottable.LegendItems).Select(item => item.LineStyle),
        .. plot.Axes.GetPanels().OfType<KeyPanel>().SelectMany(key => key.Items).Select(item => item.LineStyle),
        .. plot.Axes.AllGrids.OfType<ScottPlot.Grids.DefaultGrid>().SelectMany(
            grid => new[] { grid.XAxisStyle.MajorLineStyle, grid.YAxisStyle.MajorLineStyle }),
    ];
}
