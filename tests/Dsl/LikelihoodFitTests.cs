using TypedPooling.Data;
using TypedPooling.Draws;
using TypedPooling.Engines;
using TypedPooling.Randomness;
using TypedPooling.Tests.Reference;
using Xunit;
using static TypedPooling.Prior;

namespace TypedPooling.Tests.Dsl;

/// <summary>What a user asks a fit of maximum likelihood.</summary>
public sealed class LikelihoodFitTests
{
    private static readonly Group<Reading, string> Subject = Group.By((Reading r) => r.Subject);
    private static readonly Lazy<Reading[]> Readings = new(() =>
        [.. ReferenceFile.Read("data/sleepstudy.csv").Rows.Select(
            row => new Reading(row.Text("Subject"), row.Number("Days"), row.Number("Reaction")))]);

    private static NormalModel<Reading> Slopes =>
        PooledModel.Of<Reading>().Normal(r => r.Reaction).Intercept().Slope(r => r.Days).Varying(Subject, g => g.Intercept().Slope(r => r.Days));

    private static NormalModel<Reading> Intercepts =>
        PooledModel.Of<Reading>().Normal(r => r.Reaction).Intercept().Slope(r => r.Days).Varying(Subject, g => g.Intercept());

    public static TheoryData<string, string, double, double> Profiles
    {
        get
        {
            var data = new TheoryData<string, string, double, double>();
            foreach (var row in ReferenceFile.Read("reference/lme4_profiles.csv").Rows)
                data.Add(row.Text("model"), row.Text("parameter"), row.Number("lower"), row.Number("upper"));
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Profiles))]
    public void Profile_intervals_are_those_of_refits_in_R(string model, string parameter, double lower, double upper)
    {
        var (file, formula) = model switch
        {
            "sleepstudy" => ("sleepstudy.csv", "Reaction ~ Days + (Days | Subject)"),
            "dyestuff" => ("dyestuff.csv", "Yield ~ 1 + (1 | Batch)"),
            _ => ("pastes.csv", "strength ~ 1 + (1 | sample) + (1 | batch)"),
        };
        var (fit, groups) = LmerModels.Fit(file, formula, Engine.MaximumLikelihood);
        var names = parameter.Split(':');
        var interval = fit.ProfileInterval(
            names[0] == "sigma" ? fit.Sigma : fit.For(groups[names[1]]).Sd(names[2] == "(Intercept)" ? "Intercept" : names[2]), 0.95);
        Assert.Equal(lower, interval.Lower, 2e-5 * Math.Max(lower, 1e-9));
        Assert.Equal(upper, interval.Upper, 2e-5 * upper);
    }

    [Fact]
    public void Profile_intervals_of_population_effects_are_those_of_lme4()
    {
        // confint() of lme4 1.1-31, which interpolates by splines: five digits or so.
        var fit = Slopes.Fit(Readings.Value, Engine.MaximumLikelihood);
        var interval = fit.ProfileInterval(fit.Intercept, 0.95);
        Assert.Equal(237.6807, interval.Lower, 2e-3);
        Assert.Equal(265.1295, interval.Upper, 2e-3);
        interval = fit.ProfileInterval(fit.Coefficient(r => r.Days), 0.95);
        Assert.Equal(7.35865, interval.Lower, 5e-4);
        Assert.Equal(13.57592, interval.Upper, 5e-4);
    }

    [Fact]
    public void Refuses_profiles_of_what_is_no_free_parameter()
    {
        var fit = Slopes.Fit(Readings.Value, Engine.MaximumLikelihood);
        var other = Slopes.Fit(Readings.Value, Engine.MaximumLikelihood);
        Assert.Contains("correlation", Problem(() => fit.ProfileInterval(fit.For(Subject).Correlation(r => r.Days))).Sentence);
        Assert.Equal(ProblemCode.UnknownTerm, Problem(() => fit.ProfileInterval(other.Sigma)).Code);
        var known = PooledModel.Of<Reading>().Normal(r => r.Reaction, sigma: Fixed(25)).Intercept().Varying(Subject, g => g.Intercept()).Fit(
            Readings.Value, Engine.MaximumLikelihood);
        Assert.Contains("fixed", Problem(() => known.ProfileInterval(known.Sigma)).Sentence);
        Assert.Throws<ArgumentOutOfRangeException>(() => fit.ProfileInterval(fit.Sigma, 1));
    }

    [Fact]
    public void A_likelihood_ratio_test_is_that_of_anova()
    {
        // anova() of lme4 1.1-31 on the ML fits of sleepstudy: chi^2 42.139 on 2, p 7.072e-10.
        var test = LikelihoodRatio.Test(
            Intercepts.Fit(Readings.Value, Engine.MaximumLikelihood), Slopes.Fit(Readings.Value, Engine.MaximumLikelihood));
        Assert.Equal(42.139, test.ChiSquared, 5e-4);
        Assert.Equal(2, test.DegreesOfFreedom);
        Assert.Equal(7.072e-10, test.PValue, 5e-13);
        Assert.True(test.TestsScales);
        var noDays = PooledModel.Of<Reading>().Normal(r => r.Reaction).Intercept().Varying(Subject, g => g.Intercept());
        Assert.False(
            LikelihoodRatio.Test(
                noDays.Fit(Readings.Value, Engine.MaximumLikelihood), Intercepts.Fit(Readings.Value, Engine.MaximumLikelihood)).TestsScales);
    }

    [Fact]
    public void Refuses_tests_of_models_that_cannot_be_compared()
    {
        var noDays = PooledModel.Of<Reading>().Normal(r => r.Reaction).Intercept().Varying(Subject, g => g.Intercept());
        var (ml, reml) = (Engine.MaximumLikelihood, Engine.RestrictedMaximumLikelihood);
        var rows = Readings.Value;
        Refused("population effects differ (Days)", noDays.Fit(rows, reml), Intercepts.Fit(rows, reml));
        Refused("ML and the other by REML", Intercepts.Fit(rows, reml), Slopes.Fit(rows, ml));
        Refused("not nested", Slopes.Fit(rows, ml), Intercepts.Fit(rows, ml));
        Refused("same number of parameters", Slopes.Fit(rows, ml), Slopes.Fit(rows, ml));
        Refused("different rows", Intercepts.Fit(rows[1..], ml), Slopes.Fit(rows, ml));
        Refused("different rows", Intercepts.Fit([.. rows.Select((row, i) => i == 0 ? row with { Reaction = 300 } : row)], ml), Slopes.Fit(rows, ml));
        Refused("maximises no likelihood", Intercepts.Fit(rows, Engine.Marginal), Slopes.Fit(rows, ml));

        static void Refused(string part, NormalFit<Reading> small, NormalFit<Reading> large) =>
            Assert.Contains(part, Problem(() => LikelihoodRatio.Test(small, large)).Sentence);
    }

    [Fact]
    public void Priors_and_standardisation_take_no_part()
    {
        var plain = Slopes.Fit(Readings.Value, Engine.MaximumLikelihood);
        var prior = PooledModel.Of<Reading>()
            .Normal(r => r.Reaction, sigma: HalfNormal(0.1))
            .Intercept(Normal(0, 0.1))
            .Slope(r => r.Days, Normal(99, 0.1))
            .Varying(Subject, g => g.Intercept(Exponential(100)).Slope(r => r.Days, Exponential(100)).Correlated(Lkj(50)))
            .Standardized()
            .Fit(Readings.Value, Engine.MaximumLikelihood);
        Assert.Equal(plain.Likelihood.LogLikelihood, prior.Likelihood.LogLikelihood);
        Assert.Equal(plain.Intercept.Mean, prior.Intercept.Mean);
        Assert.Equal(plain.For(Subject).InterceptSd.Mean, prior.For(Subject).InterceptSd.Mean);
        Assert.DoesNotContain("standardised", prior.ToString());
    }

    [Fact]
    public void Known_errors_and_precision_weights_are_those_of_the_dense_likelihood()
    {
        // Eight schools: the maximum lies at sd 0, where everything is a weighted mean.
        var school = Group.By((School s) => s.Name);
        School[] schools = [.. ReferenceFile.Read("data/eight_schools.csv").Rows.Select(
            row => new School(row.Text("school"), row.Number("effect"), row.Number("se")))];
        var model = PooledModel.Of<School>().Normal(s => s.Effect, knownSd: s => s.Se).Intercept().Varying(school, g => g.Intercept());
        foreach (var name in new[] { "known_se_ml", "known_se_reml" })
        {
            var fit = model.Fit(schools, name == "known_se_ml" ? Engine.MaximumLikelihood : Engine.RestrictedMaximumLikelihood);
            var expected =
                ReferenceFile.Read("reference/lme4.csv").Rows.Where(row => row.Text("dataset") == "eight_schools" && row.Text("model") == name)
                    .ToLookup(row => row.Text("quantity"), row => row.Number("value"));
            Assert.Equal(expected["fixef"].Single(), fit.Intercept.Mean, 1e-6);
            Assert.Equal(expected["se"].Single(), fit.Intercept.Sd, 1e-6);
            Assert.Equal(0, fit.For(school).InterceptSd.Mean);
            Assert.True(fit.Likelihood.IsSingular);
            Assert.Contains(fit.Warnings, warning => warning.Code == FitWarningCode.Boundary);
            Assert.Equal(expected[name == "known_se_ml" ? "ml_deviance" : "reml_criterion"].Single(), -2 * fit.Likelihood.LogLikelihood, 1e-8);
        }

        // A weight of w is w rows with the same response as far as estimates of effects go, and the half sum of log w in the likelihood.
        var weighted = PooledModel.Of<Reading>().Normal(r => r.Reaction).Intercept().Slope(r => r.Days).Varying(Subject, g => g.Intercept())
            .PrecisionWeight(r => 1 + r.Days);
        var ours = weighted.Fit(Readings.Value, Engine.MaximumLikelihood);
        var dense = DenseWeighted(ours);
        Assert.Equal(dense, ours.Likelihood.LogLikelihood, 1e-8 * Math.Abs(dense));
    }

    [Fact]
    public void Draws_are_those_of_the_normal_approximation_with_sigma_from_its_scaled_chi_squared()
    {
        var fit = Slopes.Fit(Readings.Value, Engine.RestrictedMaximumLikelihood, new RunOptions { Chains = 1, Draws = 40_000 });
        var sigma = fit.Sigma.Draws;
        var freedom = 178.0;
        Assert.Equal(1, sigma.Average(s => fit.Sigma.Mean * fit.Sigma.Mean / (s * s)), 5 * Math.Sqrt(2 / freedom / sigma.Length));
        var subject = fit.For(Subject)["308"];
        foreach (var quantity in new[]
        {
            fit.Intercept,
            fit.Coefficient(r => r.Days),
            subject.Intercept,
            subject.Slope(r => r.Days),
            subject.Effect("Intercept"),
        })
        {
            // The draws' variance is that of the estimate times E sigma_s^2 / sigma^2 = freedom / (freedom - 2).
            var error = quantity.Sd / Math.Sqrt(sigma.Length);
            Assert.Equal(quantity.Mean, quantity.Draws.Average(), 5 * error);
            Assert.Equal(quantity.Sd * Math.Sqrt(freedom / (freedom - 2)), Diagnostics.Sd(quantity.Draws.AsSpan()), 5 * error);
        }

        // What is a sum stays one in every draw.
        Assert.Equal(fit.Intercept.Draws[7] + subject.Effect("Intercept").Draws[7], subject.Intercept.Draws[7], 1e-9);
    }

    [Fact]
    public void Conditional_covariances_leave_the_population_effects_errors_out()
    {
        var fit = Slopes.Fit(Readings.Value, Engine.RestrictedMaximumLikelihood);
        var level = fit.For(Subject)["335"];
        var covariance = level.ConditionalCovariance();
        Assert.Equal(level.ConditionalSd("Intercept"), Math.Sqrt(covariance[0]), 1e-9);
        Assert.Equal(covariance[1], covariance[2]);

        // Balanced design: Sigma (Sigma + sigma^2 (Z'Z)^-1)^-1 sigma^2 (Z'Z)^-1, Z'Z = [10 45; 45 285].
        var (a, d, r) = (fit.For(Subject).InterceptSd.Mean, fit.For(Subject).Sd(s => s.Days).Mean, fit.For(Subject).Correlation(s => s.Days).Mean);
        var sigma = MathNet.Numerics.LinearAlgebra.Matrix<double>.Build.DenseOfArray(new[,] { { a * a, a * d * r }, { a * d * r, d * d } });
        var precision = MathNet.Numerics.LinearAlgebra.Matrix<double>.Build.DenseOfArray(
            new double[,] { { 10, 45 }, { 45, 285 } }) / Math.Pow(fit.Sigma.Mean, 2);
        var expected = (sigma.Inverse() + precision).Inverse();
        for (var i = 0; i < 4; i++)
            Assert.Equal(expected[i / 2, i % 2], covariance[i], 1e-6 * Math.Abs(expected[0, 0]));
        Assert.True(level.Effect("Intercept").Sd > level.ConditionalSd("Intercept"));
    }

    [Fact]
    public void A_bootstrap_recovers_what_theory_says_of_a_balanced_design()
    {
        // One-way, balanced, ML of the mean: its variance is (sd^2 + sigma^2 / n) / J at the fitted scales.
        var (fit, groups) = LmerModels.Fit("dyestuff/batch_reml");
        var sample = fit.Bootstrap(4000, new RunOptions { Seed = 5 });
        var expected = Math.Sqrt((Math.Pow(fit.For(groups["Batch"]).InterceptSd.Mean, 2) + Math.Pow(fit.Sigma.Mean, 2) / 5) / 6);
        var mean = sample.Of(fit.Intercept);
        Assert.Equal(fit.Intercept.Mean, mean.Mean, 5 * expected / Math.Sqrt(4000));
        Assert.Equal(expected, mean.Sd, 5 * expected / Math.Sqrt(8000));

        // 24 sigma_hat^2 / sigma^2 is chi^2 with 24 degrees unless the sd is estimated as 0, which adds a little to it.
        var interior =
            sample.Of(fit.Sigma).Draws.Zip(sample.Of(fit.For(groups["Batch"]).InterceptSd).Draws).Where(pair => pair.Second > 0).Select(
                pair => pair.First).ToArray();
        Assert.InRange(interior.Length, 3200, 3990);
        Assert.True(interior.Average() < fit.Sigma.Mean && interior.Average() > 0.93 * fit.Sigma.Mean);
        Assert.Contains("estimate on the boundary", sample.ToString());

        var again = fit.Bootstrap(40, new RunOptions { Seed = 5, Threads = 1 }).Of(fit.Sigma).Draws;
        var other = fit.Bootstrap(40, new RunOptions { Seed = 5, Threads = 2 }).Of(fit.Sigma).Draws;
        Assert.Equal(again.ToArray(), other.ToArray());
        Assert.Equal(again.Take(4).ToArray(), sample.Of(fit.Sigma).Draws.Take(4).ToArray());
    }

    [Fact]
    public void Simulated_sums_are_distributed_as_those_of_simulated_rows()
    {
        // Five rows, a column that repeats another: the rank is 2, with 5 - 1 - 2 = 2 degrees of freedom left.
        double[] x = [0, 1, 2, 4, 8];
        double[] z = [1, 0, 1, 1, 0];
        var builder = new CellMomentsBuilder(3);
        for (var i = 0; i < 5; i++)
            builder.Add(0, [x[i], z[i], 2 * x[i], 0], 1 + i);
        var cells = builder.Build();
        double[] coefficients = [3, 0.5, -1, 0.25];
        const double sigma = 1.5;
        const int draws = 20_000;
        var stream = new PhiloxStream(3, 0);
        var (fromSums, fromRows) = (new List<double[]>(), new List<double[]>());
        for (var s = 0; s < draws; s++)
        {
            fromSums.Add(Read(cells.SimulateResponses(coefficients, sigma, stream)));
            var rows = new CellMomentsBuilder(3);
            for (var i = 0; i < 5; i++)
                rows.Add(0, [x[i], z[i], 2 * x[i], 3 + 0.5 * x[i] - z[i] + 0.5 * x[i] + sigma / Math.Sqrt(1 + i) * stream.NextNormal()], 1 + i);
            fromRows.Add(Read(rows.Build()));
        }

        // First and second moments of mean, products with the columns and sum of squares.
        for (var a = 0; a < 5; a++)
        {
            for (var b = -1; b <= a; b++)
            {
                double Product(double[] sums) => sums[a] * (b < 0 ? 1 : sums[b]);
                var (one, other) = (fromSums.Select(Product).ToArray(), fromRows.Select(Product).ToArray());
                var error = Math.Sqrt((Math.Pow(Diagnostics.Sd(one), 2) + Math.Pow(Diagnostics.Sd(other), 2)) / draws);
                Assert.Equal(other.Average(), one.Average(), 5 * error);
            }
        }

        static double[] Read(CellMoments moments) => [moments.Means(0)[3], .. moments.CrossProducts(0)[^4..]];
    }

    [Fact]
    public void Refuses_data_without_a_maximum_with_every_reason()
    {
        var ml = Engine.MaximumLikelihood;
        var rows = Readings.Value;
        var collinear =
            Problem(
                () =>
                    PooledModel.Of<Reading>().Normal(r => r.Reaction).Intercept().Slope(r => r.Days).Slope(r => 2 * r.Days + 1, name: "Twice")
                        .Varying(Subject, g => g.Intercept()).Fit(rows, ml));
        Assert.Equal(ProblemCode.NotIdentified, collinear.Code);
        Assert.Contains("'Days'", collinear.Sentence);
        Assert.Contains("'Twice'", collinear.Sentence);
        Assert.DoesNotContain("prior", collinear.ToString());
        Assert.Contains("one level", Problem(() => Intercepts.Fit(rows[..10], ml)).Sentence);
        var perRow = Group.By((Reading r) => r.Reaction, "Row");
        Assert.Contains(
            "cannot tell its sds from sigma",
            Problem(() => PooledModel.Of<Reading>().Normal(r => r.Reaction).Intercept().Varying(perRow, g => g.Intercept()).Fit(rows, ml)).Sentence);
        Assert.Contains(
            "nothing is left",
            Problem(() => PooledModel.Of<Reading>().Normal(r => r.Reaction).Intercept().Slope(r => r.Days).Fit(rows[..2], ml)).Sentence);
        Assert.Contains("has no maximum", Problem(() => Intercepts.Fit([.. rows.Select(row => row with { Reaction = 3 + row.Days })], ml)).Sentence);
    }

    [Fact]
    public void Compares_with_engines_of_draws_in_one_table()
    {
        var comparison = Slopes.Compare(Readings.Value, Engine.Marginal, Engine.RestrictedMaximumLikelihood);
        Assert.Equal(Exactness.Point, comparison.Engines[1].Exactness);
        Assert.Contains("of a point", comparison.ToString());
        Assert.All(
            comparison.Engines[1].Differences.Where(d => d.Parameter.Kind == ParameterKind.PopulationEffect),
            d => Assert.InRange(d.MeanDifference, -0.2, 0.2));
    }

    [Fact]
    public void Prints_estimates_standard_errors_and_criteria()
    {
        var text = Slopes.Fit(Readings.Value, Engine.RestrictedMaximumLikelihood).ToString();
        Assert.Contains("std. error", text);
        Assert.Contains("REML criterion 1743.63", text);
        Assert.Contains("AIC 1755.6", text);
        Assert.DoesNotContain("ess_bulk", text);
    }

    private static double DenseWeighted(NormalFit<Reading> fit)
    {
        var rows = Readings.Value;
        var (sd, sigma) = (fit.For(Subject).InterceptSd.Mean, fit.Sigma.Mean);
        return TypedPooling.Tests.Support.DenseNormal.LogDensity(
            [.. rows.Select(row => row.Reaction)],
            i => fit.Intercept.Mean + fit.Coefficient(r => r.Days).Mean * rows[i].Days,
            (i, j) => (rows[i].Subject == rows[j].Subject ? sd * sd : 0) + (i == j ? sigma * sigma / (1 + rows[i].Days) : 0));
    }

    private static Problem Problem(Func<object> act) => Assert.Throws<ModelException>(act).Problems[0];

    private sealed record Reading(string Subject, double Days, double Reaction);

    private sealed record School(string Name, double Effect, double Se);
}
