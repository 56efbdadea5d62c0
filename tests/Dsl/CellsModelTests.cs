using TypedPooling.Tests.Dsl.Support;
using Xunit;
using static TypedPooling.Prior;

namespace TypedPooling.Tests.Dsl;

/// <summary>From rows of proportions and counts to cells, bound models, default priors and fits.</summary>
public sealed class CellsModelTests
{
    private static readonly Group<Toss, string?> Site = Group.By((Toss t) => t.Site);

    private static readonly Toss[] Rows = Toss.Many();

    [Fact]
    public void Rows_that_are_equal_to_the_model_share_a_cell()
    {
        var model = PooledModel.Of<Toss>().Bernoulli(t => t.Won).Intercept().Slope(t => t.X).Varying(Site, g => g.Intercept());
        var bound = model.Bind(Rows);
        var expected = Rows.GroupBy(t => (t.X, t.Site)).ToDictionary(g => g.Key, g => (Wins: g.Count(t => t.Won), Rows: g.Count()));

        Assert.Equal(expected.Count, bound.Cells.Count);
        Assert.Equal(60, bound.RowCount);
        Assert.Equal(0, bound.Cells.LogConstant);
        for (var cell = 0; cell < bound.Cells.Count; cell++)
        {
            var (wins, rows) = expected[(bound.Cells.Columns[cell], bound.Levels[0].Text(bound.Cells.Levels[cell]))];
            Assert.Equal((wins, rows, rows), (bound.Cells.Responses[cell], bound.Cells.Sizes[cell], bound.Cells.Rows[cell]));
        }
    }

    [Fact]
    public void A_number_that_is_0_or_1_reads_as_true_or_false_does()
    {
        var asBool = PooledModel.Of<Toss>().Bernoulli(t => t.Won).Intercept().Slope(t => t.X).Bind(Rows).Cells;
        var asNumber = PooledModel.Of<Toss>().Bernoulli(t => t.Y).Intercept().Slope(t => t.X).Bind(Rows).Cells;

        Assert.Equal(asBool.Responses.ToArray(), asNumber.Responses.ToArray());
    }

    [Fact]
    public void Successes_trials_offsets_and_exposures_are_read()
    {
        var binomial = PooledModel.Of<Toss>().Binomial(t => t.Wins, t => t.N).Intercept().Offset(t => t.Known).Bind(Rows).Cells;
        var poisson = PooledModel.Of<Toss>().Poisson(t => t.Wins, exposure: t => t.N).Intercept().Bind(Rows).Cells;
        var plain = PooledModel.Of<Toss>().Poisson(t => t.Wins).Intercept().Bind(Rows).Cells;

        Assert.Equal([0, 0.5], binomial.Offsets.ToArray());
        Assert.Equal(Rows.Where(t => t.Known == 0).Sum(t => t.N), binomial.Sizes[0]);
        Assert.Equal(Rows.Sum(t => t.Wins), binomial.Responses[0] + binomial.Responses[1]);
        Assert.Equal((1, Rows.Sum(t => t.N), Rows.Sum(t => (double)t.Wins)), (poisson.Count, poisson.Sizes[0], poisson.Responses[0]));
        Assert.Equal(60, plain.Sizes[0]);
    }

    [Fact]
    public void Categories_become_indicators_of_the_levels_that_rows_had()
    {
        var bound =
            PooledModel.Of<Toss>().Bernoulli(t => t.Won).Intercept().Slope(t => t.X).Categorical(t => t.Kind, reference: "b").Categorical(
                t => t.Season).DropRowsWithMissingValues()
            .Bind([new Toss { Kind = "dropped", Site = "dropped", Gap = null }, .. Rows]);

        Assert.Equal(
            ["X", "Kind[a]", "Kind[c]", "Kind[dropped]", "Season[Winter]", "Season[Spring]", "Season[Summer]"],
            bound.Spec.Columns.Select(c => c.Name));

        var dropping =
            PooledModel.Of<Toss>().Bernoulli(t => t.Won).Slope(t => t.Gap).Categorical(t => t.Kind).Varying(Site, g => g.Intercept())
                .DropRowsWithMissingValues()
            .Bind([new Toss { Kind = "dropped", Site = "dropped", Gap = null }, .. Rows]);
        Assert.Equal(["Gap", "Kind[b]", "Kind[c]"], dropping.Spec.Columns.Select(c => c.Name));
        Assert.Equal((60L, 1L, 5), (dropping.RowCount, dropping.DroppedRowCount, dropping.Levels[0].Count));
        for (var cell = 0; cell < dropping.Cells.Count; cell++)
        {
            var (gap, b, c) = (dropping.Cells.Columns[3 * cell], dropping.Cells.Columns[3 * cell + 1], dropping.Cells.Columns[3 * cell + 2]);
            var site = dropping.Levels[0].Text(dropping.Cells.Levels[cell]);
            var kind = b == 1 ? "b" : c == 1 ? "c" : "a";
            Assert.Equal(Rows.Count(t => t.Gap == gap && t.Kind == kind && t.Site == site), dropping.Cells.Rows[cell]);
        }
    }

    [Fact]
    public void Cells_of_parts_merge_into_those_of_the_whole()
    {
        var model = PooledModel.Of<Toss>().Poisson(t => t.Wins, t => t.N).Slope(t => t.X).Categorical(t => t.Kind).Varying(Site, g => g.Intercept());
        var whole = model.Read(Rows);
        var merged = model.Read(Rows.Take(7)).Merge(model.Read(Rows.Skip(7).Take(20))).Add(Rows.Skip(27));

        Assert.Equal((whole.CellCount, whole.RowCount), (merged.CellCount, merged.RowCount));
        var (a, b) = (model.Bind(whole), model.Bind(merged));
        Assert.Equal(a.Cells.Columns.ToArray(), b.Cells.Columns.ToArray());
        Assert.Equal(a.Cells.Levels.ToArray(), b.Cells.Levels.ToArray());
        Assert.Equal(a.Cells.Responses.ToArray(), b.Cells.Responses.ToArray());
        Assert.Equal(a.Cells.Sizes.ToArray(), b.Cells.Sizes.ToArray());
        Assert.Equal(a.Cells.LogConstant, b.Cells.LogConstant, 1e-10);
        Assert.Equal(
            ProblemCode.SumsOfAnotherModel,
            Assert.Throws<ModelException>(() => PooledModel.Of<Toss>().Poisson(t => t.Wins).Slope(t => t.X).Bind(whole)).Code);
    }

    [Fact]
    public void Cells_serve_other_priors_and_links()
    {
        var cells = PooledModel.Of<Toss>().Bernoulli(t => t.Won).Intercept().Read(Rows);

        Assert.Equal(
            Link.Probit, PooledModel.Of<Toss>().Bernoulli(t => t.Won, Link.Probit).Intercept(Normal(0, 1)).Bind(cells).Spec.Response.Family.Link);
    }

    [Fact]
    public void Many_cells_are_told_apart_and_found_again()
    {
        var rows = Enumerable.Range(0, 20_000).Select(i => new Toss { X = i, Site = $"site {i % 7}", Won = i % 3 == 0 }).ToArray();
        var model = PooledModel.Of<Toss>().Bernoulli(t => t.Won).Slope(t => t.X).Varying(Site, g => g.Intercept());
        var cells = model.Bind([.. rows, .. rows]).Cells;

        Assert.Equal((20_000, 40_000L), (cells.Count, cells.RowCount));
        Assert.All(cells.Rows.ToArray(), n => Assert.Equal(2, n));
        for (var i = 0; i < cells.Count; i++)
            Assert.Equal((i, i % 3 == 0 ? 2 : 0, 2), (cells.Columns[i], cells.Responses[i], cells.Sizes[i]));
    }

    [Fact]
    public void Complete_pooling_is_the_model_without_groups()
    {
        var model = PooledModel.Of<Toss>().Bernoulli(t => t.Won).Intercept().Slope(t => t.X).Varying(Site, g => g.Intercept());
        var bound = model.CompletePooling().Bind(Rows.Select(t => t with { Site = null }));

        Assert.Equal((0, 4), (bound.Spec.Factors.Length, bound.Cells.Count));
    }

    [Fact]
    public void A_column_of_minus_0_is_one_of_0()
    {
        var cells = PooledModel.Of<Toss>().Bernoulli(t => t.Won).Slope(t => t.X).Read([new Toss { X = 0.0 }, new Toss { X = -0.0, Won = true }]);

        Assert.Equal(1, cells.CellCount);
    }

    [Fact]
    public void Defaults_are_scaled_by_the_columns_alone()
    {
        var bound =
            PooledModel.Of<Toss>().Binomial(t => t.Wins, t => t.N).Intercept().Slope(t => t.X).Varying(Site, g => g.Intercept().Slope(t => t.X))
                .Bind(Rows);
        var mean = Rows.Average(t => t.X);
        var sd = Math.Sqrt(Rows.Sum(t => (t.X - mean) * (t.X - mean)) / 59);

        var intercept = Assert.IsType<NormalPrior>(bound.Spec.Population[0].Prior);
        Assert.Equal((0, Math.Sqrt(6.25 + Math.Pow(2.5 * mean / sd, 2))), (intercept.Mean, intercept.Sd), Near);
        Assert.Equal(2.5 / sd, Assert.IsType<NormalPrior>(bound.Spec.Population[1].Prior).Sd, 1e-12);
        Assert.Equal(1, Assert.IsType<ExponentialPrior>(bound.Spec.Factors[0].Terms[0].Sd).Rate, 1e-12);
        Assert.Equal(sd, Assert.IsType<ExponentialPrior>(bound.Spec.Factors[0].Terms[1].Sd).Rate, 1e-12);
        Assert.Null(bound.Spec.Response.Sigma);
        Assert.True(bound.Spec.HasProperPriors);
    }

    [Fact]
    public void A_fit_reads_like_any_other()
    {
        var model = PooledModel.Of<Toss>().Bernoulli(t => t.Won).Intercept().Slope(t => t.X).Varying(Site, g => g.Intercept().Slope(t => t.X));
        var fit = model.Fit(Rows, new DrawnEngine());

        Assert.IsType<BernoulliFit<Toss>>(fit);
        Assert.Equal(
            ["Intercept", "X", "sd(Site: Intercept)", "sd(Site: X)", "cor(Site: Intercept, X)"], fit.Table.Rows.Select(row => row.Parameter.Name));
        Assert.Contains("Bernoulli model of Won: 60 rows, 5 levels of Site", fit.ToString(), StringComparison.Ordinal);
        var level = fit.For(Site).Level("site 3");
        Assert.Equal(fit.Intercept.Draws[7] + level.Effect("Intercept").Draws[7], level.Intercept.Draws[7], 1e-15);
        Assert.Equal(
            level.Slope(t => t.X).Draws[9] - fit.Coefficient(t => t.X).Draws[9], fit.Derive(d => d.Of(level.Effect(t => t.X))).Draws[9], 1e-15);
        Assert.Equal(12, fit.For(Site).Coefficients().Levels[0].Rows);
        Assert.IsNotType<ILikelihoodFit>(fit, exactMatch: false);
        Assert.Contains("Engine Drawn, as asked for", fit.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void An_engine_of_likelihoods_is_given_no_priors_and_no_sigma()
    {
        var engine = new DrawnLikelihoodEngine();
        PooledModel.Of<Toss>().Poisson(t => t.Wins).Intercept().Slope(t => t.X, Normal(0, 1)).Varying(Site, g => g.Intercept(Exponential(3))).Fit(
            Rows, engine);

        Assert.All(engine.Last!.Spec.Population, term => Assert.IsType<FlatPrior>(term.Prior));
        Assert.IsType<FlatPrior>(engine.Last.Spec.Factors[0].Terms[0].Sd);
        Assert.Null(engine.Last.Spec.Response.Sigma);
    }

    [Fact]
    public void Engines_are_compared()
    {
        var comparison = PooledModel.Of<Toss>().Poisson(t => t.Wins).Intercept().Compare(Rows, new DrawnEngine(), new DrawnEngine(200));

        Assert.Contains("Poisson model of Wins: 60 rows", comparison.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Describe_shows_the_priors_used_and_the_cells()
    {
        var text = PooledModel.Of<Toss>().Bernoulli(t => t.Won).Intercept(Normal(0, 1)).Varying(Site, g => g.Intercept()).Describe(Rows);

        Assert.Equal(
            """
            Won_i      ~ Bernoulli(p_i)
            logit(p_i) = β_0 + u_Site[i],0
            u_Site,0   ~ Normal(0, s_Site,0)
            β_0        ~ Normal(0, 1)
            s_Site,0   ~ Exponential(1)  (default)

            60 rows; Site: 5 levels; 5 cells
            """.ReplaceLineEndings("\n"),
            text);
    }

    private static bool Near((double, double) expected, (double, double) actual) =>
        Math.Abs(expected.Item1 - actual.Item1) < 1e-12 && Math.Abs(expected.Item2 - actual.Item2) < 1e-12;
}
