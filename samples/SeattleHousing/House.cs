using System.Globalization;
using TypedPooling.Draws;

namespace TypedPooling.Samples.SeattleHousing;

/// <summary>A house sold in one of nine zip codes around Seattle in 2014 or 2015.</summary>
/// <param name="Zip">Zip code.</param>
/// <param name="Price">Price in US dollars.</param>
/// <param name="Size">Living area, standardised: 0 is the mean of all houses, 1 an sd more.</param>
public sealed record House(int Zip, double Price, double Size)
{
    /// <summary>The houses of the file that the build puts beside the program, in its order.</summary>
    public static IReadOnlyList<House> Read()
    {
        var lines = File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "seattle_housing.csv"));
        var header = lines[0].Split(',');
        var (zip, price, size) = (Array.IndexOf(header, "zipcode"), Array.IndexOf(header, "price"), Array.IndexOf(header, "sqft_living"));
        var records = lines.Skip(1).Select(line => line.Split(',')).ToArray();
        var sizes = records.Select(fields => double.Parse(fields[size], CultureInfo.InvariantCulture)).ToArray();
        var (mean, sd) = (Diagnostics.Mean(sizes), Diagnostics.Sd(sizes));
        return [
            .. records.Select(
                (fields, i) => new House(
                    int.Parse(fields[zip], CultureInfo.InvariantCulture),
                    double.Parse(fields[price], CultureInfo.InvariantCulture),
                    (sizes[i] - mean) / sd))];
    }
}
