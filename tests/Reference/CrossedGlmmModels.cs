using System.Globalization;
using TypedPooling.Engines;
using static TypedPooling.Prior;

namespace TypedPooling.Tests.Reference;

/// <summary>The models of glmer_crossed_models.csv, declared as a user would.</summary>
internal static class CrossedGlmmModels
{
    /// <summary>Fits a model by maximum likelihood with Laplace's approximation.</summary>
    /// <param name="name">Data set and model, as "data set/model".</param>
    public static (Fit<Row> Fit, Row[] Rows) Fit(string name)
    {
        var at = name.Split('/');
        var rows = Read(at[0]);
        return (Fit(name, rows, Engine.MaximumLikelihood), rows);
    }

    private static Fit<Row> Fit(string name, Row[] rows, ICellLikelihoodEngine engine)
    {
        var data = PooledModel.Of<Row>();
        return name switch
        {
            "answers_crossed/crossed" => data.Bernoulli(r => r.Y).Intercept(Flat)
                .Slope(r => r.X, Flat, name: "anger").Categorical(r => r.A, Flat, name: "gender")
                .Categorical(r => r.B, Flat, name: "act").Categorical(r => r.C, Flat, name: "situation")
                .Varying(By("person"), g => g.Intercept()).Varying(By("item"), g => g.Intercept()).Fit(rows, engine),
            "ticks_nested/nested" => data.Poisson(r => r.Y).Intercept(Flat)
                .Categorical(r => r.A, Flat, name: "year").Slope(r => r.X, Flat, name: "height")
                .Varying(By("brood"), g => g.Intercept()).Varying(By("chick"), g => g.Intercept()).Varying(By("place"), g => g.Intercept())
                .Fit(rows, engine),
            "ticks_nested/negative_binomial" => data.NegativeBinomial(r => r.Y).Intercept(Flat)
                .Categorical(r => r.A, Flat, name: "year").Slope(r => r.X, Flat, name: "height")
                .Varying(By("brood"), g => g.Intercept()).Varying(By("place"), g => g.Intercept()).Fit(rows, engine),
            "counts/rows" => data.Poisson(r => r.Y, exposure: r => r.Size).Intercept(Flat).Slope(r => r.X, Flat, name: "x")
                .Varying(By("group"), g => g.Intercept()).Varying(By("row"), g => g.Intercept()).Fit(rows, engine),
            "costs_crossed/crossed" => data.Gamma(r => r.Y).Intercept(Flat).Slope(r => r.X, Flat, name: "x")
                .Varying(By("shop"), g => g.Intercept()).Varying(By("product"), g => g.Intercept()).Fit(rows, engine),
            "trials_crossed/slopes" => Trials()
                .Varying(By("subject"), g => g.Intercept().Slope(r => r.X, name: "x"))
                .Varying(By("item"), g => g.Intercept()).Fit(rows, engine),
            "trials_crossed/uncorrelated" => Trials()
                .Varying(By("subject"), g => g.Intercept().Slope(r => r.X, name: "x").Uncorrelated())
                .Varying(By("item"), g => g.Intercept()).Fit(rows, engine),
            "trials_crossed/slopes_of_both" => Trials()
                .Varying(By("subject"), g => g.Intercept().Slope(r => r.X, name: "x"))
                .Varying(By("item"), g => g.Intercept().Slope(r => r.X, name: "x")).Fit(rows, engine),
            "trials_crossed/probit" => Trials(Link.Probit)
                .Varying(By("subject"), g => g.Intercept()).Varying(By("item"), g => g.Intercept()).Fit(rows, engine),
            "trials_crossed/boundary" => Trials()
                .Varying(By("subject"), g => g.Intercept()).Varying(By("item"), g => g.Intercept()).Varying(By("batch"), g => g.Intercept())
                .Fit(rows, engine),
            _ => throw new NotSupportedException(name),
        };

        BinomialModel<Row> Trials(Link link = Link.Logit) =>
            data.Binomial(r => r.Y, r => r.Size, link).Intercept(Flat).Slope(r => r.X, Flat, name: "x");
    }

    private static Group<Row, string> By(string factor) => Group.By((Row r) => r.Keys[factor], name: factor);

    private static Row[] Read(string dataset)
    {
        var (keys, categories, x, y, size) = dataset switch
        {
            "answers_crossed" => ((string[])["person", "item"], (string[])["gender", "act", "situation"], "anger", "yes", ""),
            "ticks_nested" => (["brood", "chick", "place"], ["year"], "height", "ticks", ""),
            "counts" => (["group", "row"], [], "x", "y", "exposure"),
            "costs_crossed" => (["shop", "product"], [], "x", "cost", ""),
            "trials_crossed" => (["subject", "item", "batch"], [], "x", "successes", "size"),
            _ => throw new NotSupportedException(dataset),
        };
        return [.. ReferenceFile.Read($"data/{dataset}.csv").Rows.Select((row, i) => new Row(
            keys.ToDictionary(key => key, key => key == "row" ? (i + 1).ToString(CultureInfo.InvariantCulture) : row.Text(key)),
            Category(row, 0),
            Category(row, 1),
            Category(row, 2),
            row.Number(x),
            size.Length == 0 ? 1 : row.Number(size),
            row.Number(y)))];

        string Category(ReferenceFile.Row row, int c) => c < categories.Length ? row.Text(categories[c]) : string.Empty;
    }

    /// <summary>A row of any of the data sets.</summary>
    /// <param name="Keys">Levels by grouping factor.</param>
    /// <param name="A">First category.</param>
    /// <param name="B">Second category.</param>
    /// <param name="C">Third category.</param>
    /// <param name="X">The covariate.</param>
    /// <param name="Size">Trials or exposure, 1 where there are none.</param>
    /// <param name="Y">The response.</param>
    public sealed record Row(IReadOnlyDictionary<string, string> Keys, string A, string B, string C, double X, double Size, double Y);
}
