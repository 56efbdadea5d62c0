using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using TypedPooling.Engines;
using TypedPooling.Samples.ScoringService;

namespace TypedPooling.Tests.Service;

/// <summary>The sample service in this process, with a folder of its own.</summary>
internal sealed class Service : WebApplicationFactory<Program>
{
    private readonly ScorerSettings settings;
    private readonly bool keepsFolder;

    public Service(ScorerSettings? settings = null)
    {
        keepsFolder = settings is not null;
        this.settings = settings ?? new()
        {
            Folder = Directory.CreateTempSubdirectory("scoring-service").FullName,
            Options = new() { Chains = 2, Draws = 200, Warmup = 200 },
        };
        Client = CreateClient();
    }

    public HttpClient Client { get; }

    public string Folder => settings.Folder;

    /// <summary>A service whose refits take so long that they can be cancelled. Its first fit is that of another service, saved.</summary>
    public static Service WithLongRefits(Service first) => new(first.settings with
    {
        Engine = Engine.Nuts,
        Options = new RunOptions { Chains = 2, Draws = 100_000, Warmup = 200, TargetAcceptance = 0.999 },
    });

    /// <summary>The service started again on the same folder.</summary>
    public static Service Again(Service first) => new(first.settings);

    public Task<HttpResponseMessage> Post(string path, string body) =>
        Client.PostAsync(path, new StringContent(body, Encoding.UTF8, "application/json"));

    public async Task<JsonNode> Get(string path) => (await Client.GetFromJsonAsync<JsonNode>(path))!;

    /// <summary>The state of a refit once it is, or is no longer, as asked. Looks again and again; the test's own time limit is that of the
    /// runner.</summary>
    public async Task<JsonNode> Until(string path, Func<JsonNode, bool> holds)
    {
        while (true)
        {
            var state = await Get(path);
            if (holds(state))
                return state;
            await Task.Yield();
        }
    }

    protected override void ConfigureWebHost(Microsoft.AspNetCore.Hosting.IWebHostBuilder builder) =>
        builder.ConfigureTestServices(services => services.AddSingleton(settings));

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        if (disposing && !keepsFolder && Directory.Exists(settings.Folder))
            Directory.Delete(settings.Folder, recursive: true);
    }
}
