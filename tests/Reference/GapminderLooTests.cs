using TypedPooling.Draws;
using TypedPooling.Tests.Dsl.Support;
using Xunit;
using static TypedPooling.Prior;

namespace TypedPooling.Tests.Reference;

/// <summary>The lecture's slopes model against its intercepts-only model, beside the R package loo on the same log likelihoods.</summary>
public sealed class GapminderLooTests
{
    private static readonly ReferenceFile Expected = ReferenceFile.Read("reference/loo_gapminder.csv");

    [Fact]
    public void Slopes_win_by_the_margin_that_R_finds()
    {
        var world = Rows.Gapminder;
        double[] life = [.. world.Select(v => v.LifeExp)];
        var (mean, sd) = (Diagnostics.Mean(life), Diagnostics.Sd(life));
        Standardised[] rows = [.. world.Select(v => new Standardised(v.Country, (v.Year - 1952) / 5.0, (v.LifeExp - mean) / sd))];
        var country = Group.By((Standardised v) => v.Country);
        var shared = PooledModel.Of<Standardised>().Normal(v => v.L, sigma: Exponential(1)).Slope(v => v.T, Normal(0, 2));
        var slopes = shared.Varying(country, g => g.Intercept(Exponential(1)).Slope(v => v.T, Exponential(1)).Correlated(Lkj(1))).Fit(rows);
        var intercepts = shared.Varying(country, g => g.Intercept(Exponential(1))).Fit(rows);

        var comparison = ModelComparison.Of(slopes.Loo(rows, "slopes"), intercepts.Loo(rows, "intercepts"));

        // The draws are the same wherever the vector units round alike; 4 is about five Monte-Carlo errors of elpd if they were others.
        Assert.Equal("slopes", comparison.Best.Name);
        foreach (var model in comparison.Models)
        {
            Near(model.Name, "elpd_loo", model.Estimate.Elpd, 4);
            Near(model.Name, "se_elpd_loo", model.Estimate.ElpdSe, 1);
            Near(model.Name, "p_loo", model.Estimate.EffectiveParameters, 4);
            Near(model.Name, "se_p_loo", model.Estimate.EffectiveParametersSe, 2);

            // Where R counts 19 and 2, the effects of the row's country are integrated out.
            Assert.Equal(0, model.Estimate.BadCount);
        }

        Near("intercepts", "elpd_diff", comparison.Models[1].Difference, 6);
        Near("intercepts", "se_diff", comparison.Models[1].DifferenceSe, 1);
        Assert.True(comparison.Models[1].Difference < -10 * comparison.Models[1].DifferenceSe);
        var waic = slopes.Waic(rows);
        Near("slopes", "elpd_waic", waic.Elpd, 4);
        Near("slopes", "p_waic", waic.EffectiveParameters, 4);

        // A whole country left out: slopes win too, and every k is good.
        var groups = ModelComparison.Of(slopes.LeaveGroupOut(country, name: "slopes"), intercepts.LeaveGroupOut(country, name: "intercepts"));
        Assert.Equal("slopes", groups.Best.Name);
        Assert.All(groups.Models, model => Assert.Equal(0, model.Estimate.BadCount));
    }

    private static void Near(string model, string quantity, double actual, double tolerance) =>
        Assert.Equal(Expected.Rows.Single(r => r.Text("model") == model && r.Text("quantity") == quantity).Number("value"), actual, tolerance);

    private sealed record Standardised(string Country, double T, double L);
}
