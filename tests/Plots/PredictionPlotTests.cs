using ScottPlot;
using TypedPooling.Plots;
using Xunit;

namespace TypedPooling.Tests.Plots;

public sealed class PredictionPlotTests
{
    private static readonly Visit Nowhere = new("Nowhere", true, double.NaN);

    [Fact]
    public void A_new_group_has_the_mean_and_interval_of_an_observation_and_of_its_expectation()
    {
        var choice = PlotFits.Cafe.New("Nowhere");
        var plot = PlotFits.Cafes.PlotPrediction(Nowhere, new PlotOptions { Unit = "minutes" }, choice);
        var svg = new SvgPicture(plot.ToSvg());
        var (observation, mean) = (PlotFits.Cafes.PredictNew(Nowhere, choice), PlotFits.Cafes.PredictMean(Nowhere, choice));

        Assert.Contains(svg.Circles(PlotFits.Blue), mark => Math.Abs(mark.X - plot.GetPixel(new(observation.Mean, 0)).X) < 0.02);
        Assert.Contains(svg.Squares(PlotFits.Red), mark => Math.Abs(mark.X - plot.GetPixel(new(mean.Mean, 0)).X) < 0.02);
        var interval = SvgPicture.Points(svg.Lines(PlotFits.Blue).First(path => SvgPicture.Points(path).Count == 2));
        Assert.Equal(plot.GetPixel(new(observation.Interval().Lower, 0)).X, interval[0].X, 0.02);
        Assert.Contains("Wait (minutes)", svg.Texts);
        Assert.Contains(svg.Texts, text => text.Contains("Nowhere", StringComparison.Ordinal));
    }

    [Fact]
    public void Counts_have_bars_at_whole_numbers_whose_heights_are_the_shares_of_the_draws()
    {
        var plot = PlotFits.Counts.PlotPrediction(PlotFits.Events[0]);
        var svg = new SvgPicture(plot.ToSvg());
        var outline = SvgPicture.Points(svg.Lines(PlotFits.Blue).MaxBy(path => SvgPicture.Points(path).Count)!).Select(
            point => plot.GetCoordinates((float)point.X, (float)point.Y)).ToArray();
        var draws = PlotFits.Counts.PredictNew(PlotFits.Events[0]).Draws;

        foreach (var count in new[] { 0, 1, 2 })
        {
            var share = draws.Count(draw => draw == count) / (double)draws.Length;
            Assert.Contains(outline, point => Math.Abs(point.X - (count - 0.5)) < 0.02 && Math.Abs(point.Y - share) < 0.002);
        }

        Assert.Contains("Probability", svg.Texts);
    }

    [Fact]
    public void Refuses_to_take_a_level_for_known_that_is_not() =>
        Assert.Throws<ModelException>(() => PlotFits.Cafes.PlotPrediction(Nowhere, PlotFits.Cafe.Level("Elsewhere")));

    [Fact]
    public void A_positive_response_has_no_density_below_0()
    {
        var positive = PlotFits.Visits.Select(v => v with { Wait = Math.Exp(v.Wait / 3) }).ToArray();
        var fit = PooledModel.Of<Visit>().LogNormal(v => v.Wait).Intercept().Varying(PlotFits.Cafe, g => g.Intercept()).Fit(
            positive, Engine.RestrictedMaximumLikelihood);
        var plot = fit.PlotPrediction(Nowhere, PlotFits.Cafe.New("Nowhere"));
        var svg = new SvgPicture(plot.ToSvg());
        var curve = SvgPicture.Points(svg.Lines(PlotFits.Blue).MaxBy(path => SvgPicture.Points(path).Count)!);

        Assert.True(curve.Min(point => point.X) >= plot.GetPixel(new(0, 0)).X - 0.02);
    }
}
