using TypedPooling.Data;
using TypedPooling.Draws;
using TypedPooling.Engines;
using TypedPooling.Tests.Dsl.Support;
using Xunit;
using static TypedPooling.Prior;

namespace TypedPooling.Tests.Dsl;

/// <summary>A standardised model of cells is the plain model of rows standardised by hand, taken back to the original scale by hand.</summary>
public sealed class CellStandardizedTests
{
    private static readonly RunOptions Short = new() { Seed = 5, Chains = 2, Warmup = 150, Draws = 60 };

    private static readonly SurveyRow[] Rows = SurveyRow.Rows();

    private static ModelBuilder<SurveyRow> Model => PooledModel.Of<SurveyRow>();

    private static TSelf Lines<TSelf>(PooledModel<SurveyRow, TSelf> model)
        where TSelf : PooledModel<SurveyRow, TSelf> =>
            model.Intercept(Normal(0, 1.5)).Slope(s => s.X, Normal(0, 0.7)).Slope(s => s.Z, Normal(0.2, 0.5))
                .Varying(SurveyRow.BySite, g => g.Intercept(Exponential(1)).Slope(s => s.X, Exponential(2)).Correlated(Lkj(2)));

    // The rows on the scale that the model was bound on, with the numbers that it found.
    private static (SurveyRow[] Rows, Standardization By) ByHand(BoundModel bound)
    {
        var by = bound.Standardization!;
        return ([.. Rows.Select(s => s with
        {
            X = (s.X - by.Origins[0]) / by.Scales[0],
            Z = (s.Z - by.Origins[1]) / by.Scales[1],
            Level = (s.Level - by.ResponseOrigin) / by.ResponseScale,
        })], by);
    }

    private static void Near(IReadOnlyList<double> expected, IReadOnlyList<double> actual)
    {
        Assert.Equal(expected.Count, actual.Count);
        for (var s = 0; s < expected.Count; s++)
            Assert.Equal(expected[s], actual[s], 1e-9 * (1 + Math.Abs(expected[s])));
    }

    // o_y and s_y are 0 and 1 where the response has no scale.
    private static void Agrees(Fit<SurveyRow> fit, Fit<SurveyRow> hand, Standardization by)
    {
        var (origin, scale) = (by.ResponseOrigin, by.ResponseScale);
        var (b0, b1, b2) = (hand.Intercept.Draws, hand.Coefficient("X").Draws, hand.Coefficient("Z").Draws);
        Near([.. b1.Select(b => b * scale / by.Scales[0])], fit.Coefficient("X").Draws);
        Near([.. b2.Select(b => b * scale / by.Scales[1])], fit.Coefficient("Z").Draws);
        Near(
            [.. b0.Select((b, s) => origin + scale * (b - b1[s] * by.Origins[0] / by.Scales[0] - b2[s] * by.Origins[1] / by.Scales[1]))],
            fit.Intercept.Draws);
        var (own, standard) = (fit.For(SurveyRow.BySite), hand.For(SurveyRow.BySite));
        var (u0, u1) = (standard.Level("site 3").Effect("Intercept").Draws, standard.Level("site 3").Effect("X").Draws);
        Near([.. u1.Select(u => u * scale / by.Scales[0])], own.Level("site 3").Effect("X").Draws);
        Near([.. u0.Select((u, s) => scale * (u - u1[s] * by.Origins[0] / by.Scales[0]))], own.Level("site 3").Effect("Intercept").Draws);
        Near([.. standard.Sd("X").Draws.Select(sd => sd * scale / by.Scales[0])], own.Sd("X").Draws);
        var (sd0, sd1, rho) = (standard.Sd("Intercept").Draws, standard.Sd("X").Draws, standard.Correlation("Intercept", "X").Draws);
        Near(
            [.. sd0.Select((sd, s) =>
            {
                var shift = sd1[s] * by.Origins[0] / by.Scales[0];
                return scale * Math.Sqrt(sd * sd - 2 * rho[s] * sd * shift + shift * shift);
            })],
            own.Sd("Intercept").Draws);
    }

    [Fact]
    public void Counts_by_Nuts_are_those_of_rows_standardised_by_hand()
    {
        var model = Lines(Model.Poisson(s => s.Events, s => s.Exposure));
        var standardized = model.Standardized();
        var (hand, by) = ByHand(standardized.Bind(Rows));

        Assert.Equal((0.0, 1.0), (by.ResponseOrigin, by.ResponseScale));
        Assert.InRange(by.Origins[0], 21, 23);
        Agrees(standardized.Fit(Rows, Engine.Nuts, Short), model.Fit(hand, Engine.Nuts, Short), by);
    }

    [Fact]
    public void Proportions_by_Marginal_are_those_of_rows_standardised_by_hand()
    {
        var model = Lines(Model.Binomial(s => s.Wins, s => s.Trials, Link.Probit));
        var standardized = model.Standardized();
        var (hand, by) = ByHand(standardized.Bind(Rows));
        var (fit, plain) = (standardized.Fit(Rows, Engine.Marginal, Short), model.Fit(hand, Engine.Marginal, Short));

        Agrees(fit, plain, by);
        Assert.Equal(plain.LogEvidence!.Value.Value, fit.LogEvidence!.Value.Value, 1e-9);
    }

    [Fact]
    public void A_response_with_heavy_tails_is_standardised_too()
    {
        var model = Lines(Model.StudentT(s => s.Level, sigma: Exponential(1), degreesOfFreedom: Fixed(4)));
        var standardized = model.Standardized();
        var (hand, by) = ByHand(standardized.Bind(Rows));
        var mean = Rows.Average(s => s.Level);
        var sd = Math.Sqrt(Rows.Sum(s => (s.Level - mean) * (s.Level - mean)) / (Rows.Length - 1));
        var (cells, plain) = (standardized.Bind(Rows).Cells, model.Bind(hand).Cells);
        Assert.Equal(plain.Columns.ToArray(), cells.Columns.ToArray());
        Assert.Equal(plain.Responses.ToArray(), cells.Responses.ToArray());
        Assert.Equal(-Rows.Length * Math.Log(sd), cells.LogConstant, 1e-9);
        Assert.Equal(mean, by.ResponseOrigin, 1e-10);
        Assert.Equal(sd, by.ResponseScale, 1e-10);

        // The constant moves no draw but by rounding, which trajectories magnify: what is compared is the fit with its own draws on that scale.
        var fit = standardized.Fit(Rows, Engine.Nuts, Short);
        var own = fit.Posterior.Standardized!;
        double[][] beta = [.. Enumerable.Range(0, 3).Select(t => Copy(own.Population, t))];
        Near([.. beta[1].Select(b => b * sd / by.Scales[0])], fit.Coefficient("X").Draws);
        Near(
            [.. beta[0].Select((b, s) => mean + sd * (b - beta[1][s] * by.Origins[0] / by.Scales[0] - beta[2][s] * by.Origins[1] / by.Scales[1]))],
            fit.Intercept.Draws);
        var sigma = Enumerable.Range(0, own.Scales.ParameterCount).Single(i => own.Scales.Parameter(i).Kind == ParameterKind.Sigma);
        Near([.. Copy(own.Scales, sigma).Select(s => s * sd)], fit.Sigma.Draws);

        static double[] Copy(DrawBlock block, int index)
        {
            var draws = new double[block.DrawCount];
            block.CopyDraws(index, draws);
            return draws;
        }
    }

    [Fact]
    public void Offsets_of_a_response_with_a_scale_are_divided_as_it_is()
    {
        var model = Model.StudentT(s => s.Level, Exponential(1), Fixed(4)).Offset(s => 3 * s.Z).Intercept(Normal(0, 1)).Standardized();
        var cells = model.Bind(Rows).Cells;
        var (mean, sd) = (model.Bind(Rows).Standardization!.ResponseOrigin, model.Bind(Rows).Standardization!.ResponseScale);

        Assert.Equal(Rows.Average(s => s.Level - 3 * s.Z), mean, 1e-10);
        Assert.Equal((Rows[0].Level - mean) / sd, cells.Responses[0], 1e-12);
        Assert.Equal(3 * Rows[1].Z / sd, cells.Offsets[1], 1e-12);
        Assert.Equal(-Rows.Length * Math.Log(sd), cells.LogConstant, 1e-9);
        Assert.Equal(0, cells.ResponseMean, 1e-12);
        Assert.Equal(1, cells.ResponseSd, 1e-12);
    }

    [Fact]
    public void Maximum_likelihood_knows_no_priors_and_no_scale_of_theirs()
    {
        var model = Lines(Model.Poisson(s => s.Events, s => s.Exposure));
        var (standardized, plain) = (
            model.Standardized().Fit(Rows, Engine.MaximumLikelihood), model.Fit(Rows, Engine.MaximumLikelihood));

        Assert.Equal(plain.Likelihood.LogLikelihood, standardized.Likelihood.LogLikelihood);
        Assert.Equal(plain.Intercept.Mean, standardized.Intercept.Mean);
    }

    [Fact]
    public void Fits_come_back_from_files_and_the_model_says_what_it_is()
    {
        var model = Lines(Model.Bernoulli(s => s.Won)).Standardized();
        var fit = model.Fit(Rows, Engine.Nuts, Short);
        using var file = new MemoryStream();
        fit.Save(file);
        file.Position = 0;
        var loaded = model.LoadFit(file);

        Assert.Equal(fit.Intercept.Draws.ToArray(), loaded.Intercept.Draws.ToArray());
        Assert.Equal(fit.For(SurveyRow.BySite).Level("site 1").Intercept.Mean, loaded.For(SurveyRow.BySite).Level("site 1").Intercept.Mean);
        Assert.Equal(fit.PredictMean(Rows[3]).Mean, loaded.PredictMean(Rows[3]).Mean);
        Assert.Contains("Priors are on standardised columns: divided", model.ToString(), StringComparison.Ordinal);
        Assert.Contains("\nStandardised: X less 2", model.Describe(Rows), StringComparison.Ordinal);
        Assert.Contains("\nPriors on standardised columns, estimates on the original scale", fit.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Defaults_are_those_of_the_standardised_columns()
    {
        var spec = Model.Poisson(s => s.Events).Intercept().Slope(s => s.X).Varying(SurveyRow.BySite, g => g.Intercept())
            .Standardized().Bind(Rows).Spec;

        Assert.Equal("Normal(0, 2.5)", spec.Population[1].Prior!.Text);
        Assert.Equal("Exponential(1)", spec.Factors[0].Terms[0].Sd!.Text);
    }
}
