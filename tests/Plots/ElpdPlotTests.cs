using TypedPooling.Plots;
using Xunit;

namespace TypedPooling.Tests.Plots;

public sealed class ElpdPlotTests
{
    [Fact]
    public void Every_row_has_its_elpd_and_its_k_and_the_threshold_is_drawn()
    {
        var loo = PlotFits.Cafes.Loo(PlotFits.Visits, "waits");
        var panels = loo.PlotElpd();
        var svg = new SvgPicture(panels.ToSvg());
        var (upper, lower) = (panels.Subplots.GetPlot(0), panels.Subplots.GetPlot(1));
        var rings = svg.Elements("ellipse").Where(e => (string?)e.Attribute("stroke") == PlotFits.Blue).Select(e => (
            X: (double)e.Attribute("cx")!, Y: (double)e.Attribute("cy")!)).ToArray();

        Assert.Equal(2 * (PlotFits.Visits.Count - (int)loo.BadCount) + 1, rings.Length);
        foreach (var part in loo.Pointwise.Where(part => !loo.IsBad(part)).Take(5))
        {
            var (elpd, k) = (upper.GetPixel(new(part.Row, part.Elpd)), lower.GetPixel(new(part.Row, part.ParetoK)));
            Assert.Contains(rings, ring => Math.Abs(ring.X - elpd.X) < 0.02 && Math.Abs(ring.Y - elpd.Y) < 0.02);
            Assert.Contains(rings, ring => Math.Abs(ring.X - k.X) < 0.02 && Math.Abs(ring.Y - k.Y) < 0.02);
        }

        var threshold = svg.Lines(PlotFits.Alarm).First(path => path.Attribute("stroke-dasharray") is not null);
        Assert.Equal(lower.GetPixel(new(0, loo.ParetoKThreshold)).Y, SvgPicture.Points(threshold)[0].Y, 0.02);

        // Rows stand below each other.
        Assert.Equal(upper.GetPixel(new(10, 0)).X, lower.GetPixel(new(10, 0)).X, 0.5);
        var worst = loo.Pointwise.MinBy(part => part.Elpd)!;
        Assert.Contains($"{worst.Row}", svg.Texts);
        Assert.Contains(svg.Texts, text => text.StartsWith("elpd of waits by row", StringComparison.Ordinal));
    }

    [Fact]
    public void Parts_that_are_not_to_be_trusted_are_triangles()
    {
        // One row far off, in a group of its own: the draws cannot show the fit without it.
        Visit[] visits = [.. PlotFits.Visits, new("Lonely", false, 60)];
        var loo = PlotFits.Waits.Fit(visits).Loo(visits);
        var svg = new SvgPicture(loo.PlotElpd().ToSvg());

        Assert.True(loo.BadCount > 0);
        Assert.Equal(2 * (int)loo.BadCount + 1, svg.Elements("path").Count(path => (string?)path.Attribute("fill") == PlotFits.Alarm));
        Assert.Contains("not to be trusted", svg.Texts);
    }

    [Fact]
    public void Parts_whose_k_is_infinite_are_triangles_at_the_upper_edge()
    {
        // Of fewer than 25 draws no tail can be fitted, and k is infinite.
        var loo = PlotFits.Cafes.Thin(20).Loo(PlotFits.Visits);
        Assert.All(loo.Pointwise, part => Assert.Equal(double.PositiveInfinity, part.ParetoK));
        var panels = loo.PlotElpd();
        var svg = new SvgPicture(panels.ToSvg());
        var lower = panels.Subplots.GetPlot(1);

        var marks = svg.Elements("path").Where(path => (string?)path.Attribute("fill") == PlotFits.Alarm).Select(SvgPicture.Points).ToArray();
        Assert.Equal(2 * PlotFits.Visits.Count + 1, marks.Length);
        var at = lower.GetPixel(new(loo.Pointwise[3].Row, lower.Axes.GetLimits().Top - 0.05));
        Assert.Contains(marks, mark => Math.Abs(mark.Average(p => p.X) - at.X) < 2 && Math.Abs(mark.Average(p => p.Y) - at.Y) < 5);
        Assert.Contains("Pareto k", svg.Texts);
    }

    [Fact]
    public void Levels_have_their_names_and_WAIC_has_effective_parameters()
    {
        var byCafe = new SvgPicture(PlotFits.Cafes.LeaveGroupOut(PlotFits.Cafe).PlotElpd().ToSvg());
        Assert.Contains("Level", byCafe.Texts);
        Assert.Contains(byCafe.Texts, text => text.StartsWith("Café", StringComparison.Ordinal));

        var waic = new SvgPicture(PlotFits.Cafes.Waic(PlotFits.Visits).PlotElpd().ToSvg());
        Assert.Contains("Effective parameters", waic.Texts);
    }
}
