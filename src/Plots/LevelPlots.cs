using System.Collections.Immutable;
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
        var byLevel = fit.For(group);
        var terms = Terms(fit, group);
        return Draw(fit, byLevel, terms[TermNames.Index(terms, term, group.Name, 0)], set, set.Title);
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
        var byLevel = fit.For(group);
        var terms = Terms(fit, group);
        var columns = Math.Min(terms.Length, 3);
        var rows = (terms.Length + columns - 1) / columns;
        var cell = SizeFor(byLevel.Keys.Count);
        var size = set.Size ?? new(Math.Max(cell.Width, 470 * columns), cell.Height * rows);
        var one = set with { Size = new(size.Width / columns, size.Height / rows) };
        var panels =
            terms.Select(name => Draw(fit, byLevel, name, one, name)).ToArray();
        return new Panels(panels, columns, size, set.Title ?? $"Levels of {group.Name}")
        {
            Alternative = string.Join(" ", panels.Select(panel => panel.Alternative)),
        };
    }

    private static Picture Draw<TRow, TKey>(
        Fit<TRow> fit, FactorFit<TRow, TKey> byLevel, string term, PlotOptions set, string? title)
    {
        var factor = byLevel.Name;
        var levels = byLevel.Keys.Select(key =>
        {
            var coefficient = byLevel.Level(key).Coefficient(term);
            return (Name: KeyText.Printed(KeyText.Of(key)), coefficient.Mean, Interval: coefficient.Interval(set.Probability));
        }).OrderBy(level => level.Mean).ToArray();
        var share = (100 * levels[0].Interval.Probability).ToString("0.#", CultureInfo.InvariantCulture);
        var size = set.Size ?? SizeFor(levels.Length);
        Picture picture = new(
            size,
            title ?? string.Create(CultureInfo.InvariantCulture, $"{term} by {factor}: {levels.Length:N0} levels"),
            set.XTitle ?? AxisTitles.Coefficient(fit.Spec, term, set.Unit, fit is LogNormalFit<TRow>),
            set.YTitle ?? factor);
        var population = fit.Spec.Population.Any(own => own.Name == term) ? fit.Coefficient(term).Mean : 0;
        var mark = levels.Length > 150 ? 3 : 7;
        picture.Pieces(
            levels.Select((level, i) => new CoordinateLine(level.Interval.Lower, i, level.Interval.Upper, i)),
            Inks.Model, levels.Length > 150 ? 0.8f : 1.8f);
        picture.Points(levels.Select((level, i) => new Coordinates(level.Mean, i)), MarkerShape.FilledCircle, mark, Inks.Model);
        picture.Vertical(population, Inks.Population, 2, Inks.Dashed);
        picture.Levels([.. levels.Select(level => level.Name)], size.Height - 140);
        picture.KeyInterval($"mean and {share} % interval", MarkerShape.FilledCircle, Inks.Model);
        picture.KeyLine("population", Inks.Population, 2, Inks.Dashed);
        picture.Alternative = string.Create(
            CultureInfo.InvariantCulture,
            $"{term} of {levels.Length} levels of {factor}, sorted, with {share} % intervals: from {levels[0].Mean:G4} "
                + $"({levels[0].Name}) to {levels[^1].Mean:G4} ({levels[^1].Name}). The population has {population:G4}.");
        return picture.Done();
    }

    private static ImmutableArray<string> Terms<TRow, TKey>(Fit<TRow> fit, Group<TRow, TKey> group) =>
        [.. fit.Spec.Factors.Single(factor => factor.Name == group.Name).Terms.Select(term => term.Name)];

    private static PlotSize SizeFor(int levels) => new(680, Math.Clamp(150 + 17 * levels, 300, 1100));
}
