namespace TypedPooling.Plots;

/// <summary>Width and height of a picture. Immutable.</summary>
/// <param name="Width">In pixels; in an SVG file, in its user units.</param>
/// <param name="Height">In pixels; in an SVG file, in its user units.</param>
public readonly record struct PlotSize(int Width, int Height)
{
    /// <summary>The size of a picture that was not made by this library: 720 by 480.</summary>
    public static PlotSize Default => new(720, 480);
}
