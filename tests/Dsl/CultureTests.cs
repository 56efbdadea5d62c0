using System.Diagnostics;
using System.Runtime.InteropServices;
using TypedPooling.Tests.Conventions;
using Xunit;

namespace TypedPooling.Tests.Dsl;

/// <summary>Everything that is printed, and every bit that is drawn, in a process that has the cultures of ICU.</summary>
public sealed class CultureTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    // Without ICU a process has no other mode.
    private static readonly (string, string) WithoutIcu = ("DOTNET_SYSTEM_GLOBALIZATION_INVARIANT", "1");
    private static readonly Lazy<string[]> Invariant = new(() => Run(string.Empty, WithoutIcu));

    [IcuTheory]
    [InlineData("de-DE", "-1.234,5", "01.03.2024", "item")]
    [InlineData("tr-TR", "-1.234,5", "1.03.2024", "ıtem")]
    [InlineData("sv-SE", "\u22121\u00A0234,5", "2024-03-01", "item")]
    [InlineData("th-TH", "-1,234.5", "1/3/2567", "item")]
    public void Draws_tables_and_messages_do_not_depend_on_the_culture(string culture, string number, string date, string lower)
    {
        var lines = Run(culture);

        // The culture is in force: the program's first line is written in it.
        Assert.StartsWith(number + " " + date, lines[0], StringComparison.Ordinal);
        Assert.EndsWith(lower, lines[0], StringComparison.Ordinal);
        Assert.True(lines.Length > 300);
        Assert.Equal(Invariant.Value[1..], lines[1..]);
    }

    /// <summary>Other widths of vectors may change last digits: VectorWidthTests hold numbers to their tolerances there.</summary>
    [Fact]
    public void Draws_tables_and_messages_do_not_depend_on_vectors_of_512_bits() =>
        Assert.Equal(Invariant.Value, Run(string.Empty, WithoutIcu, ("DOTNET_EnableAVX512", "0")));

    private static string[] Run(string culture, params (string Name, string Value)[] settings)
    {
        // The same configuration and framework as the tests: tests/bin/Release/net10.0.
        var output = Path.GetRelativePath(Path.Combine(Repository.Root, "tests"), AppContext.BaseDirectory);
        var start = new ProcessStartInfo(
            Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet",
            [Path.Combine(Repository.Root, "tests", "Cultures", output, "Cultures.dll"), culture])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = System.Text.Encoding.UTF8,
        };
        start.Environment.Remove("DOTNET_SYSTEM_GLOBALIZATION_INVARIANT");
        foreach (var (name, value) in settings)
            start.Environment[name] = value;
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var text = process.StandardOutput.ReadToEndAsync();
        if (!process.WaitForExit(Patience))
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"The program ran for more than {Patience.TotalSeconds:F0} s.");
        }

        Assert.True(process.ExitCode == 0, errors.GetAwaiter().GetResult());

        return [.. text.GetAwaiter().GetResult().ReplaceLineEndings("\n").Split('\n')];
    }

    /// <summary>A theory that needs ICU, and is skipped where there is none; not where TYPEDPOOLING_REQUIRE_ICU says that there must be.</summary>
    private sealed class IcuTheoryAttribute : TheoryAttribute
    {
        public IcuTheoryAttribute()
        {
            if (Environment.GetEnvironmentVariable("TYPEDPOOLING_REQUIRE_ICU") != "1" && !HasIcu())
                Skip = "ICU is not installed here, so a process has no cultures but the invariant one; install libicu to run this test.";
        }

        // Windows and macOS bring their own.
        private static bool HasIcu() =>
            !OperatingSystem.IsLinux() || Enumerable.Range(50, 50).Any(version => NativeLibrary.TryLoad($"libicuuc.so.{version}", out _));
    }
}
