using System.Globalization;
using ScottPlot;
using TypedPooling.Keys;
using TypedPooling.Plots.Pictures;

namespace TypedPooling.Plots;

/// <summary>Pictures of the coefficients of levels.</summary>
public static class LevelPlots
{
    /// <summary>Intervals of one coefficient of every level, sorted by their means, with the population's.</summary>
    /// <typeparam name="TRow">Type of the rows.</typeparam>
    /// <typeparam name="TKey">Type of the factor's keys.</typeparam>
    /// <param name="fit">The fit.</param>
    /// <param name="group">The grouping factor.</param>
    /// <param name="term">Name of the coefficient; null for the first of the factor.</param>
    /// <param name="options">Size, title, unit and probability of the intervals; null for the defaults.</param>
    /// <returns>The picture: a mark at the mean and a line for the interval of each level, and a dashed line at the population's mean. Where names of
    /// levels would touch, every k-th has one.</returns>
    /// <exception cref="ModelException">UnknownTerm: no such factor or coefficient.</exception>
    public static Plot PlotLevels<TRow, TKey>(
        this Fit<TRow> fit, Group<TRow, TKey> group, string? term = null, PlotOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(fit);
        var set = (options ?? PlotOptions.Default).Checked();
        var table = fit.For(group).Coefficients(set.Probability);
        return Draw(fit, table, TermNames.Index(table.Terms, term, group.Name, 0), group.Name, set, set.Title);
    }

    /// <summary>Intervals of every coefficient that varies by a factor, a panel each: as <see cref="PlotLevels"/>, side by side.</summary>
    /// <typeparam name="TRow">Type of the rows.</typeparam>
    /// <typeparam name="TKey">Type of the factor's keys.</typeparam>
    /// <param name="fit">The fit.</param>
    /// <param name="group">The grouping factor.</param>
    /// <param name="options">Size, title, unit and probability of the intervals; null for the defaults.</param>
    /// <returns>The picture. Each panel has an order of its own.</returns>
    /// <exception cref="ModelException">UnknownTerm: no such factor.</exception>
    public static Multiplot PlotLevelsByTerm<TRow, TKey>(this Fit<TRow> fit, Group<TRow, TKey> group, PlotOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(fit);
        var set = (options ?? PlotOptions.Default).Checked();
        var table = fit.For(group).Coefficients(set.Probability);
        var columns = Math.Min(table.Terms.Length, 3);
        var rows = (table.Terms.Length + columns - 1) / columns;
        var cell = SizeFor(table.Levels.Length);
        var size = set.Size ?? new(Math.Max(cell.Width, 470 * columns), cell.Height * rows);
        var one = set with { Size = new(size.Width / columns, size.Height / rows) };
        var panels =
            table.Terms.Select((name, a) => Draw(fit, table, a, group.Name, one, name)).ToArray();
        return new Panels(panels, columns, size, set.Title ?? $"Levels of {group.Name}")
        {
            Alternative = string.Join(" ", panels.Select(panel => panel.Alternative)),
        };
    }

    private static Picture Draw<TRow, TKey>(
        Fit<TRow> fit, CoefficientTable<TKey> table, int a, string factor, PlotOptions set, string? title)
    {
        var levels = table.Levels.OrderBy(level => level.Coefficients[a].Mean).ToArray();
        var share = (100 * table.Probability).ToString("0.#", CultureInfo.InvariantCulture);
        var size = set.Size ?? SizeFor(levels.Length);
        Picture picture = new(
            size,
            title ?? $"{table.Terms[a]} by {factor}: {levels.Length:N0} levels",
            set.XTitle ?? AxisTitles.Coefficient(fit.Spec, table.Terms[a], set.Unit, fit is LogNormalFit<TRow>),
            set.YTitle ?? factor);
        var population = fit.Spec.Population.Any(own => own.Name == table.Terms[a]) ? fit.Coefficient(table.Terms[a]).Mean : 0;
        var mark = levels.Length > 150 ? 3 : 7;
        picture.Pieces(
            levels.Select((level, i) => new CoordinateLine(level.Coefficients[a].Interval.Lower, i, level.Coefficients[a].Interval.Upper, i)),
            Inks.Model, levels.Length > 150 ? 0.8f : 1.8f);
        picture.Points(levels.Select((level, i) => new Coordinates(level.Coefficients[a].Mean, i)), MarkerShape.FilledCircle, mark, Inks.Model);
        picture.Vertical(population, Inks.Population, 2, Inks.Dashed);
        picture.Levels([.. levels.Select(level => KeyText.Printed(KeyText.Of(level.Key)))], size.Height - 140);
        picture.KeyInterval($"mean and {share} % interval", MarkerShape.FilledCircle, Inks.Model);
        picture.KeyLine("population", Inks.Population, 2, Inks.Dashed);
        picture.Alternative = string.Create(
            CultureInfo.InvariantCulture,
            $"{table.Terms[a]} of {levels.Length} levels of {factor}, sorted, with {share} % intervals: from {levels[0].Coefficients[a].Mean:G4} "
                + $"({KeyText.Printed(KeyText.Of(levels[0].Key))}) to {levels[^1].Coefficients[a].Mean:G4} "
                + $"({KeyText.Printed(KeyText.Of(levels[^1].Key))}). The population has {population:G4}.");
        return picture.Done();
    }

    private static PlotSize SizeFor(int levels) => new(680, Math.Clamp(150 + 17 * levels, 300, 1100));
}
