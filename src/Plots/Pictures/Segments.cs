using ScottPlot;
using SkiaSharp;

namespace TypedPooling.Plots.Pictures;

/// <summary>Many straight lines of one style, drawn as one path.</summary>
internal sealed class Segments(CoordinateLine[] lines, LineStyle style) : IPlottable, IHasLine
{
    /// <inheritdoc/>
    public bool IsVisible { get; set; } = true;

    /// <inheritdoc/>
    public IAxes Axes { get; set; } = new Axes();

    /// <inheritdoc/>
    public IEnumerable<LegendItem> LegendItems => LegendItem.None;

    /// <inheritdoc/>
    public LineStyle LineStyle { get; set; } = style;

    /// <inheritdoc/>
    public float LineWidth { get => LineStyle.Width; set => LineStyle.Width = value; }

    /// <inheritdoc/>
    public LinePattern LinePattern { get => LineStyle.Pattern; set => LineStyle.Pattern = value; }

    /// <inheritdoc/>
    public Color LineColor { get => LineStyle.Color; set => LineStyle.Color = value; }

    /// <inheritdoc/>
    public AxisLimits GetAxisLimits() => lines.Length == 0
        ? AxisLimits.NoLimits
        : new(
            lines.Min(line => Math.Min(line.X1, line.X2)),
            lines.Max(line => Math.Max(line.X1, line.X2)),
            lines.Min(line => Math.Min(line.Y1, line.Y2)),
            lines.Max(line => Math.Max(line.Y1, line.Y2)));

    /// <inheritdoc/>
    public void Render(RenderPack rp)
    {
        using SKPath path = new();
        foreach (var line in lines)
        {
            path.MoveTo(Axes.GetPixel(line.Start).ToSKPoint());
            path.LineTo(Axes.GetPixel(line.End).ToSKPoint());
        }

        Drawing.DrawPath(rp.Canvas, rp.Paint, path, LineStyle);
    }
}
