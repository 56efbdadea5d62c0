using static TypedPooling.Prior;
using SameData = TypedPooling.Tests.DataSources.Queries.SameData;

namespace TypedPooling.Tests.DataSources.Postgres;

/// <summary>A model whose sums or cells a server makes, and how its data are compared with those of the rows.</summary>
/// <param name="Name">What it is there for.</param>
/// <param name="Holds">Asserts that the query gives what the rows give.</param>
/// <param name="Query">The data by the query alone.</param>
public sealed record QueryCase(
    string Name, Action<IEnumerable<Measurement>, IQueryable<Measurement>> Holds, Func<IQueryable<Measurement>, ModelData<Measurement>> Query)
{
    private const double Tolerance = 1e-12;

    private static readonly Group<Measurement, string> Site = Group.By((Measurement m) => m.Site);

    private static readonly Group<Measurement, int> Line = Group.By((Measurement m) => m.Line);

    /// <summary>Every kind of data: sums and cells, weights, counts, offsets, nested keys, categories, missing values, columns far from 0.</summary>
    public static IReadOnlyList<QueryCase> All { get; } =
    [
        Sums("Intercepts and slopes", Of().Normal(m => m.Y).Intercept().Slope(m => m.Floor).Varying(Site, g => g.Intercept().Slope(m => m.Floor))),
        Sums("Without groups", Of().Normal(m => m.Y).Intercept().Slope(m => m.Floor).Slope(m => m.Broken)),
        Sums("Missing values", Of().Normal(m => m.Y).Intercept().Slope(m => m.X).DropRowsWithMissingValues().Varying(Site, g => g.Intercept())),
        Sums("Nested keys", Of().Normal(m => m.Y).Intercept().Varying(Site, g => g.Intercept()).Varying(
            Site.Nested(m => m.Line), g => g.Intercept())),
        Sums("Crossed keys and categories", Of().Normal(m => m.Y).Intercept().Categorical(m => m.Kind).Varying(Site, g => g.Intercept()).Varying(
            Line, g => g.Intercept())),
        Sums("Weights and an offset", Of().Normal(m => m.Y).Intercept().Slope(m => m.Floor).Offset(m => m.Positive)
            .PrecisionWeight(m => m.Weight).Varying(Site, g => g.Intercept())),
        Sums("Counts", Of().Normal(m => m.Y).Intercept().Slope(m => m.Floor).Count(m => m.Times).Varying(Site, g => g.Intercept())),
        Sums("Known errors", Of().Normal(m => m.Y, knownSd: m => m.Weight).Intercept().Varying(Site, g => g.Intercept())),
        Sums("Logs", Of().LogNormal(m => m.Positive).Intercept().Slope(m => m.Floor).Varying(Site, g => g.Intercept())),
        Sums("Far from 0", Of().Normal(m => m.Y).Intercept().Slope(m => m.Far).Varying(Site, g => g.Intercept().Slope(m => m.Far)), 1e-9),
        Sums("Far from one another", Of().Normal(m => m.Y).Intercept().Slope(m => m.Apart).Varying(
            Site.Nested(m => m.Line), g => g.Intercept()), 1e-9),
        Cells("Bernoulli", Of().Bernoulli(m => m.Broken).Intercept().Slope(m => m.Floor).Categorical(m => m.Kind).Varying(Site, g => g.Intercept())),
        Cells("Binomial", Of().Binomial(m => m.Events, m => m.Trials).Intercept().Varying(Site.Nested(m => m.Line), g => g.Intercept())),
        Cells("Poisson", Of().Poisson(m => m.Events, exposure: m => m.Weight).Intercept().Slope(m => m.Floor).Varying(Site, g => g.Intercept())),
        Cells("NegativeBinomial", Of().NegativeBinomial(m => m.Events, exposure: m => m.Trials).Intercept().Varying(Site, g => g.Intercept())),
        Cells("Gamma", Of().Gamma(m => m.Positive).Intercept().Slope(m => m.Floor).Varying(Site, g => g.Intercept())),
        Cells("StudentT", Of().StudentT(m => m.Y, sigma: Exponential(1)).Intercept().Varying(Site, g => g.Intercept())),
    ];

    public override string ToString() => Name;

    private static ModelBuilder<Measurement> Of() => PooledModel.Of<Measurement>();

    private static QueryCase Sums<TSelf, TFit, TLikelihoodFit>(
        string name, SumsModel<Measurement, TSelf, TFit, TLikelihoodFit> model, double tolerance = Tolerance)
        where TSelf : SumsModel<Measurement, TSelf, TFit, TLikelihoodFit>
        where TFit : Fit<Measurement>
        where TLikelihoodFit : Fit<Measurement>, ILikelihoodFit<Measurement> => new(
            name, (rows, table) => SameData.Assert(model.Bind(rows), model.Bind(model.Query(table)), tolerance), table => model.Query(table));

    private static QueryCase Cells<TSelf, TFit, TLikelihoodFit>(string name, CellsModel<Measurement, TSelf, TFit, TLikelihoodFit> model)
        where TSelf : CellsModel<Measurement, TSelf, TFit, TLikelihoodFit>
        where TFit : Fit<Measurement>
        where TLikelihoodFit : Fit<Measurement>, ILikelihoodFit<Measurement> => new(
            name, (rows, table) => SameData.Assert(model.Bind(rows), model.Bind(model.Query(table))), table => model.Query(table));
}
