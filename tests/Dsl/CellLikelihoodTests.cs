using TypedPooling.Draws;
using TypedPooling.Engines;
using TypedPooling.Inference.MaximumLikelihood;
using TypedPooling.Tests.Reference;
using Xunit;

namespace TypedPooling.Tests.Dsl;

/// <summary>Maximum likelihood of proportions and counts as a user meets it. Against glmer the numbers are in GlmerTests.</summary>
public sealed class CellLikelihoodTests
{
    private static readonly Group<Herd, string> ByHerd = Group.By((Herd h) => h.Name);

    private static readonly Lazy<Herd[]> Herds = new(() =>
        [.. ReferenceFile.Read("data/cbpp.csv").Rows.Select(
            row => new Herd(row.Text("herd"), row.Text("period"), (int)row.Number("incidence"), (int)row.Number("size")))]);

    private static BinomialModel<Herd> Model =>
        PooledModel.Of<Herd>().Binomial(h => h.Incidence, h => h.Size).Intercept().Categorical(h => h.Period).Varying(ByHerd, g => g.Intercept());

    [Fact]
    public void The_builder_gives_the_numbers_of_glmer()
    {
        // cbpp by Laplace (lme4.csv, herd_laplace).
        var fit = Model.Fit(Herds.Value, Engine.MaximumLikelihood);
        Assert.Equal(-1.398532, fit.Intercept.Mean, 2e-6);
        Assert.Equal(-0.992333, fit.Coefficient("Period[2]").Mean, 2e-6);
        Assert.Equal(0.642261, fit.For(ByHerd).InterceptSd.Mean, 2e-6);
        Assert.Equal(-92.02628186, fit.Likelihood.LogLikelihood, 1e-7);
        Assert.Equal(194.05256373, fit.Likelihood.Aic, 1e-7);
        Assert.Contains("Laplace", fit.ToString());
    }

    [Fact]
    public void Animals_one_by_one_are_the_same_likelihood_as_herds()
    {
        var animals = Herds.Value.SelectMany(h => Enumerable.Range(0, h.Size).Select(i => new Animal(h.Name, h.Period, i < h.Incidence)));
        var herd = Group.By((Animal a) => a.Herd);
        var fit = PooledModel.Of<Animal>().Bernoulli(a => a.IsIll).Intercept().Categorical(a => a.Period).Varying(herd, g => g.Intercept()).Fit(
            animals, Engine.MaximumLikelihood);
        var grouped = Model.Fit(Herds.Value, Engine.MaximumLikelihood);
        Assert.Equal(grouped.Intercept.Mean, fit.Intercept.Mean, 1e-8);
        Assert.Equal(grouped.Intercept.Sd, fit.Intercept.Sd, 1e-7);
        Assert.Equal(
            grouped.Likelihood.Dic,
            fit.Likelihood.Dic - 2 * Herds.Value.Sum(h => MathNet.Numerics.SpecialFunctions.BinomialLn(h.Size, h.Incidence)),
            1e-6);

        // What differs is the number of ways to choose the ill ones.
        var ways = Herds.Value.Sum(h => MathNet.Numerics.SpecialFunctions.BinomialLn(h.Size, h.Incidence));
        Assert.Equal(grouped.Likelihood.LogLikelihood - ways, fit.Likelihood.LogLikelihood, 1e-8);
    }

    [Fact]
    public void Draws_agree_with_the_moments_of_the_normal_approximation()
    {
        var fit = Model.Fit(Herds.Value, Engine.MaximumLikelihood, new RunOptions { Chains = 1, Draws = 40_000 });
        var herd = fit.For(ByHerd)["1"];
        foreach (var quantity in new[] { fit.Intercept, fit.Coefficient("Period[3]"), herd.Intercept, herd.Effect("Intercept"), fit.PredictLink(
            Herds.Value[0]) })
        {
            var error = quantity.Sd / Math.Sqrt(40_000);
            Assert.Equal(quantity.Mean, quantity.Draws.Average(), 5 * error);
            Assert.Equal(quantity.Sd, Diagnostics.Sd(quantity.Draws.AsSpan()), 5 * error);
        }

        Assert.Equal(herd.Intercept.Draws[3], fit.Intercept.Draws[3] + herd.Effect("Intercept").Draws[3], 1e-12);
    }

    [Fact]
    public void More_nodes_than_enough_change_nothing()
    {
        var twenty = Model.Fit(Herds.Value, new MaximumLikelihoodEngine { QuadraturePoints = 20 });
        var fifty = Model.Fit(Herds.Value, new MaximumLikelihoodEngine { QuadraturePoints = 50 });
        var laplace = Model.Fit(Herds.Value, Engine.MaximumLikelihood);
        Assert.Equal(fifty.Likelihood.LogLikelihood, twenty.Likelihood.LogLikelihood, 1e-8);
        Assert.Equal(fifty.For(ByHerd).InterceptSd.Mean, twenty.For(ByHerd).InterceptSd.Mean, 1e-6);
        Assert.InRange(Math.Abs(laplace.Likelihood.LogLikelihood - fifty.Likelihood.LogLikelihood), 1e-3, 0.2);
    }

    [Fact]
    public void Equal_shares_put_the_sd_exactly_at_zero()
    {
        Herd[] equal = [.. Enumerable.Range(0, 12).Select(i => new Herd($"h{i % 6}", "1", 3, 10))];
        var fit = PooledModel.Of<Herd>().Binomial(h => h.Incidence, h => h.Size).Intercept().Varying(ByHerd, g => g.Intercept()).Fit(
            equal, Engine.MaximumLikelihood);
        Assert.Equal(0, fit.For(ByHerd).InterceptSd.Mean);
        Assert.True(fit.Likelihood.IsSingular);
        Assert.Equal(Math.Log(3.0 / 7), fit.Intercept.Mean, 1e-8);
        Assert.Equal(Math.Sqrt(1 / (120 * 0.3 * 0.7)), fit.Intercept.Sd, 1e-6);
        Assert.Equal(0, fit.Likelihood.Deviance, 1e-8);
    }

    [Fact]
    public void Counts_without_groups_have_their_closed_form()
    {
        Visit[] visits = [new(3, 2, "a"), new(0, 1, "b"), new(7, 4, "a"), new(2, 0.5, "b")];
        var fit = PooledModel.Of<Visit>().Poisson(v => v.Count, exposure: v => v.Hours).Intercept().Fit(visits, Engine.MaximumLikelihood);
        Assert.Equal(Math.Log(12 / 7.5), fit.Intercept.Mean, 1e-9);
        Assert.Equal(1 / Math.Sqrt(12), fit.Intercept.Sd, 1e-7);
        var deviance = 2 * visits.Sum(v => (v.Count > 0 ? v.Count * Math.Log(v.Count / (v.Hours * 1.6)) : 0) - (v.Count - v.Hours * 1.6));
        Assert.Equal(deviance, fit.Likelihood.Deviance, 1e-8);
    }

    [Fact]
    public void Refuses_what_has_no_maximum_with_the_reason()
    {
        // The slope separates: all above 2 are successes.
        Herd[] separated = [.. Enumerable.Range(0, 10).Select(i => new Herd($"h{i % 3}", "1", i < 5 ? 0 : 1, 1) with { X = i })];
        var problem =
            Problem(
                () =>
                    PooledModel.Of<Herd>().Binomial(h => h.Incidence, h => h.Size).Intercept().Slope(h => h.X).Varying(ByHerd, g => g.Intercept())
                        .Fit(separated, Engine.MaximumLikelihood));
        Assert.Contains("separate", problem.Sentence);
        Assert.Contains("'X'", problem.Sentence);
        Assert.Contains(
            "one level",
            Problem(() => PooledModel.Of<Herd>().Binomial(h => h.Incidence, h => h.Size).Intercept().Varying(ByHerd, g => g.Intercept()).Fit(
                Herds.Value[..4], Engine.MaximumLikelihood)).Sentence);
        Assert.Contains("nodes", Problem(() => Model.Fit(Herds.Value, new MaximumLikelihoodEngine { QuadraturePoints = 0 })).Sentence);
        Assert.Contains(
            "'X'",
            Problem(() => Model.Slope(h => h.X).Slope(h => 2 * h.X, name: "Twice").Fit(
                [.. Herds.Value.Select((h, i) => h with { X = i })], Engine.MaximumLikelihood)).Sentence);
    }

    private static Problem Problem(Func<object> act) => Assert.Throws<ModelException>(act).Problems[0];

    private sealed record Herd(string Name, string Period, int Incidence, int Size)
    {
        public double X { get; init; }
    }

    private sealed record Animal(string Herd, string Period, bool IsIll);

    private sealed record Visit(int Count, double Hours, string Place);
}
