using System.Globalization;

namespace TypedPooling.Samples.Gallery;

/// <summary>The effect of coaching in one school.</summary>
/// <param name="Name">The school.</param>
/// <param name="Effect">Estimated effect, in points of the test.</param>
/// <param name="Error">Its standard error.</param>
public sealed record School(string Name, double Effect, double Error)
{
    /// <summary>The rows of the file that the build puts beside the program.</summary>
    public static IReadOnlyList<School> Read() => [
        .. File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "eight_schools.csv")).Skip(1).Select(line => line.Split(',')).Select(
            fields => new School(fields[0], Number(fields[1]), Number(fields[2])))];

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);
}
