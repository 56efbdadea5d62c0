using TypedPooling.Engines;
using TypedPooling.Plots;
using Xunit;
using static TypedPooling.Prior;

namespace TypedPooling.Tests.Plots;

public sealed class ChainPlotTests
{
    [Fact]
    public void Every_chain_is_a_line_through_its_draws()
    {
        var panels = PlotFits.Chains.PlotTraces("sigma", "Intercept");
        var svg = new SvgPicture(panels.ToSvg());
        var traces = svg.Elements("path").Where(path => SvgPicture.Points(path).Count == 200).ToArray();

        Assert.Equal(2 * 3, traces.Length);
        Assert.Equal(3, traces.Select(path => (string?)path.Attribute("stroke")).Distinct().Count());
        var plot = panels.Subplots.GetPlot(0);
        var draws = PlotFits.Chains.Sigma.Draws;
        foreach (var (chain, draw) in new[] { (0, 0), (1, 50), (2, 199) })
        {
            var at = plot.GetPixel(new(draw + 1, draws[200 * chain + draw]));
            var point = SvgPicture.Points(traces[chain])[draw];
            Assert.Equal(at.X, point.X, 0.02);
            Assert.Equal(at.Y, point.Y, 0.02);
        }

        Assert.All(new[] { "sigma", "Intercept", "chain 1", "chain 3" }, text => Assert.Contains(text, svg.Texts));
    }

    [Fact]
    public void Divergences_are_marked_and_counted()
    {
        // Eight schools with their effects at the population's: the funnel of a small sd, walked with steps that are too long.
        double[] effects = [28, 8, -3, 7, -1, 1, 18, 12];
        double[] errors = [15, 10, 16, 11, 9, 11, 10, 18];
        var schools = effects.Zip(errors, (effect, error) => new School($"{effect}", effect, error)).ToArray();
        var fit = PooledModel.Of<School>().Normal(s => s.Effect, s => s.Error).Intercept(Normal(0, 10))
            .Varying(Group.By((School s) => s.Name), g => g.Intercept(HalfCauchy(5)))
            .Fit(schools, Engine.Nuts, new RunOptions { Draws = 500, Warmup = 200, TargetAcceptance = 0.5 });
        var divergences = fit.Posterior.Sampler!.DivergenceCount;
        var svg = new SvgPicture(fit.PlotTraces("Intercept").ToSvg());

        Assert.True(divergences > 0);
        Assert.Equal(divergences + 1, svg.Elements("path").Count(path => (string?)path.Attribute("fill") == PlotFits.Alarm));
        Assert.Equal(divergences, SvgPicture.Pieces(svg.Lines(PlotFits.Alarm).MaxBy(SvgPicture.Pieces)!));
        Assert.Contains($"divergence ({divergences})", svg.Texts);
    }

    [Fact]
    public void Ranks_of_each_chain_are_counted_in_twenty_bins()
    {
        var panels = PlotFits.Chains.PlotRanks("sigma");
        var svg = new SvgPicture(panels.ToSvg());
        var plot = panels.Subplots.GetPlot(0);
        var lines = svg.Elements("path").Where(path => SvgPicture.Points(path).Count == 40).ToArray();

        Assert.Equal(3, lines.Length);
        foreach (var line in lines)
        {
            var counts = SvgPicture.Points(line).Where((_, i) => i % 2 == 0).Select(p => plot.GetCoordinates((float)p.X, (float)p.Y).Y).ToArray();
            Assert.Equal(20, counts.Length);
            Assert.Equal(200, counts.Sum(), 0.5);
        }

        // In each bin of ranks there are as many draws of all chains.
        var firstBin = lines.Sum(line => plot.GetCoordinates((float)SvgPicture.Points(line)[0].X, (float)SvgPicture.Points(line)[0].Y).Y);
        Assert.Equal(600 / 20, firstBin, 0.2);
        Assert.Equal(3, lines.Select(line => (string?)line.Attribute("stroke-dasharray")).Distinct().Count());
    }

    [Fact]
    public void The_band_of_ranks_holds_what_chains_that_agree_have()
    {
        var panels = PlotFits.Chains.PlotRanks("sigma");
        var svg = new SvgPicture(panels.ToSvg());
        var plot = panels.Subplots.GetPlot(0);
        var band = svg.Elements("path").First(path => (string?)path.Attribute("fill") == PlotFits.Grey);
        var edges = SvgPicture.Points(band).Select(point => plot.GetCoordinates((float)point.X, (float)point.Y).Y).ToArray();

        // A bin holds 30 of 600 ranks. Of the 200 draws of a chain it has a hypergeometric number: 200 x 30 / 600 = 10 on average, with variance
        // 10 (1 - 30 / 600) (600 - 200) / (600 - 1).
        var sd = Math.Sqrt(10 * 0.95 * 400 / 599);
        Assert.Equal(10 - 1.96 * sd, edges.Min(), 0.05);
        Assert.Equal(10 + 1.96 * sd, edges.Max(), 0.05);
        Assert.Contains("95 % where chains agree", svg.Texts);
    }

    [Fact]
    public void One_chain_has_ranks_without_a_band()
    {
        var one = PlotFits.Waits.Fit(PlotFits.Visits, Engine.Nuts, new RunOptions { Draws = 100, Warmup = 100, Chains = 1 });
        var svg = new SvgPicture(one.PlotRanks("sigma").ToSvg());

        Assert.DoesNotContain(svg.Elements("path"), path => (string?)path.Attribute("fill") == PlotFits.Grey);
        Assert.DoesNotContain("95 % where chains agree", svg.Texts);
    }

    [Fact]
    public void A_constant_is_flat_in_every_chain_and_not_among_what_is_drawn_by_default()
    {
        var fit = PooledModel.Of<Visit>().StudentT(v => v.Wait, sigma: Exponential(1), degreesOfFreedom: Fixed(4)).Intercept(Normal(5, 2))
            .Fit(PlotFits.Visits, Engine.Nuts, new RunOptions { Draws = 100, Warmup = 200, Chains = 2 });
        var constant = fit.Table.Rows.Single(row => row.Sd == 0).Parameter.Name;
        var panels = fit.PlotRanks(constant);
        var svg = new SvgPicture(panels.ToSvg());
        var lines = svg.Elements("path").Where(path => SvgPicture.Points(path).Count == 40).ToArray();

        Assert.Equal(2, lines.Length);
        Assert.All(lines, line => Assert.All(SvgPicture.Points(line), point => Assert.Equal(
            5, panels.Subplots.GetPlot(0).GetCoordinates((float)point.X, (float)point.Y).Y, 0.05)));
        foreach (var texts in new[] { new SvgPicture(fit.PlotRanks().ToSvg()).Texts, new SvgPicture(fit.PlotTraces().ToSvg()).Texts })
        {
            Assert.Contains("sigma", texts);
            Assert.DoesNotContain(constant, texts);
        }
    }

    [Fact]
    public void Independent_draws_have_no_chains_and_the_message_says_so()
    {
        foreach (var problem in new[]
        {
            Assert.Throws<ModelException>(() => PlotFits.Cafes.PlotTraces()), Assert.Throws<ModelException>(() => PlotFits.Cafes.PlotRanks()),
        })
        {
            Assert.Equal(ProblemCode.NotForThisFamily, problem.Code);
            Assert.Contains("draws of Marginal are independent", problem.Message, StringComparison.Ordinal);
            Assert.Contains("Engine.Nuts", problem.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Refuses_an_unknown_parameter() =>
        Assert.Equal(ProblemCode.UnknownTerm, Assert.Throws<ModelException>(() => PlotFits.Chains.PlotTraces("tau")).Code);

    public sealed record School(string Name, double Effect, double Error);
}
