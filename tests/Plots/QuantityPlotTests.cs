using ScottPlot;
using TypedPooling.Plots;
using TypedPooling.Randomness;
using Xunit;

namespace TypedPooling.Tests.Plots;

public sealed class QuantityPlotTests
{
    private const string Rho = "cor(Cafe: Intercept, Afternoon)";

    [Fact]
    public void Density_of_a_correlation_under_LKJ_2_is_the_known_one_up_to_its_bounds()
    {
        var plot = PlotFits.Cafes.PlotPriorAgainstPosterior(PlotFits.Waits.SamplePrior(40_000), Rho);
        var svg = new SvgPicture(plot.ToSvg());
        var curve = SvgPicture.Points(svg.Lines(PlotFits.Red).First(path => path.Attribute("stroke-dasharray") is not null)).Select(
            point => plot.GetCoordinates((float)point.X, (float)point.Y)).ToArray();

        Assert.Equal(-1, curve[0].X, 0.01);
        Assert.Equal(1, curve[^1].X, 0.01);

        // LKJ(2) of a 2 x 2 matrix has the density 3/4 (1 - r^2). Kernels smooth it; at the bounds, where it is 0, most.
        foreach (var r in new[] { -0.8, -0.4, 0, 0.5, 0.7 })
            Assert.Equal(0.75 * (1 - r * r), curve.MinBy(point => Math.Abs(point.X - r)).Y, 0.05);
        Assert.Equal(1, Area(curve), 0.02);
    }

    [Fact]
    public void Density_of_a_scale_ends_at_0_and_holds_all_probability()
    {
        var plot = PlotFits.Cafes.PlotPriorAgainstPosterior(
            PlotFits.Waits.SamplePrior(40_000), "sigma", new() { Size = new(1600, 1200) });
        var svg = new SvgPicture(plot.ToSvg());
        var curve = SvgPicture.Points(svg.Lines(PlotFits.Red).First(path => path.Attribute("stroke-dasharray") is not null)).Select(
            point => plot.GetCoordinates((float)point.X, (float)point.Y)).ToArray();

        Assert.Equal(0, curve[0].X, 0.01);

        // Exponential(1): exp(-x), at 0 too, since kernels are reflected there.
        foreach (var x in new[] { 0.0, 0.2, 0.5, 1 })
            Assert.Equal(Math.Exp(-x), curve.MinBy(point => Math.Abs(point.X - x)).Y, 0.08);
    }

    [Fact]
    public void The_posterior_has_its_mean_and_interval_and_both_are_named()
    {
        var plot = PlotFits.Cafes.PlotPriorAgainstPosterior(PlotFits.Waits.SamplePrior(), Rho, new() { Probability = 0.8 });
        var svg = new SvgPicture(plot.ToSvg());
        var rho = PlotFits.Cafes.For(PlotFits.Cafe).Correlation(v => v.Afternoon);

        Assert.Contains(svg.Circles(PlotFits.Blue), mark => Math.Abs(mark.X - plot.GetPixel(new(rho.Mean, 0)).X) < 0.02);
        var interval = SvgPicture.Points(svg.Lines(PlotFits.Blue).First(path => SvgPicture.Points(path).Count == 2));
        Assert.Equal(plot.GetPixel(new(rho.Interval(0.8).Lower, 0)).X, interval[0].X, 0.02);
        Assert.Equal(plot.GetPixel(new(rho.Interval(0.8).Upper, 0)).X, interval[1].X, 0.02);
        Assert.All(new[] { "prior", "posterior", "mean and 80 % interval", $"{Rho}: prior and posterior" }, text => Assert.Contains(text, svg.Texts));
    }

    [Fact]
    public void Any_quantity_can_be_drawn_against_any_other()
    {
        var prior = PlotFits.Waits.SamplePrior();
        var derived = PlotFits.Cafes.Derive(d => d.Of(PlotFits.Cafes.Intercept) + d.Of(PlotFits.Cafes.Coefficient("Afternoon")), "afternoon wait");

        Assert.Contains("afternoon wait: prior and posterior", new SvgPicture(derived.PlotAgainstPrior(prior.Intercept).ToSvg()).Texts);
        Assert.Contains("afternoon wait", new SvgPicture(derived.PlotDistribution().ToSvg()).Texts);
    }

    [Fact]
    public void A_normal_quantity_has_a_normal_density()
    {
        var random = new PhiloxStream(3, 0);
        var fit = PlotFits.Cafes;
        double[] normals = [.. Enumerable.Range(0, fit.Posterior.DrawCount).Select(_ => random.NextNormal())];
        var i = 0;
        var plot = fit.Derive(_ => normals[i++ % normals.Length], "z").PlotDistribution();
        var svg = new SvgPicture(plot.ToSvg());
        var curve = SvgPicture.Points(svg.Lines(PlotFits.Blue).MaxBy(path => SvgPicture.Points(path).Count)!).Select(
            point => plot.GetCoordinates((float)point.X, (float)point.Y)).ToArray();

        foreach (var z in new[] { -1.5, 0, 1 })
            Assert.Equal(Math.Exp(-z * z / 2) / Math.Sqrt(2 * Math.PI), curve.MinBy(point => Math.Abs(point.X - z)).Y, 0.03);
    }

    [Fact]
    public void A_Cauchy_prior_has_its_height_where_the_posterior_is()
    {
        var random = new PhiloxStream(4, 0);
        var fit = PlotFits.Cafes;
        double[] normals = [.. Enumerable.Range(0, fit.Posterior.DrawCount).Select(_ => random.NextNormal())];
        double[] cauchys = [.. normals.Select(_ => random.NextNormal() / random.NextNormal())];
        var (i, j) = (0, 0);
        var plot = fit.Derive(_ => normals[i++ % normals.Length], "z").PlotAgainstPrior(fit.Derive(_ => cauchys[j++ % cauchys.Length], "z"));
        var svg = new SvgPicture(plot.ToSvg());
        var curve = SvgPicture.Points(svg.Lines(PlotFits.Red).First(path => path.Attribute("stroke-dasharray") is not null)).Select(
            point => plot.GetCoordinates((float)point.X, (float)point.Y)).ToArray();

        // Kernels of width 0.25 take 5 % of the top.
        foreach (var x in new[] { -2, -1, 0, 1, 2 })
            Assert.Equal(1 / (Math.PI * (1 + x * x)), curve.MinBy(point => Math.Abs(point.X - x)).Y, 0.04);
    }

    [Fact]
    public void A_quantity_whose_mean_is_not_finite_is_drawn_without_a_mark_of_it()
    {
        var fit = PlotFits.Cafes;
        var i = 0;
        var svg = new SvgPicture(fit.Derive(_ => i++ == 7 ? double.PositiveInfinity : i % 100, "far").PlotDistribution().ToSvg());

        // The key has one.
        Assert.Single(svg.Circles(PlotFits.Blue));
    }

    [Fact]
    public void A_constant_is_a_line_and_not_a_failure()
    {
        var plot = PlotFits.Cafes.Derive(_ => 3.0, "three").PlotDistribution();
        var svg = new SvgPicture(plot.ToSvg());

        // Upright, over the whole height, at the value.
        Assert.Contains(svg.Lines(PlotFits.Blue), path => SvgPicture.Points(path) is [var from, var to] && Math.Abs(to.Y - from.Y) > 200
            && Math.Abs(from.X - plot.GetPixel(new(3, 0)).X) < 0.02 && from.X == to.X);
    }

    [Fact]
    public void Refuses_a_quantity_without_finite_draws() => Assert.Equal(
        ProblemCode.NotFinite, Assert.Throws<ModelException>(() => PlotFits.Cafes.Derive(_ => double.NaN, "nothing").PlotDistribution()).Code);

    [Fact]
    public void Refuses_an_unknown_parameter() => Assert.Equal(
        ProblemCode.UnknownTerm,
        Assert.Throws<ModelException>(() => PlotFits.Cafes.PlotPriorAgainstPosterior(PlotFits.Waits.SamplePrior(), "tau")).Code);

    private static double Area(Coordinates[] curve) => curve.Zip(curve.Skip(1), (a, b) => (b.X - a.X) * (a.Y + b.Y) / 2).Sum();
}
