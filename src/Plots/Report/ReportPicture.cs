using System.Collections.Immutable;
using ScottPlot;

namespace TypedPooling.Plots;

/// <summary>A picture of a report: what it shows, how to read it, and the tables behind it. Immutable.</summary>
/// <remarks>Thread-safe: it is immutable.</remarks>
public sealed class ReportPicture
{
    private ReportPicture(string heading, string caption, string svg, int width, IEnumerable<ITabular> tables) =>
        (Heading, Caption, Svg, Width, Tables) = (heading, caption, svg, width, [.. tables.SelectMany(table => table.ToTables())]);

    /// <summary>What is drawn.</summary>
    public string Heading { get; }

    /// <summary>How to read it.</summary>
    public string Caption { get; }

    /// <summary>The picture, an <c>svg</c> element.</summary>
    public string Svg { get; }

    /// <summary>The numbers that are drawn; possibly none.</summary>
    public ImmutableArray<PrintedTable> Tables { get; }

    /// <summary>The width that suits it, in pixels.</summary>
    internal int Width { get; }

    /// <summary>True where two of its kind stand side by side.</summary>
    internal bool IsSmall { get; init; }

    /// <summary>A picture of one plot.</summary>
    /// <param name="heading">What is drawn.</param>
    /// <param name="caption">How to read it.</param>
    /// <param name="plot">The plot; drawn now.</param>
    /// <param name="tables">The numbers that are drawn; possibly none.</param>
    /// <returns>The picture.</returns>
    public static ReportPicture Of(string heading, string caption, Plot plot, params IEnumerable<ITabular> tables)
    {
        ArgumentNullException.ThrowIfNull(heading);
        ArgumentNullException.ThrowIfNull(caption);
        ArgumentNullException.ThrowIfNull(tables);
        return new(heading, caption, plot.ToSvg(), plot.SuitableSize().Width, tables);
    }

    /// <summary>A picture of one plot that stands beside another.</summary>
    internal static ReportPicture Small(string heading, string caption, Plot plot, ITabular table) =>
        new(heading, caption, plot.ToSvg(), plot.SuitableSize().Width, [table]) { IsSmall = true };

    /// <summary>A picture of several panels.</summary>
    /// <param name="heading">What is drawn.</param>
    /// <param name="caption">How to read it.</param>
    /// <param name="panels">The panels; drawn now.</param>
    /// <param name="tables">The numbers that are drawn; possibly none.</param>
    /// <returns>The picture.</returns>
    public static ReportPicture Of(string heading, string caption, Multiplot panels, params IEnumerable<ITabular> tables)
    {
        ArgumentNullException.ThrowIfNull(heading);
        ArgumentNullException.ThrowIfNull(caption);
        ArgumentNullException.ThrowIfNull(tables);
        return new(heading, caption, panels.ToSvg(), panels.SuitableSize().Width, tables);
    }
}
