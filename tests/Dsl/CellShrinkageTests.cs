using TypedPooling.Draws;
using TypedPooling.Engines;
using TypedPooling.Tests.Dsl.Support;
using Xunit;
using static TypedPooling.Prior;

namespace TypedPooling.Tests.Dsl;

/// <summary>Shrinkage of several factors, and of responses kept as cells.</summary>
public sealed class CellShrinkageTests
{
    private static readonly SurveyRow[] Rows = SurveyRow.Rows();

    private static ModelBuilder<SurveyRow> Model => PooledModel.Of<SurveyRow>();

    // At the estimates the mode of a level's effect is what ranef reports, and a count weighs its expectation.
    [Fact]
    public void Counts_weigh_what_they_expect_at_the_mode()
    {
        var fit = Model.Poisson(s => s.Events, s => s.Exposure).Intercept().Slope(s => s.Z).Varying(SurveyRow.BySite, g => g.Intercept())
            .Fit(Rows, Engine.MaximumLikelihood);
        var table = fit.For(SurveyRow.BySite).Shrinkage();
        var (b0, b1, sd) = (fit.Intercept.Mean, fit.Coefficient("Z").Mean, fit.For(SurveyRow.BySite).Sd("Intercept").Mean);

        foreach (var level in table.Levels)
        {
            var mode = fit.For(SurveyRow.BySite).Level(level.Key).Effect("Intercept").Mean;
            var own = Rows.Where(s => s.Site == level.Key).ToArray();
            var weight = own.Sum(s => s.Exposure * Math.Exp(b0 + b1 * s.Z + mode));
            var expected = sd * sd * weight / (1 + sd * sd * weight);
            Assert.Equal(expected, Assert.Single(level.PoolingMatrix), 1e-6);
            Assert.Equal(expected, Assert.Single(level.PoolingEigenvalues), 1e-6);

            // The slope at its estimate: events over what one expects of an intercept of 0.
            Assert.Equal(
                Math.Log(own.Sum(s => s.Events) / own.Sum(s => s.Exposure * Math.Exp(b1 * s.Z))), Assert.Single(level.NoPooling!.Value), 1e-9);
            Assert.Equal(own.Length, level.Rows);
        }

        Assert.Equal(
            Model.Poisson(s => s.Events, s => s.Exposure).Intercept().Slope(s => s.Z).Fit(Rows, Engine.MaximumLikelihood).Intercept.Mean,
            Assert.Single(table.CompletePooling),
            1e-8);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Every_family_has_eigenvalues_between_none_and_complete_pooling(bool isStandardized)
    {
        var run = new RunOptions { Seed = 4, Chains = 1, Warmup = 150, Draws = 40 };
        Check(Model.Bernoulli(s => s.Won));
        Check(Model.Binomial(s => s.Wins, s => s.Trials, Link.ComplementaryLogLog));
        Check(Model.Poisson(s => s.Events));
        Check(Model.NegativeBinomial(s => s.Events));
        Check(Model.Gamma(s => s.Size));
        Check(Model.Beta(s => s.Share));
        Check(Model.StudentT(s => s.Level));

        void Check<TSelf, TFit, TLikelihoodFit>(CellsModel<SurveyRow, TSelf, TFit, TLikelihoodFit> model)
            where TSelf : CellsModel<SurveyRow, TSelf, TFit, TLikelihoodFit>
            where TFit : Fit<SurveyRow>
            where TLikelihoodFit : Fit<SurveyRow>, ILikelihoodFit<SurveyRow>
        {
            var declared = model.Intercept(Normal(0, 3)).Slope(s => s.X, Normal(0, 1)).Varying(
                SurveyRow.BySite, g => g.Intercept(Exponential(1)).Slope(s => s.X, Exponential(1)));
            if (isStandardized)
                declared = declared.Standardized();
            var table = declared.Fit(Rows, Engine.Nuts, run).For(SurveyRow.BySite).Shrinkage();

            Assert.Equal(6, table.Levels.Length);
            foreach (var level in table.Levels)
            {
                Assert.All(level.PoolingEigenvalues, value => Assert.InRange(value, 0, 1));
                Assert.True(level.PoolingEigenvalues[0] <= level.PoolingEigenvalues[1]);

                // The trace is the sum of the eigenvalues, whatever the coordinates.
                Assert.Equal(level.PoolingEigenvalues.Sum(), level.PoolingMatrix[0] + level.PoolingMatrix[3], 1e-9);
            }

            Assert.All(table.CompletePooling, value => Assert.True(double.IsFinite(value)));
        }
    }

    [Fact]
    public void A_level_without_an_estimate_of_its_own_has_none()
    {
        SurveyRow[] rows = [.. Rows.Select(s => s.Site == "site 1" ? s with { Won = true } : s)];
        var table = Model.Bernoulli(s => s.Won).Intercept().Varying(SurveyRow.BySite, g => g.Intercept()).Fit(rows, Engine.MaximumLikelihood)
            .For(SurveyRow.BySite).Shrinkage();

        Assert.Null(table.Levels.Single(level => level.Key == "site 1").NoPooling);
        Assert.Equal(5, table.Levels.Count(level => level.NoPooling is not null));
    }

    // W_j given the other factor's effects: tau^2 n / (tau^2 n + sigma^2), as if there were none.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Several_factors_of_a_Normal_model_are_pooled_given_each_other(bool isStandardized)
    {
        var model = Model.Normal(s => s.Level, Fixed(2)).Intercept(Normal(100, 5))
            .Varying(SurveyRow.BySite, g => g.Intercept(Fixed(1.5))).Varying(SurveyRow.ByDay, g => g.Intercept(Fixed(0.7)));
        var fit = (isStandardized ? model.Standardized() : model).Fit(Rows);
        var table = fit.For(SurveyRow.BySite).Shrinkage();
        var mean = Rows.Average(s => s.Level);
        var sd = isStandardized ? Math.Sqrt(Rows.Sum(s => (s.Level - mean) * (s.Level - mean)) / (Rows.Length - 1)) : 1;
        var (tau, sigma) = (1.5 * sd, 2 * sd);
        var days = fit.For(SurveyRow.ByDay);

        foreach (var level in table.Levels)
        {
            var own = Rows.Where(s => s.Site == level.Key).ToArray();
            Assert.Equal(tau * tau * own.Length / (tau * tau * own.Length + sigma * sigma), Assert.Single(level.PoolingMatrix), 1e-12);
            var expected = own.Average(s => s.Level - days.Level(s.Day).Effect("Intercept").Mean);
            Assert.Equal(expected, Assert.Single(level.NoPooling!.Value), 1e-9);

            // E[u_j] is W_j times what the level's own rows say, at the means of everything else.
            Assert.Equal(
                Assert.Single(level.PoolingMatrix) * (expected - fit.Intercept.Mean),
                fit.For(SurveyRow.BySite).Level(level.Key).Effect("Intercept").Mean,
                1e-9);
        }

        Assert.Equal(mean, Assert.Single(table.CompletePooling), 1e-9);
    }

    [Fact]
    public void Other_factors_of_a_model_of_cells_are_taken_at_their_effects()
    {
        var fit = Model.Poisson(s => s.Events, s => s.Exposure).Intercept().Varying(SurveyRow.BySite, g => g.Intercept())
            .Varying(SurveyRow.ByDay, g => g.Intercept()).Fit(Rows, Engine.MaximumLikelihood);
        var table = fit.For(SurveyRow.BySite).Shrinkage();
        var (sd, days) = (fit.For(SurveyRow.BySite).Sd("Intercept").Mean, fit.For(SurveyRow.ByDay));

        foreach (var level in table.Levels)
        {
            var mode = fit.For(SurveyRow.BySite).Level(level.Key).Effect("Intercept").Mean;
            var weight = Rows.Where(s => s.Site == level.Key).Sum(
                s => s.Exposure * Math.Exp(fit.Intercept.Mean + mode + days.Level(s.Day).Effect("Intercept").Mean));
            Assert.Equal(sd * sd * weight / (1 + sd * sd * weight), Assert.Single(level.PoolingMatrix), 1e-6);
        }
    }
}
