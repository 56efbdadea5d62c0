using TypedPooling.Engines;
using TypedPooling.Tests.Dsl.Support;
using Xunit;

namespace TypedPooling.Tests.Dsl;

/// <summary>One level for intervals, tables and profiles: 0.89, or what the options or the call say.</summary>
public sealed class IntervalLevelTests
{
    private static readonly Group<Reading, string?> Site = Group.By((Reading r) => r.Site);
    private static readonly Reading[] Data = [.. Rows.Readings(60)];
    private static readonly RunOptions Few = new() { Chains = 1, Draws = 400, Warmup = 100 };

    private static NormalModel<Reading> Model =>
        PooledModel.Of<Reading>().Normal(r => r.Y).Intercept().Slope(r => r.X).Varying(Site, g => g.Intercept());

    [Fact]
    public void The_default_is_89_percent_everywhere()
    {
        var fit = Model.Fit(Data, Few);
        Assert.Equal(0.89, fit.Table.Probability);
        Assert.Contains("5.5%", fit.Table.ToString(), StringComparison.Ordinal);
        Assert.Equal(new Interval(fit.Sigma.Quantile(0.055), fit.Sigma.Quantile(0.945), 0.89), fit.Sigma.Interval());
        Assert.Equal(0.89, fit.For(Site).Coefficients().Probability);
        var likely = Model.Fit(Data, Engine.MaximumLikelihood, Few);
        Assert.Equal(likely.ProfileInterval(likely.Sigma, 0.89), likely.ProfileInterval(likely.Sigma));
        Assert.Equal(0.89, likely.Bootstrap(4).Table.Probability);
    }

    [Fact]
    public void Options_change_the_level_of_every_answer_and_no_draw()
    {
        var (fit, plain) = (Model.Fit(Data, Few with { Probability = 0.95 }), Model.Fit(Data, Few));
        Assert.Equal(plain.Sigma.Draws.ToArray(), fit.Sigma.Draws.ToArray());
        Assert.Equal(plain.Sigma.Interval(0.95), fit.Sigma.Interval());
        Assert.Contains("; 95% ", fit.Sigma.ToString(), StringComparison.Ordinal);
        Assert.Equal(0.95, fit.PredictNew(Data[0]).Interval().Probability);
        Assert.Equal(0.95, fit.Derive(draw => draw.Of(fit.Sigma)).Interval().Probability);
        Assert.Equal(0.95, fit.For(Site).Coefficients().Levels[0].Coefficients[0].Interval.Probability);
        foreach (var table in new[] { fit.Table, plain.ToTable(0.95) })
        {
            Assert.Contains("2.5%", table.ToString(), StringComparison.Ordinal);
            Assert.Contains("97.5%", table.ToString(), StringComparison.Ordinal);
            Assert.Equal(plain.Sigma.Interval(0.95), Sigma(table));
        }

        var likely = Model.Fit(Data, Engine.RestrictedMaximumLikelihood, Few with { Probability = 0.5 });
        Assert.Equal(likely.ProfileInterval(likely.Sigma, 0.5), likely.ProfileInterval(likely.Sigma));
        Assert.Contains("25%", likely.Table.ToString(), StringComparison.Ordinal);
        Assert.Contains("2.5%", likely.Bootstrap(4, new RunOptions { Probability = 0.95 }).Table.ToString(), StringComparison.Ordinal);

        static Interval Sigma(SummaryTable table)
        {
            var row = table.Rows.Single(row => row.Parameter.Name == "sigma");
            return new(row.Lower, row.Upper, row.Probability);
        }
    }

    [Theory]
    [InlineData(0.0)]
    [InlineData(1.0)]
    [InlineData(95.0)]
    [InlineData(double.NaN)]
    public void A_level_out_of_range_is_refused(double probability)
    {
        var refusal = Assert.Throws<ModelException>(() => Model.Fit(Data, new RunOptions { Probability = probability }));
        Assert.Contains("Probability is", refusal.Message, StringComparison.Ordinal);
        var fit = Model.Fit(Data, Few);
        Assert.Throws<ArgumentOutOfRangeException>(() => fit.ToTable(probability));
        Assert.Throws<ArgumentOutOfRangeException>(() => fit.Sigma.Interval(probability));
        Assert.Throws<ArgumentOutOfRangeException>(() => fit.For(Site).Coefficients(probability));
    }

    [Fact]
    public void Levels_next_to_1_keep_their_tails()
    {
        var (lower, upper) = IntervalProbability.Tails(1 - 1e-16 * 2);
        Assert.True(lower > 0 && upper <= 1);
        Assert.Equal((0.055, 0.945), IntervalProbability.Tails(0.89));
        Assert.Equal((0.25, 0.75), IntervalProbability.Tails(0.5));
    }
}
