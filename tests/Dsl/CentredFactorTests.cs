using TypedPooling.Engines;
using TypedPooling.Inference.Density;
using TypedPooling.Inference.Marginal;
using TypedPooling.Model;
using Xunit;
using static System.Math;
using static TypedPooling.Prior;

namespace TypedPooling.Tests.Dsl;

/// <summary>Varying slopes of columns far from 0: by default priors are stated at the means of the columns, so that another origin of a column changes nothing but the intercept.</summary>
public sealed class CentredFactorTests
{
    private static readonly Group<Row, int> Level = Group.By((Row r) => r.G);
    private static readonly Group<Row, int> Other = Group.By((Row r) => r.H);

    public sealed record Row(int G, double X, double Y, int H = 0);

    private static NormalModel<Row> ByDefault => PooledModel.Of<Row>().Normal(r => r.Y).Intercept().Slope(r => r.X).Varying(Level, g => g.Intercept().Slope(r => r.X));

    private static NormalModel<Row> WithOwnPrior => PooledModel.Of<Row>().Normal(r => r.Y, sigma: Exponential(1)).Intercept(Normal(3, 5)).Slope(r => r.X, Normal(0, 2))
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

    // The same posterior whatever the shift: means of long runs at 0, which other engines and shifts gave too; errors of a run are far larger than theirs.
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
        var model = PooledModel.Of<Row>().Normal(r => r.Y).Intercept().Slope(r => r.X).Varying(Level, g => g.Intercept().Slope(r => r.X).Uncorrelated());
        var terms = model.Bind(rows).Spec.Factors[0].Terms;
        var (sdY, sdX, meanX) = (Sd(rows.Select(r => r.Y)), Sd(rows.Select(r => r.X)), rows.Average(r => r.X));

        Assert.Equal(1 / Sqrt(sdY * sdY + Pow(meanX * sdY / sdX, 2)), Assert.IsType<ExponentialPrior>(terms[0].Sd).Rate, 1e-12);
        Assert.Equal(sdX / sdY, Assert.IsType<ExponentialPrior>(terms[1].Sd).Rate, 1e-12);
    }

    // A prior of a user is carried to other coordinates: the density is that of the coordinates about 0 times the Jacobian between them, here by differences, and the likelihood is the same.
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
        // The slope's sd is known: log sd and z of the correlation are left. About sd = 4 the density is a needle of width e^-z, hence log sd = log 4 + e^-z sinh t.
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
        var fits = ((string[])["Marginal", "Gibbs", "Nuts"]).Select(engine => WithOwnPrior.Fit(rows, EngineOf(engine), new RunOptions { Seed = 5 })).ToArray();
        foreach (var fit in fits[1..])
        {
            AssertClose(fits[0].For(Level).Sd("X").Mean, fit.For(Level).Sd("X"));
            AssertClose(fits[0].For(Level).Sd("Intercept").Mean, fit.For(Level).Sd("Intercept"));
            AssertClose(fits[0].Sigma.Mean, fit.Sigma);
        }
    }

    [Fact]
    public void Two_factors_far_from_0_are_fitted_as_near_it()
    {
        static NormalModel<Row> Two() => PooledModel.Of<Row>().Normal(r => r.Y).Intercept().Slope(r => r.X)
            .Varying(Level, g => g.Intercept().Slope(r => r.X)).Varying(Other, g => g.Intercept().Slope(r => r.X));
        var options = new RunOptions { Seed = 2, Chains = 2, Draws = 400 };
        var near = Two().Fit(Rows(0), Engine.Marginal, options);
        foreach (var engine in (string[])["Marginal", "Gibbs", "Nuts"])
        {
            var far = Two().Fit(Rows(2000), EngineOf(engine), options);
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
