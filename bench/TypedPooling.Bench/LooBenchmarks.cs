using TypedPooling.Engines;

namespace TypedPooling.Bench;

/// <summary>Predictive densities of rows left out, from a fit that is there: of all rows of large data, of a sample of them, and of small data when a
/// user asks again.</summary>
internal static class LooBenchmarks
{
    public static IReadOnlyList<Benchmark> All { get; } =
    [
        Million("loo-million", "leave-one-out of a million rows of 1,000 groups, 4,000 draws", (fit, rows) => fit.Loo(rows)),
        Million("loo-sample", "the same by a sample of 10,000 rows", (fit, rows) => fit.Loo(rows, subsample: 10_000)),
        Small("loo-tadpoles", "leave-one-out of 48 tanks, each alone in its level", () => Models.TadpoleModel.Fit(Models.Tanks()), Models.Tanks()),
        Small("loo-bathrooms", "leave-one-out of 869 houses of 0 or 1", () => Models.BathroomModel.Fit(Models.Houses()), Models.Houses()),
    ];

    private static Benchmark Million(string name, string purpose, Func<Fit<Models.WideRow>, Models.WideRow[], ElpdEstimate> loo) => new(
        name, purpose, () =>
    {
        var rows = Models.Wide(1_000_000, 1000, 1);
        var fit = Models.WideModel(1).Fit(rows);
        return () => loo(fit, rows).Elpd;
    })
    { Amount = _ => 1e6, Unit = "rows" };

    private static Benchmark Small<TRow>(string name, string purpose, Func<Fit<TRow>> make, TRow[] rows) => new(name, purpose, () =>
    {
        var fit = make();
        return () => fit.Loo(rows).Elpd;
    });
}
