using System.Globalization;
using ScottPlot;
using TypedPooling.Keys;
using TypedPooling.Plots.Pictures;

namespace TypedPooling.Plots;

/// <summary>Pictures of expected log predictive densities.</summary>
public static class ElpdPlots
{
    private const int MostNamed = 5;

    /// <summary>The part of each row or level in an expected log predictive density, and below it its Pareto k with the threshold.</summary>
    /// <param name="estimate">The estimate, from <c>fit.Loo(rows)</c>, <c>fit.LeaveGroupOut(group)</c> or <c>fit.Waic(rows)</c>.</param>
    /// <param name="options">Size and title; null for the defaults.</param>
    /// <returns>The picture. Parts that are not to be trusted are triangles in both panels; one whose k is infinite stands at the
    /// upper edge. The worst predicted ones have their number or name. Where there is no Pareto k, of WAIC or where every part was fitted again, the
    /// second panel shows effective parameters.</returns>
    public static Multiplot PlotElpd(this ElpdEstimate estimate, PlotOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(estimate);
        var set = (options ?? PlotOptions.Default).Checked();
        var size = set.Size ?? new(760, 620);
        var parts = estimate.Pointwise;
        var hasK = parts.Any(part => !double.IsNaN(part.ParetoK));
        var thing = parts.Length > 0 && parts[0].Level is not null ? "Level" : "Row";
        var half = new PlotSize(size.Width, (size.Height - 30) / 2);
        var of = estimate.Name is null ? string.Empty : $" of {estimate.Name}";
        var total = estimate.Elpd.ToString("F1", CultureInfo.InvariantCulture).Replace('-', '−');
        var heading = set.Title ?? $"elpd{of} by {thing.ToLowerInvariant()}: {total} in all";

        Picture upper = new(half, heading, set.XTitle ?? thing, set.YTitle ?? "elpd");
        Add(upper, estimate, part => part.Elpd, parts.OrderBy(part => part.Elpd).Take(MostNamed));
        Picture lower = new(half, string.Empty, set.XTitle ?? thing, hasK ? "Pareto k" : "Effective parameters");
        var (bottom, top) = RangeOfK(estimate);
        Add(
            lower, estimate, part => !hasK ? part.EffectiveParameters : double.IsPositiveInfinity(part.ParetoK) ? top - 0.05 : part.ParetoK,
            parts.Where(estimate.IsBad).OrderByDescending(part => part.ParetoK).Take(MostNamed));
        if (hasK)
        {
            lower.Horizontal(estimate.ParetoKThreshold, Inks.Alarm, 1.6f, Inks.Dashed);
            lower.Axes.SetLimitsY(bottom, top);
        }

        // Rows must stand below each other.
        foreach (var panel in new[] { upper, lower })
            panel.Axes.Left.MinimumSize = panel.Axes.Left.MaximumSize = 64;

        Picture key = new(new(size.Width, 30), string.Empty, string.Empty, string.Empty);
        key.Key(thing.ToLowerInvariant(), parts.Length > Picture.MostShapes ? MarkerShape.FilledCircle : MarkerShape.OpenCircle, Inks.Model, 6);
        if (estimate.BadCount > 0)
            key.Key("not to be trusted", MarkerShape.FilledTriangleUp, Inks.Alarm);
        if (hasK)
        {
            key.KeyLine(
                string.Create(CultureInfo.InvariantCulture, $"threshold of k: {estimate.ParetoKThreshold:F2}"), Inks.Alarm, 1.6f, Inks.Dashed);
        }

        return new Panels([upper.Done(), lower.Done()], 1, size, heading, key.Done())
        {
            Alternative = string.Create(
                CultureInfo.InvariantCulture,
                $"elpd of {parts.Length} parts, {estimate.Elpd:F1} in all with standard error {estimate.ElpdSe:F1}. The smallest is "
                    + $"{parts.Select(part => part.Elpd).DefaultIfEmpty(double.NaN).Min():F2}. {estimate.BadCount} are not to be trusted."),
        };
    }

    // From below 0 to above the largest k that is a number, or the threshold.
    private static (double Least, double Most) RangeOfK(ElpdEstimate estimate)
    {
        var finite = estimate.Pointwise.Select(part => part.ParetoK).Where(double.IsFinite).ToArray();
        return (finite.Append(0).Min() - 0.05, finite.Append(estimate.ParetoKThreshold).Max() + 0.12);
    }

    private static void Add(Picture picture, ElpdEstimate estimate, Func<PointwiseElpd, double> value, IEnumerable<PointwiseElpd> named)
    {
        var parts = estimate.Pointwise.Select((part, i) => (part, At: new Coordinates(part.Level is null ? part.Row : i + 1, value(part))))
            .Where(pair => double.IsFinite(pair.At.Y)).ToArray();
        picture.Points(
            parts.Where(pair => !estimate.IsBad(pair.part)).Select(pair => pair.At),
            MarkerShape.OpenCircle,
            parts.Length > 500 ? 4 : 6,
            Inks.Model,
            1);
        picture.Points(parts.Where(pair => estimate.IsBad(pair.part)).Select(pair => pair.At), MarkerShape.FilledTriangleUp, 8, Inks.Alarm);
        var last = parts.Length == 0 ? 1 : parts.Max(pair => pair.At.X);
        var chosen = named.ToHashSet();
        foreach (var (part, at) in parts.Where(pair => chosen.Contains(pair.part)))
        {
            var isLate = at.X > 0.7 * last;
            picture.Note(
                part.Level is { } level ? Picture.Short(KeyText.Printed(level), 22) : part.Row.ToString(CultureInfo.InvariantCulture),
                at, Inks.Text, isLate ? Alignment.MiddleRight : Alignment.MiddleLeft, isLate ? -6 : 6);
        }

        picture.Axes.SetLimitsX(-0.01 * last, 1.02 * last + 0.5);
        if (parts.Length > 0)
        {
            var (low, high) = (parts.Min(pair => pair.At.Y), parts.Max(pair => pair.At.Y));
            var margin = high > low ? 0.08 * (high - low) : 0.5;
            picture.Axes.SetLimitsY(low - margin, high + margin);
        }
    }
}
