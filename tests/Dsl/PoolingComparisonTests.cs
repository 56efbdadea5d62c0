using System.Globalization;
using TypedPooling.Engines;
using TypedPooling.Tests.Dsl.Support;
using TypedPooling.Tests.Support;
using Xunit;
using static TypedPooling.Prior;

namespace TypedPooling.Tests.Dsl;

/// <summary>Complete pooling, and no, partial and complete pooling side by side.</summary>
public sealed class PoolingComparisonTests
{
    private static readonly Group<Home, string> County = Group.By((Home v) => v.County);
    private static readonly RunOptions Few = new() { Chains = 2, Draws = 200 };

    private static NormalModel<Home> Radon => PooledModel.Of<Home>().Normal(v => v.LogRadon, Fixed(0.75)).Intercept(Flat).Slope(v => v.Floor, Flat)
        .Varying(County, g => g.Intercept(Fixed(0.2)).PredictedBy(v => v.LogUranium, Flat));

    [Fact]
    public void Complete_pooling_is_the_regression_of_all_rows_with_group_level_predictors()
    {
        var model = Radon.CompletePooling();
        var fit = model.Fit(Rows.Radon);
        var dense = DenseLeastSquares.Of(
            [.. Rows.Radon.Select(v => new[] { 1, v.Floor, v.LogUranium })],
            [.. Rows.Radon.Select(v => v.LogRadon)],
            [.. Rows.Radon.Select(_ => 1.0)]);

        Assert.Empty(model.Spec.Factors);
        Assert.Equal(["Intercept", "Floor", "LogUranium"], fit.Spec.Population.Select(t => t.Name));
        for (var k = 0; k < 3; k++)
        {
            var coefficient = fit.Coefficient(fit.Spec.Population[k].Name);
            Assert.Equal(dense.Values[k]!.Value, coefficient.Mean, 1e-10);
            Assert.Equal(0.75 * dense.Errors[k], coefficient.Sd, 1e-10);
        }

        Assert.Equal(2, model.Compare(Rows.Radon, Engine.Marginal, Engine.Gibbs).Engines.Length);
    }

    [Fact]
    public void Complete_pooling_keeps_categories_predicted_slopes_and_priors_and_gives_every_varying_effect_a_population_effect()
    {
        var site = Group.By((Reading r) => r.Site);
        var model = PooledModel.Of<Reading>().Normal(r => r.Y).Categorical(r => r.Kind, Normal(0, 2)).Slope(r => r.Z, Normal(0, 3))
            .Varying(site, g => g.Intercept().PredictedBy(r => r.W).Slope(r => r.X).PredictedBy(r => r.W, Normal(0, 4))).Standardized()
                .CompletePooling();

        Assert.True(model.Spec.IsStandardized);
        Assert.Equal(["Intercept", "Kind", "Z", "W", "X:W", "X"], model.Spec.Population.Select(t => t.Name));
        Assert.Equal([null, "Normal(0, 2)", "Normal(0, 3)", null, "Normal(0, 4)", null], model.Spec.Population.Select(t => t.Prior?.Text));
        var rows = Rows.Readings();
        Assert.Equal(rows.Length, model.Fit(rows, Few).RowCount);
        Assert.Equal(model.ToString(), model.CompletePooling().ToString());
    }

    [Fact]
    public void Puts_the_three_side_by_side()
    {
        var comparison = Radon.ComparePooling(Rows.Radon, County);
        var none = Radon.NoPooling(Rows.Radon, County);
        var partial = Radon.Fit(Rows.Radon);
        var complete = Radon.CompletePooling().Fit(Rows.Radon);

        Assert.Equal(85, comparison.Levels.Length);
        foreach (var (level, own) in comparison.Levels.Zip(none.Levels))
        {
            var uranium = Rows.Radon.First(v => v.County == level.Key).LogUranium;
            Assert.Equal(own.Key, level.Key);
            Assert.Equal(own.Rows, level.Rows);
            Assert.Equal(own.Coefficients[0], level.NoPooling[0]);
            Assert.Equal(
                partial.For(County)[level.Key].Intercept.Mean + partial.Coefficient(v => v.LogUranium).Mean * uranium,
                level.PartialPooling[0].Mean,
                1e-10);
            Assert.Equal(complete.Intercept.Mean + complete.Coefficient(v => v.LogUranium).Mean * uranium, level.CompletePooling[0].Mean, 1e-10);
            Assert.True(level.PartialPooling[0].Sd > 0 && level.CompletePooling[0].Sd > 0);
        }

        // Known scales: an estimate lies between that of its own rows and the line of the counties.
        var mean = comparison.Levels.Average(l => Math.Abs(l.PartialPooling[0].Mean - l.CompletePooling[0].Mean));
        Assert.True(mean < comparison.Levels.Average(l => Math.Abs(l.NoPooling[0]!.Value.Value - l.CompletePooling[0].Mean)));
    }

    [Fact]
    public void Draws_give_the_same_as_closed_forms_within_their_error()
    {
        var sampled = PooledModel.Of<Home>().Normal(v => v.LogRadon, Exponential(1)).Intercept(Normal(0, 5)).Slope(v => v.Floor, Normal(0, 5))
            .Varying(County, g => g.Intercept(Exponential(1)).PredictedBy(v => v.LogUranium, Normal(0, 5)));
        var comparison = sampled.ComparePooling(Rows.Radon, County);
        var fit = comparison.PartialPooling;
        var level = comparison.Levels[7];
        var uranium = Rows.Radon.First(v => v.County == level.Key).LogUranium;
        var whole = fit.Derive(d => d.Of(fit.For(County)[level.Key].Intercept) + uranium * d.Of(fit.Coefficient("LogUranium")));

        Assert.Equal(whole.Mean, level.PartialPooling[0].Mean, 1e-10);
        Assert.Equal(whole.Sd, level.PartialPooling[0].Sd, 1e-10);
    }

    [Fact]
    public void The_table_and_the_plot_start_with_the_levels_of_fewest_rows_in_any_culture()
    {
        var before = CultureInfo.CurrentCulture;
        try
        {
            var culture = (CultureInfo)CultureInfo.InvariantCulture.Clone();
            culture.NumberFormat.NumberDecimalSeparator = ",";
            CultureInfo.CurrentCulture = culture;
            var model = PooledModel.Of<Reading>().Normal(r => r.Y, Fixed(1)).Intercept(Flat).Varying(
                Group.By((Reading r) => r.Site), g => g.Intercept(Fixed(1)));
            Reading[] rows = [
                new() { Site = "big", Y = 0 }, new() { Site = "big", Y = 0 }, new() { Site = "big", Y = 0 }, new() { Site = "one", Y = 4 }];
            var comparison = model.ComparePooling(rows, Group.By((Reading r) => r.Site));

            // mu = (0 / (1 + 1/3) + 4 / 2) / (3/4 + 1/2) = 1.6, so that 0.4 and 2.8 are partly pooled and 1 is completely.
            var plot = comparison.Plot(width: 41).ReplaceLineEndings("\n").Split('\n');
            Assert.Equal("Site  rows  Intercept: o none, * partial, | complete pooling", plot[0]);
            Assert.Equal("one      1  " + "          |                 *           o", plot[1]);
            Assert.Equal("big      3  " + "o   *     |", plot[2]);
            Assert.Equal("            0.00                                 4.00", plot[3]);

            var table = comparison.ToString().ReplaceLineEndings("\n").Split('\n');
            Assert.Matches("^Site +rows +Intercept none +se +partial +sd +complete$", table[0]);
            Assert.Matches(@"^one +1 +4\.0+ +\d\.\d+ +2\.80* +\d\.\d+ +1\.0+$", table[1]);
            Assert.Throws<ModelException>(() => comparison.Plot(r => r.X));
            Assert.Throws<ArgumentOutOfRangeException>(() => comparison.Plot(width: 5));
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }
}
