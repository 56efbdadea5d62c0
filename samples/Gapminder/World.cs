using System.Globalization;
using TypedPooling.Draws;

namespace TypedPooling.Samples.Gapminder;

/// <summary>Life expectancy in 142 countries, every five years from 1952 to 2007.</summary>
public sealed class World
{
    private World(IReadOnlyList<CountryYear> rows, double mean, double sd)
    {
        Rows = rows;
        Mean = mean;
        Sd = sd;
    }

    /// <summary>A row for each country and year.</summary>
    public IReadOnlyList<CountryYear> Rows { get; }

    /// <summary>Mean life expectancy over all rows, in years: where L is 0.</summary>
    public double Mean { get; }

    /// <summary>Standard deviation of life expectancy over all rows, in years: one unit of L.</summary>
    public double Sd { get; }

    /// <summary>Reads the file that the build puts beside the program.</summary>
    public static World Read()
    {
        var lines = File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "gapminder.csv"));
        var header = Fields(lines[0]);
        int Column(string name) => Array.IndexOf(header, name);
        var (country, continent, year, life) = (Column("country"), Column("continent"), Column("year"), Column("lifeExp"));
        var records = lines.Skip(1).Select(Fields).ToList();
        var lifeExpectancy = records.Select(fields => double.Parse(fields[life], CultureInfo.InvariantCulture)).ToArray();
        var (mean, sd) = (Diagnostics.Mean(lifeExpectancy), Diagnostics.Sd(lifeExpectancy));
        return new World(
            [.. records.Select(
                (fields, i) => new CountryYear(
                    fields[country],
                    fields[continent],
                    int.Parse(fields[year], CultureInfo.InvariantCulture),
                    (lifeExpectancy[i] - mean) / sd))],
            mean,
            sd);
    }

    // Names with a comma are in quotes: "Korea, Dem. Rep.".
    private static string[] Fields(string line)
    {
        var parts = line.Split('"');
        return [.. parts.SelectMany((part, i) => i % 2 == 1 ? [part] : part.Trim(',').Split(',', StringSplitOptions.RemoveEmptyEntries))];
    }
}
