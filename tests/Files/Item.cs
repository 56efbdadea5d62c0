using TypedPooling.Randomness;

namespace TypedPooling.Tests.Files;

/// <summary>A row for models of every family.</summary>
public sealed record Item(
    string? Site,
    int Line,
    Tone Tone,
    string? Kind,
    double? X,
    double Y,
    double Positive,
    double Share,
    int Events,
    int Trials,
    double Weight,
    int Times)
{
    public static readonly Group<Item, string?> BySite = Group.By((Item i) => i.Site);
    public static readonly Group<Item, int> ByLine = Group.By((Item i) => i.Line);

    /// <summary>Rows whose sites, lines and kinds come in no order; every 17th lacks X.</summary>
    public static Item[] Rows(int count = 700, ulong seed = 5, int sites = 5)
    {
        var stream = new PhiloxStream(seed, 0);
        return [.. Enumerable.Range(0, count).Select(i =>
        {
            var site = (int)(stream.NextDouble() * sites);
            var x = Math.Round(4 * stream.NextDouble(), 1);
            var y = 20 + 0.5 * site + 0.3 * x + stream.NextNormal();
            var trials = 1 + (int)(5 * stream.NextDouble());
            return new Item(
                $"site {site}",
                (int)(7 * stream.NextDouble()),
                (Tone)(int)(3 * stream.NextDouble()),
                "abc"[(int)(3 * stream.NextDouble())].ToString(),
                i % 17 == 16 ? null : x,
                y,
                Math.Exp(0.1 * y),
                1 / (1 + Math.Exp(0.2 * (20 - y))),
                (int)(trials * stream.NextDouble()),
                trials,
                0.5 + stream.NextDouble(),
                1 + (int)(3 * stream.NextDouble()));
        })];
    }
}

public enum Tone
{
    Low,
    Middle,
    High,
}
