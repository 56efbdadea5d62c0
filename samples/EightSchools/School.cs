using System.Globalization;

namespace TypedPooling.Samples.EightSchools;

/// <summary>The trial of a coaching course in one school.</summary>
/// <param name="Name">The school, A to H.</param>
/// <param name="Effect">Estimated effect of the course, in points of the test.</param>
/// <param name="Se">Its standard error, taken as known.</param>
public sealed record School(string Name, double Effect, double Se)
{
    /// <summary>Reads the file that the build puts beside the program: school, effect, se.</summary>
    public static IReadOnlyList<School> ReadAll() =>
    [
        .. File.ReadLines(Path.Combine(AppContext.BaseDirectory, "eight_schools.csv")).Skip(1).Select(line => line.Split(','))
            .Select(
                fields => new School(
                    fields[0], double.Parse(fields[1], CultureInfo.InvariantCulture), double.Parse(fields[2], CultureInfo.InvariantCulture))),
    ];
}
