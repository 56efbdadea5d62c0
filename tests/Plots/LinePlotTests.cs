using ScottPlot;
using TypedPooling.Plots;
using Xunit;

namespace TypedPooling.Tests.Plots;

public sealed class LinePlotTests
{
    private static readonly Event[] Grid =
        [.. new[] { 0, 3, 9 }.SelectMany(site => Enumerable.Range(0, 5).Select(i => new Event(site, -1 + 0.5 * i, 0)))];

    [Fact]
    public void Each_group_has_a_line_and_a_band_through_the_predictions_of_the_fit()
    {
        var all = new PlotOptions { Draws = 100_000 };
        var plot = PlotFits.Counts.PlotLines(Grid, e => e.X, e => e.Site, e => e.Count, all);
        var svg = new SvgPicture(plot.ToSvg());

        // The first line is solid and blue; it has five points, and so has each side of its band.
        var line = SvgPicture.Points(svg.Lines(PlotFits.Blue).First(path => SvgPicture.Points(path).Count == 5));
        var band = SvgPicture.Points(svg.Elements("path").First(path => (string?)path.Attribute("fill") == PlotFits.Blue));
        for (var i = 0; i < 5; i++)
        {
            var prediction = PlotFits.Counts.PredictMean(Grid[i]);
            var at = plot.GetPixel(new(Grid[i].X, prediction.Mean));
            Assert.Equal(at.X, line[i].X, 0.02);
            Assert.Equal(at.Y, line[i].Y, 0.05);
            foreach (var bound in new[] { prediction.Interval().Lower, prediction.Interval().Upper })
            {
                var edge = plot.GetPixel(new(Grid[i].X, bound));
                Assert.Contains(band, point => Math.Abs(point.X - edge.X) < 0.02 && Math.Abs(point.Y - edge.Y) < 0.05);
            }
        }

        Assert.All(new[] { "0", "3", "9", "X", "Count", "89 % band" }, text => Assert.Contains(text, svg.Texts));
    }

    [Fact]
    public void Few_lines_differ_in_ink_and_in_pattern()
    {
        var svg = new SvgPicture(PlotFits.Counts.PlotLines(Grid, e => e.X, e => e.Site).ToSvg());
        var lines = svg.Elements("path").Where(
            path => SvgPicture.Points(path).Count == 5 && path.Attribute("stroke") is { Value: not "none" }).ToArray();

        Assert.Equal(3, lines.Length);
        Assert.Equal(3, lines.Select(line => (string?)line.Attribute("stroke")).Distinct().Count());
        Assert.Equal(3, lines.Select(line => (string?)line.Attribute("stroke-dasharray")).Distinct().Count());
    }

    [Fact]
    public void Panels_have_the_same_axes_and_hold_all_lines()
    {
        var panels = PlotFits.Counts.PlotLinesByPanel(PlotFits.Events, e => e.X, e => e.Site, e => e.Site % 3, e => e.Count);
        panels.ToSvg();
        var plots = panels.Subplots.GetPlots();

        Assert.Equal(3 + 1, plots.Length);
        Assert.Equal(["0 (5)", "1 (5)", "2 (5)"], plots[..3].Select(plot => plot.Axes.Title.Label.Text));
        Assert.Single(plots[..3].Select(plot => plot.Axes.GetLimits()).Distinct());
        Assert.Single(plots[..3].Select(plot => plot.LastRender.DataRect.Size).Distinct());
        Assert.Contains("15 lines in 3 panels", panels.TextAlternative(), StringComparison.Ordinal);
    }

    [Fact]
    public void Rows_with_the_same_place_share_a_point()
    {
        var plot = PlotFits.Cafes.PlotLines(PlotFits.Visits.Take(8), v => v.Afternoon ? 1 : 0, v => v.Cafe);
        var svg = new SvgPicture(plot.ToSvg());

        Assert.Contains(svg.Lines(PlotFits.Blue), path => SvgPicture.Points(path).Count == 2);
        Assert.Contains("Afternoon", svg.Texts);
    }

    [Fact]
    public void An_axis_is_named_by_its_column_and_a_call_as_it_is_written()
    {
        var grid = Grid.Select(e => e with { X = e.X + 2 }).ToArray();

        Assert.Equal("X", PlotFits.Counts.PlotLines(grid, e => (double)(float)e.X, e => e.Site).Axes.Bottom.Label.Text);
        Assert.Equal("Math.Log(e.X)", PlotFits.Counts.PlotLines(grid, e => Math.Log(e.X), e => e.Site).Axes.Bottom.Label.Text);
    }

    [Fact]
    public void As_few_draws_as_options_allow_are_enough_for_many_chains()
    {
        var chains = PlotFits.Waits.Fit(
            PlotFits.Visits, Engine.Nuts, new TypedPooling.Engines.RunOptions { Draws = 50, Warmup = 100, Chains = 8 });

        Assert.Contains("Wait", chains.PlotLines(PlotFits.Visits.Take(8), v => v.Afternoon ? 1 : 0, v => v.Cafe, null, new() { Draws = 20 })
            .TextAlternative(), StringComparison.Ordinal);
    }

    [Fact]
    public void Refuses_no_rows() =>
        Assert.Equal(ProblemCode.NoRows, Assert.Throws<ModelException>(() => PlotFits.Counts.PlotLines([], e => e.X, e => e.Site)).Code);
}
