using ScottPlot;

namespace TypedPooling.Plots.Pictures;

/// <summary>The colours, shapes and line styles of every picture. What one colour says, a shape or a line style says too.</summary>
/// <remarks>Each ink has a contrast of at least 4.5 : 1 on white ([WCAG22], 1.4.3). Bands and grids are translucent and say nothing alone.</remarks>
internal static class Inks
{
    /// <summary>Titles and labels.</summary>
    public static readonly Color Text = Color.FromHex("#1A1A1A");

    /// <summary>Axes, ticks and reference lines.</summary>
    public static readonly Color Axis = Color.FromHex("#404040");

    /// <summary>What is pooled, fitted or replicated by the model.</summary>
    public static readonly Color Model = Color.FromHex("#005EA8");

    /// <summary>What the data say by themselves.</summary>
    public static readonly Color Data = Color.FromHex("#B23A00");

    /// <summary>The population and what all levels share.</summary>
    public static readonly Color Population = Color.FromHex("#006B4F");

    /// <summary>What a reader is warned of.</summary>
    public static readonly Color Alarm = Color.FromHex("#A3005C");

    /// <summary>What stands behind: contours, priors, connecting lines.</summary>
    public static readonly Color Quiet = Color.FromHex("#636363");

    /// <summary>Grid lines.</summary>
    public static readonly Color Grid = Colors.Black.WithAlpha(24);

    private static readonly Color[] Series = [Model, Data, Population, Color.FromHex("#7A2E8E"), Color.FromHex("#7A5600"), Quiet];

    private static readonly LinePattern[] Patterns =
    [
        LinePattern.Solid,
        new([8, 4], 0, "Long dashes"),
        new([2, 3], 0, "Dots"),
        new([9, 3, 2, 3], 0, "Dash and dot"),
        new([4, 3], 0, "Short dashes"),
        new([12, 3, 2, 3, 2, 3], 0, "Dash and two dots"),
    ];

    private static readonly MarkerShape[] Shapes =
    [
        MarkerShape.FilledCircle,
        MarkerShape.OpenSquare,
        MarkerShape.FilledTriangleUp,
        MarkerShape.OpenDiamond,
        MarkerShape.Eks,
        MarkerShape.OpenCircle,
    ];

    /// <summary>Dashes of what is not the main thing.</summary>
    public static LinePattern Dashed => Patterns[1];

    /// <summary>Dots.</summary>
    public static LinePattern Dotted => Patterns[2];

    /// <summary>Colour of the i-th of several series.</summary>
    public static Color Of(int series) => Series[series % Series.Length];

    /// <summary>Line style of the i-th of several series.</summary>
    public static LinePattern PatternOf(int series) => Patterns[series % Patterns.Length];

    /// <summary>Shape of the i-th of several series.</summary>
    public static MarkerShape ShapeOf(int series) => Shapes[series % Shapes.Length];

    /// <summary>A colour as the fill of a band.</summary>
    public static Color Band(Color ink, double opacity = 0.16) => ink.WithAlpha(opacity);
}
