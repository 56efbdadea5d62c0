using System.Globalization;

namespace TypedPooling.Samples.Shards;

/// <summary>One measurement: the county of the home, the floor (0 basement, 1 first floor), the log of its radon and of the county's uranium.</summary>
public sealed record Home(string County, int Floor, double LogRadon, double LogUranium)
{
    /// <summary>The homes of a file with a header line, one at a time: county, floor, radon, log radon, log uranium.</summary>
    public static IEnumerable<Home> Read(string csv) => File.ReadLines(csv).Skip(1).Select(line => line.Split(',')).Select(fields => new Home(
        fields[0], int.Parse(fields[1], CultureInfo.InvariantCulture), Number(fields[3]), Number(fields[4])));

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);
}
