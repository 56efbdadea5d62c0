using TypedPooling.Randomness;

namespace TypedPooling.Tests.Dsl.Support;

/// <summary>A row with a positive response, a weight, a count and an offset.</summary>
public sealed record Parcel(string Depot, double X, double Y, double W, int N, double Known)
{
    public static readonly Group<Parcel, string> ByDepot = Group.By((Parcel p) => p.Depot);

    /// <summary>Rows of seven depots of unequal size.</summary>
    public static Parcel[] Rows(ulong seed = 11, int count = 40)
    {
        var stream = new PhiloxStream(seed, 3);
        return
        [
            .. Enumerable.Range(0, count).Select(i => new Parcel(
                "depot " + i * i % 7,
                2 + stream.NextNormal(),
                Math.Exp(0.5 + 0.7 * stream.NextNormal()),
                0.2 + 3 * stream.NextDouble(),
                1 + (int)(5 * stream.NextDouble()),
                stream.NextNormal())),
        ];
    }

    /// <summary>Each row as often as it counts.</summary>
    public static Parcel[] Repeated(IEnumerable<Parcel> rows) => [.. rows.SelectMany(row => Enumerable.Repeat(row, row.N))];
}
