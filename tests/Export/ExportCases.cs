using System.Globalization;
using TypedPooling.Declarations;
using TypedPooling.Engines;
using TypedPooling.Model;
using TypedPooling.Tests.Reference;
using static TypedPooling.Prior;

namespace TypedPooling.Tests.Export;

/// <summary>The models whose programs were run by other tools (tests/reference/README.md): together every family, every kind of prior, crossed and
/// nested factors, weights, counts, offsets, exposures, trials and known errors.</summary>
internal static class ExportCases
{
    private static readonly Group<Row, string> ByGroup = Group.By((Row r) => r.Group);

    private static readonly Group<Row, string> ByItem = Group.By((Row r) => r.Item);

    private static readonly Group<Row, (string Outer, string Inner)> Casks = ByGroup.Nested(r => r.Item);

    public static IReadOnlyList<ExportCase> All { get; } =
    [
        // Named priors, correlated slopes.
        Case("cafe", Read("cafe", "cafe", "", "", "afternoon", "", "", "wait"), () => PooledModel.Of<Row>()
            .Normal(r => r.Y, sigma: Exponential(1), name: "Wait")
            .Intercept(Normal(5, 2))
            .Slope(r => r.X, Normal(-1, 0.5), name: "Afternoon")
            .Varying(ByGroup, g => g.Intercept(Exponential(1)).Slope(r => r.X, Exponential(1)).Correlated(Lkj(2)))),

        // Every prior left to the defaults, which are stated at the means of the columns.
        Case("sleepstudy", Read("sleepstudy", "Subject", "", "", "Days", "", "", "Reaction"), () => PooledModel.Of<Row>()
            .Normal(r => r.Y, name: "Reaction")
            .Intercept()
            .Slope(r => r.X, name: "Days")
            .Varying(ByGroup, g => g.Intercept().Slope(r => r.X))),

        // Known errors.
        Case("schools", Read("eight_schools", "school", "", "", "", "", "se", "effect"), () => PooledModel.Of<Row>()
            .Normal(r => r.Y, knownSd: r => r.Size)
            .Intercept(Normal(0, 5))
            .Varying(ByGroup, g => g.Intercept(HalfCauchy(5)))),

        // Crossed factors, heavy tails, a prior of a variance.
        Case("penicillin", Read("penicillin", "plate", "sample", "", "", "", "", "diameter"), () => PooledModel.Of<Row>()
            .Normal(r => r.Y, sigma: InverseGammaOnVariance(2, 0.5))
            .Intercept(Cauchy(20, 5))
            .Varying(ByGroup, g => g.Intercept(HalfStudentT(3, 2)))
            .Varying(ByItem, g => g.Intercept(HalfNormal(3)))),

        // Nested factors, bounded priors.
        Case("pastes", Read("pastes", "batch", "cask", "", "", "", "", "strength"), () => PooledModel.Of<Row>()
            .LogNormal(r => r.Y, sigma: HalfNormal(0.1))
            .Intercept(StudentT(4, 4, 1))
            .Varying(ByGroup, g => g.Intercept(Uniform(0, 1)))
            .Varying(Casks, g => g.Intercept(Gamma(2, 20)))),

        // A standardised model with precision weights.
        Case("gasoline", Read("gasoline", "batch", "", "", "temp", "gravity", "", "yield"), () => PooledModel.Of<Row>()
            .Normal(r => r.Y, name: "yield")
            .Intercept()
            .Slope(r => r.X, name: "temp")
            .Varying(ByGroup, g => g.Intercept().Slope(r => r.X))
            .PrecisionWeight(r => r.Z, name: "gravity")
            .Standardized()),

        // Heavy-tailed responses, a prior of a whole covariance.
        Case("rats", Read("rats", "rat", "", "", "day", "", "", "weight"), () => PooledModel.Of<Row>()
            .StudentT(r => r.Y)
            .Intercept()
            .Slope(r => r.X - 22, Laplace(6, 2), name: "days from 22")
            .Varying(ByGroup, g => g.Intercept().Slope(r => r.X - 22).Covariance(HuangWand(2, 20, 2)))),

        // Trials, a categorical predictor with a named prior.
        Case("frogs", Read("reedfrogs", "tank", "", "pred", "", "", "density", "surv"), () => PooledModel.Of<Row>()
            .Binomial(r => r.Y, r => r.Size)
            .Intercept(Normal(0, 1.5))
            .Categorical(r => r.Kind, StudentT(5, 0, 1))
            .Varying(ByGroup, g => g.Intercept(Exponential(1)))),

        // Another link, a categorical predictor with default priors.
        Case("cbpp", Read("cbpp", "herd", "", "period", "", "", "size", "incidence"), () => PooledModel.Of<Row>()
            .Binomial(r => r.Y, r => r.Size, Link.ComplementaryLogLog)
            .Intercept()
            .Categorical(r => r.Kind)
            .Varying(ByGroup, g => g.Intercept())),

        // A flat prior and a known sd; effects without a population effect.
        Case("trials", Positive(Read("trials_crossed", "subject", "item", "", "x", "", "", "successes")), () => PooledModel.Of<Row>()
            .Bernoulli(r => r.Y, Link.Probit)
            .Slope(r => r.X, Flat)
            .Varying(ByGroup, g => g.Intercept(Exponential(1)).Slope(r => r.X, Exponential(1)).Uncorrelated())
            .Varying(ByItem, g => g.Intercept(Fixed(0.5)))),

        // Counts with an offset.
        Case("ticks", Read("ticks_nested", "brood", "place", "year", "height", "", "", "ticks"), () => PooledModel.Of<Row>()
            .Poisson(r => r.Y)
            .Intercept(Normal(0, 2))
            .Slope(r => (r.X - 450) / 100, name: "height")
            .Categorical(r => r.Kind)
            .Offset(r => 0.1 * r.Z)
            .Varying(ByGroup, g => g.Intercept(HalfNormal(1)))
            .Varying(ByItem, g => g.Intercept(HalfNormal(1)))),

        // Three correlated effects, a group-level predictor, exposures.
        Case("counts", WithGroupColumn(Read("counts", "group", "", "", "x", "", "exposure", "y")), () => PooledModel.Of<Row>()
            .NegativeBinomial(r => r.Y, exposure: r => r.Size)
            .Intercept()
            .Slope(r => r.X, Uniform(-2, 2))
            .Varying(ByGroup, g => g
                .Intercept(Exponential(1)).PredictedBy(r => r.Z)
                .Slope(r => r.X, Exponential(1))
                .Slope(r => r.X * r.X, Exponential(2), name: "X squared")
                .Correlated(Lkj(2)))),

        // A shape, and an inverse Wishart beside a second factor.
        Case("costs", Read("costs_crossed", "shop", "product", "", "x", "", "", "cost"), () => PooledModel.Of<Row>()
            .Gamma(r => r.Y)
            .Intercept()
            .Slope(r => r.X)
            .Varying(ByGroup, g => g.Intercept().Slope(r => r.X).Covariance(InverseWishart(4, 0.5)))
            .Varying(ByItem, g => g.Intercept())),

        // Shares; uncorrelated effects with default priors.
        Case("shares", Read("shares", "group", "", "", "x", "", "", "y"), () => PooledModel.Of<Row>()
            .Beta(r => r.Y)
            .Intercept(Normal(0, 1.5))
            .Slope(r => r.X, Normal(0, 1))
            .Varying(ByGroup, g => g.Intercept().Slope(r => r.X).Uncorrelated())),

        // Rows that stand for several.
        Case("dyestuff", Read("dyestuff", "Batch", "", "", "", "", "", "Yield"), () => PooledModel.Of<Row>()
            .Normal(r => r.Y, sigma: HalfCauchy(50), name: "Yield")
            .Intercept(Normal(1500, 100))
            .Varying(ByGroup, g => g.Intercept(Exponential(0.02)))
            .Count(r => r.Z)),
    ];

    /// <summary>The effect of a level of a factor.</summary>
    public static Quantity Effect(Fit<Row> fit, string factor, int level, string term)
    {
        if (factor == Casks.Name)
            return Of(fit.For(Casks));
        return Of(fit.For(factor == ByItem.Name ? ByItem : ByGroup));

        Quantity Of<TKey>(FactorFit<Row, TKey> byFactor) => byFactor.Level(byFactor.Keys[level]).Effect(term);
    }

    public static ExportCase Of(string name) => All.Single(@case => @case.Name == name);

    private static ExportCase Case<TSelf, TFit, TLikelihoodFit>(
        string name, IReadOnlyList<Row> rows, Func<FittedModel<Row, TSelf, TFit, TLikelihoodFit>> make)
        where TSelf : FittedModel<Row, TSelf, TFit, TLikelihoodFit>
        where TFit : Fit<Row>
        where TLikelihoodFit : Fit<Row>, ILikelihoodFit<Row>
    {
        var model = make();
        return new(
            name,
            model.Lowered,
            model.ToStan,
            () => model.ToStanData(rows),
            model.ToJags,
            () => model.ToJagsData(rows),
            options => model.Fit(rows, options),
            dialect => model.ToFormula(dialect, rows).ToString(),
            () => model.Bind(rows).Spec,
            () => model switch
            {
                NormalModel<Row> normal => normal.Fit(rows, Engine.RestrictedMaximumLikelihood),
                LogNormalModel<Row> logNormal => logNormal.Fit(rows, Engine.RestrictedMaximumLikelihood),
                _ => model.Fit(rows, Engine.MaximumLikelihood),
            });
    }

    private static IReadOnlyList<Row> Read(string file, string group, string item, string kind, string x, string z, string size, string y) =>
        [.. ReferenceFile.Read($"data/{file}.csv").Rows.Select((row, i) => new Row(
            row.Text(group),
            item.Length == 0 ? string.Empty : row.Text(item),
            kind.Length == 0 ? string.Empty : row.Text(kind),
            x.Length == 0 ? 0 : row.Number(x),
            z.Length == 0 ? 1 + i % 3 : row.Number(z),
            size.Length == 0 ? 1 : row.Number(size),
            row.Number(y)))];

    private static IReadOnlyList<Row> Positive(IReadOnlyList<Row> rows) => [.. rows.Select(row => row with { Y = row.Y > 0 ? 1 : 0 })];

    private static IReadOnlyList<Row> WithGroupColumn(IReadOnlyList<Row> rows) =>
        [.. rows.Select(row => row with { Z = int.Parse(row.Group, CultureInfo.InvariantCulture) % 3 - 1 })];

    /// <summary>A row of any of the data.</summary>
    internal sealed record Row(string Group, string Item, string Kind, double X, double Z, double Size, double Y);
}

/// <summary>A model with its data, whatever its type.</summary>
internal sealed record ExportCase(
    string Name,
    LoweredModel Model,
    Func<StanOptions?, string> Stan,
    Func<string> StanData,
    Func<string> Jags,
    Func<string> JagsData,
    Func<RunOptions, Fit<ExportCases.Row>> Fit,
    Func<FormulaDialect, string> Formula,
    Func<ModelSpec> Bound,
    Func<Fit<ExportCases.Row>> Likelihood)
{
    public override string ToString() => Name;
}
