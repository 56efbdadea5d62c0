using ScottPlot;
using SkiaSharp;
using TypedPooling.Plots.Pictures;

namespace TypedPooling.Plots;

/// <summary>Writes pictures as SVG and PNG, in the size that suits them.</summary>
/// <remarks>A plot that another program made with ScottPlot can be written too. A plot is changed while it is drawn: draw one by one thread at a
/// time.</remarks>
public static class PlotFiles
{
    /// <summary>The size that suits a picture: the one of its options, or the one its content asks for.</summary>
    /// <param name="plot">The picture.</param>
    /// <returns>The size; <see cref="PlotSize.Default"/> where this library did not make the picture.</returns>
    public static PlotSize SuitableSize(this Plot plot) => plot is Picture picture ? picture.Size : PlotSize.Default;

    /// <summary>The size that suits a picture of several panels.</summary>
    /// <param name="panels">The picture.</param>
    /// <returns>The size; <see cref="PlotSize.Default"/> where this library did not make the picture.</returns>
    public static PlotSize SuitableSize(this Multiplot panels) => panels is Panels own ? own.Size : PlotSize.Default;

    /// <summary>What a picture shows, in sentences for those who cannot see it.</summary>
    /// <param name="plot">The picture.</param>
    /// <returns>The text; empty where this library did not make the picture.</returns>
    public static string TextAlternative(this Plot plot) => plot is Picture picture ? picture.Alternative : string.Empty;

    /// <summary>What a picture of several panels shows, in sentences for those who cannot see it.</summary>
    /// <param name="panels">The picture.</param>
    /// <returns>The text; empty where this library did not make the picture.</returns>
    public static string TextAlternative(this Multiplot panels) => panels is Panels own ? own.Alternative : string.Empty;

    /// <summary>The picture as an SVG element, for a file or for a page: with a <c>title</c>, a text alternative, and identifiers that differ from
    /// those of other pictures on the page.</summary>
    /// <param name="plot">The picture.</param>
    /// <param name="size">Width and height; null for the size that suits it.</param>
    /// <returns>The element, without an XML declaration. Texts are text, and every one is escaped.</returns>
    public static string ToSvg(this Plot plot, PlotSize? size = null)
    {
        ArgumentNullException.ThrowIfNull(plot);
        var area = size ?? plot.SuitableSize();
        plot.RenderInMemory(area.Width, area.Height); // the layout needs a drawing before the one that is kept
        var clears = plot.RenderManager.ClearCanvasBeforeEachRender;
        plot.RenderManager.ClearCanvasBeforeEachRender = false;
        var heading = plot is Picture picture ? picture.Heading : string.Empty;
        using SvgDashes dashes = new(plot);
        var svg = SvgDocument.Of(area, heading, plot.TextAlternative(), dashes, canvas => plot.Render(canvas, area.Width, area.Height));
        plot.RenderManager.ClearCanvasBeforeEachRender = clears;
        return svg;
    }

    /// <summary>The picture of several panels as an SVG element, for a file or for a page.</summary>
    /// <param name="panels">The picture.</param>
    /// <param name="size">Width and height; null for the size that suits it.</param>
    /// <returns>The element, without an XML declaration. Texts are text, and every one is escaped.</returns>
    public static string ToSvg(this Multiplot panels, PlotSize? size = null)
    {
        ArgumentNullException.ThrowIfNull(panels);
        var area = size ?? panels.SuitableSize();
        Draw(panels, area).Dispose();
        var heading = panels is Panels own ? own.Heading : string.Empty;
        using SvgDashes dashes = new(panels.Subplots.GetPlots());
        return SvgDocument.Of(
            area, heading, panels.TextAlternative(), dashes, canvas => panels.Render(canvas, new(0, area.Width, area.Height, 0)));
    }

    /// <summary>Writes a picture to an SVG file.</summary>
    /// <param name="plot">The picture.</param>
    /// <param name="path">The file; replaced where it exists.</param>
    /// <param name="size">Width and height; null for the size that suits it.</param>
    public static void WriteSvg(this Plot plot, string path, PlotSize? size = null) => File.WriteAllText(path, plot.ToSvg(size) + "\n");

    /// <summary>Writes a picture of several panels to an SVG file.</summary>
    /// <param name="panels">The picture.</param>
    /// <param name="path">The file; replaced where it exists.</param>
    /// <param name="size">Width and height; null for the size that suits it.</param>
    public static void WriteSvg(this Multiplot panels, string path, PlotSize? size = null) => File.WriteAllText(path, panels.ToSvg(size) + "\n");

    /// <summary>Writes a picture to a PNG file.</summary>
    /// <param name="plot">The picture.</param>
    /// <param name="path">The file; replaced where it exists.</param>
    /// <param name="size">Width and height in pixels; null for the size that suits it.</param>
    public static void WritePng(this Plot plot, string path, PlotSize? size = null)
    {
        ArgumentNullException.ThrowIfNull(plot);
        var area = size ?? plot.SuitableSize();
        plot.SavePng(path, area.Width, area.Height);
    }

    /// <summary>Writes a picture of several panels to a PNG file.</summary>
    /// <param name="panels">The picture.</param>
    /// <param name="path">The file; replaced where it exists.</param>
    /// <param name="size">Width and height in pixels; null for the size that suits it.</param>
    public static void WritePng(this Multiplot panels, string path, PlotSize? size = null)
    {
        ArgumentNullException.ThrowIfNull(panels);
        using var surface = Draw(panels, size ?? panels.SuitableSize());
        using var image = surface.Snapshot();
        using var png = image.Encode(SKEncodedImageFormat.Png, 100);
        using var file = File.Create(path);
        png.SaveTo(file);
    }

    private static SKSurface Draw(Multiplot panels, PlotSize area)
    {
        var surface = SKSurface.Create(new SKImageInfo(area.Width, area.Height, SKColorType.Rgba8888, SKAlphaType.Premul));
        panels.Render(surface.Canvas, new(0, area.Width, area.Height, 0));
        return surface;
    }
}
