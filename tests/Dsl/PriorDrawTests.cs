using TypedPooling.Tests.Dsl.Support;
using Xunit;
using static TypedPooling.Prior;

namespace TypedPooling.Tests.Dsl;

public sealed class PriorDrawTests
{
    private static NormalModel<Parcel> Model =>
        PooledModel.Of<Parcel>().Normal(p => p.Y, sigma: Exponential(2)).Intercept(Normal(1, 2)).Slope(p => p.X, Normal(0.2, 0.7))
        .Varying(Parcel.ByDepot, g => g.Intercept(HalfNormal(0.8)).Slope(p => p.X, Fixed(0.3)).Correlated(Lkj(2)));

    private static string Refusal(Func<object> make) => Assert.Throws<ModelException>(make).Message.ReplaceLineEndings("\n");

    private static void AssertMean(IEnumerable<double> values, double expected, string what)
    {
        var all = values.ToArray();
        var mean = all.Average();
        var error = Math.Sqrt(all.Average(v => (v - mean) * (v - mean)) / all.Length);
        Assert.True(Math.Abs(mean - expected) <= 5 * error, $"{what}: {mean} where {expected} is due, standard error {error}.");
    }

    [Fact]
    public void A_sample_reads_as_a_fit_does()
    {
        var sample = Model.SamplePrior(2000, 3);
        Assert.Equal(
            ["Intercept", "X", "sigma", "sd(Depot: Intercept)", "sd(Depot: X)", "cor(Depot: Intercept, X)"],
            sample.Table.Rows.Select(row => row.Parameter.Name));
        AssertMean(sample.Intercept.Draws, 1, "intercept");
        AssertMean(sample.Coefficient(p => p.X).Draws, 0.2, "slope");
        AssertMean(sample.Sigma.Draws, 0.5, "sigma");
        AssertMean(sample.Of("sd(Depot: Intercept)").Draws, 0.8 * Math.Sqrt(2 / Math.PI), "sd");
        AssertMean(sample.Of("cor(Depot: Intercept, X)").Draws.Select(r => r * r), 0.2, "squared correlation");
        Assert.All(sample.Of("sd(Depot: X)").Draws, sd => Assert.Equal(0.3, sd));
        Assert.All(
            PooledModel.Of<Parcel>().Normal(p => p.Y, Fixed(2)).Intercept(Normal(0, 1)).SamplePrior(10).Sigma.Draws, sigma => Assert.Equal(2, sigma));
        var sum = sample.Derive(d => d.Of(sample.Intercept) + d.Of(sample.Sigma));
        Assert.Equal(sample.Intercept.Draws[5] + sample.Sigma.Draws[5], sum.Draws[5]);
        Assert.Equal(2000, sample.Intercept.EssBulk);
        Assert.StartsWith("Prior of the Normal model of Y: 2,000 independent draws, seed 3", sample.ToString(), StringComparison.Ordinal);
        Assert.Equal(ProblemCode.UnknownTerm, Assert.Throws<ModelException>(() => sample.Of("Z")).Code);
    }

    [Fact]
    public void More_draws_begin_with_the_fewer()
    {
        Assert.Equal(Model.SamplePrior(10, 3).Intercept.Draws.ToArray(), Model.SamplePrior(50, 3).Intercept.Draws[..10].ToArray());
        Assert.NotEqual(Model.SamplePrior(10, 3).Intercept.Draws.ToArray(), Model.SamplePrior(10, 4).Intercept.Draws.ToArray());
    }

    [Fact]
    public void Names_every_prior_that_needs_data_or_is_improper()
    {
        var open = PooledModel.Of<Reading>().Normal(r => r.Y).Intercept().Slope(r => r.X, Normal(0, 1)).Categorical(r => r.Kind, Normal(0, 1))
            .Varying(Group.By((Reading r) => r.Site), g => g.Intercept());
        Assert.Equal(
            """
            [DataNeeded] Intercept: 'Intercept' has the default prior, which depends on the data. Name a prior, or give the rows.
            [DataNeeded] sd(Site: Intercept): 'sd(Site: Intercept)' has the default prior, which depends on the data. Name a prior, or give the rows.
            [DataNeeded] sigma: 'sigma' has the default prior, which depends on the data. Name a prior, or give the rows.
            [DataNeeded] Kind: The levels of the categorical predictor 'Kind' come from the data. Give the rows.
            """.ReplaceLineEndings("\n"),
            Refusal(() => open.SamplePrior()));
        Assert.Equal(open.Bind(Rows.Readings()).Spec.Population.Length, open.SamplePrior(Rows.Readings(), 10).Table.Rows.Length - 2);

        var flat = PooledModel.Of<Parcel>().Normal(p => p.Y, sigma: Flat).Intercept(Flat).Slope(p => p.X, Normal(0, 1));
        Assert.Equal(
            """
            [ImproperPrior] Intercept: The prior of 'Intercept' is improper, so it has no draws. Give it a proper prior.
            [ImproperPrior] sigma: The prior of 'sigma' is improper, so it has no draws. Give it a proper prior.
            """.ReplaceLineEndings("\n"),
            Refusal(() => flat.SamplePrior()));
        Assert.Equal(ProblemCode.ImproperPrior, Assert.Throws<ModelException>(() => flat.SimulatePrior(Parcel.Rows())).Code);
        Assert.Equal("[OptionOutOfRange] draws: The number of draws is 3. Use a value from 4 to 10,000,000.", Refusal(() => Model.SamplePrior(3)));
    }

    [Fact]
    public void Simulated_responses_have_the_mean_and_covariance_of_the_model()
    {
        Parcel[] rows = [.. Parcel.Rows(count: 6).Select((row, i) => row with { Depot = i < 4 ? "a" : "b", N = 1 + i % 3 })];
        var model = Model.Offset(p => p.Known).PrecisionWeight(p => p.W).Categorical(
            p => p.N > 1 ? "many" : "one", Normal(-1, 0.5), reference: "one", name: "size");
        var draws = model.SimulatePrior(rows, 20_000, 8).Responses().ToArray();

        Assert.Equal(20_000, draws.Length);
        double Many(int i) => rows[i].N > 1 ? 1 : 0;
        double Mean(int i) => rows[i].Known + 1 + 0.2 * rows[i].X - Many(i);
        for (var i = 0; i < rows.Length; i++)
        {
            AssertMean(draws.Select(y => y[i]), Mean(i), $"mean of row {i}");
            for (var j = 0; j <= i; j++)
            {
                // Prior variances 4, 0.49, 0.25; E sd^2 = 0.64 and 0.09, the correlation's mean is 0; E sigma^2 = 2 / 4.
                var expected = 4 + 0.49 * rows[i].X * rows[j].X + 0.25 * Many(i) * Many(j)
                    + (rows[i].Depot == rows[j].Depot ? 0.64 + 0.09 * rows[i].X * rows[j].X : 0) + (i == j ? 0.5 / rows[i].W : 0);
                AssertMean(draws.Select(y => (y[i] - Mean(i)) * (y[j] - Mean(j))), expected, $"covariance of rows {i} and {j}");
            }
        }
    }

    [Fact]
    public void A_correlation_shows_between_a_levels_effects()
    {
        // With rho near 1 (eta small) or not, E u0 u1 given the draw is rho sd0 sd1: tested through the parameters of each draw.
        Parcel[] rows = [.. new[] { 0.0, 1.0 }.Select(x => new Parcel("a", x, 0, 1, 1, 0))];
        var model = PooledModel.Of<Parcel>().Normal(p => p.Y, sigma: Fixed(1e-9)).Varying(
            Parcel.ByDepot, g => g.Intercept(Fixed(2)).Slope(p => p.X, Fixed(0.5)).Correlated(Lkj(0.5)));
        var simulation = model.SimulatePrior(rows, 20_000, 9);
        var rho = simulation.Parameters.Of("cor(Depot: Intercept, X)").Draws;
        AssertMean(simulation.Responses().Select((y, s) => y[0] * (y[1] - y[0]) * rho[s] - rho[s] * rho[s]), 0, "rho u0 u1 less rho^2 sd0 sd1");
    }

    [Fact]
    public void A_prior_on_the_whole_covariance_is_drawn_from_in_samples_and_simulations()
    {
        // E Sigma = Psi / (nu - q - 1) = Psi / 7.
        double[,] psi = { { 2, 0.6 }, { 0.6, 0.5 } };
        var model = PooledModel.Of<Parcel>().Normal(p => p.Y, sigma: Fixed(1e-9)).Varying(
            Parcel.ByDepot, g => g.Intercept().Slope(p => p.X).Covariance(InverseWishart(10, psi)));
        Parcel[] rows = [new Parcel("a", 0, 0, 1, 1, 0), new Parcel("a", 1, 0, 1, 1, 0)];
        var simulation = model.SimulatePrior(rows, 20_000, 10);

        var (first, second, rho) = (
            simulation.Parameters.Of("sd(Depot: Intercept)"),
            simulation.Parameters.Of("sd(Depot: X)"),
            simulation.Parameters.Of("cor(Depot: Intercept, X)"));
        Assert.Equal(first.Draws.ToArray(), model.SamplePrior(20_000, 10).Of("sd(Depot: Intercept)").Draws.ToArray());
        AssertMean(first.Draws.Select(sd => sd * sd), psi[0, 0] / 7, "variance of intercepts");
        AssertMean(second.Draws.Select(sd => sd * sd), psi[1, 1] / 7, "variance of slopes");
        AssertMean(simulation.Parameters.Derive(d => d.Of(first) * d.Of(second) * d.Of(rho)).Draws, psi[0, 1] / 7, "covariance");
        AssertMean(simulation.Responses().Select(y => y[0] * y[0]), psi[0, 0] / 7, "squared intercept effect");
        AssertMean(simulation.Responses().Select(y => y[0] * (y[1] - y[0])), psi[0, 1] / 7, "product of the effects");
        AssertMean(simulation.Responses().Select(y => Math.Pow(y[1] - y[0], 2)), psi[1, 1] / 7, "squared slope effect");
    }

    [Fact]
    public void Parameters_of_a_simulation_are_those_of_the_sample_and_draws_do_not_depend_on_their_order()
    {
        var rows = Parcel.Rows();
        var simulation = Model.SimulatePrior(rows, 30, 6);
        Assert.Equal(Model.SamplePrior(30, 6).Sigma.Draws.ToArray(), simulation.Parameters.Sigma.Draws.ToArray());
        var last = simulation.Responses(29);
        Assert.Equal(simulation.Responses().Last(), last);
        Assert.Equal(rows.Length, last.Length);
        Assert.Throws<ArgumentOutOfRangeException>(() => simulation.Responses(30));
    }

    [Fact]
    public void A_LogNormal_response_is_the_exponential_of_a_Normal_one()
    {
        var rows = Parcel.Rows();
        var normal = PooledModel.Of<Parcel>().Normal(p => p.Y, sigma: Exponential(2)).Intercept(Normal(1, 2)).SimulatePrior(rows, 4).Responses(2);
        var log = PooledModel.Of<Parcel>().LogNormal(p => p.Y, sigma: Exponential(2)).Intercept(Normal(1, 2)).SimulatePrior(rows, 4).Responses(2);
        Assert.Equal(normal.Select(Math.Exp), log);
    }

    [Fact]
    public void Known_errors_take_the_place_of_sigma()
    {
        var rows = Parcel.Rows();
        var draws = PooledModel.Of<Parcel>().Normal(p => p.Y, knownSd: p => p.W).Intercept(Fixed(3)).SimulatePrior(rows, 5000).Responses().ToArray();
        AssertMean(draws.Select(y => Math.Pow((y[7] - 3) / rows[7].W, 2)), 1, "squared error in units of its sd");
    }

    [Fact]
    public void Responses_matter_only_where_a_default_is_scaled_by_them()
    {
        Parcel[] rows = [.. Parcel.Rows().Select(row => row with { Y = double.NaN })];
        Assert.Equal(rows.Length, Model.SimulatePrior(rows, 4).RowCount);
        Assert.Equal(ProblemCode.NotFinite, Assert.Throws<ModelException>(() => Model.Slope(p => p.W).SimulatePrior(rows)).Code);
        Assert.Equal(4, Model.Slope(p => p.W).SimulatePrior(Parcel.Rows(), 4).DrawCount);
        Assert.Equal(ProblemCode.NoRows, Assert.Throws<ModelException>(() => Model.SimulatePrior([])).Code);
        rows[2] = rows[2] with { X = double.NaN };
        Assert.Equal(
            "[NotFinite] X, row 3: 'X' is not a finite number in 1 of 40 rows; the first is NaN. Correct the values or leave such rows out.",
            Refusal(() => Model.SimulatePrior(rows)));
    }
}
