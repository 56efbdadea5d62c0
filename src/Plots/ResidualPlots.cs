using System.Globalization;
using MathNet.Numerics.Distributions;
using ScottPlot;
using TypedPooling.Plots.Pictures;

namespace TypedPooling.Plots;

/// <summary>Pictures of residuals.</summary>
public static class ResidualPlots
{
    private const double Outlying = 3.29;   // beyond it are 0.1 % of normal numbers
    private const int BandPoints = 60;

    /// <summary>Quantile residuals against fitted values, and beside it their quantiles against those of a right model.</summary>
    /// <param name="residuals">The residuals, from <c>fit.Residuals(rows)</c>.</param>
    /// <param name="options">Size, title and unit; null for the defaults.</param>
    /// <returns>The picture of two panels: <see cref="PlotResiduals"/> and <see cref="PlotResidualQuantiles"/>.</returns>
    public static Multiplot PlotResidualPanels(this ResidualTable residuals, PlotOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(residuals);
        var set = (options ?? PlotOptions.Default).Checked();
        var size = set.Size ?? new(960, 440);
        var one = set with { Size = new(size.Width / 2, size.Height), XTitle = null, YTitle = null };
        Picture[] panels = [
            Against(residuals, one with { Title = "Against fitted values" }), Quantiles(residuals, one with { Title = "Against a right model" })];
        return new Panels(panels, 2, size, set.Title ?? "Quantile residuals")
        {
            Alternative = string.Join(" ", panels.Select(panel => panel.Alternative)),
        };
    }

    /// <summary>Quantile residuals against fitted values.</summary>
    /// <param name="residuals">The residuals, from <c>fit.Residuals(rows)</c>.</param>
    /// <param name="options">Size, titles and unit; null for the defaults.</param>
    /// <returns>The picture: a point a row, outliers (beyond 3.29) as triangles with the number of their row, and running means of the residuals,
    /// which a right model keeps near 0.</returns>
    public static Plot PlotResiduals(this ResidualTable residuals, PlotOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(residuals);
        return Against(residuals, (options ?? PlotOptions.Default).Checked());
    }

    /// <summary>Probabilities of the responses, sorted, against those of a right model, which are uniform.</summary>
    /// <param name="residuals">The residuals, from <c>fit.Residuals(rows)</c>.</param>
    /// <param name="options">Size and titles; null for the defaults.</param>
    /// <returns>The picture: the sorted probabilities, the diagonal, and a band that holds each of them with a probability of 95 % where the model is
    /// right.</returns>
    public static Plot PlotResidualQuantiles(this ResidualTable residuals, PlotOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(residuals);
        return Quantiles(residuals, (options ?? PlotOptions.Default).Checked());
    }

    private static Picture Against(ResidualTable residuals, PlotOptions set)
    {
        Picture picture = new(
            set.Size ?? new(640, 440),
            set.Title ?? "Quantile residuals against fitted values",
            set.XTitle ?? AxisTitles.WithUnit("Predictive mean", set.Unit),
            set.YTitle ?? "Quantile residual (normal scale)");
        var rows = residuals.Rows.Where(row => double.IsFinite(row.Mean)).ToArray();
        var outliers = rows.Where(row => Math.Abs(row.Quantile) > Outlying).ToArray();
        picture.Horizontal(0, Inks.Axis, 1.2f);
        foreach (var bound in new[] { -Outlying, Outlying })
            picture.Horizontal(bound, Inks.Quiet, 1, Inks.Dotted);
        picture.Points(
            rows.Where(row => Math.Abs(row.Quantile) <= Outlying).Select(At), MarkerShape.OpenCircle, rows.Length > 500 ? 4 : 6, Inks.Model, 1);
        picture.Points(outliers.Select(At), MarkerShape.FilledTriangleUp, 9, Inks.Alarm);
        foreach (var row in outliers.OrderByDescending(row => Math.Abs(row.Quantile)).Take(5))
            picture.Note($"row {row.Row}", At(row), Inks.Alarm, Alignment.MiddleLeft, 7);
        var means = RunningMeans(rows);
        if (means.Length > 1)
            picture.Curve(means, Inks.Data, 2, Inks.Dashed);
        var reach = Math.Max(4, rows.Select(row => Math.Abs(row.Quantile)).DefaultIfEmpty(0).Max() + 0.4);
        picture.Axes.SetLimitsY(-reach, reach);

        picture.Key("a row", rows.Length > Picture.MostShapes ? MarkerShape.FilledCircle : MarkerShape.OpenCircle, Inks.Model, 6);
        if (outliers.Length > 0)
            picture.Key($"beyond {Outlying.ToString(CultureInfo.InvariantCulture)}", MarkerShape.FilledTriangleUp, Inks.Alarm);
        if (means.Length > 1)
            picture.KeyLine("mean of neighbours", Inks.Data, 2, Inks.Dashed);
        picture.Alternative = string.Create(
            CultureInfo.InvariantCulture,
            $"Quantile residuals of {rows.Length} rows against fitted values; {outliers.Length} are beyond {Outlying}. "
                + $"{string.Join(" ", residuals.Findings)}");
        return picture.Done();

        static Coordinates At(Residual row) => new(row.Mean, row.Quantile);
    }

    // Of as many groups of neighbours as leave twenty rows in each, twelve at most.
    private static Coordinates[] RunningMeans(Residual[] rows)
    {
        var groups = Math.Min(12, rows.Length / 20);
        return groups < 3
            ? []
            : [.. rows.OrderBy(row => row.Mean).Select((row, i) => (row, Group: (int)((long)i * groups / rows.Length))).GroupBy(pair => pair.Group)
                .Select(group => new Coordinates(group.Average(pair => pair.row.Mean), group.Average(pair => pair.row.Quantile)))];
    }

    private static Picture Quantiles(ResidualTable residuals, PlotOptions set)
    {
        Picture picture = new(
            set.Size ?? new(560, 480),
            set.Title ?? "Quantile residuals against a right model",
            set.XTitle ?? "Uniform quantile",
            set.YTitle ?? "Probability of the response, sorted");
        double[] sorted = [.. residuals.Rows.Select(row => row.Probability).Where(double.IsFinite).Order()];
        var n = sorted.Length;

        // The i-th of n sorted uniform numbers has a Beta(i, n + 1 - i) distribution.
        var ranks = Enumerable.Range(0, Math.Min(n, BandPoints)).Select(i => 1 + (int)((long)i * (n - 1) / Math.Max(1, Math.Min(n, BandPoints) - 1)))
            .Distinct().ToArray();
        picture.Band(
            [.. ranks.Select(rank => Expected(rank))], [.. ranks.Select(rank => Beta.InvCDF(rank, n + 1 - rank, 0.025))],
            [.. ranks.Select(rank => Beta.InvCDF(rank, n + 1 - rank, 0.975))], Inks.Population, 0.2);
        picture.Curve([new(0, 0), new(1, 1)], Inks.Population, 1.6f, Inks.Dashed);
        picture.Points(
            sorted.Select((probability, i) => new Coordinates(Expected(i + 1), probability)),
            MarkerShape.FilledCircle,
            n > 300 ? 2.4f : 4,
            Inks.Model);
        picture.Axes.SetLimits(-0.02, 1.02, -0.02, 1.02);

        picture.Key("a row", MarkerShape.FilledCircle, Inks.Model, 6);
        picture.KeyBand("right model, 95 % of each", Inks.Population, 1.6f, Inks.Dashed, 0.2);
        var farthest = sorted.Select((probability, i) => Math.Abs(probability - Expected(i + 1))).DefaultIfEmpty(0).Max();
        picture.Alternative = string.Create(
            CultureInfo.InvariantCulture,
            $"Sorted probabilities of {n} responses against those of a right model; the largest difference is {farthest:F3}.");
        return picture.Done();

        double Expected(int rank) => rank / (n + 1.0);
    }
}
