using TypedPooling.Draws;
using TypedPooling.Engines;
using TypedPooling.Inference.Marginal;
using TypedPooling.Inference.Scales;
using TypedPooling.Model;
using Xunit;
using static System.Math;
using static TypedPooling.Prior;

namespace TypedPooling.Tests.Dsl;

/// <summary>Varying slopes of columns far from 0: by default priors are stated at the means of the columns, so that another origin of a column
/// changes nothing but the intercept.</summary>
public sealed class CentredFactorTests
{
    private static readonly Group<Row, int> Level = Group.By((Row r) => r.G);
    private static readonly Group<Row, int> Other = Group.By((Row r) => r.H);

    public sealed record Row(int G, double X, double Y, int H = 0);

    private static NormalModel<Row> ByDefault =>
        PooledModel.Of<Row>().Normal(r => r.Y).Intercept().Slope(r => r.X).Varying(Level, g => g.Intercept().Slope(r => r.X));

    private static NormalModel<Row> WithOwnPrior =>
        PooledModel.Of<Row>().Normal(r => r.Y, sigma: Exponential(1)).Intercept(Normal(3, 5)).Slope(r => r.X, Normal(0, 2))
        .Varying(Level, g => g.Intercept(HalfNormal(10)).Slope(r => r.X, Exponential(1)).Correlated(Lkj(2)));

    public static TheoryData<string, double> EnginesAndShifts()
    {
        var data = new TheoryData<string, double>();
        foreach (var engine in (string[])["Marginal", "Gibbs", "Nuts"])
        {
            foreach (var shift in (double[])[0, 100, 500, 1e6])
                data.Add(engine, shift);
        }

        return data;
    }

    // The same posterior whatever the shift: means of long runs at 0, which other engines and shifts gave too; errors of a run are far larger than
    // theirs.
    [Theory]
    [MemberData(nameof(EnginesAndShifts))]
    public void A_shift_of_a_column_does_not_move_the_posterior_of_default_priors(string engine, double shift)
    {
        var fit = ByDefault.Fit(Rows(shift), EngineOf(engine), new RunOptions { Seed = 3 });
        var factor = fit.For(Level);

        AssertClose(1.0382, factor.Sd("X"));
        AssertClose(0.3752, fit.Sigma);
        AssertClose(0.960, fit.Coefficient("X"));

        // The line of each level at the middle of the data, and its correlation with the slope's.
        var level = factor.Level(2);
        var at = fit.PredictMean(new Row(2, shift, 0));
        AssertClose(Rows(shift).Where(r => r.G == 2).Average(r => r.Y), at, 0.1);
        Assert.InRange(level.Coefficient("X").Mean, 0.7, 1.5);
    }

    [Fact]
    public void Priors_are_stated_at_the_means_where_the_intercept_has_none_of_the_users()
    {
        var rows = Rows(10);
        var mean = rows.Average(r => r.X);
        var byDefault = ByDefault.Bind(rows).Spec.Factors[0];
        Assert.True(byDefault.IsStatedAtOrigin);
        Assert.Equal([0, mean], byDefault.Origin, (a, b) => Abs(a - b) < 1e-12);

        // Also where the other priors are named; not where that of the intercept is.
        var named = PooledModel.Of<Row>().Normal(r => r.Y).Intercept().Slope(r => r.X);
        var others = named.Varying(Level, g => g.Intercept().Slope(r => r.X, Exponential(2)).Correlated(Lkj(4))).Bind(rows).Spec.Factors[0];
        Assert.True(others.IsStatedAtOrigin);
        var own = named.Varying(Level, g => g.Intercept(Exponential(2)).Slope(r => r.X)).Bind(rows).Spec.Factors[0];
        Assert.False(own.IsStatedAtOrigin);
        Assert.Equal([0, mean], own.Origin, (a, b) => Abs(a - b) < 1e-12);

        // Near 0 the coordinates of the user are kept; bounded, fixed and whole-covariance priors are not carried anywhere.
        Assert.Empty(named.Varying(Level, g => g.Intercept(Exponential(2)).Slope(r => r.X)).Bind(Rows(1)).Spec.Factors[0].Origin);
        Assert.Empty(named.Varying(Level, g => g.Intercept(Uniform(0, 50)).Slope(r => r.X)).Bind(rows).Spec.Factors[0].Origin);
        Assert.Empty(named.Varying(Level, g => g.Intercept(Fixed(2)).Slope(r => r.X)).Bind(rows).Spec.Factors[0].Origin);
        Assert.Empty(named.Varying(Level, g => g.Intercept().Slope(r => r.X).Covariance(HuangWand(2, 5, 1))).Bind(rows).Spec.Factors[0].Origin);
        Assert.Empty(named.Varying(Level, g => g.Slope(r => r.X)).Bind(rows).Spec.Factors[0].Origin);
        Assert.Empty(ByDefault.Standardized().Bind(rows).Spec.Factors[0].Origin);
    }

    [Fact]
    public void An_uncorrelated_intercept_has_a_default_prior_as_wide_as_slopes_carry_it()
    {
        var rows = Rows(10);
        var model = PooledModel.Of<Row>().Normal(r => r.Y).Intercept().Slope(r => r.X).Varying(
            Level, g => g.Intercept().Slope(r => r.X).Uncorrelated());
        var terms = model.Bind(rows).Spec.Factors[0].Terms;
        var (sdY, sdX, meanX) = (Sd(rows.Select(r => r.Y)), Sd(rows.Select(r => r.X)), rows.Average(r => r.X));

        Assert.Equal(1 / Sqrt(sdY * sdY + Pow(meanX * sdY / sdX, 2)), Assert.IsType<ExponentialPrior>(terms[0].Sd).Rate, 1e-12);
        Assert.Equal(sdX / sdY, Assert.IsType<ExponentialPrior>(terms[1].Sd).Rate, 1e-12);
    }

    // A prior of a user is carried to other coordinates: the density is that of the coordinates about 0 times the Jacobian between them, here by
    // differences, and the likelihood is the same.
    [Fact]
    public void A_prior_stated_at_0_keeps_its_meaning_in_centred_coordinates()
    {
        var rows = Rows(10);
        var bound = WithOwnPrior.Bind(rows);
        Assert.NotEmpty(bound.Spec.Factors[0].Origin);
        var centred = MarginalDensity.Of(bound);
        var atZero = MarginalDensity.Of(bound.With(bound.Spec.WithoutOrigins()));
        var m = bound.Spec.Factors[0].Origin[1];
        foreach (var theta in (double[][])[[-1, 0.5, 0.1, 0.2], [-0.8, 1.4, -0.3, -1.1], [-1.2, 2.5, 0.2, 2.0], [-1, -2, -1, 0]])
        {
            var moved = Moved(theta, m);
            Assert.Equal(atZero.LogLikelihood(moved), centred.LogLikelihood(theta), 1e-7);

            // theta_0 as a function of theta: sigma and the slope's sd stay, a 2 x 2 determinant is left.
            var jacobian = Log(Abs(Slope(theta, 1, m, 1) * Slope(theta, 3, m, 3) - Slope(theta, 1, m, 3) * Slope(theta, 3, m, 1)));
            Assert.Equal(atZero.LogPrior(moved) + jacobian, centred.LogPrior(theta), 1e-5);

            var gradient = new double[4];
            var value = centred.LogDensity(theta, gradient);
            Assert.Equal(atZero.LogDensity(moved, new double[4]) + jacobian, value, 1e-4);
            for (var d = 0; d < 4; d++)
            {
                var (up, down) = ((double[])theta.Clone(), (double[])theta.Clone());
                (up[d], down[d]) = (up[d] + 1e-5, down[d] - 1e-5);
                Assert.Equal((centred.LogDensity(up) - centred.LogDensity(down)) / 2e-5, gradient[d], 1e-4 * (1 + Abs(gradient[d])));
            }
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2.5)]
    public void A_prior_carried_to_centred_coordinates_integrates_to_one(double eta)
    {
        // The slope's sd is known: log sd and z of the correlation are left. About sd = 4 the density is a needle of width e^-z, hence log sd = log 4
        // + e^-z sinh t.
        var spec = ByDefault.Bind(Rows(0)).Spec;
        var factor = spec.Factors[0] with
        {
            Terms = [new VaryingTerm("Intercept", ModelSpec.Ones, Exponential(0.5)), new VaryingTerm("X", 0, Fixed(1))],
            Correlation = Lkj(eta),
            Origin = [0, 4],
            IsStatedAtOrigin = false,
        };
        var coordinates = new ScaleCoordinates(spec with { Factors = [factor], Response = spec.Response with { Sigma = Fixed(1) } });
        var point = coordinates.NewPoint();
        var sum = 0.0;
        const double Step = 0.04;
        for (var z = -12.0; z < 12; z += Step)
        {
            var width = Min(1, Exp(-z));
            for (var t = -Asinh(12 / width); t < Asinh(6 / width); t += Step)
                sum += Exp(coordinates.Constrain([Log(4) + width * Sinh(t), z], point)) * width * Cosh(t) * Step * Step;
        }

        Assert.Equal(1, sum, 1e-4);
    }

    [Theory]
    [InlineData(5)]
    [InlineData(30)]
    public void Engines_agree_where_a_prior_of_the_user_at_0_narrows_the_slopes(double shift)
    {
        var rows = Rows(shift);
        var fits = ((string[])["Marginal", "Gibbs", "Nuts"]).Select(engine => WithOwnPrior.Fit(rows, EngineOf(engine), new RunOptions { Seed = 5 }))
            .ToArray();
        foreach (var fit in fits[1..])
        {
            AssertClose(fits[0].For(Level).Sd("X").Mean, fit.For(Level).Sd("X"));
            AssertClose(fits[0].For(Level).Sd("Intercept").Mean, fit.For(Level).Sd("Intercept"));
            AssertClose(fits[0].Sigma.Mean, fit.Sigma);
        }
    }

    // The answer of dense algebra over all rows at once, on a grid of the scales, every prior where the user stated it.
    [Fact]
    public void A_prior_of_the_user_at_0_gives_what_integration_gives()
    {
        const double Sigma = 0.5;
        var rows = Enumerable.Range(0, 24).Select(i => new Row(
            i / 4, 20 + Sin(3.1 * i), 3 + Sin(1 + 2.2 * (i / 4)) + (1 + 0.8 * Sin(4.7 * (i / 4))) * Sin(3.1 * i) + 0.5 * Sin(17.3 * i))).ToArray();
        var model = PooledModel.Of<Row>().Normal(r => r.Y, sigma: Fixed(Sigma)).Intercept(Normal(3, 30)).Slope(r => r.X, Normal(0, 2))
            .Varying(Level, g => g.Intercept(HalfNormal(10)).Slope(r => r.X, Exponential(1)).Correlated(Lkj(2)));
        Assert.NotEmpty(model.Bind(rows).Spec.Factors[0].Origin);
        // y less its prior mean is normal with covariance sigma^2 I + 900 + 4 x x' + Z Sigma Z' by level.
        var (total, slope, intercept) = (0.0, 0.0, 0.0);
        var covariance = new double[24, 24];
        for (var a = -6.0; a < 4; a += 0.2)
        {
            for (var b = -9.0; b < 2.0; b += 0.2)
            {
                for (var z = -6.0; z < 6; z += 0.2)
                {
                    var (sd0, sd1, rho) = (Exp(a), Exp(b), Tanh(z));
                    var cov01 = sd0 * sd1 * rho;
                    var log = HalfNormal(10).LogScaleDensity(sd0) + Exponential(1).LogScaleDensity(sd1) + 2 * Log(1 - rho * rho) + a + b;
                    for (var i = 0; i < 24; i++)
                    {
                        for (var j = 0; j <= i; j++)
                        {
                            var (x, w) = (rows[i].X, rows[j].X);
                            covariance[i, j] = (i == j ? Sigma * Sigma : 0) + 900 + 4 * x * w + (rows[i].G == rows[j].G
                                ? sd0 * sd0 + cov01 * (x + w) + sd1 * sd1 * x * w
                                : 0);
                        }
                    }

                    var weight = Exp(log + LogNormalDensity(covariance, rows) + 20);
                    total += weight;
                    slope += weight * sd1;
                    intercept += weight * sd0;
                }
            }
        }

        foreach (var engine in (string[])["Marginal", "Gibbs", "Nuts"])
        {
            var factor = model.Fit(rows, EngineOf(engine), new RunOptions { Seed = 6 }).For(Level);
            AssertClose(slope / total, factor.Sd("X"), 2e-3);
            AssertClose(intercept / total, factor.Sd("Intercept"), 0.03);
        }
    }

    // Wide enough at 0 for slopes to vary: found from wherever a chain starts.
    [Theory]
    [InlineData("Marginal")]
    [InlineData("Gibbs")]
    [InlineData("Nuts")]
    public void A_wide_prior_of_the_user_lets_slopes_vary_far_from_0(string engine)
    {
        var model = PooledModel.Of<Row>().Normal(r => r.Y).Intercept().Slope(r => r.X).Varying(
            Level, g => g.Intercept(HalfNormal(2000)).Slope(r => r.X).Correlated(Lkj(2)));
        var fit = model.Fit(Rows(1000), EngineOf(engine), new RunOptions { Seed = 3 });
        AssertClose(0.7777, fit.For(Level).Sd("X"), 1e-3);
        AssertClose(0.3754, fit.Sigma, 1e-4);
    }

    [Fact]
    public void Chains_that_end_in_different_modes_say_so()
    {
        // Gibbs does not cross from one mode to the other here. Before chains started in both, it stayed in the wrong one, every check passed.
        var model = PooledModel.Of<Row>().Normal(r => r.Y).Intercept().Slope(r => r.X).Varying(
            Level, g => g.Intercept(HalfNormal(20000)).Slope(r => r.X).Correlated(Lkj(2)));
        var fit = model.Fit(Rows(10000), Engine.Gibbs, new RunOptions { Seed = 3 });
        Assert.True(
            Abs(fit.For(Level).Sd("X").Mean - 0.7777) < 0.05 || fit.Warnings.Any(warning => warning.Code == FitWarningCode.RHat),
            $"{fit.For(Level).Sd("X").Mean}");
    }

    [Fact]
    public void Where_a_prior_at_0_forbids_the_slopes_independent_draws_are_had_in_its_own_coordinates()
    {
        var model = PooledModel.Of<Row>().Normal(r => r.Y).Intercept().Slope(r => r.X).Varying(
            Level, g => g.Intercept(HalfNormal(10)).Slope(r => r.X).Correlated(Lkj(2)));
        var rows = Rows(1000);
        var fit = model.Fit(rows, Engine.Marginal);
        Assert.Equal(DrawKind.Independent, fit.Posterior.DrawKind);
        Assert.Empty(fit.Posterior.Spec.Factors[0].Origin);

        // Gibbs draws about the means.
        var gibbs = model.Fit(rows, Engine.Gibbs, new RunOptions { Seed = 4 });
        AssertClose(gibbs.For(Level).Sd("X").Mean, fit.For(Level).Sd("X"), gibbs.For(Level).Sd("X").McseMean);
        AssertClose(gibbs.For(Level).Sd("Intercept").Mean, fit.For(Level).Sd("Intercept"), gibbs.For(Level).Sd("Intercept").McseMean);
    }

    // One model a family, far from 0 and near it, by the engine that is quick.
    [Theory]
    [InlineData("Poisson")]
    [InlineData("PoissonMarginal")]
    [InlineData("Poisson, two factors")]
    [InlineData("NegativeBinomial")]
    [InlineData("Gamma")]
    [InlineData("Bernoulli")]
    [InlineData("Binomial")]
    [InlineData("StudentT")]
    [InlineData("LogNormal")]
    public void A_shift_of_a_column_does_not_move_the_posterior_of_other_families(string family)
    {
        var near = SlopeSd(family, 0);
        var far = SlopeSd(family, 1e5);
        AssertClose(near.Mean, far, near.McseMean);
    }

    private static Quantity SlopeSd(string family, double shift)
    {
        var rows = Enumerable.Range(0, 160).Select(i =>
        {
            var x = 1.5 * Sin(3.1 * i);
            var eta = 0.6 * Sin(1 + 2.2 * (i / 20)) + (0.3 + 0.8 * Sin(4.7 * (i / 20))) * x;
            return new Counted(
                i / 20,
                i % 7,
                shift + x,
                Round(4 * Exp(eta) + 0.45 * Sin(17.3 * i)),
                Exp(eta + 0.3 * Sin(17.3 * i)),
                0.5 + 0.5 * Sin(7.7 * i * i) < 1 / (1 + Exp(-eta)),
                Round(20 / (1 + Exp(-eta))));
        }).ToArray();
        var level = Group.By((Counted r) => r.G);
        var other = Group.By((Counted r) => r.H);
        var of = PooledModel.Of<Counted>();
        var options = new RunOptions { Seed = 4, Chains = 2, Draws = 500 };
        return family switch
        {
            "Poisson" => Varying<PoissonModel<Counted>>(of.Poisson(r => r.Count)).Fit(rows, Engine.Nuts, options).For(level).Sd("X"),
            "PoissonMarginal" => Varying<PoissonModel<Counted>>(of.Poisson(r => r.Count)).Fit(rows, Engine.Marginal, options).For(level).Sd("X"),
            "Poisson, two factors" =>
                Varying<PoissonModel<Counted>>(of.Poisson(r => r.Count)).Varying(other, g => g.Intercept().Slope(r => r.X)).Fit(
                    rows, Engine.Nuts, options).For(level).Sd("X"),
            "NegativeBinomial" =>
                Varying<NegativeBinomialModel<Counted>>(of.NegativeBinomial(r => r.Count)).Fit(rows, Engine.Nuts, options).For(level).Sd("X"),
            "Gamma" => Varying<GammaModel<Counted>>(of.Gamma(r => r.Positive)).Fit(rows, Engine.Nuts, options).For(level).Sd("X"),
            "Bernoulli" => Varying<BernoulliModel<Counted>>(of.Bernoulli(r => r.Happened)).Fit(rows, Engine.Nuts, options).For(level).Sd("X"),
            "Binomial" => Varying<BinomialModel<Counted>>(of.Binomial(r => r.Successes, r => 20)).Fit(rows, Engine.Nuts, options).For(level).Sd("X"),
            "StudentT" => Varying<StudentTModel<Counted>>(of.StudentT(r => r.Positive)).Fit(rows, Engine.Nuts, options).For(level).Sd("X"),
            _ => Varying<LogNormalModel<Counted>>(of.LogNormal(r => r.Positive)).Fit(rows, Engine.Marginal, options).For(level).Sd("X"),
        };

        TModel Varying<TModel>(PooledModel<Counted, TModel> model)
            where TModel : PooledModel<Counted, TModel> => model.Intercept().Slope(r => r.X).Varying(level, g => g.Intercept().Slope(r => r.X));
    }

    private sealed record Counted(int G, int H, double X, double Count, double Positive, bool Happened, double Successes);

    // log N(y; 3, covariance) for rows of a prior mean of 3 for the intercept and 0 for the slope, up to a constant.
    private static double LogNormalDensity(double[,] covariance, Row[] rows)
    {
        var n = rows.Length;
        var rest = new double[n];
        var log = 0.0;
        for (var i = 0; i < n; i++)
        {
            rest[i] = rows[i].Y - 3;
            for (var j = 0; j <= i; j++)
            {
                var sum = covariance[i, j];
                for (var k = 0; k < j; k++)
                    sum -= covariance[i, k] * covariance[j, k];
                covariance[i, j] = i == j ? Sqrt(sum) : sum / covariance[j, j];
                if (j < i)
                    rest[i] -= covariance[i, j] * rest[j];
            }

            rest[i] /= covariance[i, i];
            log -= Log(covariance[i, i]) + 0.5 * rest[i] * rest[i];
        }

        return log;
    }

    // With flat priors of the population the marginal density of the scales does not depend on the shift at all.
    [Theory]
    [InlineData(1e3, 1e-9)]
    [InlineData(1e6, 1e-6)]
    public void The_marginal_density_of_one_and_of_two_factors_does_not_depend_on_the_shift(double shift, double tolerance)
    {
        var one = PooledModel.Of<Row>().Normal(r => r.Y).Intercept(Flat).Slope(r => r.X, Flat).Varying(Level, g => g.Intercept().Slope(r => r.X));
        var two = one.Varying(Other, g => g.Intercept().Slope(r => r.X));
        foreach (var (model, theta) in new[] { (one, new[] { -1, 0.5, 0.1, -0.4 }), (two, [-1, 0.5, 0.1, -0.4, -0.7, -1.1, 0.6]) })
        {
            var (near, far) = (new double[theta.Length], new double[theta.Length]);
            var value = MarginalDensity.Of(model.Bind(Rows(0))).LogDensity(theta, near);
            Assert.Equal(value, MarginalDensity.Of(model.Bind(Rows(shift))).LogDensity(theta, far), tolerance * Abs(value));
            for (var d = 0; d < theta.Length; d++)
                Assert.Equal(near[d], far[d], tolerance * Abs(value));
        }
    }

    [Fact]
    public void Two_factors_far_from_0_are_fitted_as_near_it()
    {
        var model = ByDefault.Varying(Other, g => g.Intercept().Slope(r => r.X));
        var options = new RunOptions { Seed = 2, Chains = 2, Draws = 500 };
        var near = model.Fit(Rows(0), Engine.Gibbs, options);
        foreach (var engine in (string[])["Gibbs", "Nuts"])
        {
            var far = model.Fit(Rows(2000), EngineOf(engine), options);
            AssertClose(near.For(Level).Sd("X").Mean, far.For(Level).Sd("X"), near.For(Level).Sd("X").McseMean);
            AssertClose(near.For(Other).Sd("X").Mean, far.For(Other).Sd("X"), near.For(Other).Sd("X").McseMean);
            AssertClose(near.Sigma.Mean, far.Sigma, near.Sigma.McseMean);
        }
    }

    private static INormalEngine EngineOf(string name) => name switch { "Marginal" => Engine.Marginal, "Gibbs" => Engine.Gibbs, _ => Engine.Nuts };

    // Eight levels of twenty rows, x = shift + 1.5 sin, slopes of sd about 1, sigma 0.38.
    private static Row[] Rows(double shift) =>
    [
        .. Enumerable.Range(0, 160).Select(i => new Row(
            i / 20,
            shift + 1.5 * Sin(3.1 * i),
            3 + 2 * Sin(1 + 2.2 * (i / 20)) + (1 + 1.2 * Sin(4.7 * (i / 20))) * 1.5 * Sin(3.1 * i) + 0.5 * Sin(17.3 * i),
            i % 7)),
    ];

    private static double Sd(IEnumerable<double> values)
    {
        var mean = values.Average();
        return Sqrt(values.Sum(v => (v - mean) * (v - mean)) / (values.Count() - 1));
    }

    // theta = (log sigma, log sd_0, log sd_1, z) about m to those about 0: Sigma_0 = T^-1 Sigma T^-T.
    private static double[] Moved(double[] theta, double m)
    {
        var (sd, slope, rho) = (Exp(theta[1]), Exp(theta[2]), Tanh(theta[3]));
        var covariance = sd * slope * rho - m * slope * slope;
        var variance = Pow(sd * rho - m * slope, 2) + sd * sd / Pow(Cosh(theta[3]), 2);

        // atanh of the new correlation without 1 - rho^2: sinh z = covariance over the root of the determinant, which stays.
        return [theta[0], 0.5 * Log(variance), theta[2], Asinh(covariance / (sd * slope / Cosh(theta[3])))];
    }

    private static double Slope(double[] theta, int from, double m, int to)
    {
        var (up, down) = ((double[])theta.Clone(), (double[])theta.Clone());
        (up[from], down[from]) = (up[from] + 1e-5, down[from] - 1e-5);
        return (Moved(up, m)[to] - Moved(down, m)[to]) / 2e-5;
    }

    private static void AssertClose(double expected, Quantity quantity, double ownError = 0)
    {
        Assert.True(quantity.EssBulk >= 200, $"{quantity.Name}: ESS {quantity.EssBulk}");
        var error = Sqrt(quantity.McseMean * quantity.McseMean + ownError * ownError);
        Assert.True(Abs(quantity.Mean - expected) <= 5 * error, $"{quantity.Name}: {quantity.Mean}, not {expected} (error {error})");
    }
}
