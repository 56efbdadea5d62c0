using System.IO.Compression;
using System.Xml.Linq;
using TypedPooling.Tests.Conventions;

namespace TypedPooling.Tests.Reach;

/// <summary>The packages, made once from this checkout by the documented command, and the folder in which strangers' restores keep theirs.</summary>
internal static class Packages
{
    /// <summary>The version that Directory.Build.props states.</summary>
    public static readonly string Version =
        XDocument.Load(Path.Combine(Repository.Root, "Directory.Build.props")).Descendants("VersionPrefix").Single().Value;

    private static readonly string Work = Path.Combine(Path.GetTempPath(), $"typedpooling-reach-{Environment.ProcessId}");

    private static readonly Lazy<string> Made = new(() =>
    {
        var folder = Path.Combine(Work, "packages");
        Printed = Dotnet.Run(Repository.Root, "pack", "TypedPooling.sln", "-c", "Release", "-o", folder);
        return folder;
    });

    /// <summary>The folder that holds the packages.</summary>
    public static string Folder => Made.Value;

    /// <summary>What the command printed.</summary>
    public static string Printed { get; private set; } = "";

    /// <summary>A package folder of this run alone: a package of the same version that was restored before must not be taken for the one just
    /// made.</summary>
    public static string Cache { get; } = Path.Combine(Work, "cache");

    /// <summary>The packages without their symbols, by identifier.</summary>
    public static IReadOnlyDictionary<string, string> ById => Directory.EnumerateFiles(Folder, "*.nupkg")
        .ToDictionary(file => Path.GetFileName(file)[..^$".{Version}.nupkg".Length], file => file);

    /// <summary>A new empty folder outside the checkout.</summary>
    public static string NewFolder(string name) => Directory.CreateDirectory(Path.Combine(Work, name)).FullName;

    /// <summary>The files of a package and their contents.</summary>
    public static IReadOnlyDictionary<string, byte[]> FilesOf(string package)
    {
        using var archive = ZipFile.OpenRead(package);
        return archive.Entries.ToDictionary(entry => entry.FullName, entry =>
        {
            using var stream = entry.Open();
            using var copy = new MemoryStream();
            stream.CopyTo(copy);
            return copy.ToArray();
        });
    }
}
