using TypedPooling.Draws;
using TypedPooling.Engines;
using TypedPooling.Inference.MaximumLikelihood;
using TypedPooling.Tests.Dsl.Support;
using Xunit;
using static TypedPooling.Prior;
using Distributions = MathNet.Numerics.Distributions;

namespace TypedPooling.Tests.Dsl;

/// <summary>Models of responses strictly between 0 and 1 as users write them: cells, defaults, fits, predictions, extremes, and what is
/// refused.</summary>
public sealed class BetaTests
{
    private static readonly Group<Toss, string?> Site = Group.By((Toss t) => t.Site);
    private static readonly Toss[] Rows = [.. Toss.Many().Select((t, i) => t with { Y = (1 + i * i * 13 % 31) / 33.0 })];
    private static readonly RunOptions Short = new() { Chains = 2, Warmup = 300, Draws = 300 };

    private static BetaModel<Toss> Population => PooledModel.Of<Toss>().Beta(t => t.Y).Intercept();

    private static BetaModel<Toss> Model => Population.Slope(t => t.X).Offset(t => t.Known).Varying(Site, g => g.Intercept());

    [Fact]
    public void Describe_shows_the_model_and_its_default_priors() => Assert.Equal(
        """
        Y_i        ~ Beta(μ_i, φ)
        logit(μ_i) = β_0 + u_Site[i],0
        u_Site,0   ~ Normal(0, s_Site,0)
        β_0        ~ Normal(0, 1)
        s_Site,0   ~ Exponential(1)
        φ          ~ ExponentialOnInverseRoot(1)  (default)

        60 rows; Site: 5 levels; 49 cells
        """.ReplaceLineEndings("\n"),
        PooledModel.Of<Toss>().Beta(t => t.Y).Intercept(Normal(0, 1)).Varying(Site, g => g.Intercept(Exponential(1))).Describe(Rows));

    [Fact]
    public void Defaults_are_scaled_by_the_logits_of_the_response()
    {
        var spec = Population.Offset(t => t.Known).Varying(Site, g => g.Intercept()).Bind(Rows).Spec;
        var logits = Rows.Select(t => Math.Log(t.Y / (1 - t.Y)) - t.Known).ToArray();
        var sd = Math.Sqrt(logits.Sum(x => Math.Pow(x - logits.Average(), 2)) / (logits.Length - 1));

        var prior = Assert.IsType<NormalPrior>(spec.Population[0].Prior);
        Assert.Equal(logits.Average(), prior.Mean, 1e-13);
        Assert.Equal(2.5 * sd, prior.Sd, 1e-12);
        Assert.Equal(1 / sd, Assert.IsType<ExponentialPrior>(spec.Factors[0].Terms[0].Sd).Rate, 1e-12);
        Assert.Equal("ExponentialOnInverseRoot(1)", spec.Response.Shape!.Text);
    }

    [Fact]
    public void Equal_rows_share_a_cell_and_parts_merge_into_the_whole()
    {
        Toss[] doubled = [.. Rows, .. Rows];
        var (once, twice) = (Model.Bind(Rows).Cells, Model.Bind(doubled).Cells);
        Assert.Equal(Rows.Select(t => (t.Site, t.X, t.Known, t.Y)).Distinct().Count(), once.Count);
        Assert.Equal(once.Count, twice.Count);
        Assert.Equal(once.Sizes.ToArray().Select(n => 2 * n), twice.Sizes.ToArray());
        Assert.Equal(once.Responses.ToArray(), twice.Responses.ToArray());
        Assert.Equal(2 * once.LogConstant, twice.LogConstant, 1e-11);

        var merged = Model.Bind(Model.Read(Rows[..20]).Merge(Model.Read(Rows[20..45])).Add(Rows[45..])).Cells;
        Assert.Equal(once.Responses.ToArray(), merged.Responses.ToArray());
        Assert.Equal(once.Sizes.ToArray(), merged.Sizes.ToArray());
        Assert.Equal(once.LogConstant, merged.LogConstant, 1e-11);
        Assert.Equal(once.ResponseMean, merged.ResponseMean, 1e-13);
        Assert.Equal(once.ResponseSd, merged.ResponseSd, 1e-13);
    }

    [Fact]
    public void Rows_alone_or_doubled_in_cells_have_the_same_estimates_and_half_the_log_likelihood()
    {
        var model = Population.Slope(t => t.X);
        var (once, twice) = (model.Fit(Rows, Engine.MaximumLikelihood), model.Fit([.. Rows, .. Rows], Engine.MaximumLikelihood));
        Assert.Equal(2 * once.Likelihood.LogLikelihood, twice.Likelihood.LogLikelihood, 1e-8);
        Assert.Equal(once.Precision.Mean, twice.Precision.Mean, 1e-6 * once.Precision.Mean);
        Assert.Equal(once.Coefficient("X").Mean, twice.Coefficient("X").Mean, 1e-7);
        Assert.Equal(once.Coefficient("X").Sd / Math.Sqrt(2), twice.Coefficient("X").Sd, 1e-7);
    }

    [Fact]
    public void A_fit_reads_like_any_other_and_Nuts_is_its_default()
    {
        var fit = Model.Fit(Rows, Short);

        Assert.Equal("Nuts", fit.Posterior.Engine);
        Assert.Contains("\nprecision ", fit.ToString(), StringComparison.Ordinal);
        Assert.All(fit.Precision.Draws, phi => Assert.True(phi > 0));
        Assert.Equal(ParameterKind.Precision, fit.Table.Rows.Single(row => row.Parameter.Name == "precision").Parameter.Kind);
        Assert.All(fit.PredictMean(Rows[0]).Draws, mean => Assert.InRange(mean, 0, 1));
    }

    [Fact]
    public void The_mean_is_the_inverse_of_the_logit_and_new_responses_are_Beta_about_it()
    {
        const int Count = 20_000;
        var fit = Model.Fit(Rows, new DrawnEngine(Count));
        var row = Rows[2] with { Known = -1.5 };
        var (means, news, precisions) = (fit.PredictMean(row).Draws, fit.PredictNew(row).Draws, fit.Precision.Draws);
        var links = fit.PredictLink(row).Draws;
        for (var s = 0; s < Count; s += 97)
            Assert.Equal(1 / (1 + Math.Exp(-links[s])), means[s], 1e-14);

        // Each new response at its own draw's distribution function is uniform.
        double[] uniform = [.. Enumerable.Range(0, Count).Select(s =>
            Distributions.Beta.CDF(means[s] * precisions[s], (1 - means[s]) * precisions[s], news[s]))];
        Assert.All(news, y => Assert.InRange(y, 0, 1));
        foreach (var p in new[] { 0.001, 0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99, 0.999 })
            Assert.Equal(p, uniform.Count(u => u <= p) / (double)Count, 5 * Math.Sqrt(p * (1 - p) / Count));

        // New groups too.
        Assert.All(fit.PredictNew(row, Site.New("other")).Draws, y => Assert.InRange(y, 0, 1));
    }

    [Fact]
    public void A_small_precision_draws_ends_rather_than_numbers_that_are_none()
    {
        var fit = PooledModel.Of<Toss>().Beta(t => t.Y, precision: Fixed(1e-4)).Intercept(Fixed(0.3)).Fit(Rows, Engine.MaximumLikelihood,
            new RunOptions { Chains = 1, Draws = 20_000 });
        var draws = fit.PredictNew(Rows[0]).Draws;
        var mean = 1 / (1 + Math.Exp(-0.3));

        Assert.All(draws, y => Assert.InRange(y, 0, 1));
        Assert.Equal(mean, draws.Average(), 5 * Math.Sqrt(mean * (1 - mean) / 20_000));
    }

    [Fact]
    public void Predictions_of_a_fit_by_maximum_likelihood_stand_at_its_estimates()
    {
        var fit = Model.Fit(Rows, Engine.MaximumLikelihood, new RunOptions { Chains = 1, Draws = 20_000 });
        var row = Rows[2];
        var mean = fit.PredictMean(row);
        var news = fit.PredictNew(row).Draws;

        Assert.Equal(1 / (1 + Math.Exp(-fit.PredictLink(row).Mean)), mean.Mean, 1e-12);
        Assert.InRange(fit.PredictMeanOverGroups(row).Mean, 0, 1);
        Assert.All(news, y => Assert.InRange(y, 0, 1));
        var phi = fit.Precision.Mean;
        var expected = mean.Draws.Average(mu => mu * (1 - mu) / (1 + phi) + mu * mu) - Math.Pow(mean.Draws.Average(), 2);
        Assert.Equal(mean.Draws.Average(), news.Average(), 5 * Math.Sqrt(expected / news.Length));
        Assert.Equal(expected, news.Sum(y => Math.Pow(y - news.Average(), 2)) / news.Length, 0.05 * expected);
    }

    [Fact]
    public void A_comparison_of_engines_calls_the_precision_by_its_name() =>
        Assert.Matches("precision +1 ", Population.Compare(Rows, new DrawnEngine(), new DrawnEngine(200)).ToString());

    [Fact]
    public void An_offset_moves_the_intercept_and_nothing_else()
    {
        var plain = Population.Slope(t => t.X).Fit(Rows, Engine.MaximumLikelihood);
        var moved = Population.Slope(t => t.X).Offset(t => 0.75).Fit(Rows, Engine.MaximumLikelihood);

        Assert.Equal(plain.Likelihood.LogLikelihood, moved.Likelihood.LogLikelihood, 1e-8);
        Assert.Equal(plain.Intercept.Mean - 0.75, moved.Intercept.Mean, 1e-7);
        Assert.Equal(plain.PredictMean(Rows[3]).Mean, moved.PredictMean(Rows[3]).Mean, 1e-8);
    }

    [Fact]
    public void Nested_models_are_compared_by_their_likelihoods()
    {
        var (smaller, larger) = (Population.Fit(Rows, Engine.MaximumLikelihood), Population.Slope(t => t.X).Fit(Rows, Engine.MaximumLikelihood));

        var test = LikelihoodRatio.Test(smaller, larger);

        Assert.Equal(1, test.DegreesOfFreedom);
        Assert.Equal(2 * (larger.Likelihood.LogLikelihood - smaller.Likelihood.LogLikelihood), test.ChiSquared, 1e-12);
        Assert.Equal(larger.Likelihood.ParameterCount * 2 - 2 * larger.Likelihood.LogLikelihood, larger.Likelihood.Aic, 1e-12);
    }

    [Theory]
    [InlineData(0.0, "0")]
    [InlineData(1.0, "1")]
    [InlineData(-0.25, "-0.25")]
    [InlineData(1.5, "1.5")]
    public void Refuses_responses_that_are_not_strictly_between_0_and_1(double value, string text)
    {
        var refusal = Assert.Throws<ModelException>(() => Population.Bind([.. Rows.Select((t, i) => t with { Y = i is 3 or 7 ? value : 0.5 })]));

        Assert.Equal(ProblemCode.NotBetweenZeroAndOne, refusal.Code);
        Assert.Equal(
            "[NotBetweenZeroAndOne] Y, row 4: The response 'Y' of a Beta model is not strictly between 0 and 1 in 2 of 60 rows; "
            + $"the first is {text}. Correct the values or leave such rows out.",
            refusal.Message);
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    [InlineData(double.NegativeInfinity)]
    public void Refuses_responses_that_are_not_finite(double value) => Assert.StartsWith(
        "[NotFinite] Y, row 4:", Refusal(() => Population.Bind([.. Rows.Select((t, i) => t with { Y = i == 3 ? value : 0.5 })])),
            StringComparison.Ordinal);

    [Fact]
    public void Responses_may_be_missing_where_such_rows_are_dropped()
    {
        Toss[] rows = [.. Rows.Select((t, i) => t with { Gap = i == 3 ? null : t.Y })];
        var model = PooledModel.Of<Toss>().Beta(t => t.Gap).Intercept();

        Assert.StartsWith("[MissingValues] Gap, row 4:", Refusal(() => model.Bind(rows)), StringComparison.Ordinal);
        Assert.Equal((59L, 1L), (model.DropRowsWithMissingValues().Bind(rows).RowCount,
            model.DropRowsWithMissingValues().Bind(rows).DroppedRowCount));
    }

    [Fact]
    public void Refuses_what_does_not_fit_a_share()
    {
        Assert.Contains("true or false", Refusal(() => PooledModel.Of<Toss>().Beta(t => t.Won)), StringComparison.Ordinal);
        Assert.StartsWith("[ImproperPosterior] precision: A flat prior on the precision makes the posterior improper",
            Refusal(() => PooledModel.Of<Toss>().Beta(t => t.Y, precision: Flat)), StringComparison.Ordinal);
        Assert.StartsWith("[PriorOutOfRange] precision: Fixed(0) on the precision allows only the value 0.",
            Refusal(() => PooledModel.Of<Toss>().Beta(t => t.Y, precision: Fixed(0))), StringComparison.Ordinal);
        Assert.StartsWith("[PriorOutOfRange] precision: Uniform(-1, 4) on the precision allows values below 0",
            Refusal(() => PooledModel.Of<Toss>().Beta(t => t.Y, precision: Uniform(-1, 4))), StringComparison.Ordinal);
    }

    [Fact]
    public void Refuses_a_constant_response_unless_the_prior_of_the_precision_has_a_light_tail()
    {
        Toss[] constant = [.. Rows.Select(t => t with { Y = 0.3 })];

        Assert.StartsWith("[ImproperPosterior] Y: 'Y' is the same in every row, and the prior of the precision, ExponentialOnInverseRoot(1),",
            Refusal(() => Population.Bind(constant)), StringComparison.Ordinal);
        Assert.NotNull(PooledModel.Of<Toss>().Beta(t => t.Y, precision: Gamma(2, 0.1)).Intercept().Bind(constant));
        Assert.NotNull(PooledModel.Of<Toss>().Beta(t => t.Y, precision: Fixed(30)).Intercept().Bind(constant));
        Assert.Contains("as the precision grows",
            Refusal(() => PooledModel.Of<Toss>().Beta(t => t.Y, precision: Gamma(2, 0.1)).Intercept().Fit(constant, Engine.MaximumLikelihood)),
                StringComparison.Ordinal);
    }

    [Fact]
    public void Engines_that_cannot_fit_it_say_why()
    {
        const string Concave = "The Marginal engine draws varying effects by rejection under tangents. This needs a log likelihood that is "
            + "concave in the "
            + "linear predictor; that of a Beta response is not.";
        Assert.Contains(Concave, Refusal(() => Model.Fit(Rows, (IEngine)Engine.Marginal)), StringComparison.Ordinal);
        var spec = Model.Bind(Rows).Spec;
        string Reason(INormalEngine engine) => Assert.Single(engine.Supports(spec).Reasons).ToString();
        Assert.Contains("takes Normal and LogNormal responses only, and this response is Beta", Reason(Engine.Gibbs), StringComparison.Ordinal);
        Assert.Contains("takes Normal and LogNormal responses only, and this response is Beta", Reason(Engine.Variational),
            StringComparison.Ordinal);
        Assert.Contains("REML is defined for Normal responses, and this response is Beta.", Reason(Engine.RestrictedMaximumLikelihood),
            StringComparison.Ordinal);
        Assert.True(Engine.Nuts.Supports(spec).IsSupported && Engine.MaximumLikelihood.Supports(spec).IsSupported);
    }

    [Fact]
    public void Profiles_and_the_bootstrap_are_about_the_estimates()
    {
        var fit = Population.Fit(Rows, Engine.MaximumLikelihood);

        var profile = fit.ProfileInterval(fit.Intercept);
        Assert.InRange(fit.Intercept.Mean, profile.Lower, profile.Upper);
        Assert.Equal(10, fit.Bootstrap(10).Of(fit.Intercept).Draws.Length);
    }

    [Fact]
    public void Responses_at_the_last_numbers_before_the_ends_are_fitted()
    {
        Toss[] rows = [.. Rows.Select((t, i) => t with { Y = (i % 4) switch { 0 => 1e-300, 1 => 1 - 1e-16, 2 => 1e-16, _ => 0.5 } })];

        var fit = Population.Fit(rows, Engine.MaximumLikelihood);

        // The score of Beta in (mu phi, (1 - mu) phi): mean of log y is psi(a) - psi(a + b), that of log(1 - y) is psi(b) - psi(a + b).
        var (mu, phi) = (fit.PredictMean(rows[0]).Mean, fit.Precision.Mean);
        Assert.True(phi is > 0 and < 0.2, $"{phi}");
        var total = MathNet.Numerics.SpecialFunctions.DiGamma(phi);
        var (one, other) = (MathNet.Numerics.SpecialFunctions.DiGamma(mu * phi) - total,
            MathNet.Numerics.SpecialFunctions.DiGamma((1 - mu) * phi) - total);
        Assert.Equal(rows.Average(t => Math.Log(t.Y)), one, 1e-6 * Math.Abs(one));
        Assert.Equal(rows.Average(t => Math.Log(1 - t.Y)), other, 1e-6 * Math.Abs(other));
        Assert.Equal(rows.Sum(t => Distributions.Beta.PDFLn(mu * phi, (1 - mu) * phi, t.Y)), fit.Likelihood.LogLikelihood,
            1e-9 * Math.Abs(fit.Likelihood.LogLikelihood));
        var draws = Population.Fit(rows, Short);
        Assert.All(draws.Precision.Draws, value => Assert.True(double.IsFinite(value) && value > 0));
    }

    [Fact]
    public void A_very_large_precision_is_found_to_its_digits()
    {
        // In the limit y is normal about mu with variance mu (1 - mu) / phi: logits have variance 1 / (phi mu (1 - mu)).
        var logits = Rows.Select((t, i) => 0.4 + 1e-4 * (i % 7 - 3)).ToArray();
        Toss[] rows = [.. Rows.Select((t, i) => t with { Y = 1 / (1 + Math.Exp(-logits[i])) })];

        var fit = Population.Fit(rows, Engine.MaximumLikelihood);

        var mu = 1 / (1 + Math.Exp(-0.4));
        var variance = logits.Sum(x => Math.Pow(x - logits.Average(), 2)) / logits.Length;
        var expected = 1 / (variance * mu * (1 - mu));
        Assert.InRange(expected, 1e7, 1e9);
        Assert.Equal(expected, fit.Precision.Mean, 1e-4 * expected);
        Assert.Equal(logits.Average(), fit.Intercept.Mean, 1e-7);
        Assert.Equal(Math.Sqrt(variance / logits.Length), fit.Intercept.Sd, 1e-4 * Math.Sqrt(variance / logits.Length));
    }

    [Fact]
    public void Quadrature_and_Laplace_agree_where_groups_have_many_rows()
    {
        Toss[] rows = [.. Enumerable.Range(0, 20).SelectMany(_ => Rows)];
        var laplace = Model.Fit(rows, Engine.MaximumLikelihood);
        var quadrature = Model.Fit(rows, new MaximumLikelihoodEngine { QuadraturePoints = 25 });

        Assert.Equal(quadrature.Likelihood.LogLikelihood, laplace.Likelihood.LogLikelihood, 0.05);
        Assert.NotEqual(quadrature.Likelihood.LogLikelihood, laplace.Likelihood.LogLikelihood);
        Assert.Equal(quadrature.Precision.Mean, laplace.Precision.Mean, 1e-3 * laplace.Precision.Mean);
    }

    private static string Refusal(Func<object> act) => Assert.Throws<ModelException>(act).Message.ReplaceLineEndings("\n");
}
