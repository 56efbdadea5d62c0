namespace TypedPooling.Tests.Dsl.Support;

/// <summary>A row whose response is a proportion or a count, to be bent with <c>with</c>.</summary>
public sealed record Toss
{
    public string? Site { get; init; } = "a";

    public int Line { get; init; } = 1;

    public string? Kind { get; init; } = "k";

    public Season Season { get; init; }

    public double X { get; init; }

    public bool Flag { get; init; }

    public bool Won { get; init; }

    public double Y { get; init; }

    public int Wins { get; init; }

    public double N { get; init; } = 1;

    public double? Gap { get; init; } = 0;

    public double Known { get; init; }

    /// <summary>Sixty rows of five sites with nothing wrong in them, some alike; irregular, without randomness.</summary>
    public static Toss[] Many(int count = 60) =>
    [
        .. Enumerable.Range(0, count).Select(i => new Toss
        {
            Site = "site " + i % 5,
            Line = i % 3,
            Kind = (i * i % 7) switch { 0 => "b", 1 => "a", _ => "c" },
            Season = (Season)(1 + i % 3),
            X = i * 7 % 4,
            Flag = i % 2 == 0,
            Won = i * i * 13 % 31 > 14,
            Y = i * i * 13 % 31 > 14 ? 1 : 0,
            Wins = i * i * 13 % 6,
            N = 5 + i % 3,
            Gap = i % 4,
            Known = i % 2 * 0.5,
        }),
    ];
}
