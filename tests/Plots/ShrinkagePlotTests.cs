using ScottPlot;
using TypedPooling.Plots;
using Xunit;

namespace TypedPooling.Tests.Plots;

public sealed class ShrinkagePlotTests
{
    private static readonly Plot Picture = PlotFits.Cafes.PlotShrinkage(PlotFits.Cafe, options: new() { Unit = "minutes" });
    private static readonly SvgPicture Svg = new(Picture.ToSvg());

    [Fact]
    public void Every_level_has_its_own_mark_and_its_pooled_one_at_the_values_of_the_table()
    {
        var levels = PlotFits.Cafes.For(PlotFits.Cafe).Shrinkage().Levels;
        var (pooled, own) = (Svg.Circles(PlotFits.Blue), Svg.Squares(PlotFits.Red));

        // The key has one of each.
        Assert.Equal(levels.Length + 1, pooled.Count);
        Assert.Equal(levels.Length + 1, own.Count);
        foreach (var level in levels)
        {
            var at = Picture.GetPixel(new(level.PartialPooling[0], level.PartialPooling[1]));
            Assert.Contains(pooled, circle => Math.Abs(circle.X - at.X) < 0.02 && Math.Abs(circle.Y - at.Y) < 0.02);
            at = Picture.GetPixel(new(level.NoPooling!.Value[0], level.NoPooling!.Value[1]));
            Assert.Contains(own, square => Math.Abs(square.X - at.X) < 0.02 && Math.Abs(square.Y - at.Y) < 0.02);
        }
    }

    [Fact]
    public void A_line_joins_the_two_marks_of_each_level()
    {
        var joints = Svg.Lines(PlotFits.Grey).Single(path => path.Attribute("stroke-dasharray") is null);

        Assert.Equal(12, SvgPicture.Pieces(joints));
    }

    [Fact]
    public void Five_contours_have_the_extent_of_the_population_distribution()
    {
        var byCafe = PlotFits.Cafes.For(PlotFits.Cafe);
        var population = byCafe.Shrinkage().Population;
        var contours = Svg.Lines(PlotFits.Grey).Where(path => path.Attribute("stroke-dasharray") is not null && SvgPicture.Points(path).Count > 20)
            .ToArray();

        Assert.Equal(5, contours.Length);
        double[] probabilities = [0.1, 0.3, 0.5, 0.8, 0.95];
        foreach (var (contour, probability) in contours.Zip(probabilities))
        {
            // Of a normal distribution in the plane, r^2 = chi^2(2) quantile = -2 log(1 - p): the ellipse reaches r sds along each axis.
            var radius = Math.Sqrt(-2 * Math.Log(1 - probability));
            var points = SvgPicture.Points(contour);
            var right = Picture.GetPixel(new(population[0] + radius * byCafe.InterceptSd.Mean, population[1])).X;
            var top = Picture.GetPixel(new(population[0], population[1] + radius * byCafe.Sd("Afternoon").Mean)).Y;
            Assert.Equal(right, points.Max(point => point.X), 0.5);
            Assert.Equal(top, points.Min(point => point.Y), 0.5);
        }

        Assert.All(new[] { "10", "30", "50", "80", "95" }, text => Assert.Contains(text, Svg.Texts));
    }

    [Fact]
    public void A_negative_correlation_leans_the_contours_to_the_left()
    {
        Assert.True(PlotFits.Cafes.For(PlotFits.Cafe).Correlation(v => v.Afternoon).Mean < -0.2);
        var outer = SvgPicture.Points(Svg.Lines(PlotFits.Grey).Last(
            path => path.Attribute("stroke-dasharray") is not null && SvgPicture.Points(path).Count > 20));

        Assert.True(outer.MinBy(point => point.Y).X < (outer.Min(point => point.X) + outer.Max(point => point.X)) / 2 - 10);
    }

    [Fact]
    public void Axes_are_named_by_the_model_and_the_unit()
    {
        Assert.Contains("Intercept of Wait (minutes)", Svg.Texts);
        Assert.Contains("Slope of Wait on Afternoon (minutes per unit of Afternoon)", Svg.Texts);
        Assert.Contains("Shrinkage of 12 levels of Cafe", Svg.Texts);
    }

    [Fact]
    public void Effects_can_be_chosen_and_swapped()
    {
        var swapped = PlotFits.Cafes.PlotShrinkage(PlotFits.Cafe, "Afternoon", "Intercept");

        Assert.Equal("Slope of Wait on Afternoon", swapped.Axes.Bottom.Label.Text);
        Assert.Equal("Intercept of Wait", swapped.Axes.Left.Label.Text);
    }

    [Fact]
    public void Refuses_one_effect_and_says_what_to_use()
    {
        var problem = Assert.Throws<ModelException>(() => PlotFits.Counts.PlotShrinkage(PlotFits.Site));

        Assert.Equal(ProblemCode.NotForThisFamily, problem.Code);
        Assert.Contains("Use PlotLevels", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Refuses_an_unknown_effect_and_the_same_one_twice()
    {
        Assert.Equal(ProblemCode.UnknownTerm, Assert.Throws<ModelException>(() => PlotFits.Cafes.PlotShrinkage(PlotFits.Cafe, "Evening")).Code);
        Assert.Equal(
            ProblemCode.DuplicateTerm,
            Assert.Throws<ModelException>(() => PlotFits.Cafes.PlotShrinkage(PlotFits.Cafe, "Intercept", "Intercept")).Code);
    }
}
