using System.Collections.Immutable;
using ScottPlot;
using TypedPooling.Plots;
using Xunit;

namespace TypedPooling.Tests.Plots;

public sealed class ResidualPlotTests
{
    [Fact]
    public void Every_row_has_a_point_at_its_mean_and_quantile_residual()
    {
        var residuals = PlotFits.Cafes.Residuals(PlotFits.Visits);
        var plot = residuals.PlotResiduals(new() { Unit = "minutes" });
        var svg = new SvgPicture(plot.ToSvg());
        var rings = svg.Elements("ellipse").Where(e => (string?)e.Attribute("stroke") == PlotFits.Blue).Select(e => (
            X: (double)e.Attribute("cx")!, Y: (double)e.Attribute("cy")!)).ToArray();

        Assert.Equal(PlotFits.Visits.Count + 1, rings.Length);
        foreach (var row in residuals.Rows.Take(10))
        {
            var at = plot.GetPixel(new(row.Mean, row.Quantile));
            Assert.Contains(rings, ring => Math.Abs(ring.X - at.X) < 0.02 && Math.Abs(ring.Y - at.Y) < 0.02);
        }

        Assert.Contains("Predictive mean (minutes)", svg.Texts);
        Assert.Contains("Quantile residual (normal scale)", svg.Texts);
    }

    [Fact]
    public void An_outlier_is_a_triangle_with_the_number_of_its_row()
    {
        Visit[] visits = [.. PlotFits.Visits.Select((visit, i) => i == 17 ? visit with { Wait = visit.Wait + 6 } : visit)];
        var svg = new SvgPicture(PlotFits.Waits.Fit(visits).Residuals(visits).PlotResiduals().ToSvg());

        Assert.Contains("row 18", svg.Texts);
        Assert.Contains("beyond 3.29", svg.Texts);
        Assert.Equal(1 + 1, svg.Elements("path").Count(path => (string?)path.Attribute("fill") == PlotFits.Alarm));
    }

    [Fact]
    public void Quantiles_are_the_sorted_probabilities_against_uniform_ones()
    {
        var residuals = PlotFits.Cafes.Residuals(PlotFits.Visits);
        var plot = residuals.PlotResidualQuantiles();
        var svg = new SvgPicture(plot.ToSvg());
        double[] sorted = [.. residuals.Rows.Select(row => row.Probability).Order()];
        var dots = svg.Circles(PlotFits.Blue);

        Assert.Equal(sorted.Length + 1, dots.Count);
        foreach (var rank in new[] { 1, 40, sorted.Length })
        {
            var at = plot.GetPixel(new(rank / (sorted.Length + 1.0), sorted[rank - 1]));
            Assert.Contains(dots, dot => Math.Abs(dot.X - at.X) < 0.02 && Math.Abs(dot.Y - at.Y) < 0.02);
        }
    }

    [Fact]
    public void Panels_show_both() => Assert.Equal(2, PlotFits.Cafes.Residuals(PlotFits.Visits).PlotResidualPanels().Subplots.Count);
}
