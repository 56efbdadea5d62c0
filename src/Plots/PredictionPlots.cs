using System.Globalization;
using ScottPlot;
using TypedPooling.Plots.Pictures;

namespace TypedPooling.Plots;

/// <summary>Pictures of predictions.</summary>
public static class PredictionPlots
{
    /// <summary>The distribution of a new observation of a row, and that of its expectation: of a row of a new level both are of the
    /// population.</summary>
    /// <typeparam name="TRow">Type of the rows.</typeparam>
    /// <param name="fit">The fit.</param>
    /// <param name="row">The row; its response is not read.</param>
    /// <param name="levels">What stands for the levels of factors that differ from the row's: <c>zip.New(98999)</c>.</param>
    /// <returns>The picture: densities, or bars where the response is a count, with the mean and the interval of each below.</returns>
    /// <exception cref="ModelException">A value of the row is missing or out of range, or a level that is chosen is not in the fit.</exception>
    public static Plot PlotPrediction<TRow>(this Fit<TRow> fit, TRow row, params LevelChoice<TRow>[] levels) =>
        PlotPrediction(fit, row, PlotOptions.Default, levels);

    /// <summary>The distribution of a new observation of a row, and that of its expectation: of a row of a new level both are of the
    /// population.</summary>
    /// <typeparam name="TRow">Type of the rows.</typeparam>
    /// <param name="fit">The fit.</param>
    /// <param name="row">The row; its response is not read.</param>
    /// <param name="options">Size, titles, unit and probability of the intervals.</param>
    /// <param name="levels">What stands for the levels of factors that differ from the row's: <c>zip.New(98999)</c>.</param>
    /// <returns>The picture: densities, or bars where the response is a count, with the mean and the interval of each below.</returns>
    /// <exception cref="ModelException">A value of the row is missing or out of range, or a level that is chosen is not in the fit.</exception>
    /// <remarks>A level that the data have not is a new one. Densities are estimated as by
    /// <see cref="QuantityPlots.PlotAgainstPrior"/> and end where the response's values do.</remarks>
    public static Plot PlotPrediction<TRow>(this Fit<TRow> fit, TRow row, PlotOptions options, params LevelChoice<TRow>[] levels)
    {
        ArgumentNullException.ThrowIfNull(fit);
        ArgumentNullException.ThrowIfNull(options);
        var set = options.Checked();
        var outcomes = Outcomes.Of(fit);
        var (observation, mean) = (fit.PredictNew(row, levels), fit.PredictMean(row, levels));
        var of = levels.Length == 0 ? string.Empty : $" of {string.Join(", ", levels.Select(level => level.ToString()))}";
        Picture picture = new(
            set.Size ?? new(680, 440),
            set.Title ?? $"{fit.Spec.Response.Name}{of}: a new observation and its expectation",
            set.XTitle ?? AxisTitles.Response(fit.Spec, set.Unit),
            set.YTitle ?? (outcomes.IsDiscrete ? "Probability" : "Density"));
        var top = outcomes.IsDiscrete ? AddBars(picture, observation) : AddDensities(picture, observation, mean, outcomes, set);
        picture.Axes.Left.TickGenerator = TickLabels.Automatic(fromZero: true);
        picture.Axes.SetLimitsY(-0.17 * top, 1.08 * top);

        var (first, second) = (observation.Interval(set.Probability), mean.Interval(set.Probability));
        AddInterval(picture, observation, first, -0.055 * top, Inks.Model, MarkerShape.FilledCircle);
        AddInterval(picture, mean, second, -0.115 * top, Inks.Data, MarkerShape.OpenSquare);
        var share = (100 * first.Probability).ToString("0.#", CultureInfo.InvariantCulture);
        picture.KeyBand("new observation", Inks.Model, 2.2f);
        if (!outcomes.IsDiscrete)
            picture.KeyLine("expectation", Inks.Data, 2, Inks.Dashed);
        picture.KeyInterval($"observation: mean and {share} %", MarkerShape.FilledCircle, Inks.Model, 2.2f);
        picture.KeyInterval($"expectation: mean and {share} %", MarkerShape.OpenSquare, Inks.Data, 2.2f);
        picture.Alternative = string.Create(
            CultureInfo.InvariantCulture,
            $"A new observation of {fit.Spec.Response.Name}{of}: mean {observation.Mean:G4}, {share} % interval from {first.Lower:G4} to "
                + $"{first.Upper:G4}. Its expectation: mean {mean.Mean:G4}, interval from {second.Lower:G4} to {second.Upper:G4}.");
        return picture.Done();
    }

    private static double AddDensities(Picture picture, Quantity observation, Quantity mean, Outcomes outcomes, PlotOptions set)
    {
        var (lower, upper) = (set.Lower ?? outcomes.Lower, set.Upper ?? outcomes.Upper);
        var (wide, narrow) = (Density.Of(observation.Draws, lower, upper, observation.Name), Density.Of(mean.Draws, lower, upper, mean.Name));
        if (wide is not null)
        {
            picture.Band(wide.X, new double[wide.X.Length], wide.Y, Inks.Model);
            picture.Curve(wide.X.Zip(wide.Y, (x, y) => new Coordinates(x, y)), Inks.Model, 2.2f);
        }

        if (wide is null)
            return 1;

        // The expectation is far surer where the level is known: its density would flatten the other.
        var most = 3 * wide.Top;
        if (narrow is not null)
            picture.Curve(narrow.X.Zip(narrow.Y, (x, y) => new Coordinates(x, Math.Min(y, 1.2 * most))), Inks.Data, 2, Inks.Dashed);
        return Math.Max(wide.Top, Math.Min(narrow?.Top ?? 0, most));
    }

    private static double AddBars(Picture picture, Quantity observation)
    {
        double[] draws = [.. observation.Draws.Where(double.IsFinite)];
        if (draws.Length == 0)
            return 1;
        var bars = Bars.Of(draws, isDiscrete: true, draws.Min(), observation.Quantile(0.99));
        bars.AddTo(picture, Inks.Model, 1.8f);
        return bars.Shares.Max();
    }

    private static void AddInterval(Picture picture, Quantity quantity, Interval interval, double y, Color ink, MarkerShape shape)
    {
        if (double.IsFinite(interval.Lower + interval.Upper))
            picture.Pieces([new(interval.Lower, y, interval.Upper, y)], ink, 2.2f);
        if (double.IsFinite(quantity.Mean))
            picture.Points([new(quantity.Mean, y)], shape, 8, ink);
    }
}
