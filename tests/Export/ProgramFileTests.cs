using Xunit;

namespace TypedPooling.Tests.Export;

/// <summary>The programs and their data are those that other tools ran: the files of tests/reference/export.</summary>
public sealed class ProgramFileTests
{
    public static TheoryData<string> Names => [.. ExportCases.All.Select(@case => @case.Name)];

    public static TheoryData<string> NamesInJags => [.. ExportCases.All.Where(@case => @case.Name != "trials").Select(@case => @case.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Stan_program_is_the_one_that_was_run(string name) => Same($"{name}.stan", ExportCases.Of(name).Stan(null));

    [Theory]
    [MemberData(nameof(Names))]
    public void Data_of_the_Stan_program_are_those_it_was_run_with(string name) => Same($"{name}.data.json", ExportCases.Of(name).StanData());

    [Theory]
    [MemberData(nameof(NamesInJags))]
    public void Jags_program_is_the_one_that_was_run(string name) => Same($"{name}.jags", ExportCases.Of(name).Jags());

    [Theory]
    [MemberData(nameof(NamesInJags))]
    public void Data_of_the_Jags_program_are_those_it_was_run_with(string name) => Same($"{name}.data.R", ExportCases.Of(name).JagsData());

    [Fact]
    public void Every_file_belongs_to_a_model()
    {
        var folder = Path.Combine(AppContext.BaseDirectory, "reference", "export");
        Assert.Equal(
            ExportCases.All.Select(@case => @case.Name).Order(StringComparer.Ordinal),
            Directory.GetFiles(folder, "*.stan").Select(path => Path.GetFileNameWithoutExtension(path)!).Order(StringComparer.Ordinal));
    }

    // A change of a program is meant only where the program is run again: see tests/reference/README.md.
    private static void Same(string file, string actual)
    {
        var expected = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "reference", "export", file));
        if (expected != actual)
        {
            var path = Path.Combine(AppContext.BaseDirectory, "reference", "export", $"{file}.actual");
            File.WriteAllText(path, actual);
            Assert.Fail($"{file} differs from what the model writes now, which is in {path}. Run make_export.R again where this is meant.");
        }
    }
}
