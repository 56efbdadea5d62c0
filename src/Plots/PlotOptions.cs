using System.Globalization;

namespace TypedPooling.Plots;

/// <summary>What a picture shows and how it is labelled. Immutable: set what differs by <c>with</c> or an initialiser.</summary>
public sealed record PlotOptions
{
    private const int LeastSide = 160;
    private const int MostSide = 20_000;

    /// <summary>Every option left as it is.</summary>
    public static PlotOptions Default { get; } = new();

    /// <summary>Width and height; null for a size that suits the picture.</summary>
    public PlotSize? Size { get; init; }

    /// <summary>The picture's title; null for one made of the model's names, empty for none. Of several panels it is the title of the SVG, and
    /// <see cref="ElpdPlots.PlotElpd"/> alone draws it: panels have titles of their own.</summary>
    public string? Title { get; init; }

    /// <summary>Unit of the response, for the titles of axes: <c>minutes</c>. Null or empty for none.</summary>
    public string? Unit { get; init; }

    /// <summary>Title of the horizontal axis; null for one made of the model's names. Panels whose axes differ ignore it: traces, ranks, checks and
    /// residuals.</summary>
    public string? XTitle { get; init; }

    /// <summary>Title of the vertical axis; null for one made of the model's names. Panels whose axes differ ignore it: traces, ranks, checks and
    /// residuals.</summary>
    public string? YTitle { get; init; }

    /// <summary>Posterior probability of intervals and bands, strictly between 0 and 1; null for that of the fit, 0.89 by default.</summary>
    public double? Probability { get; init; }

    /// <summary>How many draws bands of lines and replicated data are made of, 20 to 100,000; all of the fit where it has fewer.</summary>
    public int Draws { get; init; } = 400;

    /// <summary>The least value that a quantity can have, at which its density ends; null where the model tells, or there is none.</summary>
    public double? Lower { get; init; }

    /// <summary>The largest value that a quantity can have, at which its density ends; null where the model tells, or there is none.</summary>
    public double? Upper { get; init; }

    /// <summary>The same options, checked.</summary>
    /// <exception cref="ModelException">OptionOutOfRange: an option is outside its range.</exception>
    internal PlotOptions Checked()
    {
        if (Size is { } size && (size.Width is < LeastSide or > MostSide || size.Height is < LeastSide or > MostSide))
            throw OutOfRange(nameof(Size), $"{size.Width} x {size.Height}", $"Use a width and a height from {LeastSide} to {MostSide} pixels.");
        if (Probability is { } probability && !(probability is > 0 and < 1))
            throw OutOfRange(nameof(Probability), Text(probability), "Use a probability strictly between 0 and 1.");
        if (Draws is < 20 or > 100_000)
            throw OutOfRange(nameof(Draws), Text(Draws), "Use a value from 20 to 100000.");
        if (Lower is { } lower && Upper is { } upper && !(lower < upper))
            throw OutOfRange(nameof(Lower), Text(lower), $"Use a value below Upper, which is {Text(upper)}.");
        return this;
    }

    private static string Text(double value) => value.ToString(CultureInfo.InvariantCulture);

    private static ModelException OutOfRange(string option, string value, string remedy) =>
        new(new Problem(ProblemCode.OptionOutOfRange, $"{option} of the picture is {value}.", remedy));
}
