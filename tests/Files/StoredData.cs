using static TypedPooling.Prior;

namespace TypedPooling.Tests.Files;

/// <summary>A model whose data are saved: how it reads and loads them.</summary>
public sealed record StoredData(string Name, Func<IEnumerable<Item>, ModelData<Item>> Read, Func<Stream, ModelData<Item>> Load)
{
    /// <summary>Every kind of data: families, weights, offsets, categories, keys of every number.</summary>
    public static IReadOnlyList<StoredData> All { get; } =
    [
        Of("Normal", Of().Normal(i => i.Y)
            .Intercept().Slope(i => i.X).Varying(Item.BySite, g => g.Intercept().Slope(i => i.X)).DropRowsWithMissingValues()),
        Of("Normal without groups", Of().Normal(i => i.Y).Intercept().Slope(i => i.Positive)),
        Of("Normal, crossed, categories and offset", Of().Normal(i => i.Y).Intercept().Categorical(i => i.Kind).Categorical(i => i.Tone)
            .Offset(i => i.Positive).Varying(Item.BySite, g => g.Intercept()).Varying(Item.ByLine, g => g.Intercept())),
        Of("Normal, weights and a category", Of().Normal(i => i.Y).Intercept().Categorical(i => i.Kind).PrecisionWeight(i => i.Weight)
            .Varying(Item.BySite, g => g.Intercept())),
        Of("Normal, counts", Of().Normal(i => i.Y).Intercept().Count(i => i.Times).Varying(Item.BySite, g => g.Intercept())),
        Of("Normal, known errors", Of().Normal(i => i.Y, knownSd: i => i.Weight).Intercept().Varying(Item.BySite, g => g.Intercept())),
        Of("LogNormal", Of().LogNormal(i => i.Positive).Intercept().Offset(i => i.Weight).Varying(
            Item.BySite.Nested(i => i.Line), g => g.Intercept())),
        Of("Bernoulli", Of().Bernoulli(i => i.Y > 21).Intercept().Categorical(i => i.Kind).Slope(i => i.X).DropRowsWithMissingValues()
            .Varying(Item.BySite, g => g.Intercept())),
        Of("Binomial", Of().Binomial(i => i.Events, i => i.Trials).Intercept().Offset(i => i.Weight).Varying(Item.ByLine, g => g.Intercept())),
        Of("Poisson", Of().Poisson(i => i.Events, exposure: i => i.Trials).Intercept().Varying(Item.BySite, g => g.Intercept())),
        Of("NegativeBinomial", Of().NegativeBinomial(i => i.Events, exposure: i => i.Weight).Intercept().Varying(
            Item.BySite, g => g.Intercept())),
        Of("Gamma", Of().Gamma(i => i.Positive).Intercept().Categorical(i => i.Tone).Varying(Item.BySite, g => g.Intercept())),
        Of("StudentT", Of().StudentT(i => i.Y, sigma: Exponential(1)).Intercept().Varying(Item.BySite, g => g.Intercept())),
        Of("Beta", Of().Beta(i => i.Share).Intercept().Varying(Item.BySite, g => g.Intercept()).Varying(Item.ByLine, g => g.Intercept())),
    ];

    public byte[] Bytes(IEnumerable<Item> rows) => Bytes(Read(rows));

    public static byte[] Bytes(ModelData<Item> data)
    {
        using var stream = new MemoryStream();
        data.Save(stream);
        return stream.ToArray();
    }

    public ModelData<Item> Loaded(byte[] bytes) => Load(new MemoryStream(bytes));

    public override string ToString() => Name;

    private static ModelBuilder<Item> Of() => PooledModel.Of<Item>();

    private static StoredData Of<TSelf, TFit, TLikelihoodFit>(string name, FittedModel<Item, TSelf, TFit, TLikelihoodFit> model)
        where TSelf : FittedModel<Item, TSelf, TFit, TLikelihoodFit>
        where TFit : Fit<Item>
        where TLikelihoodFit : TFit, ILikelihoodFit<Item> => new(name, rows => model.Read(rows), stream => model.LoadData(stream));
}
