using TypedPooling.Engines;
using static TypedPooling.Prior;

namespace TypedPooling.Bench;

/// <summary>Data and fits as files, and fits that are refreshed with new rows.</summary>
internal static class FileBenchmarks
{
    private const int Many = 1_000_000;
    private const int Some = 10_000;

    private static readonly NormalModel<Models.Sale> Intercepts = PooledModel.Of<Models.Sale>()
        .Normal(s => s.Amount, sigma: Exponential(1))
        .Intercept(Normal(0, 5))
        .Varying(Group.By((Models.Sale s) => s.Shop), g => g.Intercept(Exponential(1)));

    public static IReadOnlyList<Benchmark> All { get; } =
    [
        new("save-million", "the data of a million groups to a file", () =>
        {
            var data = Intercepts.Read(Models.Many(Many));
            var path = Path.GetTempFileName();
            return () =>
            {
                data.Save(path);
                return new FileInfo(path).Length;
            };
        })
        { Amount = value => value, Unit = "bytes" },
        new("load-million", "the data of a million groups from a file", () =>
        {
            var path = Path.GetTempFileName();
            Intercepts.Read(Models.Many(Many)).Save(path);
            return () => Intercepts.LoadData(path).CellCount;
        })
        { Amount = value => value, Unit = "groups" },
        new("save-fit", "the café fit of 4,000 draws to memory", () =>
        {
            var fit = Models.CafeModel.Fit(Models.Visits());
            return () => Saved(fit).Length;
        })
        { Amount = value => value, Unit = "bytes" },
        new("load-scorer", "the café fit thinned to 200 draws from memory, and a prediction", () =>
        {
            var bytes = Saved(Models.CafeModel.Fit(Models.Visits()).Thin(200));
            var visit = Models.Visits()[0];
            return () => Models.CafeModel.LoadFit(new MemoryStream(bytes)).PredictMean(visit).Mean;
        }),
        Refresh("refresh", "10,000 groups and 1,000 new rows: add them and fit, intercepts, default engine", Intercepts, (data, seed) =>
            Intercepts.Fit(data, new() { Seed = seed }).Sigma.Mean),
        Refresh("refresh-reml", "the same, intercepts and slopes, by REML", Models.ManyModel, (data, _) =>
            Models.ManyModel.Fit(data, Engine.RestrictedMaximumLikelihood).Sigma.Mean),
    ];

    private static Benchmark Refresh(
        string name, string purpose, NormalModel<Models.Sale> model, Func<ModelData<Models.Sale>, ulong, double> fit) => new(name, purpose, () =>
        {
            var rows = Models.Many(Some).ToArray();
            using var stream = new MemoryStream();
            model.Read(rows.AsEnumerable().Skip(1000)).Save(stream);
            stream.Position = 0;
            var data = model.LoadData(stream);
            var added = rows[..1000];
            var seed = 0UL;
            return () => fit(data.Add(added), ++seed);
        });

    private static byte[] Saved<TRow>(Fit<TRow> fit)
    {
        using var stream = new MemoryStream();
        fit.Save(stream);
        return stream.ToArray();
    }
}
