using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using TypedPooling.Samples.ScoringService;

namespace TypedPooling.Bench.ScoringLoad;

/// <summary>The sample service in this process, without a network: routing, JSON and scoring are those of the program.</summary>
internal sealed class Service(ScorerSettings settings) : WebApplicationFactory<Scorers>
{
    protected override void ConfigureWebHost(IWebHostBuilder builder) =>
        builder.UseContentRoot(AppContext.BaseDirectory).ConfigureTestServices(services => services.AddSingleton(settings));
}
