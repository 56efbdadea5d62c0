namespace TypedPooling.Tests.Dsl.Support;

public enum Season
{
    Summer = 3,
    Winter = 1,
    Spring = 2,
}

public sealed record Visit(string Cafe, bool Afternoon, double Wait);

public sealed record Home(string County, double Floor, double LogRadon, double LogUranium);

public sealed record School(string Name, double Effect, double Se);

public sealed record CountryYear(string Country, string Continent, int Year, double LifeExp);

public sealed record Sample(string Plate, string Batch, double Diameter);

/// <summary>A row with every kind of column, to be bent with <c>with</c>.</summary>
public sealed record Reading
{
    public string? Site { get; init; } = "a";

    public int Line { get; init; } = 1;

    public string? Kind { get; init; } = "k";

    public Season Season { get; init; }

    public double Y { get; init; }

    public double X { get; init; }

    public double Z { get; init; }

    public double W { get; init; }

    public double? Gap { get; init; } = 0;

    public double Se { get; init; } = 1;

    public bool Flag { get; init; }

    public object? Thing { get; init; }
}

internal static class Rows
{
    public static IReadOnlyList<Visit> Cafe { get; } =
        CsvFile.Read("cafe.csv", f => new Visit(f("cafe"), f("afternoon") == "1", CsvFile.Number(f("wait"))));

    public static IReadOnlyList<Home> Radon { get; } = CsvFile.Read(
        "radon.csv", f => new Home(f("county"), CsvFile.Number(f("floor")), CsvFile.Number(f("log_radon")), CsvFile.Number(f("log_uranium"))));

    public static IReadOnlyList<School> EightSchools { get; } =
        CsvFile.Read("eight_schools.csv", f => new School(f("school"), CsvFile.Number(f("effect")), CsvFile.Number(f("se"))));

    public static IReadOnlyList<CountryYear> Gapminder { get; } = CsvFile.Read(
        "gapminder.csv", f => new CountryYear(f("country"), f("continent"), (int)CsvFile.Number(f("year")), CsvFile.Number(f("lifeExp"))));

    public static IReadOnlyList<Sample> Penicillin { get; } =
        CsvFile.Read("penicillin.csv", f => new Sample(f("plate"), f("sample"), CsvFile.Number(f("diameter"))));

    /// <summary>Sixty readings of five sites with nothing wrong in them; irregular, without randomness.</summary>
    public static Reading[] Readings(int count = 60) =>
    [
        .. Enumerable.Range(0, count).Select(i => new Reading
        {
            Site = "site " + i % 5,
            Line = i % 3,
            Kind = (i * i % 7) switch { 0 => "b", 1 => "a", _ => "c" },
            Season = (Season)(1 + i % 3),
            Y = i * i * 13 % 31 / 7.0,
            X = i * 7 % 11,
            Z = i * 5 % 13,
            W = i % 5 * (i % 5),
            Gap = i % 4,
            Se = 1 + i % 3,
            Flag = i % 2 == 0,
        }),
    ];
}
