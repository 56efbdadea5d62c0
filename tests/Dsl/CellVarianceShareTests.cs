using TypedPooling.Engines;
using TypedPooling.Responses;
using TypedPooling.Tests.Dsl.Support;
using Xunit;
using static TypedPooling.Prior;
using Gauss = MathNet.Numerics.Distributions.Normal;

namespace TypedPooling.Tests.Dsl;

/// <summary>ICC and R^2 of responses kept as cells against closed forms, at the estimates of fits by maximum likelihood.</summary>
public sealed class CellVarianceShareTests
{
    private static readonly SurveyRow[] Rows = SurveyRow.Rows();

    private static ModelBuilder<SurveyRow> Model => PooledModel.Of<SurveyRow>();

    private static double Variance(IEnumerable<double> values)
    {
        var all = values.ToArray();
        var mean = all.Average();
        return all.Sum(v => (v - mean) * (v - mean)) / (all.Length - 1);
    }

    [Fact]
    public void Proportions_have_the_variance_of_their_links_latent_number()
    {
        Check(Link.Logit, Math.PI * Math.PI / 3);
        Check(Link.Probit, 1);
        Check(Link.ComplementaryLogLog, Math.PI * Math.PI / 6);

        static void Check(Link link, double error)
        {
            var fit = Model.Binomial(s => s.Wins, s => s.Trials, link).Intercept().Slope(s => s.X).Varying(SurveyRow.BySite, g => g.Intercept())
                .Varying(SurveyRow.ByDay, g => g.Intercept()).Fit(Rows, Engine.MaximumLikelihood);
            var explained = Variance(Rows.Select(s => fit.Coefficient("X").Mean * s.X));
            var (site, day) = (Square(fit.For(SurveyRow.BySite).Sd("Intercept").Mean), Square(fit.For(SurveyRow.ByDay).Sd("Intercept").Mean));

            Assert.Equal(explained / (explained + site + day + error), fit.MarginalRSquared.Mean, 1e-12);
            Assert.Equal((explained + site + day) / (explained + site + day + error), fit.ConditionalRSquared.Mean, 1e-12);
            Assert.Equal(site / (site + day + error), fit.Icc(SurveyRow.BySite).Mean, 1e-12);
            Assert.Equal(fit.Icc(SurveyRow.BySite).Mean, fit.Icc(SurveyRow.BySite, VarianceScale.LatentDelta).Mean);
        }
    }

    // With V the variance of eta a log-normal mean is exp(eta + V / 2), and everything else follows from it.
    [Fact]
    public void Counts_on_the_scale_of_the_response_have_the_moments_of_log_normal_rates()
    {
        var fit = Model.Poisson(s => s.Events).Intercept().Slope(s => s.X).Varying(SurveyRow.BySite, g => g.Intercept())
            .Varying(SurveyRow.ByDay, g => g.Intercept()).Fit(Rows, Engine.MaximumLikelihood);
        var (site, day) = (Square(fit.For(SurveyRow.BySite).Sd("Intercept").Mean), Square(fit.For(SurveyRow.ByDay).Sd("Intercept").Mean));
        var all = site + day;
        var means = Rows.Select(s => Math.Exp(fit.Intercept.Mean + fit.Coefficient("X").Mean * s.X + 0.5 * all)).ToArray();
        var population = Variance(means);
        var effects = means.Average(m => m * m * (Math.Exp(all) - 1));
        var error = means.Average();

        Assert.Equal(population / (population + effects + error), fit.MarginalRSquaredOn(VarianceScale.Response).Mean, 1e-11);
        Assert.Equal((population + effects) / (population + effects + error), fit.ConditionalRSquaredOn(VarianceScale.Response).Mean, 1e-11);
        Assert.Equal(
            means.Average(m => m * m * (Math.Exp(site) - 1)) / (effects + error), fit.Icc(SurveyRow.BySite, VarianceScale.Response).Mean, 1e-11);

        // On the latent scale the squared coefficient of variation of a count is one over its expectation.
        var c = 1 / means.Average();
        Assert.Equal(site / (all + Math.Log(1 + c)), fit.Icc(SurveyRow.BySite, VarianceScale.LatentLogNormal).Mean, 1e-12);
        Assert.Equal(site / (all + c), fit.Icc(SurveyRow.BySite, VarianceScale.LatentDelta).Mean, 1e-12);
        Assert.Equal(site / (all + LatentVariance.Trigamma(1 / c)), fit.Icc(SurveyRow.BySite).Mean, 1e-12);
    }

    // P(both rows of a level succeed) is a bivariate normal probability; here by a fine sum over the shared effect.
    [Fact]
    public void Probit_proportions_share_what_a_level_shares()
    {
        var fit = Model.Bernoulli(s => s.Won, Link.Probit).Intercept().Slope(s => s.Z).Varying(SurveyRow.BySite, g => g.Intercept())
            .Varying(SurveyRow.ByDay, g => g.Intercept()).Fit(Rows, Engine.MaximumLikelihood);
        var (site, day) = (Square(fit.For(SurveyRow.BySite).Sd("Intercept").Mean), Square(fit.For(SurveyRow.ByDay).Sd("Intercept").Mean));
        double[] etas = [.. Rows.Select(s => fit.Intercept.Mean + fit.Coefficient("Z").Mean * s.Z)];
        double[] means = [.. etas.Select(eta => Gauss.CDF(0, 1, eta / Math.Sqrt(1 + site + day)))];

        var shared = Rows.Select((_, i) => MeanSquare(etas[i], site, 1 + day) - means[i] * means[i]).Average();
        var effects = Rows.Select((_, i) => MeanSquare(etas[i], site + day, 1) - means[i] * means[i]).Average();
        var whole = means.Average(m => m * (1 - m));

        Assert.Equal(shared / whole, fit.Icc(SurveyRow.BySite, VarianceScale.Response).Mean, 1e-10);
        Assert.Equal(effects / whole, 1 - Error(fit) / whole, 1e-10);

        // E[Phi((eta + u) / sqrt(rest))^2], u of a variance.
        static double MeanSquare(double eta, double variance, double rest)
        {
            var sum = 0.0;
            for (var t = -9.0; t <= 9; t += 0.02)
                sum += 0.02 * Gauss.PDF(0, 1, t) * Math.Pow(Gauss.CDF(0, 1, (eta + Math.Sqrt(variance) * t) / Math.Sqrt(rest)), 2);
            return sum;
        }

        // (1 - conditional) of the whole variance, times it.
        double Error(Fit<SurveyRow> own)
        {
            var population = Variance(means);
            return (1 - own.ConditionalRSquaredOn(VarianceScale.Response).Mean) * (population + whole);
        }
    }

    [Fact]
    public void Shapes_are_part_of_the_error()
    {
        var gamma = Model.Gamma(s => s.Size).Intercept().Varying(SurveyRow.BySite, g => g.Intercept()).Fit(Rows, Engine.MaximumLikelihood);
        var (site, shape) = (Square(gamma.For(SurveyRow.BySite).Sd("Intercept").Mean), gamma.Shape.Mean);
        Assert.Equal(site / (site + LatentVariance.Trigamma(shape)), gamma.Icc(SurveyRow.BySite).Mean, 1e-12);

        var mean = Math.Exp(gamma.Intercept.Mean + 0.5 * site);
        var effects = mean * mean * (Math.Exp(site) - 1);
        var error = mean * mean * Math.Exp(site) / shape;
        Assert.Equal(effects / (effects + error), gamma.Icc(SurveyRow.BySite, VarianceScale.Response).Mean, 1e-11);

        var events = Model.NegativeBinomial(s => s.Events, shape: Fixed(2.5)).Intercept().Varying(SurveyRow.BySite, g => g.Intercept())
            .Fit(Rows, Engine.MaximumLikelihood);
        var own = Square(events.For(SurveyRow.BySite).Sd("Intercept").Mean);
        var rate = Math.Exp(events.Intercept.Mean + 0.5 * own);
        Assert.Equal(own / (own + Math.Log(1 + 1 / rate + 1 / 2.5)), events.Icc(SurveyRow.BySite, VarianceScale.LatentLogNormal).Mean, 1e-12);
    }

    [Fact]
    public void A_response_with_heavy_tails_has_the_variance_of_its_distribution_on_every_scale()
    {
        var model = Model.StudentT(s => s.Level, Exponential(0.2), Fixed(5)).Intercept(Normal(100, 10)).Slope(s => s.X, Normal(0, 3))
            .Varying(SurveyRow.BySite, g => g.Intercept(Exponential(0.2)));
        var run = new RunOptions { Seed = 2, Chains = 1, Warmup = 200, Draws = 50 };
        foreach (var fit in new[] { model.Fit(Rows, Engine.Nuts, run), model.Standardized().Fit(Rows, Engine.Nuts, run) })
        {
            var (sd, sigma) = (fit.For(SurveyRow.BySite).Sd("Intercept").Draws, fit.Sigma.Draws);
            var (latent, response) = (fit.Icc(SurveyRow.BySite).Draws, fit.Icc(SurveyRow.BySite, VarianceScale.Response).Draws);
            for (var s = 0; s < sd.Length; s++)
            {
                Assert.Equal(sd[s] * sd[s] / (sd[s] * sd[s] + sigma[s] * sigma[s] * 5 / 3), latent[s], 1e-10);
                Assert.Equal(latent[s], response[s], 1e-10);
            }

            Assert.Equal(fit.MarginalRSquared.Mean, fit.MarginalRSquaredOn(VarianceScale.Response).Mean, 1e-9);
        }
    }

    [Fact]
    public void The_scale_of_a_LogNormal_response_is_refused_and_a_Normal_one_has_but_one()
    {
        var normal = Model.Normal(s => s.Level).Intercept().Varying(SurveyRow.BySite, g => g.Intercept()).Fit(Rows);
        Assert.Equal(normal.Icc(SurveyRow.BySite).Mean, normal.Icc(SurveyRow.BySite, VarianceScale.Response).Mean);

        var logNormal = Model.LogNormal(s => s.Size).Intercept().Varying(SurveyRow.BySite, g => g.Intercept()).Fit(Rows);
        var refusal = Assert.Throws<ModelException>(() => logNormal.MarginalRSquaredOn(VarianceScale.Response));
        Assert.Equal(ProblemCode.NotForThisFamily, refusal.Code);
        Assert.Contains("Use VarianceScale.Latent", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0.1, 101.4332991507927588172155)]
    [InlineData(1, 1.6449340668482264364724)]
    [InlineData(30, 0.03389506035773994)]
    public void Trigamma_is_that_of_tables(double x, double expected) => Assert.Equal(expected, LatentVariance.Trigamma(x), 1e-14 * (1 + expected));

    private static double Square(double value) => value * value;
}
