namespace TypedPooling.Tests.DataSources.Postgres;

/// <summary>Where the programs of PostgreSQL are.</summary>
internal static class PostgresBinaries
{
    private const string DebianFolder = "/usr/lib/postgresql";

    /// <summary>The folder of initdb, pg_ctl and postgres: of the PATH, else the newest version where Debian puts them; null where there is none.</summary>
    public static string? Folder { get; } = OnPath() ?? OfDebian();

    /// <summary>Why no server can be started here, as a sentence; null where one can.</summary>
    public static string? Missing =>
        OperatingSystem.IsWindows() ? "The tests start PostgreSQL by a POSIX shell, which Windows does not have."
        : Folder is null ? $"PostgreSQL is not installed: there is no initdb in PATH or below {DebianFolder}."
        : Environment.IsPrivilegedProcess && Find("runuser") is null ? "PostgreSQL refuses to run as root, and there is no runuser to start it as another user."
        : null;

    /// <summary>The path of a program of the PATH; null where there is none.</summary>
    public static string? Find(string program) => (Environment.GetEnvironmentVariable("PATH") ?? string.Empty).Split(Path.PathSeparator)
        .Where(folder => folder.Length > 0).Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists);

    // A link in PATH leads to the folder that has the other programs too, unless what it named is gone.
    private static string? OnPath()
    {
        var found = Find("initdb");
        var target = found is null ? null : File.ResolveLinkTarget(found, returnFinalTarget: true)?.FullName ?? found;
        return File.Exists(target) ? Path.GetDirectoryName(target) : null;
    }

    private static string? OfDebian() => !Directory.Exists(DebianFolder) ? null : Directory.EnumerateDirectories(DebianFolder)
        .Select(folder => (Version: int.TryParse(Path.GetFileName(folder), out var version) ? version : 0, Folder: Path.Combine(folder, "bin")))
        .Where(one => File.Exists(Path.Combine(one.Folder, "initdb"))).OrderByDescending(one => one.Version).FirstOrDefault().Folder;
}
