using System.Runtime.InteropServices;
using TypedPooling.Tests.Conventions;
using Xunit;

namespace TypedPooling.Tests.Reach;

/// <summary>From the packages to a fit: a new program in C#, in F#, in one file, trimmed, and native prints the same table to the last
/// digit.</summary>
public sealed class StrangerTests
{
    private static readonly Lazy<string> Table = new(() => Run(Stranger.Project("InCSharp", "csproj", Stranger.CSharp)));

    [SkippableFact]
    public void A_new_program_in_CSharp_prints_the_table_of_the_README()
    {
        ReachLane.Require();

        Assert.Contains("cor(Cafe: Intercept, Afternoon)", Table.Value, StringComparison.Ordinal);
        Assert.Equal(7, Table.Value.Trim().Split('\n').Length);
    }

    [SkippableFact]
    public void A_new_program_in_FSharp_prints_the_same()
    {
        ReachLane.Require();

        Assert.Equal(Table.Value, Run(Stranger.Project("InFSharp", "fsproj", Stranger.FSharp)));
    }

    [SkippableFact]
    public void A_script_of_FSharp_prints_the_same()
    {
        ReachLane.Require();
        var file = Path.Combine(Packages.NewFolder("Script"), "cafe.fsx");
        File.WriteAllText(file, Stranger.Script);

        Assert.Equal(Table.Value, Dotnet.Run(Repository.Root, "fsi", file));
    }

    [SkippableFact]
    public void A_program_of_one_file_prints_the_same()
    {
        ReachLane.Require();
        var file = Path.Combine(Packages.NewFolder("OneFile"), "cafe.cs");
        File.WriteAllText(
            file, $"#:package TypedPooling@{Packages.Version}\n#:property RestoreAdditionalProjectSources={Packages.Folder}\n{Stranger.CSharp}");

        Assert.Equal(Table.Value, Dotnet.Run(Repository.Root, "run", file));
    }

    [SkippableTheory]
    [InlineData("Trimmed", "<PublishTrimmed>true</PublishTrimmed><SelfContained>true</SelfContained>")]
    [InlineData("Native", "<PublishAot>true</PublishAot><IlcInstructionSet>x86-64-v3</IlcInstructionSet>")]
    public void A_published_program_prints_the_same_without_a_warning(string name, string properties)
    {
        ReachLane.Require();
        var (printed, table) = Publish(Stranger.Project(name, "csproj", Stranger.CSharp, properties));

        Assert.DoesNotContain("warning", printed, StringComparison.Ordinal);
        Assert.Equal(Table.Value, table);
    }

    [SkippableTheory]
    [InlineData("TrimmedFSharp", "<PublishTrimmed>true</PublishTrimmed><SelfContained>true</SelfContained>")]
    [InlineData("NativeFSharp", "<PublishAot>true</PublishAot><IlcInstructionSet>x86-64-v3</IlcInstructionSet>")]
    public void A_published_program_in_FSharp_prints_the_same_and_only_FSharp_Core_warns(string name, string properties)
    {
        ReachLane.Require();
        var (printed, table) = Publish(Stranger.Project(name, "fsproj", Stranger.FSharp, properties, ["FSharp.Core", name]));

        // IL2104 and IL3053: the compiler of native code has warnings about the inside of an assembly, which it then names.
        Assert.All(
            printed.Split('\n').Where(line => line.Contains("warning", StringComparison.Ordinal)),
            line => Assert.Matches("warning (IL2104|IL3053): Assembly 'FSharp.Core' produced", line));
        Assert.Equal(Table.Value, table);
    }

    [SkippableFact]
    public void A_native_program_writes_answers_as_JSON_and_reads_them_back_without_a_warning()
    {
        ReachLane.Require();
        const string Properties = "<PublishAot>true</PublishAot><IlcInstructionSet>x86-64-v3</IlcInstructionSet>";
        var (printed, lines) = Publish(Stranger.Project("NativeJson", "csproj", Stranger.Json, Properties));

        Assert.DoesNotContain("warning", printed, StringComparison.Ordinal);
        Assert.Equal(
            """
            True True
            {"title":"Unknown term","detail":"No row of the data had this key, so Cafe has no such level. Ask for a key in Keys. For a level without data, read the sds.","code":"UnknownTerm","term":"Cafe","level":"x","problems":[{"code":"UnknownTerm","sentence":"No row of the data had this key, so Cafe has no such level.","remedy":"Ask for a key in Keys. For a level without data, read the sds.","term":"Cafe","level":"x"}]}
            {"factor":"Cafe","terms"
            """.ReplaceLineEndings("\n"),
            lines.Trim().ReplaceLineEndings("\n"));
    }

    [SkippableFact]
    public void A_native_program_without_an_instruction_set_is_warned()
    {
        ReachLane.Require();

        Assert.Contains(
            "warning TPNATIVE",
            Publish(Stranger.Project("Unset", "csproj", Stranger.CSharp, "<PublishAot>true</PublishAot>")).Printed,
            StringComparison.Ordinal);
    }

    private static (string Printed, string Table) Publish(string project)
    {
        var home = Path.GetDirectoryName(project)!;
        var folder = Path.Combine(home, "published");
        var printed = Dotnet.Run(home, "publish", project, "-c", "Release", "-r", RuntimeInformation.RuntimeIdentifier, "-o", folder);
        return (printed, Dotnet.Start(Path.Combine(folder, Path.GetFileNameWithoutExtension(project)), Repository.Root));
    }

    private static string Run(string project) => Dotnet.Run(Repository.Root, "run", "-c", "Release", "--project", project);
}
