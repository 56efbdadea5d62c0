using System.Globalization;
using System.Linq.Expressions;
using ScottPlot;
using TypedPooling.Keys;
using TypedPooling.Plots.Pictures;

namespace TypedPooling.Plots;

/// <summary>Pictures of fitted lines.</summary>
public static class LinePlots
{
    // So many lines have an ink, a pattern and a name each.
    private const int MostNamed = 6;

    /// <summary>The expected response over a column, a line and a band for each group.</summary>
    /// <typeparam name="TRow">Type of the rows.</typeparam>
    /// <typeparam name="TLine">Type of what tells lines apart.</typeparam>
    /// <param name="fit">The fit.</param>
    /// <param name="rows">Rows at which lines are drawn: those of the data, or a grid of your own. Enumerated once.</param>
    /// <param name="x">The column on the horizontal axis: <c>v => v.Year</c>.</param>
    /// <param name="line">What tells lines apart: <c>v => v.Country</c>.</param>
    /// <param name="observed">The response on the scale of the picture, for points; null for none.</param>
    /// <param name="options">Size, titles, unit, probability of the bands and number of draws; null for the defaults.</param>
    /// <returns>The picture. Up to six lines differ in ink and pattern and have names; more are drawn alike.</returns>
    /// <exception cref="ModelException">NoRows: there are no rows. A value of a row is missing or out of range.</exception>
    /// <remarks>Rows of one line with the same x share a point: the mean of their expectations, and the means of the ends of their intervals. That
    /// band says how sure one row is; an interval of the mean over rows could be narrower. Give one row for each x where that matters. Lines and
    /// bands are made of <see cref="PlotOptions.Draws"/> draws of the fit, at least four of each chain: the Monte-Carlo error of a line is its
    /// posterior sd over the root of that number.</remarks>
    public static Plot PlotLines<TRow, TLine>(
        this Fit<TRow> fit,
        IEnumerable<TRow> rows,
        Expression<Func<TRow, double>> x,
        Expression<Func<TRow, TLine>> line,
        Func<TRow, double>? observed = null,
        PlotOptions? options = null)
    {
        var set = (options ?? PlotOptions.Default).Checked();
        var lines = FittedLines.Of(fit, rows, x, line, null, observed, set);
        var size = set.Size ?? new(720, 480);
        return Draw(fit, lines, [.. lines.All], size, set, set.Title ?? $"{fit.Spec.Response.Name} by {lines.LineName}", withKey: true).Done();
    }

    /// <summary>The expected response over a column, a line and a band for each group, in panels by a key.</summary>
    /// <typeparam name="TRow">Type of the rows.</typeparam>
    /// <typeparam name="TLine">Type of what tells lines apart.</typeparam>
    /// <typeparam name="TPanel">Type of what tells panels apart.</typeparam>
    /// <param name="fit">The fit.</param>
    /// <param name="rows">Rows at which lines are drawn: those of the data, or a grid of your own. Enumerated once.</param>
    /// <param name="x">The column on the horizontal axis: <c>v => v.Year</c>.</param>
    /// <param name="line">What tells lines apart: <c>v => v.Country</c>.</param>
    /// <param name="panel">What tells panels apart: <c>v => v.Continent</c>.</param>
    /// <param name="observed">The response on the scale of the picture, for points; null for none.</param>
    /// <param name="options">Size, title, unit, probability of the bands and number of draws; null for the defaults.</param>
    /// <returns>The picture. All panels have the same axes.</returns>
    /// <exception cref="ModelException">NoRows: there are no rows. A value of a row is missing or out of range.</exception>
    /// <remarks>As <see cref="PlotLines"/>.</remarks>
    public static Multiplot PlotLinesByPanel<TRow, TLine, TPanel>(
        this Fit<TRow> fit,
        IEnumerable<TRow> rows,
        Expression<Func<TRow, double>> x,
        Expression<Func<TRow, TLine>> line,
        Expression<Func<TRow, TPanel>> panel,
        Func<TRow, double>? observed = null,
        PlotOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(panel);
        var set = (options ?? PlotOptions.Default).Checked();
        var compiled = panel.Compile();
        var lines = FittedLines.Of(fit, rows, x, line, row => KeyText.Printed(KeyText.Of(compiled(row))), observed, set);
        var panels = lines.All.GroupBy(one => one.Panel).OrderBy(group => group.Key, StringComparer.Ordinal).ToArray();
        var columns = panels.Length <= 2 ? panels.Length : panels.Length <= 4 ? 2 : 3;
        var gridRows = (panels.Length + columns - 1) / columns;
        var size = set.Size ?? new(Math.Max(560, 320 * columns), 290 * gridRows + 32);
        PlotSize cell = new(size.Width / columns, (size.Height - 32) / gridRows);
        var pictures = panels.Select(group =>
        {
            var count = group.Select(one => one.Name).Distinct().Count();
            var title = string.Create(CultureInfo.InvariantCulture, $"{group.Key} ({count:N0})");
            return Draw(fit, lines, [.. group], cell, set, title, withKey: false);
        }).ToArray();
        var limits = Limits(lines);
        foreach (var picture in pictures)
            picture.Axes.SetLimits(limits);

        Picture key = new(new(size.Width, 32), string.Empty, string.Empty, string.Empty);
        key.KeyBand($"expectation by {lines.LineName}, {lines.Share} % band", Inks.Model, 1.4f, opacity: 0.2);
        if (lines.HasPoints)
            key.Key("observed", MarkerShape.OpenCircle, Inks.Data, 5);
        var heading = set.Title ?? $"{fit.Spec.Response.Name} by {lines.LineName}, in panels by {FittedLines.NameOf(panel.Body)}";
        return new Panels([.. pictures.Select(picture => picture.Done())], columns, size, heading, key.Done(), 32)
        {
            Alternative = string.Create(
                CultureInfo.InvariantCulture,
                $"{heading}: {lines.All.Count} lines in {panels.Length} panels ({string.Join(", ", panels.Select(p => $"{p.Key}: {p.Count()}"))})."),
        };
    }

    private static Picture Draw<TRow>(
        Fit<TRow> fit, FittedLines lines, FittedLine[] own, PlotSize size, PlotOptions set, string title, bool withKey)
    {
        Picture picture = new(size, title, set.XTitle ?? lines.XName, set.YTitle ?? AxisTitles.Response(fit.Spec, set.Unit));
        var isNamed = own.Length <= MostNamed && withKey;
        var opacity = own.Length <= MostNamed ? 0.2 : Math.Max(0.03, 0.16 / Math.Sqrt(own.Length / 4.0));
        foreach (var (line, i) in own.Select((line, i) => (line, i)))
            picture.Band(line.X, line.Lower, line.Upper, isNamed ? Inks.Of(i) : Inks.Model, opacity);
        foreach (var (line, i) in own.Select((line, i) => (line, i)))
        {
            var points = line.Points.ToArray();
            if (points.Length > 0)
            {
                picture.Points(
                    points,
                    isNamed ? Inks.ShapeOf(i) : MarkerShape.OpenCircle,
                    own.Length > MostNamed ? 2.5f : 5,
                    isNamed ? Inks.Of(i) : Inks.Data,
                    1);
            }

            picture.Curve(
                line.X.Zip(line.Mean, (x, y) => new Coordinates(x, y)), isNamed ? Inks.Of(i) : Inks.Model, own.Length > MostNamed ? 0.8f : 2,
                isNamed ? Inks.PatternOf(i) : default);
            if (isNamed)
            {
                var shape = points.Length > 0 ? Inks.ShapeOf(i) : MarkerShape.None;
                picture.KeyInterval(Picture.Short(line.Name), shape, Inks.Of(i), 2, Inks.PatternOf(i));
            }
        }

        if (withKey)
        {
            picture.KeyBand(
                isNamed ? $"{lines.Share} % band" : $"expectation, {lines.Share} % band", isNamed ? Inks.Quiet : Inks.Model, isNamed ? 0 : 1.4f,
                opacity: 0.2);
            if (lines.HasPoints && !isNamed)
                picture.Key("observed", MarkerShape.OpenCircle, Inks.Data, 5);
        }

        picture.Alternative = string.Create(
            CultureInfo.InvariantCulture,
            $"{own.Length} lines of expected {fit.Spec.Response.Name} over {lines.XName} by {lines.LineName}, with {lines.Share} % bands.");
        return picture;
    }

    private static AxisLimits Limits(FittedLines lines)
    {
        var values =
            lines.All.SelectMany(line => line.Lower.Concat(line.Upper).Concat(line.Points.Select(point => point.Y))).Where(double.IsFinite).ToArray();
        var places = lines.All.SelectMany(line => line.X).ToArray();
        var (width, height) = (Math.Max(places.Max() - places.Min(), 1e-9), Math.Max(values.Max() - values.Min(), 1e-9));
        return new(
            places.Min() - 0.04 * width, places.Max() + 0.04 * width, values.Min() - 0.05 * height, values.Max() + 0.05 * height);
    }
}
