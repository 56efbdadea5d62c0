using TypedPooling.Engines;
using TypedPooling.Tests.Dsl.Support;
using Xunit;
using static TypedPooling.Prior;

namespace TypedPooling.Tests.Dsl;

/// <summary>No pooling of responses kept as cells: what has no finite estimate is null, and leaves the rest as it is without the rows that say
/// nothing
/// of it.</summary>
public sealed class CellNoPoolingTests
{
    private static readonly SurveyRow[] Rows = SurveyRow.Rows();

    private static ModelBuilder<SurveyRow> Model => PooledModel.Of<SurveyRow>();

    private static void Near(LeastSquaresEstimate? expected, LeastSquaresEstimate? actual, double tolerance = 1e-8)
    {
        Assert.Equal(expected is null, actual is null);
        if (expected is not { } known)
            return;
        Assert.Equal(known.Value, actual!.Value.Value, tolerance * (1 + Math.Abs(known.Value)));
        Assert.Equal(known.StandardError, actual.Value.StandardError, tolerance * (1 + known.StandardError));
    }

    [Fact]
    public void The_own_rate_of_a_level_is_its_events_over_its_exposure()
    {
        var fit = Model.Poisson(s => s.Events, s => s.Exposure).Intercept().Varying(SurveyRow.BySite, g => g.Intercept())
            .NoPooling(Rows, SurveyRow.BySite);

        foreach (var site in Rows.GroupBy(s => s.Site))
        {
            var (events, exposure) = (site.Sum(s => s.Events), site.Sum(s => s.Exposure));
            Near(new(Math.Log(events / exposure), 1 / Math.Sqrt(events)), fit.Intercept(site.Key), 1e-12);
        }

        Assert.Equal(Rows.Length - 6, fit.DegreesOfFreedom);
        Assert.Null(fit.Sigma);
        Assert.Null(fit.Shape);
        Assert.True(double.IsNaN(fit.SumOfSquares));
        Assert.Equal(
            Rows.GroupBy(s => s.Site).Sum(site =>
            {
                var rate = site.Sum(s => s.Events) / site.Sum(s => s.Exposure);
                return site.Sum(
                    s => s.Events * Math.Log(s.Exposure * rate) - s.Exposure * rate - MathNet.Numerics.SpecialFunctions.FactorialLn(s.Events));
            }),
            fit.LogLikelihood,
            1e-9);
    }

    [Theory]
    [InlineData(Link.Logit)]
    [InlineData(Link.Probit)]
    [InlineData(Link.ComplementaryLogLog)]
    public void Levels_of_one_outcome_have_no_estimate_and_leave_the_others_theirs(Link link)
    {
        SurveyRow[] rows = [.. Rows.Select(s => s.Site == "site 1" ? s with { Won = true } : s.Site == "site 3" ? s with { Won = false } : s)];
        var model = Model.Bernoulli(s => s.Won, link).Intercept().Slope(s => s.Z).Varying(SurveyRow.BySite, g => g.Intercept());
        var fit = model.NoPooling(rows, SurveyRow.BySite);
        var rest = model.NoPooling([.. rows.Where(s => s.Site is not ("site 1" or "site 3"))], SurveyRow.BySite);

        Assert.Null(fit.Intercept("site 1"));
        Assert.Null(fit.Intercept("site 3"));
        foreach (var level in rest.Levels)
            Near(level.Coefficients[0], fit.Intercept(level.Key));
        Near(rest.SharedCoefficients[0].Estimate, fit.SharedCoefficients[0].Estimate);
        Assert.Equal(rest.LogLikelihood, fit.LogLikelihood, 1e-9);
        Assert.Contains("-", fit.ToString(), StringComparison.Ordinal);
    }

    // In site 2 there are events only where Z is 0: the intercept is that of these rows, and the slope runs to minus infinity.
    [Fact]
    public void A_slope_that_separates_runs_to_infinity_and_the_intercept_stays()
    {
        SurveyRow[] rows = [.. Rows.Select(s => s.Site == "site 2" && s.Z > 0 ? s with { Events = 0 } : s)];
        var fit = Model.Poisson(s => s.Events, s => s.Exposure).Intercept().Slope(s => s.Z)
            .Varying(SurveyRow.BySite, g => g.Intercept().Slope(s => s.Z)).NoPooling(rows, SurveyRow.BySite);
        var own = rows.Where(s => s.Site == "site 2" && s.Z == 0).ToArray();

        Near(
            new(Math.Log(own.Sum(s => s.Events) / own.Sum(s => s.Exposure)), 1 / Math.Sqrt(own.Sum(s => s.Events))),
            fit.Coefficient("site 2", "Intercept"));
        Assert.Null(fit.Slope("site 2", s => s.Z));
        Assert.NotNull(fit.Slope("site 0", s => s.Z));
    }

    // x separates the outcomes of site 4 at a cut between 21 and 22, so that neither intercept nor slope is finite.
    [Fact]
    public void A_cut_within_a_level_leaves_it_no_estimate()
    {
        SurveyRow[] rows = [.. Rows.Select(s => s.Site == "site 4" ? s with { Won = s.X > 21.5 } : s)];
        var model = Model.Bernoulli(s => s.Won).Intercept().Slope(s => s.X).Varying(SurveyRow.BySite, g => g.Intercept().Slope(s => s.X));
        var fit = model.NoPooling(rows, SurveyRow.BySite);

        Assert.All(fit.Level("site 4").Coefficients, estimate => Assert.Null(estimate));
        Assert.Equal(Rows.Count(s => s.Site == "site 4"), fit.Level("site 4").Rows);
    }

    // Given levels of their own, a shared slope separates all rows: it has no estimate, nor has any level.
    [Fact]
    public void A_shared_column_that_separates_all_rows_leaves_nothing()
    {
        SurveyRow[] rows = [.. Rows.Select(s => s with { Won = s.X > 21.5 })];
        var fit = Model.Bernoulli(s => s.Won).Intercept().Slope(s => s.X).Varying(SurveyRow.BySite, g => g.Intercept())
            .NoPooling(rows, SurveyRow.BySite);

        Assert.Null(fit.SharedCoefficients[0].Estimate);
        Assert.All(fit.Levels, level => Assert.Null(level.Coefficients[0]));
        Assert.Equal(0, fit.LogLikelihood, 1e-12);
    }

    [Fact]
    public void Columns_that_rows_do_not_tell_apart_have_no_estimate_and_standardised_models_the_same_ones()
    {
        SurveyRow[] rows = [.. Rows.Select(s => s.Site == "site 5" ? s with { X = 0 } : s)];
        var model = Model.Binomial(s => s.Wins, s => s.Trials).Intercept().Slope(s => s.X).Slope(s => s.Z)
            .Varying(SurveyRow.BySite, g => g.Intercept().Slope(s => s.X));
        var (fit, standardized) = (model.NoPooling(rows, SurveyRow.BySite), model.Standardized().NoPooling(rows, SurveyRow.BySite));

        Assert.NotNull(fit.Coefficient("site 5", "Intercept"));
        Assert.Null(fit.Slope("site 5", s => s.X));
        foreach (var (own, other) in fit.Levels.Zip(standardized.Levels))
        {
            for (var a = 0; a < 2; a++)
                Near(own.Coefficients[a], other.Coefficients[a]);
        }

        Near(fit.SharedCoefficients[0].Estimate, standardized.SharedCoefficients[0].Estimate);
    }

    [Fact]
    public void A_scale_of_a_response_comes_back_from_the_standardised_scale()
    {
        var model = Model.StudentT(s => s.Level).Intercept().Slope(s => s.X).Varying(SurveyRow.BySite, g => g.Intercept());
        var (fit, standardized) = (model.NoPooling(Rows, SurveyRow.BySite), model.Standardized().NoPooling(Rows, SurveyRow.BySite));

        Assert.Equal(fit.Sigma!.Value, standardized.Sigma!.Value, 1e-6 * fit.Sigma.Value);
        Assert.Equal(fit.LogLikelihood, standardized.LogLikelihood, 1e-7);
        foreach (var (own, other) in fit.Levels.Zip(standardized.Levels))
            Near(own.Coefficients[0], other.Coefficients[0], 1e-6);
    }

    [Fact]
    public void Fixed_effects_and_scales_stay_fixed()
    {
        var model = Model.NegativeBinomial(s => s.Events, s => s.Exposure, shape: Fixed(3)).Intercept().Varying(SurveyRow.BySite, g => g.Intercept());
        var fixedSlope = model.Slope(s => s.Z, Fixed(0.4)).NoPooling(Rows, SurveyRow.BySite);
        var offset = model.Offset(s => 0.4 * s.Z).NoPooling(Rows, SurveyRow.BySite);

        Assert.Equal(3, fixedSlope.Shape);
        Assert.Empty(fixedSlope.SharedCoefficients);
        foreach (var (own, other) in fixedSlope.Levels.Zip(offset.Levels))
            Near(other.Coefficients[0], own.Coefficients[0], 1e-10);
    }

    [Fact]
    public void Counts_that_vary_less_than_Poisson_have_an_infinite_shape()
    {
        SurveyRow[] rows = [.. Rows.Select((s, i) => s with { Events = 4 + i % 2 })];
        var fit = Model.NegativeBinomial(s => s.Events).Intercept().Varying(SurveyRow.BySite, g => g.Intercept()).NoPooling(rows, SurveyRow.BySite);
        var poisson = Model.Poisson(s => s.Events).Intercept().Varying(SurveyRow.BySite, g => g.Intercept()).NoPooling(rows, SurveyRow.BySite);

        Assert.Equal(double.PositiveInfinity, fit.Shape);
        foreach (var (own, other) in fit.Levels.Zip(poisson.Levels))
            Near(other.Coefficients[0], own.Coefficients[0], 1e-7);
    }

    [Fact]
    public void All_three_stand_side_by_side_and_complete_pooling_is_that_of_its_own_model()
    {
        var model = Model.Binomial(s => s.Wins, s => s.Trials).Intercept().Slope(s => s.X).Categorical(s => s.Day)
            .Varying(SurveyRow.BySite, g => g.Intercept());
        var run = new RunOptions { Seed = 3, Chains = 2, Warmup = 200, Draws = 200 };
        var comparison = model.ComparePooling(Rows, SurveyRow.BySite, run);
        var complete = model.CompletePooling().Fit(Rows, run);

        Assert.Equal(complete.Intercept.Mean, comparison.CompletePooling.Intercept.Mean);
        Assert.Equal(complete.Coefficient("Day[day 3]").Mean, comparison.CompletePooling.Coefficient("Day[day 3]").Mean);
        foreach (var level in comparison.Levels)
        {
            Near(comparison.NoPooling.Intercept(level.Key), level.NoPooling[0]);
            Assert.Equal(complete.Intercept.Mean, level.CompletePooling[0].Mean, 1e-12);
            Assert.Equal(comparison.PartialPooling.For(SurveyRow.BySite).Level(level.Key).Intercept.Mean, level.PartialPooling[0].Mean, 1e-9);
        }

        Assert.Contains("o none", comparison.Plot().Replace("no pooling", "none", StringComparison.Ordinal), StringComparison.Ordinal);
    }
}
