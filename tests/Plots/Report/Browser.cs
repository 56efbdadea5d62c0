using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace TypedPooling.Tests.Plots.Report;

/// <summary>A headless Chromium with one page, driven by the DevTools protocol.</summary>
internal sealed class Browser : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly Process process;
    private readonly string profile;
    private readonly ClientWebSocket socket = new();
    private readonly ConcurrentDictionary<int, TaskCompletionSource<JsonNode>> waiting = new();
    private readonly ConcurrentDictionary<string, TaskCompletionSource> events = new();
    private readonly CancellationTokenSource stop = new(Patience);
    private int last;
    private string? session;
    private Task? reading;

    private Browser(Process process, string profile) => (this.process, this.profile) = (process, profile);

    /// <summary>The program's path; null where there is none.</summary>
    public static string? Program { get; } = (Environment.GetEnvironmentVariable("PATH") ?? string.Empty).Split(Path.PathSeparator)
        .SelectMany(folder => new[] { "chromium", "chromium-browser", "google-chrome" }.Select(name => Path.Combine(folder, name)))
        .FirstOrDefault(File.Exists);

    /// <summary>Errors of scripts and of the console, dialogs, and requests for anything but the page.</summary>
    public ConcurrentQueue<string> Faults { get; } = new();

    public static async Task<Browser> Start()
    {
        var profile = Directory.CreateTempSubdirectory("typedpooling-browser-").FullName;
        var start = new ProcessStartInfo(
            Program!,
            ["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--remote-debugging-port=0",
                $"--user-data-dir={profile}", "about:blank"])
        { RedirectStandardError = true, RedirectStandardOutput = true };
        var browser = new Browser(Process.Start(start)!, profile);
        await browser.Connect();
        return browser;
    }

    /// <summary>Asks the page for something, and waits for the answer.</summary>
    public async Task<JsonNode> Ask(string method, object? parameters = null)
    {
        var id = Interlocked.Increment(ref last);
        var answer = waiting[id] = new(TaskCreationOptions.RunContinuationsAsynchronously);
        var message = new JsonObject { ["id"] = id, ["method"] = method, ["params"] = JsonSerializer.SerializeToNode(parameters ?? new { }) };
        if (session is not null)
            message["sessionId"] = session;
        await socket.SendAsync(Encoding.UTF8.GetBytes(message.ToJsonString()), WebSocketMessageType.Text, true, stop.Token);
        return await answer.Task.WaitAsync(stop.Token);
    }

    /// <summary>The value of an expression in the page.</summary>
    public async Task<JsonNode?> Evaluate(string expression)
    {
        var answer = await Ask("Runtime.evaluate", new { expression, returnByValue = true, awaitPromise = true });
        return answer["exceptionDetails"] is { } fault
            ? throw new InvalidOperationException($"{expression}: {fault.ToJsonString()}")
            : answer["result"]!["value"];
    }

    /// <summary>Opens a file in a window of some size, and waits until it is loaded.</summary>
    public async Task Open(string path, int width, int height, string scheme = "light")
    {
        await Ask("Emulation.setDeviceMetricsOverride", new { width, height, deviceScaleFactor = 1, mobile = false });
        await Ask("Emulation.setScrollbarsHidden", new { hidden = true });
        await Ask("Emulation.setEmulatedMedia", new { features = new[] { new { name = "prefers-color-scheme", value = scheme } } });
        var loaded = events["Page.loadEventFired"] = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await Ask("Page.navigate", new { url = new Uri(path).AbsoluteUri });
        await loaded.Task.WaitAsync(stop.Token);
    }

    /// <summary>The whole page as PNG.</summary>
    public async Task<byte[]> Screenshot() => Convert.FromBase64String(
        (await Ask("Page.captureScreenshot", new { format = "png", captureBeyondViewport = true }))["data"]!.GetValue<string>());

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        socket.Dispose();
        if (!process.HasExited)
            process.Kill(entireProcessTree: true);
        await process.WaitForExitAsync();
        process.Dispose();
        stop.Dispose();
        if (reading is not null)
            await Task.WhenAny(reading);
        Directory.Delete(profile, recursive: true);
    }

    private async Task Connect()
    {
        const string Said = "DevTools listening on ";
        _ = process.StandardOutput.ReadToEndAsync(stop.Token);
        string? line;
        while ((line = await process.StandardError.ReadLineAsync(stop.Token)) is not null && !line.StartsWith(Said, StringComparison.Ordinal))
        {
        }

        await socket.ConnectAsync(new(line?[Said.Length..] ?? throw new InvalidOperationException($"{Program} ended.")), stop.Token);
        _ = process.StandardError.ReadToEndAsync(stop.Token);
        reading = Read();
        var target = (await Ask("Target.createTarget", new { url = "about:blank" }))["targetId"]!.GetValue<string>();
        session = (await Ask("Target.attachToTarget", new { targetId = target, flatten = true }))["sessionId"]!.GetValue<string>();
        foreach (var domain in new[] { "Page", "Runtime", "Log", "Network" })
            await Ask($"{domain}.enable");
    }

    private async Task Read()
    {
        var buffer = new byte[1 << 16];
        using var message = new MemoryStream();
        while (!stop.IsCancellationRequested)
        {
            message.SetLength(0);
            WebSocketReceiveResult part;
            try
            {
                do
                {
                    part = await socket.ReceiveAsync(buffer, stop.Token);
                    message.Write(buffer, 0, part.Count);
                }
                while (!part.EndOfMessage);
            }
            catch (Exception end) when (end is OperationCanceledException or WebSocketException or ObjectDisposedException)
            {
                return; // the browser is being closed
            }

            if (part.MessageType == WebSocketMessageType.Close)
                return;
            Handle(JsonNode.Parse(message.ToArray())!);
        }
    }

    private void Handle(JsonNode message)
    {
        if (message["id"]?.GetValue<int>() is { } id)
        {
            if (message["error"] is { } error)
                waiting[id].SetException(new InvalidOperationException(error.ToJsonString()));
            else
                waiting[id].SetResult(message["result"]!.DeepClone());
            return;
        }

        var (method, parameters) = (message["method"]!.GetValue<string>(), message["params"]!);
        var isFault = method switch
        {
            "Runtime.exceptionThrown" or "Page.javascriptDialogOpening" => true,
            "Runtime.consoleAPICalled" => parameters["type"]!.GetValue<string>() is "error" or "warning" or "assert",
            "Log.entryAdded" => parameters["entry"]!["level"]!.GetValue<string>() is "error" or "warning",
            "Network.requestWillBeSent" => !parameters["request"]!["url"]!.GetValue<string>().StartsWith("file:", StringComparison.Ordinal),
            _ => false,
        };
        if (isFault)
            Faults.Enqueue($"{method}: {parameters.ToJsonString()}");
        if (events.TryRemove(method, out var awaited))
            awaited.SetResult();
    }
}
