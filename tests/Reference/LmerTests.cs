using TypedPooling.Inference.MaximumLikelihood;
using Xunit;

namespace TypedPooling.Tests.Reference;

/// <summary>Maximum likelihood against the polished optima of lme4 (lme4.csv): criterion to 1e-9, everything else to 1e-5 relative (of the standard
/// error, where an effect is near 0).</summary>
public sealed class LmerTests
{
    private static readonly Lazy<ILookup<string, ReferenceFile.Row>> Numbers = new(() =>
        ReferenceFile.Read("reference/lme4.csv").Rows.ToLookup(row => $"{row.Text("dataset")}/{row.Text("model")}"));

    public static TheoryData<string> Models => [.. LmerModels.Names];

    [Theory]
    [MemberData(nameof(Models))]
    public void Finds_the_maximum_that_lmer_reports(string name)
    {
        var (fit, groups) = LmerModels.Fit(name);
        var likelihood = fit.Likelihood;
        var compared = 0;
        foreach (var row in Numbers.Value[name])
        {
            var expected = row.Number("value");
            var (ours, tolerance) = Ours(row, expected);
            if (double.IsNaN(ours) && double.IsNaN(tolerance))
                continue;
            compared++;
            Assert.True(
                (double.IsNaN(ours) && double.IsNaN(expected)) || Math.Abs(ours - expected) <= tolerance,
                $"{name}: {row.Text("quantity")} {row.Text("term")} {row.Text("group")} is {ours:R}, lme4's {expected:R}.");
        }

        Assert.True(compared > 20, $"Only {compared} numbers were compared.");
        Assert.True(fit.Posterior.Point!.RemainingGain < 1e-9);

        (double Ours, double Tolerance) Ours(ReferenceFile.Row row, double expected)
        {
            var term = Name(row.Text("term"));
            var group = row.Text("group");
            return row.Text("quantity") switch
            {
                "nobs" => (fit.RowCount, 0),
                "ngroups" => (fit.For(groups[group]).Keys.Count, 0),
                "npar" => (likelihood.ParameterCount, 0),
                "fixef" => (fit.Coefficient(term).Mean, 1e-5 * Math.Max(Math.Abs(expected), fit.Coefficient(term).Sd)),
                "se" => (fit.Coefficient(term).Sd, 1e-5 * expected),
                "vcov" =>
                    (likelihood.Covariance(
                        Name(term.Split(';')[0]),
                        Name(term.Split(';')[1])),
                        1e-5 * fit.Coefficient(Name(term.Split(';')[0])).Sd * fit.Coefficient(Name(term.Split(';')[1])).Sd),
                "sd" => (fit.For(groups[group]).Sd(term).Mean, 1e-5 * Math.Max(expected, 1e-3 * fit.Sigma.Mean)),
                "cor" =>
                    (fit.Spec.Factors.Single(factor => factor.Name == group).HasCorrelations
                        ? fit.For(groups[group]).Correlation(Name(term.Split(';')[0]), Name(term.Split(';')[1])).Mean
                        : 0, 1e-5),
                "sigma" => (fit.Sigma.Mean, 1e-5 * expected),
                "reml_criterion" => (likelihood.RemlCriterion!.Value, 1e-9 * Math.Abs(expected)),
                "ml_deviance" => (likelihood.Deviance, 1e-9 * Math.Abs(expected)),
                "loglik" => (likelihood.LogLikelihood, 1e-9 * Math.Abs(expected)),
                "aic" => (likelihood.Aic, 1e-9 * Math.Abs(expected)),
                "bic" => (likelihood.Bic, 1e-9 * Math.Abs(expected)),
                "singular" => (likelihood.IsSingular ? 1 : 0, 0),
                "ranef" => (Level().Effect(term).Mean, 1e-5 * Math.Max(Math.Abs(expected), Level().ConditionalSd(term))),
                "ranef_sd" => (Level().ConditionalSd(term), 1e-5 * Math.Max(expected, 1e-3 * fit.Sigma.Mean)),
                _ => (double.NaN, double.NaN),
            };

            LikelihoodLevelFit<LmerModels.Row> Level()
            {
                var at = group.Split('=', 2);
                return fit.For(groups[at[0]])[at[1]];
            }
        }
    }

    [Fact]
    public void Has_the_objective_of_lme4_at_given_theta()
    {
        var (fit, _) = LmerModels.Fit("dyestuff/batch_reml");
        var engine = (RestrictedMaximumLikelihoodEngine)Engine.RestrictedMaximumLikelihood;
        Assert.Equal(319.792389042, engine.Objective(fit.Model, [1.0]), 1e-8);
        Assert.Equal(326.023232156, engine.Objective(fit.Model, [0.0]), 1e-8);
    }

    private static string Name(string term) => term == "(Intercept)" ? "Intercept" : term;
}
