using TypedPooling.Randomness;
using static TypedPooling.Prior;

namespace TypedPooling.Bench;

/// <summary>Replicated responses of a million rows, and statistics of them, from a fit that is there.</summary>
internal static class ReplicateBenchmarks
{
    private static readonly Group<Delivery, int> Depot = Group.By((Delivery d) => d.Depot);

    public static IReadOnlyList<Benchmark> All { get; } =
    [
        Million(
            "simulate-million",
            "8 replicates of a million counts of 1,000 levels",
            (fit, rows) => fit.Simulate(rows, 8).Responses().Sum(y => y[^1])),
        Million(
            "check-million",
            "the six statistics of 8 replicates of them",
            (fit, rows) => fit.Check(rows, new CheckOptions { Draws = 8 }).Rows[0].Mean),
        new("simulate-million-normal", "8 replicates of a million rows of a Normal response, 1,000 levels", () =>
        {
            var rows = Models.Wide(1_000_000, 1000, 1);
            var fit = Models.WideModel(1).Fit(rows);
            return () => fit.Simulate(rows, 8).Responses().Sum(y => y[^1]);
        })
        { Amount = _ => 8e6, Unit = "responses" },
    ];

    private static Benchmark Million(string name, string purpose, Func<Fit<Delivery>, Delivery[], double> run) => new(name, purpose, () =>
    {
        var stream = new PhiloxStream(19, 2);
        Delivery[] rows = [.. Enumerable.Range(0, 1_000_000).Select(i =>
            new Delivery(i % 1000, i % 2, (int)stream.NextPoisson(Math.Exp(0.5 + 0.3 * (i % 2) + 0.4 * Math.Sin(i % 1000)))))];
        var fit = PooledModel.Of<Delivery>().Poisson(d => d.Parcels).Intercept(Normal(0, 1)).Slope(d => d.Weekend, Normal(0, 1))
            .Varying(Depot, g => g.Intercept(Exponential(1))).Fit(rows);
        return () => run(fit, rows);
    })
    { Amount = _ => 8e6, Unit = "responses" };

    internal sealed record Delivery(int Depot, int Weekend, int Parcels);
}
