using TypedPooling.Engines;
using TypedPooling.Randomness;
using static TypedPooling.Prior;

namespace TypedPooling.Tests.Plots;

/// <summary>Small fits for pictures, each made once.</summary>
internal static class PlotFits
{
    public const string Blue = "#005EA8";
    public const string Red = "#B23A00";
    public const string Green = "#006B4F";
    public const string Grey = "#636363";
    public const string Alarm = "#A3005C";

    public static readonly Group<Visit, string> Cafe = Group.By((Visit v) => v.Cafe);
    public static readonly Group<Event, int> Site = Group.By((Event e) => e.Site);

    public static readonly NormalModel<Visit> Waits = PooledModel.Of<Visit>()
        .Normal(v => v.Wait, sigma: Exponential(1))
        .Intercept(Normal(5, 2))
        .Slope(v => v.Afternoon, Normal(-1, 0.5))
        .Varying(Cafe, g => g.Intercept(Exponential(1)).Slope(v => v.Afternoon, Exponential(1)).Correlated(Lkj(2)));

    public static readonly IReadOnlyList<Visit> Visits = MakeVisits(12, 8, name => $"Café {name}");

    public static readonly IReadOnlyList<Event> Events = MakeEvents();

    private static readonly Lazy<NormalFit<Visit>> LazyCafes = new(() => Waits.Fit(Visits));
    private static readonly Lazy<PoissonFit<Event>> LazyCounts = new(() => PooledModel.Of<Event>()
        .Poisson(e => e.Count).Intercept(Normal(0, 2)).Slope(e => e.X, Normal(0, 1)).Varying(Site, g => g.Intercept(HalfNormal(1))).Fit(Events));

    private static readonly Lazy<NormalFit<Visit>> LazyChains = new(() => Waits.Fit(
        Visits, Engine.Nuts, new RunOptions { Draws = 200, Warmup = 200, Chains = 3 }));

    /// <summary>Two varying effects: café, morning, afternoon.</summary>
    public static NormalFit<Visit> Cafes => LazyCafes.Value;

    /// <summary>Counts with one varying effect.</summary>
    public static PoissonFit<Event> Counts => LazyCounts.Value;

    /// <summary>The cafés by three Markov chains.</summary>
    public static NormalFit<Visit> Chains => LazyChains.Value;

    public static IReadOnlyList<Visit> MakeVisits(int cafes, int each, Func<int, string> name)
    {
        var random = new PhiloxStream(7, 0);
        List<Visit> visits = [];
        for (var c = 0; c < cafes; c++)
        {
            var (first, second) = (random.NextNormal(), random.NextNormal());
            var (morning, difference) = (3.5 + first, -1 - 0.35 * first + 0.36 * second);
            for (var i = 0; i < each; i++)
                visits.Add(new(name(c), i % 2 == 1, morning + (i % 2 == 1 ? difference : 0) + 0.5 * random.NextNormal()));
        }

        return visits;
    }

    private static Event[] MakeEvents()
    {
        var random = new PhiloxStream(8, 0);
        List<Event> events = [];
        for (var site = 0; site < 15; site++)
        {
            var effect = 0.6 * random.NextNormal();
            for (var i = 0; i < 6; i++)
            {
                var x = random.NextNormal();
                events.Add(new(site, x, (int)random.NextPoisson(Math.Exp(0.3 + 0.4 * x + effect))));
            }
        }

        return [.. events];
    }
}

/// <summary>A visit to a café.</summary>
public sealed record Visit(string Cafe, bool Afternoon, double Wait);

/// <summary>A count at a site.</summary>
public sealed record Event(int Site, double X, int Count);
