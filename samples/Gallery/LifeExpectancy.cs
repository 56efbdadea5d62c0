using System.Globalization;

namespace TypedPooling.Samples.Gallery;

/// <summary>Life expectancy of one country in one year.</summary>
/// <param name="Country">Its name.</param>
/// <param name="Continent">Its continent.</param>
/// <param name="Year">1952, 1957, ..., 2007.</param>
/// <param name="Years">Life expectancy at birth, in years.</param>
public sealed record LifeExpectancy(string Country, string Continent, int Year, double Years)
{
    /// <summary>Decades since 1980.</summary>
    public double Decade => (Year - 1980) / 10.0;

    /// <summary>The rows of the file that the build puts beside the program.</summary>
    public static IReadOnlyList<LifeExpectancy> Read() => [
        .. File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "gapminder.csv")).Skip(1).Select(line =>
        {
            // Names with a comma are in quotes: "Korea, Dem. Rep.".
            var quoted = line.StartsWith('"');
            var end = quoted ? line.IndexOf('"', 1) : line.IndexOf(',');
            var rest = line[(end + (quoted ? 2 : 1))..].Split(',');
            return new LifeExpectancy(
                line[(quoted ? 1 : 0)..end],
                rest[0],
                int.Parse(rest[1], CultureInfo.InvariantCulture),
                double.Parse(rest[2], CultureInfo.InvariantCulture));
        })];
}
