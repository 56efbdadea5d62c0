using ScottPlot;

namespace TypedPooling.Plots.Pictures;

/// <summary>Several pictures side by side, with a key below all of them.</summary>
internal sealed class Panels : Multiplot
{
    /// <param name="pictures">The panels, by rows.</param>
    /// <param name="columns">Panels beside each other.</param>
    /// <param name="size">Size of the whole.</param>
    /// <param name="heading">What it is, in a line.</param>
    /// <param name="key">A picture without data whose key belongs to all; null for none.</param>
    /// <param name="keyHeight">Height of the key.</param>
    public Panels(IReadOnlyList<Picture> pictures, int columns, PlotSize size, string heading, Picture? key = null, int keyHeight = 30)
        : base(pictures[0])
    {
        (Size, Heading) = (size, PlainText.Of(heading));
        foreach (var picture in pictures.Skip(1))
            Subplots.Add(picture);
        if (key is not null)
        {
            key.Axes.Frameless();
            key.HideGrid();
            Subplots.Add(key);
        }

        Layout = new Cells(pictures.Count, columns, key is null ? 0 : keyHeight);
    }

    /// <summary>The size that suits it.</summary>
    public PlotSize Size { get; }

    /// <summary>What it is, in a line.</summary>
    public string Heading { get; }

    /// <summary>What it shows, for those who cannot see it.</summary>
    public string Alternative { get; init => field = PlainText.Of(value); } = "";

    // Cells of one size by rows, and a strip for the key.
    private sealed class Cells(int count, int columns, int strip) : IMultiplotLayout
    {
        public PixelRect[] GetSubplotRectangles(SubplotCollection subplots, PixelRect figureRect)
        {
            var rows = (count + columns - 1) / columns;
            var (width, height) = (figureRect.Width / columns, (figureRect.Height - strip) / rows);
            return [.. Enumerable.Range(0, subplots.Count).Select(i => i < count
                ? Rect(figureRect.Left + i % columns * width, figureRect.Top + i / columns * height, width, height)
                : Rect(figureRect.Left, figureRect.Bottom - strip, figureRect.Width, strip))];
        }

        private static PixelRect Rect(float left, float top, float width, float height) => new(left, left + width, top + height, top);
    }
}
