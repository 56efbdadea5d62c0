using System.Runtime.InteropServices;
using TypedPooling.Tests.Conventions;
using Xunit;

namespace TypedPooling.Tests.Reach;

/// <summary>From the packages to a fit: a new program in C#, in F#, in one file, trimmed, and native prints the same table to the last digit.</summary>
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
    public void A_program_of_one_file_prints_the_same()
    {
        ReachLane.Require();
        var file = Path.Combine(Packages.NewFolder("OneFile"), "cafe.cs");
        File.WriteAllText(file, $"#:package TypedPooling@{Packages.Version}\n#:property RestoreAdditionalProjectSources={Packages.Folder}\n{Stranger.CSharp}");

        Assert.Equal(Table.Value, Dotnet.Run(Repository.Root, "run", file));
    }

    [SkippableTheory]
    [InlineData("Trimmed", "csproj", "<PublishTrimmed>true</PublishTrimmed><SelfContained>true</SelfContained>")]
    [InlineData("Native", "csproj", "<PublishAot>true</PublishAot>")]
    [InlineData("TrimmedFSharp", "fsproj", "<PublishTrimmed>true</PublishTrimmed><SelfContained>true</SelfContained>")]
    [InlineData("NativeFSharp", "fsproj", "<PublishAot>true</PublishAot>")]
    public void A_published_program_prints_the_same_without_a_warning(string name, string language, string properties)
    {
        ReachLane.Require();
        var project = Stranger.Project(name, language, language == "fsproj" ? Stranger.FSharp : Stranger.CSharp, properties);
        var folder = Path.Combine(Path.GetDirectoryName(project)!, "published");
        var printed = Dotnet.Run(Path.GetDirectoryName(project)!, "publish", project, "-c", "Release", "-r", RuntimeInformation.RuntimeIdentifier, "-o", folder);

        Assert.DoesNotContain("warning", printed, StringComparison.Ordinal);
        Assert.Equal(Table.Value, Dotnet.Start(Path.Combine(folder, name), Repository.Root));
    }

    private static string Run(string project) => Dotnet.Run(Repository.Root, "run", "-c", "Release", "--project", project);
}
