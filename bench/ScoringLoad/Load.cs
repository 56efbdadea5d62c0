using System.Diagnostics;
using System.Globalization;
using System.Text;
using TypedPooling.Bench.ScoringLoad;
using TypedPooling.Samples.ScoringService;

// Requests come at fixed times, whether or not those before them are answered. The time of a request counts from when it was due, so that one that
// waits behind others is not counted as quick.
var rate = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 1000;
var seconds = args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 20;
var draws = args.Length > 2 ? int.Parse(args[2], CultureInfo.InvariantCulture) : new ScorerSettings().ScorerDraws;

var folder = Directory.CreateTempSubdirectory("scoring-load");
using var service = new Service(new() { Folder = folder.FullName, ScorerDraws = draws });
using var client = service.CreateClient();
string[] bodies =
[
    .. Enumerable.Range(0, 25).Select(i => $$"""{"rows":[{"cafe":"Café {{i}}","afternoon":{{(i % 2 == 0 ? "true" : "false")}}}]}"""),
];
await Run(5, isTold: false);
await Run(seconds, isTold: true);
await Queue();
folder.Delete(recursive: true);

// On a machine that others use, what a request waits for is mostly them. One request after the other, the processor time of each; then the queue of one
// core that gets such requests at the rate: W[n + 1] = max(0, W[n] + S[n] - 1 / rate), and the time of a request is W[n] + S[n].
async Task Queue()
{
    var times = new double[rate * seconds];
    var (waiting, sum) = (0.0, 0.0);
    for (var i = 0; i < times.Length; i++)
    {
        var before = Environment.CpuUsage.TotalTime;
        using var body = new StringContent(bodies[i % bodies.Length], Encoding.UTF8, "application/json");
        using var response = await client.PostAsync(new Uri("/score", UriKind.Relative), body);
        await response.Content.ReadAsByteArrayAsync();
        var work = 1000 * (Environment.CpuUsage.TotalTime - before).TotalSeconds;
        times[i] = waiting + work;
        sum += work;
        waiting = Math.Max(0, waiting + work - 1000.0 / rate);
    }

    Array.Sort(times);
    Console.WriteLine(string.Create(
        CultureInfo.InvariantCulture,
        $"processor time {sum / times.Length:F3} ms a request; the queue of one idle core at this rate: ms median {times[times.Length / 2]:F2}, "
            + $"p99 {times[(int)(0.99 * times.Length)]:F2}, p99.9 {times[(int)(0.999 * times.Length)]:F2}, worst {times[^1]:F2}"));
}

async Task Run(int length, bool isTold)
{
    var count = rate * length;
    var times = new double[count];
    var requests = new Task[count];
    var cpu = Process.GetCurrentProcess().TotalProcessorTime;
    var clock = Stopwatch.StartNew();
    for (var next = 0; next < count;)
    {
        for (; next < count && next <= clock.Elapsed.TotalSeconds * rate; next++)
            requests[next] = Request(next);
        await Task.Delay(1);
    }

    await Task.WhenAll(requests);
    var wall = clock.Elapsed.TotalSeconds;
    if (!isTold)
        return;
    Array.Sort(times);
    Console.WriteLine(string.Create(
        CultureInfo.InvariantCulture,
        $"{rate:N0} requests a second for {length} s, scores of {draws:N0} draws: {count / wall:F0} answered a second; "
            + $"ms median {times[count / 2]:F2}, p99 {times[(int)(0.99 * count)]:F2}, p99.9 {times[(int)(0.999 * count)]:F2}, worst {times[^1]:F2}; "
            + $"{(Process.GetCurrentProcess().TotalProcessorTime - cpu).TotalSeconds / wall:P0} of a core"));

    async Task Request(int number)
    {
        using var body = new StringContent(bodies[number % bodies.Length], Encoding.UTF8, "application/json");
        using var response = await client.PostAsync(new Uri("/score", UriKind.Relative), body);
        response.EnsureSuccessStatusCode();
        await response.Content.ReadAsByteArrayAsync();
        times[number] = 1000 * (clock.Elapsed.TotalSeconds - (double)number / rate);
    }
}
