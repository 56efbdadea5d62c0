using ScottPlot;

namespace TypedPooling.Plots.Pictures;

/// <summary>Shares of draws by value: of whole numbers one by one where they are few, of others in bins of equal width. Immutable.</summary>
/// <param name="From">Where each bin begins.</param>
/// <param name="Width">Width of a bin.</param>
/// <param name="Shares">The share of the draws in each bin.</param>
internal sealed record Bars(double From, double Width, double[] Shares)
{
    private const int MostBins = 40;

    /// <summary>The middle of each bin.</summary>
    public IEnumerable<double> Middles => Shares.Select((_, b) => From + (b + 0.5) * Width);

    /// <summary>Bins that hold all values.</summary>
    public static Bars Of(IReadOnlyCollection<double> values, bool isDiscrete) => Of(values, isDiscrete, values.Min(), values.Max());

    /// <summary>Bins from a least to a largest value; what is outside is left out.</summary>
    public static Bars Of(IReadOnlyCollection<double> values, bool isDiscrete, double least, double largest)
    {
        var (from, width, count) = (least, (largest - least) / 30, 30);
        if (!isDiscrete && Grid(values) is { } gap)
        {
            // Proportions of so many rows: bins that hold as many values each.
            width = gap * Math.Max(1, Math.Ceiling((largest - least) / gap / MostBins));
            count = (int)Math.Floor((largest - least) / width + 1e-6) + 1;
            from = least - 0.5 * gap;
        }
        else if (isDiscrete)
        {
            (from, width, count) = Whole(least, largest);
        }

        if (!(width > 0))
            (from, width, count) = (least - 0.05 * Size(least), 0.1 * Size(least), 1);
        var shares = new double[count];
        foreach (var value in values)
        {
            var bin = (int)Math.Floor((value - from) / width);
            if (value == largest && bin == count)
                bin--;
            if (bin >= 0 && bin < count)
                shares[bin] += 1.0 / values.Count;
        }

        return new(from, width, shares);

        static double Size(double value) => value == 0 ? 1 : Math.Abs(value);
    }

    /// <summary>Bins of whole numbers from a least to a largest value, of how often each is there; what is outside is left out.</summary>
    public static Bars OfCounts(IReadOnlyDictionary<double, int> counts, double least, double largest)
    {
        var (from, width, count) = Whole(least, largest);
        var total = counts.Values.Sum(times => (long)times);
        var shares = new double[count];
        foreach (var (value, times) in counts)
        {
            var bin = (int)Math.Floor((value - from) / width);
            if (bin >= 0 && bin < count)
                shares[bin] += (double)times / total;
        }

        return new(from, width, shares);
    }

    private static (double From, double Width, int Count) Whole(double least, double largest)
    {
        var width = Math.Max(1, Math.Ceiling((largest - least + 1) / MostBins));
        return (least - 0.5, width, (int)Math.Ceiling((largest - least + 1) / width));
    }

    // The distance of neighbours, where all values are whole numbers of it apart; null where there is none.
    private static double? Grid(IReadOnlyCollection<double> values)
    {
        double[] distinct = [.. values.Distinct().Order()];
        if (distinct.Length is < 2 or > 200)
            return null;
        var gap = distinct.Zip(distinct.Skip(1), (a, b) => b - a).Where(d => d > 1e-9 * (distinct[^1] - distinct[0])).Min();
        return distinct.All(value => Math.Abs((value - distinct[0]) / gap - Math.Round((value - distinct[0]) / gap)) < 1e-3) ? gap : null;
    }

    /// <summary>The outline of all bars as one curve.</summary>
    public IEnumerable<Coordinates> Outline() =>
    [
        new(From, 0),
        .. Shares.SelectMany((share, b) => new[] { new Coordinates(From + b * Width, share), new Coordinates(From + (b + 1) * Width, share) }),
        new(From + Shares.Length * Width, 0),
    ];

    /// <summary>Adds them to a picture: outlines with a fill.</summary>
    public void AddTo(Picture picture, Color ink, float lineWidth, LinePattern pattern = default)
    {
        double[] x = [.. Outline().Select(point => point.X)];
        picture.Band(x, new double[x.Length], [.. Outline().Select(point => point.Y)], ink);
        picture.Curve(Outline(), ink, lineWidth, pattern);
    }
}
