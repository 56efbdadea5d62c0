using System.Globalization;
using TypedPooling.Engines;
using TypedPooling.Tests.Dsl.Support;
using static TypedPooling.Prior;

namespace TypedPooling.Tests.Files;

/// <summary>A file of format version 1 that is kept in <c>tests/reference/files</c>: how it was made, how it is loaded, and what it says.</summary>
public sealed record GoldenFile(string Name, Action<Stream> Save, Func<Stream, IEnumerable<(string What, double Value)>> Numbers)
{
    private static readonly RunOptions Options = new() { Seed = 1, Chains = 4, Warmup = 200, Draws = 200 };

    /// <summary>Every kind of content: sums, cells, and draws by each recipe.</summary>
    public static IReadOnlyList<GoldenFile> All { get; } =
    [
        OfData("cafe.data", Cafes, Rows.Cafe),
        OfData("items.data", Wins, Item.Rows(120, sites: 4)),
        OfFit("cafe-marginal.fit", Cafes, () => Cafes.Fit(Rows.Cafe, Options).Thin(40), Rows.Cafe[3]),
        OfFit("cafe-gibbs.fit", Cafes, () => Cafes.Fit(Rows.Cafe, Engine.Gibbs, Options).Thin(40), Rows.Cafe[3]),
        OfFit("cafe-reml.fit", Cafes, () => Cafes.Fit(Rows.Cafe, Engine.RestrictedMaximumLikelihood, Options), Rows.Cafe[3]),
        OfFit("items-marginal.fit", Wins, () => Wins.Fit(Item.Rows(120, sites: 4), Options).Thin(40), Item.Rows(120, sites: 4)[3]),
        OfFit("items-ml.fit", Wins, () => Wins.Fit(Item.Rows(120, sites: 4), Engine.MaximumLikelihood, Options), Item.Rows(120, sites: 4)[3]),
        OfFit("penicillin-marginal.fit", Plates, () => Plates.Fit(Rows.Penicillin, Engine.Marginal, Options).Thin(20), Rows.Penicillin[3]),
        OfFit("penicillin-nuts.fit", Plates, () => Plates.Fit(Rows.Penicillin, Engine.Nuts, Options).Thin(20), Rows.Penicillin[3]),
    ];

    private static NormalModel<Visit> Cafes => PooledModel.Of<Visit>().Normal(v => v.Wait, sigma: Exponential(1)).Intercept(Normal(5, 2))
        .Slope(v => v.Afternoon, Normal(-1, 0.5)).Varying(
            Group.By((Visit v) => v.Cafe), g => g.Intercept(Exponential(1)).Slope(v => v.Afternoon, Exponential(1)).Correlated(Lkj(2)));

    private static BernoulliModel<Item> Wins => PooledModel.Of<Item>().Bernoulli(i => i.Y > 21.5).Intercept(Normal(0, 2)).Categorical(i => i.Kind)
        .Varying(Item.BySite, g => g.Intercept(Exponential(1)));

    private static NormalModel<Sample> Plates => PooledModel.Of<Sample>().Normal(s => s.Diameter, sigma: Exponential(1)).Intercept(Normal(23, 5))
        .Varying(Group.By((Sample s) => s.Plate), g => g.Intercept(Exponential(1))).Varying(
            Group.By((Sample s) => s.Batch), g => g.Intercept(Exponential(1)));

    public override string ToString() => Name;

    private static GoldenFile OfData<TRow, TSelf, TFit, TLikelihoodFit>(
        string name, FittedModel<TRow, TSelf, TFit, TLikelihoodFit> model, IEnumerable<TRow> rows)
        where TSelf : FittedModel<TRow, TSelf, TFit, TLikelihoodFit>
        where TFit : Fit<TRow>
        where TLikelihoodFit : TFit, ILikelihoodFit<TRow> => new(name, stream => model.Read(rows).Save(stream), stream =>
        {
            var data = model.LoadData(stream);
            var estimates = model.Fit(data, Engine.MaximumLikelihood);
            return [("rows", data.RowCount), ("cells", data.CellCount), .. Estimates(estimates)];
        });

    private static GoldenFile OfFit<TRow, TSelf, TFit, TLikelihoodFit>(
        string name, FittedModel<TRow, TSelf, TFit, TLikelihoodFit> model, Func<Fit<TRow>> fit, TRow row)
        where TSelf : FittedModel<TRow, TSelf, TFit, TLikelihoodFit>
        where TFit : Fit<TRow>
        where TLikelihoodFit : TFit, ILikelihoodFit<TRow> => new(name, stream => fit().Save(stream), stream =>
        {
            var loaded = model.LoadFit(stream);
            return
            [
                .. Estimates(loaded),
                ("draws", loaded.Posterior.DrawCount),
                ("mean of a prediction", loaded.PredictMean(row).Mean),
                ("first draw of a prediction", loaded.PredictMean(row).Draws[0]),
                ("last draw of a new observation", loaded.PredictNew(row).Draws[^1]),
            ];
        });

    private static IEnumerable<(string What, double Value)> Estimates<TRow>(Fit<TRow> fit)
    {
        foreach (var row in fit.Table.Rows)
        {
            yield return (string.Create(CultureInfo.InvariantCulture, $"mean of {row.Parameter.Name}"), row.Mean);
            yield return (string.Create(CultureInfo.InvariantCulture, $"sd of {row.Parameter.Name}"), row.Sd);
        }
    }
}
