using System.Globalization;
using ScottPlot;
using TypedPooling.Plots.Pictures;

namespace TypedPooling.Plots;

/// <summary>Pictures of posterior predictive checks.</summary>
public static class CheckPlots
{
    // Replicates that are drawn as curves of their own.
    private const int Curves = 40;

    /// <summary>The density of the data over those of data replicated from the fit; where the response is a count, shares by value.</summary>
    /// <typeparam name="TRow">Type of the rows.</typeparam>
    /// <param name="fit">The fit.</param>
    /// <param name="rows">Rows with responses; enumerated once.</param>
    /// <param name="options">Size, titles, unit and number of replicates; null for the defaults.</param>
    /// <returns>The picture: 40 replicates as thin lines and the data as a thick one; of counts, the interval of each share over the replicates and
    /// the data's share.</returns>
    /// <exception cref="ModelException">The rows hold values that cannot be used.</exception>
    /// <remarks>Densities are estimated as by <see cref="QuantityPlots.PlotAgainstPrior"/> and end where the response's values do.</remarks>
    public static Plot PlotCheck<TRow>(this Fit<TRow> fit, IEnumerable<TRow> rows, PlotOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(fit);
        var set = (options ?? PlotOptions.Default).Checked();
        var outcomes = Outcomes.Of(fit);
        Picture picture = new(
            set.Size ?? new(680, 440),
            set.Title ?? $"{fit.Spec.Response.Name}: data and replicates",
            set.XTitle ?? AxisTitles.Response(fit.Spec, set.Unit),
            set.YTitle ?? (outcomes.IsDiscrete ? "Share of rows" : "Density"));
        if (outcomes.IsDiscrete)
        {
            // A million rows have few values: each replicate is kept as how often it has each of them.
            var tallies = Responses(fit, rows, set.Draws, responses => responses.CountBy(y => y).ToDictionary());
            AddShares(picture, tallies[0], tallies[1..], set);
            Tell(tallies[0].Values.Sum(), [.. tallies.Select(Mean)]);
        }
        else
        {
            var all = Responses(fit, rows, Curves, responses => responses.ToArray());
            AddDensities(picture, all[0], all[1..], outcomes, set);
            Tell(all[0].Length, [.. all.Select(responses => responses.Average())]);
        }

        return picture.Done();

        void Tell(int count, double[] means) => picture.Alternative = string.Create(
            CultureInfo.InvariantCulture,
            $"Distribution of {count} responses ({fit.Spec.Response.Name}) over those of {means.Length - 1} data sets replicated from the fit. "
                + $"The data have mean {means[0]:G4}, the replicates {means.Skip(1).Average():G4}.");
    }

    /// <summary>A statistic of the data over that of the replicates.</summary>
    /// <param name="statistic">The statistic, a row of <c>fit.Check(rows)</c>.</param>
    /// <param name="options">Size and titles; null for the defaults.</param>
    /// <returns>The picture: bars of the replicates and a line at the data.</returns>
    /// <exception cref="ModelException">DataNeeded: the statistic was read from a file, without its replicates.</exception>
    public static Plot PlotStatistic(this CheckedStatistic statistic, PlotOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(statistic);
        return Draw(statistic, (options ?? PlotOptions.Default).Checked());
    }

    /// <summary>How many responses are 0, over the replicates.</summary>
    /// <typeparam name="TRow">Type of the rows.</typeparam>
    /// <param name="fit">A fit of counts, or of successes among trials.</param>
    /// <param name="rows">Rows with responses; enumerated once.</param>
    /// <param name="options">Size and titles; null for the defaults.</param>
    /// <returns>The picture: bars of the replicates' proportions of zeros and a line at the data's.</returns>
    /// <exception cref="ModelException">NotForThisFamily: the response is continuous and has no zeros to count.</exception>
    public static Plot PlotZeros<TRow>(this Fit<TRow> fit, IEnumerable<TRow> rows, PlotOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(fit);
        var family = fit.Spec.Response.Family;
        if (!family.IsCount && !family.IsProportion)
        {
            throw new ModelException(new Problem(
                ProblemCode.NotForThisFamily,
                $"A {family.Name} response is continuous, so a response of exactly 0 has no probability to compare.",
                "Use PlotCheck, or PlotStatistic of another statistic."));
        }

        return Draw(fit.Check(rows, Statistic.Zeros).Of(Statistic.Zeros), (options ?? PlotOptions.Default).Checked());
    }

    /// <summary>The density check and the statistics that say most about the family, in panels.</summary>
    /// <typeparam name="TRow">Type of the rows.</typeparam>
    /// <param name="fit">The fit.</param>
    /// <param name="rows">Rows with responses; enumerated once.</param>
    /// <param name="options">Size, title, unit and number of replicates; null for the defaults.</param>
    /// <returns>The picture: <see cref="PlotCheck"/>, then <see cref="PlotStatistic"/> of each statistic of <c>fit.Check(rows)</c>.</returns>
    public static Multiplot PlotCheckPanels<TRow>(this Fit<TRow> fit, IEnumerable<TRow> rows, PlotOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(fit);
        ArgumentNullException.ThrowIfNull(rows);
        var set = (options ?? PlotOptions.Default).Checked();
        TRow[] all = [.. rows];
        var statistics = fit.Check(all).Rows.Where(row => row.Replicated.Any(double.IsFinite)).ToArray();
        const int Columns = 3;
        var gridRows = (statistics.Length + 1 + Columns - 1) / Columns;
        var size = set.Size ?? new(1020, 330 * gridRows);
        var one = set with { Size = new(size.Width / Columns, size.Height / gridRows), XTitle = null, YTitle = null };
        Picture[] panels =
        [
            (Picture)fit.PlotCheck(all, one with { Title = "Responses" }), .. statistics.Select(row => Draw(row, one with { Title = row.Name })),
        ];
        return new Panels(panels, Columns, size, set.Title ?? $"Predictive check of {fit.Spec.Response.Name}")
        {
            Alternative = string.Join(" ", panels.Select(panel => panel.Alternative)),
        };
    }

    // A statistic is asked once for the data and then once a replicate, of the same rows in the same order.
    private static double Mean(Dictionary<double, int> tally) => tally.Sum(pair => pair.Key * pair.Value) / tally.Values.Sum();

    // What is kept of the responses of the data, and then of those of each replicate.
    private static T[] Responses<TRow, T>(Fit<TRow> fit, IEnumerable<TRow> rows, int draws, Func<IEnumerable<double>, T> kept)
    {
        List<T> seen = [];
        var keep = Statistic.Of("responses", responses =>
        {
            seen.Add(kept(responses));
            return 0;
        });
        fit.Check(rows, new CheckOptions { Draws = Math.Min(draws, fit.Posterior.DrawCount) }, keep);
        return [.. seen];
    }

    private static void AddDensities(
        Picture picture, double[] data, IReadOnlyList<double[]> replicates, Outcomes outcomes, PlotOptions set)
    {
        var (lower, upper) = (set.Lower ?? outcomes.Lower, set.Upper ?? outcomes.Upper);
        var observed = Density.Of(data, lower, upper, "The response");
        var curves = replicates.Select(replicate => Density.Of(replicate, lower, upper, "A replicate")).OfType<Density>().ToArray();
        foreach (var curve in curves)
            picture.Curve(Every(curve, 2), Inks.Model, 0.7f);
        if (observed is not null)
            picture.Curve(Every(observed, 1), Inks.Data, 2.8f, Inks.Dashed);

        // Replicates of a heavy tail must not squeeze the data into a line.
        var (from, to) = (data.Min(), data.Max());
        var room = to > from ? to - from : 1;
        var (left, right) = (
            curves.Append(observed).OfType<Density>().Select(d => d.X[0]).DefaultIfEmpty(from).Min(),
            curves.Append(observed).OfType<Density>().Select(d => d.X[^1]).DefaultIfEmpty(to).Max());
        picture.Axes.SetLimitsX(Math.Max(left, from - 0.6 * room), Math.Min(right, to + 0.6 * room));
        picture.Axes.SetLimitsY(0, 1.06 * curves.Append(observed).OfType<Density>().Select(d => d.Top).DefaultIfEmpty(1).Max());
        picture.KeyLine("data", Inks.Data, 2.8f, Inks.Dashed);
        picture.KeyLine($"{curves.Length} replicates", Inks.Model, 0.9f);
    }

    private static IEnumerable<Coordinates> Every(Density density, int step) =>
        Enumerable.Range(0, (density.X.Length + step - 1) / step).Select(i => new Coordinates(density.X[i * step], density.Y[i * step]));

    private static void AddShares(Picture picture, Dictionary<double, int> data, Dictionary<double, int>[] replicates, PlotOptions set)
    {
        var probability = set.Probability ?? 0.89;
        var (least, largest) = (Math.Min(data.Keys.Min(), replicates.Min(r => r.Keys.Min())), Math.Max(data.Keys.Max(), High(replicates)));
        var observed = Bars.OfCounts(data, least, largest);
        var bars = replicates.Select(replicate => Bars.OfCounts(replicate, least, largest).Shares).ToArray();
        observed.AddTo(picture, Inks.Data, 1.6f, Inks.Dashed);
        var middles = observed.Middles.ToArray();
        var intervals = middles.Select((x, b) =>
        {
            double[] shares = [.. bars.Select(share => share[b]).Order()];
            return (X: x, Low: At(shares, (1 - probability) / 2), Middle: At(shares, 0.5), High: At(shares, (1 + probability) / 2));
        }).ToArray();
        picture.Pieces(intervals.Select(i => new CoordinateLine(i.X, i.Low, i.X, i.High)), Inks.Model, 2);
        picture.Points(intervals.Select(i => new Coordinates(i.X, i.Middle)), MarkerShape.FilledCircle, 6, Inks.Model);
        picture.Axes.SetLimits(
            observed.From - 0.5 * observed.Width, middles[^1] + observed.Width, 0,
            1.08 * Math.Max(observed.Shares.Max(), intervals.Max(i => i.High)));
        picture.KeyBand("data", Inks.Data, 1.6f, Inks.Dashed);
        picture.KeyInterval(
            string.Create(CultureInfo.InvariantCulture, $"{replicates.Length} replicates: median and {100 * probability:0.#} %"),
            MarkerShape.FilledCircle, Inks.Model, 2);

        static double At(double[] sorted, double p) => Draws.Diagnostics.QuantileOfSorted(sorted, p);
    }

    // The value that 99.5 % of all replicated responses do not exceed.
    private static double High(Dictionary<double, int>[] replicates)
    {
        var left = (long)(0.995 * replicates.Sum(replicate => replicate.Values.Sum(count => (long)count)));
        foreach (var group in replicates.SelectMany(replicate => replicate).GroupBy(pair => pair.Key).OrderBy(group => group.Key))
        {
            left -= group.Sum(pair => (long)pair.Value);
            if (left < 0)
                return group.Key;
        }

        return replicates.Max(replicate => replicate.Keys.Max());
    }

    private static Picture Draw(CheckedStatistic statistic, PlotOptions set)
    {
        double[] replicated = [.. statistic.Replicated.Where(double.IsFinite)];
        if (replicated.Length == 0)
        {
            throw new ModelException(new Problem(
                ProblemCode.DataNeeded,
                $"The {statistic.Name} has no replicates to draw: a check from a file has none, nor has one that is not a number.",
                "Make the check again by fit.Check(rows).")
            { Term = statistic.Name });
        }

        var name = statistic.Level is null ? statistic.Name : $"{statistic.Name} of {Keys.KeyText.Printed(statistic.Level)}";
        Picture picture = new(
            set.Size ?? new(600, 400),
            set.Title ?? $"{name}: data and replicates",
            set.XTitle ?? name,
            set.YTitle ?? "Share of replicates");
        var values = replicated.Append(statistic.Observed).Where(double.IsFinite).ToArray();
        var bars = Bars.Of(replicated, false);
        bars.AddTo(picture, Inks.Model, 1.6f);
        picture.Vertical(statistic.Observed, Inks.Data, 2.4f, Inks.Dashed);
        var (from, to) = (Math.Min(values.Min(), bars.From), Math.Max(values.Max(), bars.From + bars.Width * bars.Shares.Length));
        var margin = bars.Shares.Length == 1 ? 4 * (to - from) : 0.04 * (to - from);
        picture.Axes.SetLimits(from - margin, to + margin, 0, 1.1 * bars.Shares.Max());
        picture.KeyBand("replicates", Inks.Model, 1.6f);
        picture.KeyLine("data", Inks.Data, 2.4f, Inks.Dashed);
        picture.Alternative = string.Create(
            CultureInfo.InvariantCulture,
            $"{name}: {statistic.Observed:G4} in the data; {statistic.Mean:G4} on average in {replicated.Length} replicates, "
                + $"{100 * statistic.ProbabilityAtLeast:0.#} % of which are as large.");
        return picture.Done();
    }
}
