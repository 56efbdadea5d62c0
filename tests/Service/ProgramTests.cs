using System.Diagnostics;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Xunit;

namespace TypedPooling.Tests.Service;

/// <summary>The sample service as the program that a user starts.</summary>
public sealed class ProgramTests
{
    [Fact]
    public async Task The_program_listens_and_answers()
    {
        var folder = Directory.CreateTempSubdirectory("scoring-program");
        var program = typeof(Program).Assembly.Location;
        var start = new ProcessStartInfo(
            Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet",
            [program, "--urls", "http://127.0.0.1:0", "--Folder", Path.Combine(folder.FullName, "state")])
        {
            RedirectStandardOutput = true,
        };
        using var process = Process.Start(start)!;
        try
        {
            // The port is one that was free.
            var address = string.Empty;
            while (address.Length == 0)
            {
                var line = await process.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException("The program ended.");
                address = Regex.Match(line, @"Now listening on: (http://\S+)").Groups[1].Value;
            }

            using var client = new HttpClient { BaseAddress = new Uri(address) };

            Assert.Equal(400, (int)JsonNode.Parse(await client.GetStringAsync(new Uri("/fit", UriKind.Relative)))!["rows"]!);
        }
        finally
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync();
            folder.Delete(recursive: true);
        }
    }
}
