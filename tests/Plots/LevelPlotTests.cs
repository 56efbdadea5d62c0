using System.Globalization;
using ScottPlot;
using TypedPooling.Plots;
using Xunit;

namespace TypedPooling.Tests.Plots;

public sealed class LevelPlotTests
{
    [Fact]
    public void Levels_are_sorted_and_have_a_mark_and_an_interval_each_at_the_values_of_the_table()
    {
        var plot = PlotFits.Cafes.PlotLevels(PlotFits.Cafe, "Afternoon", new() { Probability = 0.5 });
        var svg = new SvgPicture(plot.ToSvg());
        var table = PlotFits.Cafes.For(PlotFits.Cafe).Coefficients(0.5);
        var levels = table.Levels.OrderBy(level => level.Coefficients[1].Mean).ToArray();

        var marks = svg.Circles(PlotFits.Blue);
        Assert.Equal(levels.Length + 1, marks.Count);
        var intervals = svg.Lines(PlotFits.Blue).Single(path => SvgPicture.Pieces(path) > 1);
        Assert.Equal(levels.Length, SvgPicture.Pieces(intervals));
        var ends = SvgPicture.Points(intervals);
        for (var i = 0; i < levels.Length; i++)
        {
            var estimate = levels[i].Coefficients[1];
            var at = plot.GetPixel(new(estimate.Mean, i));
            Assert.Contains(marks, mark => Math.Abs(mark.X - at.X) < 0.02 && Math.Abs(mark.Y - at.Y) < 0.02);
            Assert.Equal(plot.GetPixel(new(estimate.Interval.Lower, i)).X, ends[2 * i].X, 0.02);
            Assert.Equal(plot.GetPixel(new(estimate.Interval.Upper, i)).X, ends[2 * i + 1].X, 0.02);
        }

        Assert.All(levels, level => Assert.Contains(level.Key, svg.Texts));
        Assert.Contains("mean and 50 % interval", svg.Texts);
    }

    [Fact]
    public void The_population_is_a_dashed_line_at_its_posterior_mean()
    {
        var plot = PlotFits.Cafes.PlotLevels(PlotFits.Cafe);
        var svg = new SvgPicture(plot.ToSvg());

        var line = svg.Lines(PlotFits.Green)[0];
        Assert.Equal(plot.GetPixel(new(PlotFits.Cafes.Intercept.Mean, 0)).X, SvgPicture.Points(line)[0].X, 0.02);
        Assert.Equal("8 4", (string?)line.Attribute("stroke-dasharray"));
    }

    [Fact]
    public void A_thousand_levels_have_thinned_names_that_do_not_touch()
    {
        var visits = PlotFits.MakeVisits(1000, 2, c => $"Level {c}");
        var fit = PooledModel.Of<Visit>().Normal(v => v.Wait).Intercept().Varying(PlotFits.Cafe, g => g.Intercept()).Fit(
            visits, Engine.RestrictedMaximumLikelihood);
        var (culture, other) = (CultureInfo.CurrentCulture, (CultureInfo)CultureInfo.InvariantCulture.Clone());
        other.NumberFormat.NumberGroupSeparator = "_";
        CultureInfo.CurrentCulture = other;
        var plot = fit.PlotLevels(PlotFits.Cafe);
        CultureInfo.CurrentCulture = culture;
        var svg = new SvgPicture(plot.ToSvg());

        Assert.Equal(1001, svg.Circles(PlotFits.Blue).Count);
        var named = svg.Elements("text").Where(e => e.Value.StartsWith("Level ", StringComparison.Ordinal)).ToArray();
        Assert.InRange(named.Length, 20, 90);
        var heights = named.Select(e => double.Parse(
            e.Attribute("transform")!.Value.Split('(', ' ', ')')[2], CultureInfo.InvariantCulture)).Order().ToArray();
        Assert.All(heights.Zip(heights.Skip(1)), pair => Assert.True(pair.Second - pair.First >= 11.5, $"{pair}"));
        Assert.Equal(1100, plot.SuitableSize().Height);
        Assert.Contains("Intercept by Cafe: 1,000 levels", svg.Texts);
    }

    [Fact]
    public void Every_coefficient_has_a_panel()
    {
        var panels = PlotFits.Cafes.PlotLevelsByTerm(PlotFits.Cafe);
        var svg = new SvgPicture(panels.ToSvg());

        Assert.Equal(2, panels.Subplots.Count);
        Assert.Equal(2 * (12 + 1), svg.Circles(PlotFits.Blue).Count);
        Assert.Equal(2, svg.Texts.Count(text => text == "population"));
        Assert.Contains("Afternoon", svg.Texts);
    }

    [Fact]
    public void Markup_in_keys_is_text()
    {
        string[] keys = ["<script>alert('x')</script>", "A & B", "\"quoted\"", "line\nbreak"];
        var visits = PlotFits.MakeVisits(4, 6, c => keys[c]);
        var fit = PooledModel.Of<Visit>().Normal(v => v.Wait).Intercept().Varying(PlotFits.Cafe, g => g.Intercept()).Fit(
            visits, Engine.RestrictedMaximumLikelihood);
        var svg = new SvgPicture(fit.PlotLevels(PlotFits.Cafe, options: new() { Unit = "<min>" }).ToSvg());

        Assert.DoesNotContain("<script", svg.Text, StringComparison.Ordinal);
        Assert.All(keys[..3], key => Assert.Contains(key, svg.Texts));
        Assert.Contains("line\\nbreak", svg.Texts);
        Assert.Contains("Intercept of Wait (<min>)", svg.Texts);
    }

    [Fact]
    public void Characters_that_XML_cannot_hold_are_written_as_escapes()
    {
        string[] keys = ["half \uD800", "\uDC00 the other", "bell \u0007", "none \uFFFF", string.Concat(Enumerable.Repeat("😀", 40))];
        var visits = PlotFits.MakeVisits(5, 6, c => keys[c]);
        var group = Group.By((Visit v) => v.Cafe, "Café\uFFFE");
        var fit = PooledModel.Of<Visit>().Normal(v => v.Wait).Intercept().Varying(group, g => g.Intercept()).Fit(
            visits, Engine.RestrictedMaximumLikelihood);
        var plot = fit.PlotLevels(group, options: new() { Unit = "min\u0001", Title = "Waits\uD83D" });
        var svg = new SvgPicture(plot.ToSvg());

        string[] expected =
        [
            @"half \uD800", @"\uDC00 the other", @"bell \u0007", @"none \uFFFF", @"Café\uFFFE", @"Intercept of Wait (min\u0001)", @"Waits\uD83D",
        ];
        Assert.All(expected, text => Assert.Contains(text, svg.Texts));
        Assert.Contains(string.Concat(Enumerable.Repeat("😀", 15)) + "…", plot.Axes.Left.TickGenerator.Ticks.Select(tick => tick.Label));
        Assert.Equal(@"Waits\uD83D", svg.Elements("title").Single().Value);
    }

    [Fact]
    public void Long_names_end_in_dots_and_stay_on_the_picture()
    {
        var visits = PlotFits.MakeVisits(4, 6, c => new string((char)('a' + c), 200));
        var fit = PooledModel.Of<Visit>().Normal(v => v.Wait).Intercept().Varying(PlotFits.Cafe, g => g.Intercept()).Fit(
            visits, Engine.RestrictedMaximumLikelihood);
        var plot = fit.PlotLevels(PlotFits.Cafe);
        var svg = new SvgPicture(plot.ToSvg());

        Assert.Contains(new string('a', 31) + "…", svg.Texts);
        Assert.True(plot.LastRender.DataRect.Width > 300);
    }

    [Theory]
    [InlineData(0.0)]
    [InlineData(1.0)]
    [InlineData(double.NaN)]
    public void Refuses_a_probability_that_is_none(double probability) => Assert.Equal(
        ProblemCode.OptionOutOfRange,
        Assert.Throws<ModelException>(() => PlotFits.Cafes.PlotLevels(PlotFits.Cafe, options: new() { Probability = probability })).Code);

    [Fact]
    public void Refuses_a_size_that_is_no_picture() => Assert.Equal(
        ProblemCode.OptionOutOfRange,
        Assert.Throws<ModelException>(() => PlotFits.Cafes.PlotLevels(PlotFits.Cafe, options: new() { Size = new(10, 10) })).Code);
}
