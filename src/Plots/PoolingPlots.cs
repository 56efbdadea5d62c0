using System.Globalization;
using ScottPlot;
using TypedPooling.Keys;
using TypedPooling.Plots.Pictures;

namespace TypedPooling.Plots;

/// <summary>Pictures of no, partial and complete pooling.</summary>
public static class PoolingPlots
{
    /// <summary>One coefficient of every level without pooling, with partial pooling and with complete pooling, side by side.</summary>
    /// <typeparam name="TRow">Type of the rows.</typeparam>
    /// <typeparam name="TKey">Type of the factor's keys.</typeparam>
    /// <param name="comparison">The three fits, from <c>model.ComparePooling(rows, group)</c>.</param>
    /// <param name="term">Name of the coefficient; null for the first of the factor.</param>
    /// <param name="options">Size, titles and unit; null for the defaults.</param>
    /// <returns>The picture: levels with the fewest rows are at the top. Lines are one standard error of the level's own estimate, and one posterior
    /// sd of the pooled one. A level without an estimate of its own has none of its marks.</returns>
    /// <exception cref="ModelException">UnknownTerm: no such coefficient varies by the factor.</exception>
    public static Plot PlotPooling<TRow, TKey>(
        this PoolingComparison<TRow, TKey> comparison, string? term = null, PlotOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(comparison);
        var set = (options ?? PlotOptions.Default).Checked();
        var factor = comparison.NoPooling.FactorName;
        var a = TermNames.Index(comparison.Terms, term, factor, 0);
        var levels = comparison.Levels.OrderByDescending(level => level.Rows).ThenBy(level => level.PartialPooling[a].Mean).ToArray();
        var spec = comparison.PartialPooling.Spec;
        var size = set.Size ?? new(720, Math.Clamp(170 + 22 * levels.Length, 320, 1100));
        Picture picture = new(
            size,
            set.Title ?? $"{comparison.Terms[a]} by {factor}: no, partial and complete pooling",
            set.XTitle ?? AxisTitles.Coefficient(spec, comparison.Terms[a], set.Unit, comparison.PartialPooling is LogNormalFit<TRow>),
            set.YTitle ?? $"{factor} (rows)");

        var apart = levels.Length > 60 ? 0 : 0.17;
        var own = levels.Select((level, i) => (Estimate: level.NoPooling[a], Y: i + apart)).Where(pair => pair.Estimate is not null)
            .Select(pair => (pair.Estimate!.Value.Value, Error: pair.Estimate!.Value.StandardError, pair.Y)).ToArray();
        picture.Pieces(
            own.Where(o => double.IsFinite(o.Error)).Select(o => new CoordinateLine(o.Value - o.Error, o.Y, o.Value + o.Error, o.Y)),
            Inks.Data, 1.2f, Inks.Dotted);
        picture.Points(own.Select(o => new Coordinates(o.Value, o.Y)), MarkerShape.OpenSquare, levels.Length > 150 ? 4 : 7, Inks.Data);
        var partial = levels.Select((level, i) => (level.PartialPooling[a].Mean, level.PartialPooling[a].Sd, Y: i - apart)).ToArray();
        picture.Pieces(
            partial.Where(p => double.IsFinite(p.Sd)).Select(p => new CoordinateLine(p.Mean - p.Sd, p.Y, p.Mean + p.Sd, p.Y)), Inks.Model, 1.8f);
        picture.Points(partial.Select(p => new Coordinates(p.Mean, p.Y)), MarkerShape.FilledCircle, levels.Length > 150 ? 4 : 7, Inks.Model);
        picture.Pieces(
            levels.Select((level, i) => new CoordinateLine(level.CompletePooling[a].Mean, i - 0.5, level.CompletePooling[a].Mean, i + 0.5)),
            Inks.Population, 2);

        picture.Levels(
            [.. levels.Select(level => string.Create(
                CultureInfo.InvariantCulture, $"{Picture.Short(KeyText.Printed(KeyText.Of(level.Key)), 26)} ({level.Rows})"))],
            size.Height - 140);
        picture.KeyInterval("no pooling, with a standard error", MarkerShape.OpenSquare, Inks.Data, 1.2f, Inks.Dotted);
        picture.KeyInterval("partial pooling, with a posterior sd", MarkerShape.FilledCircle, Inks.Model, 1.8f);
        picture.Key("complete pooling", MarkerShape.VerticalBar, Inks.Population, 14);
        picture.Alternative = string.Create(
            CultureInfo.InvariantCulture,
            $"{comparison.Terms[a]} of {levels.Length} levels of {factor}. The levels' own estimates range from "
                + $"{Least(own.Select(o => o.Value)):G4} to {Most(own.Select(o => o.Value)):G4}, those with partial pooling from "
                + $"{partial.Min(p => p.Mean):G4} to {partial.Max(p => p.Mean):G4}. Complete pooling gives {levels[0].CompletePooling[a].Mean:G4}.");
        return picture.Done();
    }

    private static double Least(IEnumerable<double> values) => values.DefaultIfEmpty(double.NaN).Min();

    private static double Most(IEnumerable<double> values) => values.DefaultIfEmpty(double.NaN).Max();
}
