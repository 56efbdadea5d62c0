using System.Globalization;

namespace TypedPooling.Samples.Gallery;

/// <summary>Ticks on the head of a red grouse chick.</summary>
/// <param name="Chick">Number of the chick.</param>
/// <param name="Brood">Its brood.</param>
/// <param name="Year">Year, of the century.</param>
/// <param name="Height">Height of the place above sea, in hundreds of metres from 4.6.</param>
/// <param name="Count">Number of ticks.</param>
public sealed record Ticks(int Chick, int Brood, int Year, double Height, int Count)
{
    /// <summary>The rows of the file that the build puts beside the program.</summary>
    public static IReadOnlyList<Ticks> Read() => [
        .. File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "ticks_nested.csv")).Skip(1).Select(line => line.Split(',')).Select(
            fields => new Ticks(Whole(fields[0]), Whole(fields[1]), Whole(fields[3]), (Whole(fields[4]) - 460) / 100.0, Whole(fields[5])))];

    private static int Whole(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}
