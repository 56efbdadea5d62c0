using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using TypedPooling.Json;

namespace TypedPooling;

/// <summary>The distribution of a quantity in bins of equal width. Made by <see cref="Quantity.Histogram(int)"/>. Immutable.</summary>
/// <remarks>Probabilities are shares of the draws or of the weighted sample, exact where the posterior is known exactly. Thread-safe: any number of
/// threads may read it at once.</remarks>
[JsonConverter(typeof(AnswerJsonConverter))]
public sealed class Histogram : IJsonAnswer<Histogram>, ITabular
{
    private const int MostBins = 1000;
    private const int LongestBar = 50;

    private Histogram(string name, ImmutableArray<HistogramBin> bins, double below, double above)
    {
        Name = name;
        Bins = bins;
        Below = below;
        Above = above;
    }

    /// <summary>Name of the quantity.</summary>
    public string Name { get; }

    /// <summary>The bins, side by side in ascending order.</summary>
    public ImmutableArray<HistogramBin> Bins { get; }

    /// <summary>Posterior probability below the first bin.</summary>
    public double Below { get; }

    /// <summary>Posterior probability above the last bin.</summary>
    public double Above { get; }

    /// <summary>A line a bin: where it begins and ends, its probability in percent, and a bar; numbers in the invariant culture.</summary>
    public override string ToString()
    {
        var width = Bins[0].Upper - Bins[0].Lower;

        // Three digits of four bins, which are about an sd.
        var decimals = Figures.Decimals(4 * width);
        var most = Bins.Max(bin => bin.Probability);
        var ends = Bins.Select(bin => (Figures.Fixed(bin.Lower, decimals), Figures.Fixed(bin.Upper, decimals))).ToArray();
        var (left, right) = (ends.Max(end => end.Item1.Length), ends.Max(end => end.Item2.Length));
        var text = new StringBuilder().AppendLine(Name);
        for (var b = 0; b < Bins.Length; b++)
        {
            var bar = most > 0 ? (int)Math.Round(LongestBar * Bins[b].Probability / most) : 0;
            text.AppendLine(
                $"{ends[b].Item1.PadLeft(left)} to {ends[b].Item2.PadLeft(right)}  {Percent(Bins[b].Probability)}  {new string('#', bar)}".TrimEnd());
        }

        if (Below + Above > 0)
            text.AppendLine(CultureInfo.InvariantCulture, $"{Percent(Below).TrimStart()} below, {Percent(Above).TrimStart()} above");
        return text.ToString();
    }

    /// <summary>A row a bin: where it begins and ends, and its probability.</summary>
    /// <returns>One table.</returns>
    public ImmutableArray<PrintedTable> ToTables()
    {
        var decimals = Figures.Decimals(4 * (Bins[0].Upper - Bins[0].Lower));
        var table = new TableBuilder("from", "to", "probability");
        foreach (var bin in Bins)
            table.Add(Figures.Fixed(bin.Lower, decimals), Figures.Fixed(bin.Upper, decimals), Percent(bin.Probability).TrimStart());
        return [Below + Above > 0
            ? table.Build(Name, $"{Percent(Below).TrimStart()} below, {Percent(Above).TrimStart()} above")
            : table.Build(Name)];
    }

    /// <summary>Bins a distribution.</summary>
    /// <param name="name">Name of the quantity.</param>
    /// <param name="bins">Number of bins.</param>
    /// <param name="lower">Where the first bin begins.</param>
    /// <param name="upper">Where the last one ends.</param>
    /// <param name="below">Probability below a value, and of the value itself where the second argument says so.</param>
    internal static Histogram Of(string name, int bins, double lower, double upper, Func<double, bool, double> below)
    {
        if (bins is < 1 or > MostBins)
            throw new ArgumentOutOfRangeException(nameof(bins), bins, $"A histogram must have 1 to {MostBins} bins.");
        if (!double.IsFinite(lower))
            throw new ArgumentOutOfRangeException(nameof(lower), lower, "Bins must begin at a finite value.");
        if (!double.IsFinite(upper) || upper < lower)
            throw new ArgumentOutOfRangeException(nameof(upper), upper, "Bins must end at a finite value that is not below their start.");
        var count = upper > lower ? bins : 1;
        var edges = Enumerable.Range(0, count + 1).Select(b => b == count ? upper : lower + b * (upper - lower) / count).ToArray();
        var shares = edges.Select((edge, b) => below(edge, b == count)).ToArray();
        return new(
            name,
            [.. Enumerable.Range(0, count).Select(b => new HistogramBin(edges[b], edges[b + 1], shares[b + 1] - shares[b]))],
            shares[0],
            1 - shares[count]);
    }

    private static string Percent(double probability) => $"{Figures.Fixed(100 * probability, 1)}%".PadLeft(6);

    static Histogram IJsonAnswer<Histogram>.ReadFrom(JsonElement json) => new(
        json.Text("name"),
        json.Answers<HistogramBin>("bins"),
        json.Real("below"),
        json.Real("above"));

    void IJsonAnswer.WriteTo(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("name", Name);
        writer.WriteAnswers("bins", Bins);
        writer.WriteReal("below", Below);
        writer.WriteReal("above", Above);
        writer.WriteEndObject();
    }
}
