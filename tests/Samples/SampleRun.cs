using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using TypedPooling.Tests.Conventions;

namespace TypedPooling.Tests.Samples;

/// <summary>A program of samples/, built with the tests, run once as a user runs it.</summary>
internal sealed class SampleRun
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private static readonly ConcurrentDictionary<string, Lazy<SampleRun>> Runs = new();

    private readonly string[] lines;

    private SampleRun(int exitCode, string output, string errors)
    {
        ExitCode = exitCode;
        Errors = errors;
        lines = output.ReplaceLineEndings("\n").Split('\n');
    }

    /// <summary>The folders of samples/ that hold a program that runs and ends. Services do not end: tests/Service tries them.</summary>
    public static IEnumerable<string> Names => Directory.EnumerateDirectories(Path.Combine(Repository.Root, "samples"))
        .Where(folder => Directory.EnumerateFiles(folder, "*.*proj").Any(project => !IsService(project)))
        .Select(folder => Path.GetFileName(folder))
        .Order(StringComparer.Ordinal);

    public int ExitCode { get; }

    public string Errors { get; }

    public IReadOnlyList<string> Lines => lines;

    /// <summary>The run of a sample: the program is started when it is first asked for, and never again.</summary>
    public static SampleRun Of(string name) => Runs.GetOrAdd(name, _ => new(() => Start(name, []))).Value;

    /// <summary>A run of a sample of its own, with arguments.</summary>
    public static SampleRun With(string name, params string[] arguments) => Start(name, arguments);

    /// <summary>The numbers of the one line that starts with a label.</summary>
    public double[] Numbers(string label)
    {
        var line = lines.Single(line => line.StartsWith(label, StringComparison.Ordinal));
        return [.. Regex.Matches(line[label.Length..], @"-?\d+(?:\.\d+)?").Select(m => double.Parse(m.Value, CultureInfo.InvariantCulture))];
    }

    private static bool IsService(string project) => File.ReadAllText(project).Contains("Microsoft.NET.Sdk.Web", StringComparison.Ordinal);

    private static SampleRun Start(string name, string[] arguments)
    {
        // The same configuration and framework as the tests: tests/bin/Release/net10.0.
        var output = Path.GetRelativePath(Path.Combine(Repository.Root, "tests"), AppContext.BaseDirectory);
        var program = Path.Combine(Repository.Root, "samples", name, output, name + ".dll");
        var start = new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", [program, .. arguments])
        {
            WorkingDirectory = Repository.Root,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = System.Text.Encoding.UTF8,
        };
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var text = process.StandardOutput.ReadToEndAsync();
        if (!process.WaitForExit(Patience))
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"The sample {name} ran for more than {Patience.TotalSeconds:F0} s.");
        }

        return new SampleRun(process.ExitCode, text.GetAwaiter().GetResult(), errors.GetAwaiter().GetResult());
    }
}
