using TypedPooling.Engines;
using TypedPooling.Inference.Marginal;
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
    ];

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

    private static ModelBuilder<Item> Of() => PooledModel.Of<Item>();

    private static StoredFit Of<TSelf, TFit, TLikelihoodFit>(
        string name, FittedModel<Item, TSelf, TFit, TLikelihoodFit> model, RunOptions options, IEngine? engine = null)
        where TSelf : FittedModel<Item, TSelf, TFit, TLikelihoodFit>
        where TFit : Fit<Item>
        where TLikelihoodFit : TFit, ILikelihoodFit<Item> =>
        new(name, () => model.Fit(Rows, engine ?? new MarginalEngine(), options), stream => model.LoadFit(stream));
}
