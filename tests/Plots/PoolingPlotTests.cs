using TypedPooling.Plots;
using Xunit;

namespace TypedPooling.Tests.Plots;

public sealed class PoolingPlotTests
{
    [Fact]
    public void Every_level_has_three_marks_at_the_values_of_the_comparison()
    {
        var comparison = PlotFits.Waits.ComparePooling(PlotFits.Visits, PlotFits.Cafe);
        var plot = comparison.PlotPooling("Afternoon", new() { Unit = "minutes" });
        var svg = new SvgPicture(plot.ToSvg());

        Assert.Equal(12 + 1, svg.Circles(PlotFits.Blue).Count);
        Assert.Equal(12 + 1, svg.Squares(PlotFits.Red).Count);
        var complete = svg.Lines(PlotFits.Green).MaxBy(SvgPicture.Pieces)!;
        Assert.Equal(12, SvgPicture.Pieces(complete));
        Assert.Equal(
            plot.GetPixel(new(comparison.Levels[0].CompletePooling[1].Mean, 0)).X, SvgPicture.Points(complete)[0].X, 0.02);
        foreach (var level in comparison.Levels)
        {
            Assert.Contains(
                svg.Circles(PlotFits.Blue), mark => Math.Abs(mark.X - plot.GetPixel(new(level.PartialPooling[1].Mean, 0)).X) < 0.02);
            Assert.Contains(svg.Squares(PlotFits.Red), mark => Math.Abs(mark.X - plot.GetPixel(new(level.NoPooling[1]!.Value.Value, 0)).X) < 0.02);
            Assert.Contains($"{level.Key} (8)", svg.Texts);
        }

        Assert.Contains("Slope of Wait on Afternoon (minutes per unit of Afternoon)", svg.Texts);
    }

    [Fact]
    public void Levels_with_the_fewest_rows_are_at_the_top()
    {
        var visits = PlotFits.Visits.Where((visit, i) => visit.Cafe != "Café 5" || i % 4 == 0).ToArray();
        var plot = PooledModel.Of<Visit>().Normal(v => v.Wait).Intercept().Varying(PlotFits.Cafe, g => g.Intercept())
            .ComparePooling(visits, PlotFits.Cafe).PlotPooling();
        plot.ToSvg();

        Assert.Equal("Café 5 (2)", plot.Axes.Left.TickGenerator.Ticks.MaxBy(tick => tick.Position).Label);
    }

    [Fact]
    public void Refuses_an_unknown_coefficient() => Assert.Equal(
        ProblemCode.UnknownTerm,
        Assert.Throws<ModelException>(() => PlotFits.Waits.ComparePooling(PlotFits.Visits, PlotFits.Cafe).PlotPooling("Evening")).Code);
}
