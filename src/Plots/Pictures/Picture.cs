using ScottPlot;
using ScottPlot.Plottables;
using ScottPlot.TickGenerators;

namespace TypedPooling.Plots.Pictures;

/// <summary>A plot of ScottPlot with the look of this library, a size that suits it, and a text that says what it shows.</summary>
internal sealed class Picture : Plot
{
    private const float TitleSize = 15;
    private const float AxisSize = 13;
    private const float LabelSize = 11.5f;

    /// <summary>Points that are still told from dots.</summary>
    public const int MostShapes = 1000;

    private readonly KeyPanel key;
    private readonly List<string> named = [];

    public Picture(PlotSize size, string title, string x, string y)
    {
        Size = size;
        (Heading, x, y) = (PlainText.Of(title), PlainText.Of(x), PlainText.Of(y));
        key = new(size.Width);
        Axes.Title.Label.Text = Heading;
        Axes.Title.Label.FontSize = TitleSize;
        Axes.Title.Label.Bold = false;
        Axes.Title.Label.ForeColor = Inks.Text;
        (Axes.Bottom.Label.Text, Axes.Left.Label.Text) = (x, y);
        foreach (var axis in Axes.GetAxes())
        {
            axis.Label.FontSize = AxisSize;
            axis.Label.Bold = false;
            axis.Label.ForeColor = Inks.Text;
            axis.TickLabelStyle.FontSize = LabelSize;
            axis.TickLabelStyle.ForeColor = Inks.Text;
            axis.FrameLineStyle.Color = axis.MajorTickStyle.Color = axis.MinorTickStyle.Color = Inks.Axis;
            axis.MinorTickStyle.Length = 0;
            axis.FrameLineStyle.Width = axis.Edge is Edge.Bottom or Edge.Left ? 1 : 0;
        }

        Axes.Bottom.TickGenerator = TickLabels.Automatic();
        Axes.Left.TickGenerator = TickLabels.Automatic();
        Axes.Left.TickLabelStyle.OffsetY = 2;
        Axes.Right.MinimumSize = 16;
        Axes.Top.MinimumSize = title.Length == 0 ? 10 : 0;
        Grid.MajorLineColor = Inks.Grid;
        HideLegend();
    }

    /// <summary>The size that suits it.</summary>
    public PlotSize Size { get; }

    /// <summary>What it is, in a line.</summary>
    public string Heading { get; }

    /// <summary>What it shows, for those who cannot see it.</summary>
    public string Alternative { get; set => field = PlainText.Of(value); } = "";

    /// <summary>Adds points of one style; beyond a thousand they are dots, drawn as one path.</summary>
    public void Points(IEnumerable<Coordinates> points, MarkerShape shape, float size, Color ink, float lineWidth = 1.6f)
    {
        var all = points.ToArray();
        if (all.Length > MostShapes)
        {
            Add.Plottable(new Segments([.. all.Select(at => new CoordinateLine(at, at))], new LineStyle(0.75f * size, ink) { Rounded = true }));
            return;
        }

        var added = Add.Markers(all, shape, size, ink);
        Look(added.MarkerStyle, shape, size, ink, lineWidth);
    }

    /// <summary>Adds a line through points.</summary>
    public void Curve(IEnumerable<Coordinates> points, Color ink, float width, LinePattern pattern = default)
    {
        var added = Add.ScatterLine(points.ToArray(), ink);
        (added.LineWidth, added.LinePattern) = (width, pattern);
    }

    /// <summary>Adds straight pieces of one style, drawn as one path.</summary>
    public void Pieces(IEnumerable<CoordinateLine> pieces, Color ink, float width, LinePattern pattern = default) =>
        Add.Plottable(new Segments([.. pieces], new LineStyle(width, ink, pattern)));

    /// <summary>Adds the area between two curves.</summary>
    public void Band(double[] x, double[] lower, double[] upper, Color ink, double opacity = 0.16)
    {
        var added = Add.FillY(x, lower, upper);
        added.FillColor = Inks.Band(ink, opacity);
        added.LineWidth = 0;
        added.MarkerStyle.IsVisible = false;
    }

    /// <summary>Adds a vertical line over the whole height.</summary>
    public void Vertical(double x, Color ink, float width = 1.6f, LinePattern pattern = default)
    {
        var added = Add.VerticalLine(x, width, ink, pattern);
        added.LabelStyle.IsVisible = false;
    }

    /// <summary>Adds a horizontal line over the whole width.</summary>
    public void Horizontal(double y, Color ink, float width = 1.6f, LinePattern pattern = default)
    {
        var added = Add.HorizontalLine(y, width, ink, pattern);
        added.LabelStyle.IsVisible = false;
    }

    /// <summary>Adds a small text beside a point.</summary>
    public void Note(string text, Coordinates at, Color ink, Alignment alignment = Alignment.MiddleCenter, float offsetX = 0, float offsetY = 0)
    {
        var added = Add.Text(PlainText.Of(text), at);
        added.LabelFontSize = LabelSize - 1;
        added.LabelFontColor = ink;
        added.LabelBackgroundColor = Colors.White.WithAlpha(0.8);
        added.LabelStyle.BorderWidth = 0;
        added.LabelStyle.PixelPadding = new(1, 1, -2, -2);
        added.Alignment = alignment;
        (added.OffsetX, added.OffsetY) = (offsetX, offsetY);
    }

    /// <summary>Names the levels on the vertical axis, level i at i: all of them, or every k-th where they would touch.</summary>
    public void Levels(IReadOnlyList<string> names, double dataHeight)
    {
        var step = Math.Max(1, (int)Math.Ceiling(names.Count * (LabelSize + 3.5) / dataHeight));
        NumericManual ticks = new();
        for (var i = names.Count - 1; i >= 0; i -= step)
        {
            named.Add(Short(PlainText.Of(names[i])));
            ticks.AddMajor(i, named[^1]);
        }

        Axes.Left.TickGenerator = ticks;
        Axes.SetLimitsY(-0.8, names.Count - 0.2);
        Axes.DefaultGrid.YAxisStyle.IsVisible = false;
    }

    /// <summary>Says in the key what a symbol means.</summary>
    public void Key(string text, MarkerShape shape, Color ink, float size = 8)
    {
        var item = Entry(text);
        Look(item.MarkerStyle, shape, size, ink, 1.6f);
    }

    /// <summary>Says in the key what a line means.</summary>
    public void KeyLine(string text, Color ink, float width, LinePattern pattern = default) => Entry(text).LineStyle = new(width, ink, pattern);

    /// <summary>Says in the key what a band means, with the line in it where it has one.</summary>
    public void KeyBand(string text, Color ink, float lineWidth = 0, LinePattern pattern = default, double opacity = 0.16)
    {
        var item = Entry(text);
        item.FillStyle = new() { Color = Inks.Band(ink, opacity), IsVisible = true };
        if (lineWidth > 0)
            item.LineStyle = new(lineWidth, ink, pattern);
    }

    /// <summary>Says in the key what an interval means: a symbol on a line.</summary>
    public void KeyInterval(string text, MarkerShape shape, Color ink, float width = 1.6f, LinePattern pattern = default)
    {
        var item = Entry(text);
        item.LineStyle = new(width, ink, pattern);
        Look(item.MarkerStyle, shape, 8, ink, 1.6f);
    }

    /// <summary>Chooses the letters; the last thing done to a picture.</summary>
    public Picture Done()
    {
        var typeface = PictureFont.For(Texts());
        Axes.Title.Label.Font = typeface;
        foreach (var axis in Axes.GetAxes())
            axis.Label.Font = axis.TickLabelStyle.Font = typeface;
        foreach (var text in PlottableList.OfType<Text>())
            text.LabelStyle.Font = typeface;
        foreach (var item in key.Items)
            item.LabelStyle.Font = typeface;
        return this;
    }

    /// <summary>A name that fits beside an axis.</summary>
    public static string Short(string name, int most = 32) => PlainText.Short(name, most);

    private static void Look(MarkerStyle style, MarkerShape shape, float size, Color ink, float lineWidth)
    {
        (style.Shape, style.Size, style.LineColor, style.LineWidth, style.IsVisible) = (shape, size, ink, lineWidth, true);
        style.FillColor = shape.IsLineOnly() ? Colors.Transparent : ink;
        style.OutlineWidth = 0;
    }

    private LegendItem Entry(string text)
    {
        if (key.Items.Count == 0)
            Axes.AddPanel(key);
        LegendItem item = new() { LabelText = PlainText.Of(text), LabelFontSize = LabelSize, LabelFontColor = Inks.Text };
        item.MarkerStyle.IsVisible = false;
        key.Items.Add(item);
        return item;
    }

    private IEnumerable<string> Texts() =>
    [
        Heading,
        .. Axes.GetAxes().Select(axis => axis.Label.Text),
        .. named,
        .. PlottableList.OfType<Text>().Select(text => text.LabelText),
        .. key.Items.Select(item => item.LabelText),
    ];
}
