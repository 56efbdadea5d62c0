using MathNet.Numerics.LinearAlgebra;
using TypedPooling.Data;
using TypedPooling.Draws;
using TypedPooling.Engines;
using TypedPooling.Inference.Hierarchy.GaussianSystem;
using TypedPooling.Inference.Hierarchy.Sums;
using TypedPooling.Inference.Hierarchy.Unpooled;
using TypedPooling.Inference.Marginal;
using TypedPooling.Model;
using TypedPooling.Tests.Support;
using Xunit;

namespace TypedPooling.Tests.Inference;

/// <summary>Population effects whose prior is not Gaussian: joined to theta, not integrated.</summary>
public sealed class JoinedCoefficientTests
{
    private static readonly IRealPrior T = new StudentTPrior(3, 0.4, 1.5);
    private static readonly IRealPrior Cauchy = new CauchyPrior(-0.2, 0.7);
    private static readonly IRealPrior Laplace = new LaplacePrior(0.3, 0.6);
    private static readonly IRealPrior Bounded = new UniformPrior(-2, 3);
    private static readonly IRealPrior Gauss = new NormalPrior(0.2, 1.2);
    private static readonly IRealPrior Flat = new FlatPrior();

    /// <summary>What the case is about, q, whether errors are known, prior of the intercept (null for none), priors of the slopes.</summary>
    public static TheoryData<string, int, bool, IRealPrior?, IRealPrior[]> Cases => new()
    {
        { "joined intercept alone", 1, false, T, [] },
        { "joined intercept, integrated slopes", 1, false, T, [Gauss, Flat] },
        { "integrated intercept, joined slope", 2, false, Gauss, [Cauchy] },
        { "flat intercept, joined slopes", 2, false, Flat, [Cauchy, Laplace] },
        { "everything joined", 2, false, T, [Laplace, Cauchy] },
        { "bounded intercept, one slope of each sort", 1, false, Bounded, [Gauss, T, new FixedPrior(0.3)] },
        { "bounded slope between integrated ones", 3, false, Gauss, [Gauss, Bounded, Flat] },
        { "no intercept", 1, false, null, [Bounded, T] },
        { "known errors", 1, true, Laplace, [Gauss] },
        { "no factor", 0, false, Gauss, [T, Gauss, Bounded] },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Given_the_joined_coefficients_the_likelihood_is_that_of_the_model_in_which_they_are_fixed(
        string name, int q, bool known, IRealPrior? intercept, IRealPrior[] slopes)
    {
        var (model, rows, se) = Case(q, known, intercept, slopes);
        var density = MarginalDensity.Of(model);
        foreach (var theta in Points(density.Dimension))
        {
            var actual = density.LogLikelihood(theta);

            var fixedModel = Systems.Bind(WithFixed(model.Spec, density.JoinedCoefficients.ToArray()), rows, se);
            var expected = MarginalDensity.Of(fixedModel).LogLikelihood(theta.AsSpan(0, density.Coordinates.Dimension));

            Assert.True(Math.Abs(expected - actual) <= 1e-10 * Math.Abs(expected), $"{name}: {expected} and {actual}");
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void The_prior_of_theta_is_that_of_the_coefficients_times_the_Jacobian(
        string name, int q, bool known, IRealPrior? intercept, IRealPrior[] slopes)
    {
        var (model, _, _) = Case(q, known, intercept, slopes);
        var density = MarginalDensity.Of(model);
        var joined = model.Spec.Population.Where(t => !PopulationSystem.IsIntegrated(t.Prior) && t.Prior is not FixedPrior).Select(t => t.Prior!)
            .ToArray();
        var first = density.Coordinates.Dimension;
        Assert.Equal(first + joined.Length, density.Dimension);
        foreach (var theta in Points(density.Dimension))
        {
            double[] At(int d, double step)
            {
                var moved = theta.ToArray();
                moved[first + d] += step;
                density.LogPrior(moved);
                return density.JoinedCoefficients.ToArray();
            }

            const double h = 1e-4;
            var jacobian = Matrix<double>.Build.Dense(joined.Length, joined.Length, (i, d) => (At(d, h)[i] - At(d, -h)[i]) / (2 * h));
            var expected = density.Coordinates.Constrain(
                theta.AsSpan(0, first), density.Coordinates.NewPoint()) + Math.Log(Math.Abs(jacobian.Determinant()));
            var actual = density.LogPrior(theta);
            for (var k = 0; k < joined.Length; k++)
                expected += joined[k].LogDensity(density.JoinedCoefficients[k]);

            Assert.True(Math.Abs(expected - actual) <= 1e-6 * (1 + Math.Abs(expected)), $"{name}: {expected} and {actual}");
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Has_the_gradient_of_finite_differences(string name, int q, bool known, IRealPrior? intercept, IRealPrior[] slopes)
    {
        var (model, _, _) = Case(q, known, intercept, slopes);
        var density = MarginalDensity.Of(model);
        var gradient = new double[density.Dimension];
        var scratch = new double[density.Dimension];
        foreach (var theta in Points(density.Dimension))
        {
            density.LogDensity(theta, gradient);
            for (var d = 0; d < theta.Length; d++)
            {
                double At(double step)
                {
                    var moved = theta.ToArray();
                    moved[d] += step;
                    return density.LogDensity(moved, scratch);
                }

                // Richardson extrapolation of central differences.
                const double h = 1e-3;
                var expected = (4 * (At(h / 2) - At(-h / 2)) / h - (At(h) - At(-h)) / (2 * h)) / 3;
                Assert.True(Math.Abs(expected - gradient[d]) <= 1e-6 * (1 + Math.Abs(expected)), $"{name}, theta[{d}]: {expected} and {gradient[d]}");
            }
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void With_many_degrees_of_freedom_a_Student_t_is_a_Normal(bool onIntercept)
    {
        IRealPrior normal = new NormalPrior(0.4, 1.5);
        IRealPrior t = new StudentTPrior(1e9, 0.4, 1.5);
        foreach (var b in new[] { -4.0, 0, 0.4, 1, 7 })
            Assert.Equal(normal.LogDensity(b), t.LogDensity(b), 1e-6);

        // Integrated by the trapezoidal rule over its coordinate, the joined coefficient must leave what closed form gives.
        var (model, rows, _) = Case(1, false, onIntercept ? normal : Gauss, [onIntercept ? Gauss : normal]);
        var population = model.Spec.Population.ToArray();
        var at = onIntercept ? 0 : 1;
        population[at] = population[at] with { Prior = t };
        var joined = MarginalDensity.Of(Systems.Bind(model.Spec with { Population = [.. population] }, rows));
        double[] scales = [0.1, -0.3];
        var expected = MarginalDensity.Of(model).LogLikelihood(scales) + MarginalDensity.Of(model).LogPrior(scales);

        var gradient = new double[3];
        const double step = 0.05;
        var logs = Enumerable.Range(-400, 801).Select(i => joined.LogDensity([.. scales, step * i], gradient)).ToArray();
        var largest = logs.Max();
        Assert.Equal(expected, largest + Math.Log(step * logs.Sum(log => Math.Exp(log - largest))), 1e-6);
    }

    [Theory]
    [InlineData("StudentT")]
    [InlineData("Uniform")]
    public void Sampled_moments_of_a_meta_analysis_are_those_of_quadrature(string kind)
    {
        IRealPrior prior = kind == "StudentT" ? new StudentTPrior(3, 0, 2) : new UniformPrior(-1, 6);
        double[] y = [28, 8, -3, 7, -1, 1, 18, 12];
        double[] se = [15, 10, 16, 11, 9, 11, 10, 18];
        IScalePrior tauPrior = new HalfNormalPrior(10);
        var spec = Systems.Spec(
            0, [new PopulationTerm("Intercept", ModelSpec.Ones, prior)], [new VaryingTerm("Intercept", ModelSpec.Ones, tauPrior)], null, null);
        var posterior = new MarginalEngine().RunNormal(
            Systems.Bind(spec, [.. y.Select((value, j) => (j, Array.Empty<double>(), value))], se),
            RunOptions.Default with { Seed = 31, Draws = 2000 });

        // Sums over a grid of (mu, log tau): mu, tau, and the first school's effect u = theta - mu.
        var sums = new double[3, 2];
        var total = 0.0;
        var (low, high) = kind == "StudentT" ? (-60.0, 60.0) : (-1.0, 6.0);
        const int muCount = 1200;
        var muStep = (high - low) / muCount;
        for (var i = 0; i < muCount; i++)
        {
            var mu = low + (i + 0.5) * muStep;
            for (var z = -9.0; z < 4.5; z += 0.02)
            {
                var tau = Math.Exp(z);
                var log = prior.LogDensity(mu) + tauPrior.LogScaleDensity(tau) + z;
                for (var j = 0; j < y.Length; j++)
                {
                    var variance = tau * tau + se[j] * se[j];
                    log -= 0.5 * ((y[j] - mu) * (y[j] - mu) / variance + Math.Log(variance));
                }

                var weight = Math.Exp(log + 30);
                var share = tau * tau / (tau * tau + se[0] * se[0]);
                var u = share * (y[0] - mu);
                total += weight;
                Add(0, mu, 0);
                Add(1, tau, 0);
                Add(2, u, share * se[0] * se[0]);

                void Add(int row, double mean, double variance)
                {
                    sums[row, 0] += weight * mean;
                    sums[row, 1] += weight * (mean * mean + variance);
                }
            }
        }

        DrawBlock[] blocks = [posterior.Population, posterior.Scales, posterior.Effects[0]];
        for (var row = 0; row < blocks.Length; row++)
        {
            var draws = new double[posterior.DrawCount];
            blocks[row].CopyDraws(0, draws);
            var mean = sums[row, 0] / total;
            var sd = Math.Sqrt(sums[row, 1] / total - mean * mean);
            Assert.True(Diagnostics.EssBulk(draws, posterior.ChainCount) >= 400);
            Assert.True(
                Math.Abs(Diagnostics.Mean(draws) - mean) <= 5 * Diagnostics.McseMean(draws, posterior.ChainCount),
                $"mean {row}: {Diagnostics.Mean(draws)} and {mean}");
            Assert.True(
                Math.Abs(Diagnostics.Sd(draws) - sd) <= 5 * Diagnostics.McseSd(draws, posterior.ChainCount),
                $"sd {row}: {Diagnostics.Sd(draws)} and {sd}");
        }
    }

    [Fact]
    public void Effects_keep_the_models_order_and_columns_far_from_zero_are_no_trouble()
    {
        // Wide priors of all sorts agree with wide Normal ones; the second column is near 2,000 with an sd near 1.
        var rows = Systems.Rows(5, 25, 8, 3).Select(r => (r.Group, new[] { r.Columns[0], 2000 + r.Columns[1], r.Columns[2] / 1000 }, r.Y)).ToList();
        Posterior Fit(params IRealPrior[] priors) => new MarginalEngine().RunNormal(
            Systems.Bind(
                Systems.Spec(
                    3,
                    [.. priors.Select((prior, t) => new PopulationTerm($"b{t}", t - 1, prior))],
                    [new VaryingTerm("Intercept", ModelSpec.Ones, new ExponentialPrior(1))],
                    null,
                    new ExponentialPrior(1)),
                rows),
            RunOptions.Default with { Seed = 77, Draws = 1500, Sampling = SamplingMethod.Nuts });

        var expected = Fit(new NormalPrior(0, 1e5), new NormalPrior(0, 1e3), new NormalPrior(0, 1e3), new NormalPrior(0, 1e6));
        foreach (var actual in new[]
        {
            Fit(new NormalPrior(0, 1e5), new CauchyPrior(0, 1e3), new NormalPrior(0, 1e3), new StudentTPrior(4, 0, 1e6)),
            Fit(new StudentTPrior(4, 0, 1e5), new UniformPrior(-1e3, 1e3), new CauchyPrior(0, 1e3), new NormalPrior(0, 1e6)),
            Fit(new UniformPrior(-1e5, 1e5), new LaplacePrior(0, 1e4), new UniformPrior(-500, 500), new LaplacePrior(0, 1e6)),
        })
        {
            Assert.Equal(0, actual.Sampler!.DivergenceCount);
            for (var t = 0; t < 4; t++)
            {
                var (a, b) = (new double[expected.DrawCount], new double[actual.DrawCount]);
                expected.Population.CopyDraws(t, a);
                actual.Population.CopyDraws(t, b);
                Assert.True(Diagnostics.EssBulk(b, 4) >= 400, $"b{t}: an ESS of {Diagnostics.EssBulk(b, 4)}");
                var error = Math.Sqrt(Math.Pow(Diagnostics.McseMean(a, 4), 2) + Math.Pow(Diagnostics.McseMean(b, 4), 2));
                Assert.True(
                    Math.Abs(Diagnostics.Mean(a) - Diagnostics.Mean(b)) <= 5 * error,
                    $"b{t}: {Diagnostics.Mean(a)} and {Diagnostics.Mean(b)}, error {error}");
            }
        }
    }

    [Fact]
    public void No_pooling_estimates_do_not_depend_on_the_priors()
    {
        var rows = Systems.Rows(8, 6, 6, 1);
        PoolingAnalysis Analyse(IRealPrior intercept, IRealPrior slope)
        {
            var model = Systems.Bind(
                Systems.Spec(
                    1,
                    [new PopulationTerm("Intercept", ModelSpec.Ones, intercept), new PopulationTerm("x0", 0, slope)],
                    [new VaryingTerm("Intercept", ModelSpec.Ones, new ExponentialPrior(1)), new VaryingTerm("x0", 0, new ExponentialPrior(1))],
                    null,
                    new ExponentialPrior(1)),
                rows);
            return PoolingAnalysis.Of(model, new MarginalEngine().RunNormal(model, RunOptions.Default with { Chains = 1, Warmup = 100, Draws = 20 }));
        }

        var expected = Analyse(Gauss, Gauss);
        foreach (var actual in new[] { Analyse(T, Gauss), Analyse(Gauss, Cauchy), Analyse(Bounded, T) })
        {
            for (var level = 0; level < 6; level++)
            {
                Assert.Equal(expected.NoPooling(level) is null, actual.NoPooling(level) is null);
                for (var a = 0; a < 2 && expected.NoPooling(level) is { } own; a++)
                    Assert.Equal(own[a], actual.NoPooling(level)![a], 1e-9);
            }
        }
    }

    [Fact]
    public void Sampling_is_the_same_bits_on_one_thread_and_on_two()
    {
        var (model, _, _) = Case(2, false, T, [Cauchy]);
        double[] Draws(int threads)
        {
            var posterior = new MarginalEngine().RunNormal(model, RunOptions.Default with { Draws = 300, Threads = threads });
            var draws = new double[posterior.DrawCount];
            posterior.Population.CopyDraws(1, draws);
            return draws;
        }

        Assert.Equal(Draws(1), Draws(2));
    }

    private static double[][] Points(int dimension) =>
    [
        [.. Enumerable.Range(0, dimension).Select(d => 0.3 * Math.Sin(3 * d + 1) - 0.2)],
        [.. Enumerable.Range(0, dimension).Select(d => 1.4 * Math.Sin(2 * d + 2))],
    ];

    private static ModelSpec WithFixed(ModelSpec spec, double[] joined)
    {
        var next = 0;
        return spec with
        {
            Population = [.. spec.Population.Select(
                t => PopulationSystem.IsIntegrated(t.Prior) || t.Prior is FixedPrior ? t : t with { Prior = new FixedPrior(joined[next++]) })],
        };
    }

    private static (NormalBoundModel Model, List<(int Group, double[] Columns, double Y)> Rows, double[]? Se) Case(
        int q, bool known, IRealPrior? intercept, IRealPrior[] slopes)
    {
        var columns = Math.Max(slopes.Length, q - 1);
        var population = slopes.Select((prior, c) => new PopulationTerm($"x{c}", c, prior)).ToList();
        if (intercept is not null)
            population.Insert(0, new PopulationTerm("Intercept", ModelSpec.Ones, intercept));
        var varying = Enumerable.Range(0, q).Select(a => new VaryingTerm($"t{a}", a - 1, new ExponentialPrior(1.3))).ToArray();
        var spec = Systems.Spec(columns, [.. population], varying, null, known ? null : new HalfCauchyPrior(2));
        var rows = Systems.Rows(11, q == 0 ? 1 : 9, q == 0 ? 12 : 4, columns, 1.5);
        double[]? se = known ? [.. rows.Select((_, i) => 0.4 + 0.1 * (i % 5))] : null;
        return (Systems.Bind(spec, rows, se), rows, se);
    }
}
