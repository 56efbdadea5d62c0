using System.Diagnostics;
using System.Text;

namespace TypedPooling.Tests.Reach;

/// <summary>Runs programs and returns what they print.</summary>
internal static class Dotnet
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(8);

    /// <summary>Runs a command of the SDK.</summary>
    /// <param name="folder">Working directory.</param>
    /// <param name="arguments">The command and its arguments.</param>
    /// <returns>Standard output. What the SDK says on standard error, such as advice about package sources, depends on the machine.</returns>
    /// <exception cref="InvalidOperationException">The command failed; the message holds all that it printed.</exception>
    public static string Run(string folder, params string[] arguments) =>
        Start(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", folder, arguments);

    /// <summary>Runs a program.</summary>
    /// <param name="program">The program's path.</param>
    /// <param name="folder">Working directory.</param>
    /// <param name="arguments">The arguments.</param>
    /// <returns>Standard output. What the SDK says on standard error, such as advice about package sources, depends on the machine.</returns>
    /// <exception cref="InvalidOperationException">The program failed; the message holds all that it printed.</exception>
    public static string Start(string program, string folder, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = Encoding.UTF8,
            StandardErrorEncoding = Encoding.UTF8,
        };

        // Set for tests as a whole, these would reach the projects of strangers too.
        foreach (var name in new[] { "VSTestLogger", "TestResultsRoot", "MSBuildSDKsPath", "MSBuildExtensionsPath" })
            start.Environment.Remove(name);
        start.Environment["NUGET_PACKAGES"] = Packages.Cache;
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEndAsync();
        if (!process.WaitForExit(Patience))
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{program} {string.Join(' ', arguments)} ran for more than {Patience.TotalMinutes:F0} minutes.");
        }

        var (printed, complaints) = (output.GetAwaiter().GetResult(), errors.GetAwaiter().GetResult());
        return process.ExitCode == 0
            ? printed
            : throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}:\n{printed}{complaints}");
    }
}
