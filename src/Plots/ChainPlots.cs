using System.Globalization;
using ScottPlot;
using TypedPooling.Draws;
using TypedPooling.Plots.Pictures;

namespace TypedPooling.Plots;

/// <summary>Pictures of Markov chains.</summary>
public static class ChainPlots
{
    private const int RankBins = 20;
    private const int DefaultCount = 4;

    /// <summary>The draws of each chain in their order, with divergences marked.</summary>
    /// <typeparam name="TRow">Type of the rows.</typeparam>
    /// <param name="fit">A fit whose draws are Markov chains.</param>
    /// <param name="names">Names of parameters as in the table; the first four that are not constant where there is none.</param>
    /// <returns>The picture, a panel a parameter. A tick at the bottom and a triangle mark each divergent draw.</returns>
    /// <exception cref="ModelException">NotForThisFamily: the draws are independent, so there is none. UnknownTerm: no such parameter.</exception>
    public static Multiplot PlotTraces<TRow>(this Fit<TRow> fit, params string[] names) => PlotTraces(fit, PlotOptions.Default, names);

    /// <summary>The draws of each chain in their order, with divergences marked.</summary>
    /// <typeparam name="TRow">Type of the rows.</typeparam>
    /// <param name="fit">A fit whose draws are Markov chains.</param>
    /// <param name="options">Size and title.</param>
    /// <param name="names">Names of parameters as in the table; the first four that are not constant where there is none.</param>
    /// <returns>The picture, a panel a parameter. A tick at the bottom and a triangle mark each divergent draw.</returns>
    /// <exception cref="ModelException">NotForThisFamily: the draws are independent, so there is none. UnknownTerm: no such parameter.</exception>
    public static Multiplot PlotTraces<TRow>(this Fit<TRow> fit, PlotOptions options, params string[] names) =>
        Draw(fit, options, names, "Traces", (quantity, size) => Trace(fit.Posterior, quantity, size), isRank: false);

    /// <summary>Ranks of the draws of each chain among those of all chains: flat where the chains agree.</summary>
    /// <typeparam name="TRow">Type of the rows.</typeparam>
    /// <param name="fit">A fit whose draws are Markov chains.</param>
    /// <param name="names">Names of parameters as in the table; the first four that are not constant where there is none.</param>
    /// <returns>The picture, a panel a parameter, with a line a chain. Of several chains there is a band: it holds the count of a bin with
    /// a probability of about 95 % where the draws are independent and the chains agree.</returns>
    /// <exception cref="ModelException">NotForThisFamily: the draws are independent, so there is none. UnknownTerm: no such parameter.</exception>
    /// <remarks>Draws of one value share their ranks equally, so a constant is flat in every chain. No divergence is marked, since a count is of many
    /// draws: <see cref="PlotTraces{TRow}(Fit{TRow}, string[])"/> shows which are divergent. Source: [Vehtari2021].</remarks>
    public static Multiplot PlotRanks<TRow>(this Fit<TRow> fit, params string[] names) => PlotRanks(fit, PlotOptions.Default, names);

    /// <summary>Ranks of the draws of each chain among those of all chains: flat where the chains agree.</summary>
    /// <typeparam name="TRow">Type of the rows.</typeparam>
    /// <param name="fit">A fit whose draws are Markov chains.</param>
    /// <param name="options">Size and title.</param>
    /// <param name="names">Names of parameters as in the table; the first four that are not constant where there is none.</param>
    /// <returns>The picture, a panel a parameter, with a line a chain. Of several chains there is a band: it holds the count of a bin with
    /// a probability of about 95 % where the draws are independent and the chains agree.</returns>
    /// <exception cref="ModelException">NotForThisFamily: the draws are independent, so there is none. UnknownTerm: no such parameter.</exception>
    /// <remarks>Draws of one value share their ranks equally, so a constant is flat in every chain. No divergence is marked, since a count is of many
    /// draws: <see cref="PlotTraces{TRow}(Fit{TRow}, string[])"/> shows which are divergent. Source: [Vehtari2021].</remarks>
    public static Multiplot PlotRanks<TRow>(this Fit<TRow> fit, PlotOptions options, params string[] names) =>
        Draw(fit, options, names, "Ranks", (quantity, size) => Ranks(fit.Posterior, quantity, size), isRank: true);

    private static Panels Draw<TRow>(
        Fit<TRow> fit, PlotOptions options, string[] names, string heading, Func<Quantity, PlotSize, Picture> panel, bool isRank)
    {
        ArgumentNullException.ThrowIfNull(fit);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(names);
        var set = options.Checked();
        var posterior = fit.Posterior;
        if (posterior.DrawKind == DrawKind.Independent)
        {
            throw new ModelException(new Problem(
                ProblemCode.NotForThisFamily,
                $"The draws of {posterior.Engine} are independent, so there is no chain to look at and none that could fail to mix.",
                "Look at PlotDistribution of a quantity. For chains fit with Engine.Nuts or Engine.Gibbs."));
        }

        IEnumerable<string> chosen = names.Length > 0 ? names : Moving(fit, DefaultCount);
        var quantities = chosen.Select(fit.Quantity).ToArray();
        var columns = isRank && quantities.Length > 1 ? 2 : 1;
        var rows = (quantities.Length + columns - 1) / columns;
        var size = set.Size ?? new(820, (isRank ? 250 : 200) * rows + 34);
        PlotSize cell = new(size.Width / columns, (size.Height - 30) / rows);
        Picture key = new(new(size.Width, 30), string.Empty, string.Empty, string.Empty);
        for (var c = 0; c < posterior.ChainCount; c++)
            key.KeyLine(string.Create(CultureInfo.InvariantCulture, $"chain {c + 1}"), Inks.Of(c), 1.8f, isRank ? Inks.PatternOf(c) : default);
        var divergences = posterior.Sampler?.DivergenceCount ?? 0;
        if (isRank && posterior.ChainCount > 1)
            key.KeyBand("95 % where chains agree", Inks.Quiet);
        else if (!isRank && divergences > 0)
            key.Key(string.Create(CultureInfo.InvariantCulture, $"divergence ({divergences:N0})"), MarkerShape.FilledTriangleUp, Inks.Alarm);
        return new Panels([.. quantities.Select(quantity => panel(quantity, cell))], columns, size, set.Title ?? heading, key.Done())
        {
            Alternative = string.Create(
                CultureInfo.InvariantCulture,
                $"{heading} of {string.Join(", ", quantities.Select(q => q.Name))} in {posterior.ChainCount} chains "
                    + $"of {posterior.DrawsPerChain} draws. {divergences} divergences. The largest R-hat is {quantities.Max(q => q.RHat):F3}."),
        };
    }

    /// <summary>Names of the first parameters whose draws differ, in the order of the table: a fixed scale has nothing to mix. Where all are
    /// constant, the first ones.</summary>
    internal static string[] Moving<TRow>(Fit<TRow> fit, int most)
    {
        string[] all = [.. fit.Table.Rows.Select(row => row.Parameter.Name)];
        string[] moving = [.. all.Where(name => fit.Quantity(name).Draws is var draws && draws.Any(draw => !draw.Equals(draws[0]))).Take(most)];
        return moving.Length > 0 ? moving : [.. all.Take(most)];
    }

    private static Picture Trace(Posterior posterior, Quantity quantity, PlotSize size)
    {
        Picture picture = new(size, quantity.Name, "Draw", "Value");
        var (draws, n) = (quantity.Draws, posterior.DrawsPerChain);
        for (var c = 0; c < posterior.ChainCount; c++)
            picture.Curve(Enumerable.Range(0, n).Select(i => new Coordinates(i + 1, draws[c * n + i])), Inks.Of(c), 0.8f);
        var (low, high) = (draws.Min(), draws.Max());
        var margin = high > low ? 0.08 * (high - low) : 0.5;
        if (posterior.Sampler is { } sampler && sampler.DivergenceCount > 0)
        {
            int[] at = [.. Enumerable.Range(0, draws.Length).Where(i => sampler.Divergent[i])];
            picture.Points(at.Select(i => new Coordinates(i % n + 1, draws[i])), MarkerShape.FilledTriangleUp, 8, Inks.Alarm);
            picture.Pieces(at.Select(i => new CoordinateLine(i % n + 1, low - margin, i % n + 1, low - 0.3 * margin)), Inks.Alarm, 1.2f);
        }

        picture.Axes.SetLimits(-0.005 * n, 1.005 * n + 1, low - margin, high + margin);
        return picture.Done();
    }

    private static Picture Ranks(Posterior posterior, Quantity quantity, PlotSize size)
    {
        Picture picture = new(size, quantity.Name, "Rank", "Draws");
        var (draws, n) = (quantity.Draws, posterior.DrawsPerChain);
        var order = Enumerable.Range(0, draws.Length).OrderBy(i => draws[i]).ToArray();
        var width = (double)order.Length / RankBins;
        var counts = new double[posterior.ChainCount, RankBins];
        for (int from = 0, to; from < order.Length; from = to)
        {
            // Draws of one value have no order among themselves: each has an equal part of all their ranks.
            to = from + 1;
            while (to < order.Length && draws[order[to]].Equals(draws[order[from]]))
                to++;
            for (var b = (int)(from / width); b < RankBins && b * width < to; b++)
            {
                var part = (Math.Min(to, (b + 1) * width) - Math.Max(from, b * width)) / (to - from);
                for (var rank = from; part > 0 && rank < to; rank++)
                    counts[order[rank] / n, b] += part;
            }
        }

        // Where chains agree, the count of a chain's n draws among the N / B ranks of a bin is hypergeometric: its variance is that of a binomial
        // count times (N - n) / (N - 1). One chain has the same count in every bin.
        var expected = (double)n / RankBins;
        var reach = 1.96 * Math.Sqrt(
            expected * (1 - 1.0 / RankBins) * (order.Length - n) / Math.Max(1, order.Length - 1));
        var least = Math.Max(0, expected - reach);
        if (posterior.ChainCount > 1)
            picture.Band([0, order.Length], [least, least], [expected + reach, expected + reach], Inks.Quiet);
        for (var c = 0; c < posterior.ChainCount; c++)
        {
            picture.Curve(
                Enumerable.Range(0, RankBins).SelectMany(
                    b => new[] { new Coordinates(b * width, counts[c, b]), new Coordinates((b + 1) * width, counts[c, b]) }),
                Inks.Of(c), 1.6f, Inks.PatternOf(c));
        }

        var most = Math.Max(expected + 2.5 * reach, 1.05 * counts.Cast<double>().Max());
        picture.Axes.SetLimits(-0.01 * order.Length, 1.01 * order.Length, 0, most);
        return picture.Done();
    }
}
