using System.Globalization;

namespace TypedPooling.Samples.HierarchicalLogit;

/// <summary>A house sold in one of nine zip codes around Seattle in 2014 or 2015.</summary>
/// <param name="Zip">Zip code.</param>
/// <param name="Bedrooms">Number of bedrooms.</param>
/// <param name="HasMoreThanTwoBaths">Whether it has more than two bathrooms.</param>
public sealed record House(int Zip, int Bedrooms, bool HasMoreThanTwoBaths)
{
    /// <summary>The houses of the file that the build puts beside the program.</summary>
    public static IReadOnlyList<House> Read()
    {
        var lines = File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "seattle_housing.csv"));
        var header = lines[0].Split(',');
        var (zip, bedrooms, bathrooms) = (Array.IndexOf(header, "zipcode"), Array.IndexOf(header, "bedrooms"), Array.IndexOf(header, "bathrooms"));
        return
        [
            .. lines.Skip(1).Select(line => line.Split(',')).Select(fields => new House(
                int.Parse(fields[zip], CultureInfo.InvariantCulture),
                int.Parse(fields[bedrooms], CultureInfo.InvariantCulture),
                double.Parse(fields[bathrooms], CultureInfo.InvariantCulture) > 2)),
        ];
    }
}
