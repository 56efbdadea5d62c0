using ScottPlot;
using TypedPooling.Plots;
using Xunit;

namespace TypedPooling.Tests.Plots;

public sealed class CheckPlotTests
{
    [Fact]
    public void Forty_replicates_lie_behind_the_data()
    {
        var plot = PlotFits.Cafes.PlotCheck(PlotFits.Visits, new() { Unit = "minutes" });
        var svg = new SvgPicture(plot.ToSvg());

        Assert.Equal(40, svg.Lines(PlotFits.Blue).Count(path => SvgPicture.Points(path).Count > 50));
        var data = SvgPicture.Points(svg.Lines(PlotFits.Red).Single(path => SvgPicture.Points(path).Count > 50)).Select(
            point => plot.GetCoordinates((float)point.X, (float)point.Y)).ToArray();

        // The density's own mean is that of the responses, but for kernels at the ends.
        var mean = data.Zip(data.Skip(1), (a, b) => (b.X - a.X) * (a.X * a.Y + b.X * b.Y) / 2).Sum();
        Assert.Equal(PlotFits.Visits.Average(v => v.Wait), mean, 0.1);
        Assert.Contains("40 replicates", svg.Texts);
        Assert.Contains("Wait (minutes)", svg.Texts);
    }

    [Fact]
    public void Counts_are_compared_value_by_value()
    {
        var plot = PlotFits.Counts.PlotCheck(PlotFits.Events, new() { Draws = 200 });
        var svg = new SvgPicture(plot.ToSvg());
        var bars = SvgPicture.Points(svg.Lines(PlotFits.Red).MaxBy(path => SvgPicture.Points(path).Count)!).Select(
            point => plot.GetCoordinates((float)point.X, (float)point.Y)).ToArray();

        foreach (var count in new[] { 0, 1, 3 })
        {
            var share = PlotFits.Events.Count(e => e.Count == count) / (double)PlotFits.Events.Count;
            Assert.Contains(bars, point => Math.Abs(point.X - (count - 0.5)) < 0.02 && Math.Abs(point.Y - share) < 0.002);
        }

        Assert.Contains("200 replicates: median and 89 %", svg.Texts);
    }

    [Fact]
    public void A_statistic_has_a_line_at_the_data_and_all_replicates_in_its_bars()
    {
        var zeros = PlotFits.Counts.Check(PlotFits.Events, Statistic.Zeros).Of(Statistic.Zeros);
        var plot = PlotFits.Counts.PlotZeros(PlotFits.Events);
        var svg = new SvgPicture(plot.ToSvg());

        var line = SvgPicture.Points(svg.Lines(PlotFits.Red).First(path => path.Attribute("stroke-dasharray") is not null));
        Assert.Equal(plot.GetPixel(new(zeros.Observed, 0)).X, line[0].X, 0.02);
        var outline = SvgPicture.Points(svg.Lines(PlotFits.Blue).MaxBy(path => SvgPicture.Points(path).Count)!).Select(
            point => plot.GetCoordinates((float)point.X, (float)point.Y)).ToArray();

        // Tops of bars: points 1 and 2, 3 and 4, ... of the outline.
        var total = Enumerable.Range(0, (outline.Length - 2) / 2).Sum(b => outline[1 + 2 * b].Y);
        Assert.Equal(1, total, 0.01);
        Assert.Contains("proportion of zeros", svg.Texts);
    }

    [Fact]
    public void A_statistic_that_is_the_same_in_every_replicate_is_one_bar()
    {
        var constant = PlotFits.Counts.Check(PlotFits.Events, Statistic.Of("one", _ => 1)).Rows[0];
        var svg = new SvgPicture(constant.PlotStatistic().ToSvg());

        Assert.Contains(svg.Lines(PlotFits.Blue), path => SvgPicture.Points(path).Count == 4);
    }

    [Fact]
    public void Panels_show_the_responses_and_every_statistic_of_the_check()
    {
        var statistics = PlotFits.Counts.Check(PlotFits.Events).Rows;
        var panels = PlotFits.Counts.PlotCheckPanels(PlotFits.Events, new() { Draws = 50 });

        Assert.Equal(statistics.Length + 1, panels.Subplots.Count);
        Assert.Equal(statistics.Select(row => row.Name), panels.Subplots.GetPlots().Skip(1).Select(plot => plot.Axes.Title.Label.Text));
    }

    [Fact]
    public void Refuses_zeros_of_a_continuous_response()
    {
        var problem = Assert.Throws<ModelException>(() => PlotFits.Cafes.PlotZeros(PlotFits.Visits));

        Assert.Equal(ProblemCode.NotForThisFamily, problem.Code);
        Assert.Contains("Use PlotCheck", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Refuses_a_statistic_without_replicates() => Assert.Equal(
        ProblemCode.DataNeeded,
        Assert.Throws<ModelException>(() => (PlotFits.Counts.Check(PlotFits.Events).Rows[0] with { Replicated = [] }).PlotStatistic()).Code);
}
