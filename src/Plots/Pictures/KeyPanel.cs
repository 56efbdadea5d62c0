using ScottPlot;

namespace TypedPooling.Plots.Pictures;

/// <summary>The key of a picture, below its axes: symbols and what they mean, in as many rows as the width needs.</summary>
/// <param name="width">Width of the whole picture, in pixels.</param>
internal sealed class KeyPanel(int width) : IPanel
{
    private const float Symbol = 26;
    private const float Gap = 6;
    private const float Between = 18;
    private const float Margin = 10;
    private const float LineHeight = 19;

    /// <summary>The entries.</summary>
    public List<LegendItem> Items { get; } = [];

    /// <inheritdoc/>
    public bool IsVisible { get; set; } = true;

    /// <inheritdoc/>
    public Edge Edge => Edge.Bottom;

    /// <inheritdoc/>
    public bool ShowDebugInformation { get; set; }

    /// <inheritdoc/>
    public float MinimumSize { get; set; }

    /// <inheritdoc/>
    public float MaximumSize { get; set; } = float.MaxValue;

    /// <inheritdoc/>
    public float Measure(Paint paint) => Rows(paint).Count * LineHeight + Margin;

    /// <inheritdoc/>
    public PixelRect GetPanelRect(PixelRect dataRect, float size, float offset, Paint paint) =>
        new(dataRect.Left, dataRect.Right, dataRect.Bottom + offset + size, dataRect.Bottom + offset);

    /// <inheritdoc/>
    public void Render(RenderPack rp, float size, float offset)
    {
        var y = rp.DataRect.Bottom + offset + LineHeight / 2;
        foreach (var row in Rows(rp.Paint))
        {
            var total = row.Sum(entry => entry.Width) + Between * (row.Count - 1);
            var x = rp.FigureRect.Left + Math.Max(Margin, (rp.FigureRect.Width - total) / 2);
            foreach (var (item, taken) in row)
            {
                PixelLine line = new(x, y, x + Symbol, y);
                PixelRect box = new(x, x + Symbol, y + 5, y - 5);
                item.FillStyle.Render(rp.Canvas, box, rp.Paint);
                item.LineStyle.Render(rp.Canvas, line, rp.Paint);
                item.MarkerStyle.Render(rp.Canvas, new Pixel(x + Symbol / 2, y), rp.Paint);
                item.LabelStyle.Render(rp.Canvas, new Pixel(x + Symbol + Gap, y), rp.Paint);
                x += taken + Between;
            }

            y += LineHeight;
        }
    }

    private List<List<(LegendItem Item, float Width)>> Rows(Paint paint)
    {
        List<List<(LegendItem, float)>> rows = [];
        var left = 0f;
        foreach (var item in Items)
        {
            var taken = Symbol + Gap + item.LabelStyle.Measure(item.LabelText, paint).Width;
            if (rows.Count == 0 || taken > left)
            {
                rows.Add([]);
                left = width - 2 * Margin;
            }

            rows[^1].Add((item, taken));
            left -= taken + Between;
        }

        return rows;
    }
}
