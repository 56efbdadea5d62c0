using TypedPooling.Engines;
using TypedPooling.Inference.Gibbs;
using TypedPooling.Inference.Marginal;
using TypedPooling.Inference.MaximumLikelihood;
using TypedPooling.Inference.Nuts;
using TypedPooling.Inference.Variational;
using static TypedPooling.Prior;

namespace TypedPooling.Tests.Files;

/// <summary>A fit that is saved: how it is made and loaded.</summary>
public sealed record StoredFit(string Name, Func<Fit<Item>> Fit, Func<Stream, Fit<Item>> Load)
{
    public static readonly Item[] Rows = Item.Rows(240, sites: 6);

    private static readonly RunOptions Few = new() { Seed = 7, Chains = 2, Warmup = 100, Draws = 100 };
    private static readonly RunOptions Markov = Few with { Sampling = SamplingMethod.Nuts };

    /// <summary>Every engine with every way in which its draws are kept.</summary>
    public static IReadOnlyList<StoredFit> All { get; } =
    [
        Of("Marginal", Slopes, Few),
        Of("Marginal by chains", Slopes, Markov),
        Of("Marginal, standardised", Slopes.Standardized(), Few),
        Of("Marginal, a far column", Far, Few),
        Of("Marginal, joined effects", Of().Normal(i => i.Y).Intercept(StudentT(3, 20, 5)).Slope(i => i.Positive, Cauchy(0, 1))
            .Varying(Item.BySite, g => g.Intercept()), Few),
        Of("Marginal, known scales", Of().Normal(i => i.Y, sigma: Fixed(1)).Intercept(Normal(20, 5)).Varying(
            Item.BySite, g => g.Intercept(Fixed(0.5))), Few),
        Of("Marginal, no groups", Of().Normal(i => i.Y).Intercept().Slope(i => i.Positive), Few),
        Of("Marginal, crossed", Crossed, Few),
        Of("Marginal, nested LogNormal", Of().LogNormal(i => i.Positive).Intercept().Varying(Item.BySite, g => g.Intercept()).Varying(
            Item.BySite.Nested(i => i.Line), g => g.Intercept()), Few),
        Of("Marginal, Bernoulli", Wins, Few),
        Of("Marginal, Bernoulli by chains", Wins, Markov),
        Of("Marginal, Poisson slopes", Counts, Few),
        Of("Marginal, Gamma", Of().Gamma(i => i.Positive).Intercept().Categorical(i => i.Kind).Varying(Item.BySite, g => g.Intercept()), Few),
        OfSums("Gibbs", Slopes, new GibbsEngine()),
        OfSums("Gibbs, crossed", Crossed, new GibbsEngine()),
        Of("Nuts", Crossed, Few, new NutsEngine()),
        Of("Nuts, StudentT", Of().StudentT(i => i.Y).Intercept().Varying(Item.BySite, g => g.Intercept()), Few, new NutsEngine()),
        Of("Nuts, Beta crossed", Of().Beta(i => i.Share).Intercept().Varying(Item.BySite, g => g.Intercept()).Varying(
            Item.ByLine, g => g.Intercept()), Few, new NutsEngine()),
        OfSums("Variational", Independent, new VariationalEngine()),
        OfSums("Variational, crossed", Crosses, new VariationalEngine()),
        OfSums("Variational, replaced priors", Heavy, new VariationalEngine { Replacing = PriorReplacement.NearestConjugate }),
        OfSums("ML", Slopes, new MaximumLikelihoodEngine()),
        OfSums("REML", Slopes, new RestrictedMaximumLikelihoodEngine()),
        OfSums("REML, crossed", Crossed, new RestrictedMaximumLikelihoodEngine()),
        OfSums("ML, fixed sd", Of().Normal(i => i.Y).Intercept().Varying(Item.BySite, g => g.Intercept(Fixed(0.7))), new MaximumLikelihoodEngine()),
        Of("ML, Bernoulli", Wins, Few, new MaximumLikelihoodEngine()),
        Of("ML, Poisson by quadrature", Counts, Few, new MaximumLikelihoodEngine { QuadraturePoints = 7 }),
        Of("ML, crossed Binomial", Of().Binomial(i => i.Events, i => i.Trials).Intercept().Slope(i => i.Weight).Varying(
            Item.BySite, g => g.Intercept()).Varying(Item.ByLine, g => g.Intercept()), Few, new MaximumLikelihoodEngine()),
        Of("ML, NegativeBinomial", Of().NegativeBinomial(i => i.Events).Intercept().Varying(Item.BySite, g => g.Intercept()), Few,
            new MaximumLikelihoodEngine()),
        Of("ML, no groups", Of().Poisson(i => i.Events).Intercept().Slope(i => i.Weight), Few, new MaximumLikelihoodEngine()),
    ];

    private static NormalModel<Item> Independent => Of().Normal(i => i.Y, sigma: Exponential(1)).Intercept(Normal(20, 5)).Slope(i => i.Weight)
        .Varying(Item.BySite, g => g.Intercept().Slope(i => i.Weight).Uncorrelated());

    private static NormalModel<Item> Heavy =>
        Of().Normal(i => i.Y, sigma: Exponential(1)).Intercept(StudentT(3, 20, 5)).Varying(Item.BySite, g => g.Intercept(Exponential(1)));

    private static NormalModel<Item> Crosses => Of().Normal(i => i.Y).Intercept().Varying(Item.BySite, g => g.Intercept())
        .Varying(Item.ByLine, g => g.Intercept());

    private static NormalModel<Item> Slopes => Of().Normal(i => i.Y, sigma: Exponential(1))
        .Intercept(Normal(20, 5)).Slope(i => i.Weight, Normal(0, 1))
        .Varying(Item.BySite, g => g.Intercept(Exponential(1)).Slope(i => i.Weight, Exponential(1)).Correlated(Lkj(2)));

    private static NormalModel<Item> Far => Of().Normal(i => i.Y).Intercept().Slope(i => i.Weight + 1000, name: "far")
        .Varying(Item.BySite, g => g.Intercept().Slope(i => i.Weight + 1000, name: "far"));

    private static NormalModel<Item> Crossed => Of().Normal(i => i.Y).Intercept().Slope(i => i.Weight).Varying(Item.BySite, g => g.Intercept()
        .Slope(i => i.Weight)).Varying(Item.ByLine, g => g.Intercept());

    private static BernoulliModel<Item> Wins =>
        Of().Bernoulli(i => i.Y > 21.5).Intercept().Slope(i => i.Weight).Varying(Item.BySite, g => g.Intercept());

    private static PoissonModel<Item> Counts => Of().Poisson(i => i.Events, exposure: i => i.Trials).Intercept(Normal(0, 2))
        .Slope(i => i.Weight, Uniform(-2, 2)).Varying(Item.BySite, g => g.Intercept().Slope(i => i.Weight));

    public byte[] Bytes() => Bytes(Fit());

    public static byte[] Bytes(Fit<Item> fit)
    {
        using var stream = new MemoryStream();
        fit.Save(stream);
        return stream.ToArray();
    }

    public Fit<Item> Loaded(byte[] bytes) => Load(new MemoryStream(bytes));

    public override string ToString() => Name;

    private static StoredFit OfSums(string name, NormalModel<Item> model, INormalEngine engine) =>
        new(name, () => model.Fit(Rows, engine, Few), stream => model.LoadFit(stream));

    private static ModelBuilder<Item> Of() => PooledModel.Of<Item>();

    private static StoredFit Of<TSelf, TFit, TLikelihoodFit>(
        string name, FittedModel<Item, TSelf, TFit, TLikelihoodFit> model, RunOptions options, IEngine? engine = null)
        where TSelf : FittedModel<Item, TSelf, TFit, TLikelihoodFit>
        where TFit : Fit<Item>
        where TLikelihoodFit : TFit, ILikelihoodFit<Item> =>
        new(name, () => model.Fit(Rows, engine ?? new MarginalEngine(), options), stream => model.LoadFit(stream));
}
