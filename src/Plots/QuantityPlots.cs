using System.Globalization;
using ScottPlot;
using TypedPooling.Draws;
using TypedPooling.Plots.Pictures;

namespace TypedPooling.Plots;

/// <summary>Pictures of one quantity's distribution.</summary>
public static class QuantityPlots
{
    /// <summary>The prior and the posterior density of a quantity.</summary>
    /// <param name="posterior">The quantity of a fit.</param>
    /// <param name="prior">The same quantity of the prior, from <c>model.SamplePrior()</c>.</param>
    /// <param name="options">Size, titles and the bounds of the quantity; null for the defaults.</param>
    /// <returns>The picture: the prior dashed, the posterior solid, its mean and interval below.</returns>
    /// <exception cref="ModelException">NotFinite: a quantity has no finite draws.</exception>
    /// <remarks>
    /// Densities are estimated by Gaussian kernels of bandwidth 0.9 min(sd, interquartile range / 1.349) n^(-1/5), reflected at the bounds. Bounds
    /// are those of <see cref="PlotOptions.Lower"/> and <see cref="PlotOptions.Upper"/>; null means none here. Source: [Silverman1986].
    /// </remarks>
    public static Plot PlotAgainstPrior(this Quantity posterior, Quantity prior, PlotOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(posterior);
        ArgumentNullException.ThrowIfNull(prior);
        return Draw(posterior, prior, (options ?? PlotOptions.Default).Checked(), double.NegativeInfinity, double.PositiveInfinity);
    }

    /// <summary>The prior and the posterior density of a parameter, by its name.</summary>
    /// <typeparam name="TRow">Type of the rows.</typeparam>
    /// <param name="fit">The fit.</param>
    /// <param name="prior">Draws of the prior, from <c>model.SamplePrior()</c>.</param>
    /// <param name="name">The parameter's name in the table, such as <c>sigma</c> or <c>cor(Cafe: Intercept, Afternoon)</c>.</param>
    /// <param name="options">Size, titles and the bounds of the quantity; null for the defaults.</param>
    /// <returns>The picture: the prior dashed, the posterior solid, its mean and interval below.</returns>
    /// <exception cref="ModelException">UnknownTerm: there is no such parameter. NotFinite: it has no finite draws.</exception>
    /// <remarks>Densities of scales end at 0 and those of correlations at -1 and 1, unless the options say otherwise. They are estimated as by
    /// <see cref="PlotAgainstPrior(Quantity, Quantity, PlotOptions?)"/>.</remarks>
    public static Plot PlotPriorAgainstPosterior<TRow>(
        this Fit<TRow> fit, PriorSample<TRow> prior, string name, PlotOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(fit);
        ArgumentNullException.ThrowIfNull(prior);
        var (lower, upper) = Bounds(fit.Table.Rows.FirstOrDefault(row => row.Parameter.Name == name)?.Parameter.Kind);
        return Draw(fit.Quantity(name), prior.Of(name), (options ?? PlotOptions.Default).Checked(), lower, upper);
    }

    /// <summary>The density of a quantity, with its mean and interval.</summary>
    /// <param name="quantity">The quantity.</param>
    /// <param name="options">Size, titles and the bounds of the quantity; null for the defaults.</param>
    /// <returns>The picture.</returns>
    /// <exception cref="ModelException">NotFinite: the quantity has no finite draws.</exception>
    /// <remarks>Densities are estimated as by <see cref="PlotAgainstPrior(Quantity, Quantity, PlotOptions?)"/>.</remarks>
    public static Plot PlotDistribution(this Quantity quantity, PlotOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(quantity);
        return Draw(quantity, null, (options ?? PlotOptions.Default).Checked(), double.NegativeInfinity, double.PositiveInfinity);
    }

    /// <summary>Where the values of a parameter end.</summary>
    internal static (double Lower, double Upper) Bounds(ParameterKind? kind) => kind switch
    {
        ParameterKind.Sigma or ParameterKind.VaryingSd or ParameterKind.Shape or ParameterKind.DegreesOfFreedom or ParameterKind.Precision =>
            (0, double.PositiveInfinity),
        ParameterKind.VaryingCorrelation => (-1, 1),
        _ => (double.NegativeInfinity, double.PositiveInfinity),
    };

    private static Picture Draw(Quantity posterior, Quantity? prior, PlotOptions set, double lower, double upper)
    {
        (lower, upper) = (set.Lower ?? lower, set.Upper ?? upper);
        var name = posterior.Name;
        Picture picture = new(
            set.Size ?? new(640, 420),
            set.Title ?? (prior is null ? name : $"{name}: prior and posterior"),
            set.XTitle ?? AxisTitles.WithUnit(name, set.Unit),
            set.YTitle ?? "Density");
        var after = Density.Of(posterior.Draws, lower, upper, name);
        var before = prior is null ? null : Density.Of(prior.Draws, lower, upper, name, after is null ? null : Room(after));
        if (after is not null)
        {
            picture.Band(after.X, new double[after.X.Length], after.Y, Inks.Model);
            picture.Curve(after.X.Zip(after.Y, (x, y) => new Coordinates(x, y)), Inks.Model, 2.2f);
        }
        else
        {
            picture.Vertical(posterior.Mean, Inks.Model, 2.2f);
        }

        if (before is not null)
            picture.Curve(before.X.Zip(before.Y, (x, y) => new Coordinates(x, y)), Inks.Data, 2, Inks.Dashed);
        else if (prior is not null)
            picture.Vertical(prior.Mean, Inks.Data, 2, Inks.Dashed);

        var top = Math.Max(after?.Top ?? 0, before?.Top ?? 0);
        if (top == 0)
            top = 1;
        Scope(picture, after, before, posterior.Mean);
        picture.Axes.Left.TickGenerator = TickLabels.Automatic(fromZero: true);
        picture.Axes.SetLimitsY(-0.09 * top, 1.08 * top);
        var interval = posterior.Interval(set.Probability);
        var share = (100 * interval.Probability).ToString("0.#", CultureInfo.InvariantCulture);
        if (double.IsFinite(interval.Lower + interval.Upper))
            picture.Pieces([new(interval.Lower, -0.045 * top, interval.Upper, -0.045 * top)], Inks.Model, 2.2f);
        if (double.IsFinite(posterior.Mean))
            picture.Points([new(posterior.Mean, -0.045 * top)], MarkerShape.FilledCircle, 8, Inks.Model);

        picture.KeyBand(prior is null ? "density" : "posterior", Inks.Model, 2.2f);
        if (prior is not null)
            picture.KeyLine("prior", Inks.Data, 2, Inks.Dashed);
        picture.KeyInterval($"mean and {share} % interval", MarkerShape.FilledCircle, Inks.Model, 2.2f);
        picture.Alternative = string.Create(
            CultureInfo.InvariantCulture,
            $"Density of {name}: mean {posterior.Mean:G4}, {share} % interval from {interval.Lower:G4} to {interval.Upper:G4}.")
            + (prior is null
                ? string.Empty
                : string.Create(
                    CultureInfo.InvariantCulture,
                    $" The prior has mean {prior.Mean:G4} and interval from {prior.Interval(set.Probability).Lower:G4} to "
                        + $"{prior.Interval(set.Probability).Upper:G4}."));
        return picture.Done();
    }

    private static (double From, double To) Room(Density after)
    {
        var room = 2 * (after.X[^1] - after.X[0]);
        return (after.X[0] - room, after.X[^1] + room);
    }

    // A prior far wider than the posterior must not squeeze it into a line: the axis shows the posterior, and of the prior as much again.
    private static void Scope(Picture picture, Density? after, Density? before, double mean)
    {
        var (from, to) = (after?.X[0] ?? mean, after?.X[^1] ?? mean);
        if (before is not null)
        {
            var room = after is null ? (From: before.X[0], To: before.X[^1]) : Room(after);
            (from, to) = (Math.Min(from, Math.Max(before.X[0], room.From)), Math.Max(to, Math.Min(before.X[^1], room.To)));
        }

        var margin = to > from ? 0.03 * (to - from) : Math.Max(1e-6, 0.1 * Math.Abs(mean));
        picture.Axes.SetLimitsX(from - margin, to + margin);
    }
}
