using System.Globalization;
using TypedPooling.Tests.Conventions;
using Xunit;

namespace TypedPooling.Tests.Files;

/// <summary>Files of format version 1, as the first version that had files wrote them: every later version loads them and gives their
/// numbers.</summary>
/// <remarks><c>TYPEDPOOLING_GOLDEN=true</c> makes the files and their numbers anew; for a new version of the format, in new files.</remarks>
public sealed class GoldenFileTests
{
    private const string NumbersFile = "numbers.csv";

    private static readonly string Folder = Path.Combine(Repository.Root, "tests", "reference", "files");

    public static TheoryData<string> Names => [.. GoldenFile.All.Select(file => file.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_file_of_version_1_gives_its_numbers(string name)
    {
        using var stream = File.OpenRead(Path.Combine(Folder, name));
        var expected = File.ReadLines(Path.Combine(Folder, NumbersFile)).Skip(1).Select(line => line.Split(';')).Where(fields => fields[0] == name)
            .ToDictionary(fields => fields[1], fields => double.Parse(fields[2], CultureInfo.InvariantCulture));

        var actual = GoldenFile.All.Single(file => file.Name == name).Numbers(stream).ToList();

        Assert.Equal(expected.Keys, actual.Select(number => number.What));
        foreach (var (what, value) in actual)
        {
            // Maxima are searched for to a thousandth of a standard error.
            var tolerance = name.EndsWith(".data", StringComparison.Ordinal) ? 1e-5 : 1e-9;
            Assert.True(
                double.IsNaN(expected[what]) ? double.IsNaN(value) : Math.Abs(value - expected[what]) <= tolerance * (1 + Math.Abs(expected[what])),
                string.Create(CultureInfo.InvariantCulture, $"{name}, {what}: {value:R} in place of {expected[what]:R}"));
        }
    }

    [Fact]
    public void The_files_are_small()
    {
        var sizes = Directory.GetFiles(Folder).Sum(file => new FileInfo(file).Length);

        Assert.InRange(sizes, 1, 300_000);
    }

    [Fact]
    public void The_files_are_made_anew_where_that_is_asked_for()
    {
        if (Environment.GetEnvironmentVariable("TYPEDPOOLING_GOLDEN") != "true")
            return;
        var lines = new List<string> { "file;what;value" };
        foreach (var file in GoldenFile.All)
        {
            using var stream = new MemoryStream();
            file.Save(stream);
            File.WriteAllBytes(Path.Combine(Folder, file.Name), stream.ToArray());
            stream.Position = 0;
            lines.AddRange(
                file.Numbers(stream).Select(number => string.Create(CultureInfo.InvariantCulture, $"{file.Name};{number.What};{number.Value:R}")));
        }

        File.WriteAllText(Path.Combine(Folder, NumbersFile), string.Join('\n', lines) + "\n");
    }
}
