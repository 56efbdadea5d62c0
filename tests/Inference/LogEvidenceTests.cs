using MathNet.Numerics;
using TypedPooling.Data;
using TypedPooling.Draws;
using TypedPooling.Engines;
using TypedPooling.Inference.Marginal;
using TypedPooling.Model;
using TypedPooling.Tests.Support;
using Xunit;

namespace TypedPooling.Tests.Inference;

/// <summary>Log evidence against closed forms and brute force that share no code with the engine.</summary>
public sealed class LogEvidenceTests
{
    private static readonly double[] Responses = [1.3, 0.4, 2.2, 0.9, -0.7, 1.6, 0.2];

    [Fact]
    public void A_normal_sample_of_known_mean_with_an_inverse_gamma_variance_has_its_closed_form()
    {
        // sigma^2 ~ inverse gamma(a, b): p(y) = b^a Gamma(a + n/2) / (Gamma(a) (2 pi)^(n/2) (b + S/2)^(a + n/2)), S the squares about the mean.
        const double A = 3, B = 2, Mean = 0.5;
        var spec = Systems.Spec(
            0, [new PopulationTerm("Intercept", ModelSpec.Ones, new FixedPrior(Mean))], [], null, new InverseGammaOnVariancePrior(A, B));
        var n = Responses.Length;
        var squares = Responses.Sum(y => (y - Mean) * (y - Mean));
        var expected = (A * Math.Log(B)) + SpecialFunctions.GammaLn(A + (n / 2.0)) - SpecialFunctions.GammaLn(A) - (n / 2.0 * Math.Log(2 * Math.PI))
            - ((A + (n / 2.0)) * Math.Log(B + (squares / 2)));

        AssertEvidence(expected, Fit(Systems.Bind(spec, Rows(_ => 0))), 0.01);
    }

    [Fact]
    public void Known_scales_give_the_density_of_one_normal_vector_without_error()
    {
        // mu ~ N(1, 2), u_j ~ N(0, 0.8), sigma = 0.5: y is normal.
        var spec = Systems.Spec(
            0,
            [new PopulationTerm("Intercept", ModelSpec.Ones, new NormalPrior(1, 2))],
            [new VaryingTerm("Intercept", ModelSpec.Ones, new FixedPrior(0.8))],
            null,
            new FixedPrior(0.5));
        var evidence = Fit(Systems.Bind(spec, Rows(i => i / 3))).LogEvidence!.Value;
        var expected = DenseNormal.LogDensity(Responses, _ => 1, (i, j) => 4 + (i / 3 == j / 3 ? 0.64 : 0) + (i == j ? 0.25 : 0));

        Assert.Equal(expected, evidence.Value, 1e-10);
        Assert.Equal(0, evidence.Error);
    }

    [Fact]
    public void Eight_schools_agree_with_quadrature_over_the_sd()
    {
        double[] effects = [28, 8, -3, 7, -1, 1, 18, 12];
        double[] errors = [15, 10, 16, 11, 9, 11, 10, 18];
        var spec = Systems.Spec(
            0,
            [new PopulationTerm("Intercept", ModelSpec.Ones, new NormalPrior(0, 5))],
            [new VaryingTerm("Intercept", ModelSpec.Ones, new HalfCauchyPrior(5))],
            null,
            null);
        var model = Systems.Bind(spec, [.. effects.Select((y, j) => (j, Array.Empty<double>(), y))], errors);

        // Over x = log tau by equal steps: the integrand falls off at both ends.
        var expected =
            LogSum(Grid(
                -25, 15, 4000), x => DenseNormal.LogDensity(effects, _ => 0, (i, j) => 25 + (i == j ? (errors[i] * errors[i]) + Math.Exp(2 * x) : 0))
            + Math.Log(2 / (Math.PI * 5 * (1 + (Math.Exp(2 * x) / 25)))) + x);

        AssertEvidence(expected, Fit(model), 0.01);
    }

    [Fact]
    public void Two_correlated_terms_agree_with_brute_force_over_their_covariance()
    {
        // Sigma known; sds ~ Exponential(1), correlation ~ LKJ(2): density 3/4 (1 - rho^2). 3 groups of 3 rows, x = -1, 0, 1.
        var rows = Enumerable.Range(0, 9).Select(i => (i / 3, new[] { (i % 3) - 1.0 }, (0.4 * i) - (i % 4))).ToList();
        var spec = Systems.Spec(
            1,
            [new PopulationTerm("Intercept", ModelSpec.Ones, new NormalPrior(0, 2))],
            [new VaryingTerm("Intercept", ModelSpec.Ones, new ExponentialPrior(1)), new VaryingTerm("x0", 0, new ExponentialPrior(1))],
            new LkjPrior(2),
            new FixedPrior(0.7));
        var y = rows.ConvertAll(row => row.Item3);
        var lines = new List<double>();
        foreach (var s in Grid(-12, 4, 60))
        {
            foreach (var t in Grid(-12, 4, 60))
            {
                // rho = tanh z: d rho / dz = 1 - rho^2.
                lines.Add(LogSum(Grid(-8, 8, 40), z =>
                {
                    var (a, b, rho) = (Math.Exp(s), Math.Exp(t), Math.Tanh(z));
                    return DenseNormal.LogDensity(y, _ => 0, Covariance) - a - b + s + t + Math.Log(0.75) + (2 * Math.Log(1 - (rho * rho)));

                    double Covariance(int i, int j)
                    {
                        var (u, v) = (rows[i].Item2[0], rows[j].Item2[0]);
                        var effects = rows[i].Item1 == rows[j].Item1 ? (a * a) + (rho * a * b * (u + v)) + (b * b * u * v) : 0;
                        return 4 + effects + (i == j ? 0.49 : 0);
                    }
                }));
            }
        }

        var top = lines.Max();
        var step = 16 / 60.0;
        var expected = top + Math.Log(lines.Sum(line => Math.Exp(line - top)) * step * step);
        AssertEvidence(expected, Fit(Systems.Bind(spec, rows)), 0.02);
    }

    [Fact]
    public void The_log_Jacobian_of_the_response_is_in_the_evidence()
    {
        var spec = Systems.Spec(0, [new PopulationTerm("Intercept", ModelSpec.Ones, new NormalPrior(0, 1))], [], null, new ExponentialPrior(1));
        var plain = Systems.Bind(spec, Rows(_ => 0));
        var shifted = new NormalBoundModel(spec, [], plain.Cells, [], 0) { LogJacobian = -3.25 };

        Assert.Equal(Fit(plain).LogEvidence!.Value.Value - 3.25, Fit(shifted).LogEvidence!.Value.Value, 1e-9);
    }

    [Fact]
    public void There_is_no_evidence_where_a_prior_is_improper_or_chains_were_run()
    {
        PopulationTerm Intercept(IRealPrior prior) => new("Intercept", ModelSpec.Ones, prior);
        NormalBoundModel Model(IRealPrior prior, IScalePrior sigma) =>
            Systems.Bind(Systems.Spec(0, [Intercept(prior)], [], null, sigma), Rows(_ => 0));
        var proper = Model(new NormalPrior(0, 1), new ExponentialPrior(1));

        Assert.NotNull(Fit(proper).LogEvidence);
        Assert.Null(
            new MarginalEngine().RunNormal(
                proper, new RunOptions { Chains = 1, Warmup = 50, Draws = 50, Sampling = SamplingMethod.Nuts }).LogEvidence);
        Assert.Null(Fit(Model(new FlatPrior(), new ExponentialPrior(1))).LogEvidence);
        Assert.Null(Fit(Model(new NormalPrior(0, 1), new FlatPrior())).LogEvidence);
    }

    private static Posterior Fit(NormalBoundModel model) =>
        new MarginalEngine().RunNormal(model, new RunOptions { Seed = 12, Sampling = SamplingMethod.Importance });

    private static List<(int Group, double[] Columns, double Y)> Rows(Func<int, int> group) =>
        [.. Responses.Select((y, i) => (group(i), Array.Empty<double>(), y))];

    private static void AssertEvidence(double expected, Posterior posterior, double greatestError)
    {
        var (value, error) = (posterior.LogEvidence!.Value.Value, posterior.LogEvidence.Value.Error);
        Assert.InRange(error, 1e-5, greatestError);
        Assert.True(Math.Abs(value - expected) <= 5 * error, $"{value} is {(value - expected) / error:F1} errors of {error:G2} from {expected}.");
    }

    private static IEnumerable<double> Grid(double lower, double upper, int steps) =>
        Enumerable.Range(0, steps + 1).Select(i => lower + ((upper - lower) * i / steps));

    private static double LogSum(IEnumerable<double> grid, Func<double, double> log)
    {
        var points = grid.ToArray();
        var values = Array.ConvertAll(points, x => log(x));
        var top = values.Max();
        return top + Math.Log(values.Sum(value => Math.Exp(value - top)) * (points[1] - points[0]));
    }
}
