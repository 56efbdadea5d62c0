using System.Globalization;

namespace TypedPooling.Samples.Compare;

/// <summary>The files that the build puts beside the program.</summary>
public static class Data
{
    /// <summary>cafe, afternoon, wait.</summary>
    public static IReadOnlyList<Visit> Visits() =>
        [.. Read("cafe.csv").Select(f => new Visit(int.Parse(f[0], CultureInfo.InvariantCulture), f[1] == "1", Number(f[2])))];

    /// <summary>rat, day, weight.</summary>
    public static IReadOnlyList<Weighing> Weighings() =>
        [.. Read("rats.csv").Select(f => new Weighing(int.Parse(f[0], CultureInfo.InvariantCulture), Number(f[1]), Number(f[2])))];

    /// <summary>school, effect, se.</summary>
    public static IReadOnlyList<School> Schools() => [.. Read("eight_schools.csv").Select(f => new School(f[0], Number(f[1]), Number(f[2])))];

    private static IEnumerable<string[]> Read(string file) =>
        File.ReadLines(Path.Combine(AppContext.BaseDirectory, file)).Skip(1).Select(line => line.Split(','));

    private static double Number(string field) => double.Parse(field, CultureInfo.InvariantCulture);
}
