using TypedPooling.Randomness;

namespace TypedPooling.Samples.Cafe;

/// <summary>The town of the lecture: cafés whose morning wait and afternoon difference are drawn together, and visits to them.</summary>
/// <remarks>Busy cafés make you wait in the morning and catch up in the afternoon, hence the negative correlation. Source: [McElreath2020], ch.
/// 14.</remarks>
public sealed class Town
{
    private const double MeanWait = 3.5;
    private const double MeanDifference = -1;
    private const double SdWait = 1;
    private const double SdDifference = 0.5;
    private const double Correlation = -0.7;
    private const double VisitSd = 0.5;
    private const int VisitsPerCafe = 10;

    private static readonly string[] Names =
    [
        "Blue Door", "Corner Cup", "Dockside", "Café Émile", "Fig & Fox", "Grindhouse", "Harbour", "Ida's", "Juniper", "Kiosk",
        "Lantern", "Mill Lane", "North Star", "Old Press", "Paper Moon", "Quill", "Redbrick", "Station", "Tin Roof", "Umbra",
    ];

    private Town(Dictionary<string, (double Morning, double Difference)> truth, List<Visit> visits)
    {
        Truth = truth;
        Visits = visits;
    }

    /// <summary>The true morning wait and afternoon difference of each café, in minutes.</summary>
    public IReadOnlyDictionary<string, (double Morning, double Difference)> Truth { get; }

    /// <summary>Ten visits to each café, mornings and afternoons in turn.</summary>
    public IReadOnlyList<Visit> Visits { get; }

    /// <summary>Simulates the town.</summary>
    /// <param name="seed">The same seed gives the same town.</param>
    public static Town Simulate(ulong seed)
    {
        var random = new PhiloxStream(seed, 0);
        var truth = new Dictionary<string, (double, double)>();
        var visits = new List<Visit>();
        foreach (var name in Names)
        {
            var first = random.NextNormal();
            var second = Correlation * first + Math.Sqrt(1 - Correlation * Correlation) * random.NextNormal();
            var morning = MeanWait + SdWait * first;
            var difference = MeanDifference + SdDifference * second;
            truth[name] = (morning, difference);
            for (var i = 0; i < VisitsPerCafe; i++)
            {
                var afternoon = i % 2 == 1;
                visits.Add(new Visit(name, afternoon, morning + (afternoon ? difference : 0) + VisitSd * random.NextNormal()));
            }
        }

        return new Town(truth, visits);
    }
}
