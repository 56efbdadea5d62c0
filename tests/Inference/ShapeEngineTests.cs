using TypedPooling.Draws;
using TypedPooling.Engines;
using TypedPooling.Inference.Hierarchy.JointPosterior;
using TypedPooling.Inference.MaximumLikelihood;
using TypedPooling.Inference.Nuts;
using TypedPooling.Model;
using TypedPooling.Randomness;
using TypedPooling.Responses;
using TypedPooling.Tests.Support;
using Xunit;

namespace TypedPooling.Tests.Inference;

/// <summary>NegativeBinomial, Gamma and StudentT responses: limits that are other families, posteriors known by quadrature, and recovery.</summary>
public sealed class ShapeEngineTests
{
    private static readonly NutsEngine Engine = new();
    private static readonly PopulationTerm Intercept = new("Intercept", ModelSpec.Ones, new NormalPrior(0.3, 1.5));

    public static TheoryData<string> Names => ["NegativeBinomial", "Gamma", "StudentT"];

    [Fact]
    public void Counts_of_a_great_shape_have_the_likelihood_of_Poisson_counts()
    {
        var rows = CellModels.Rows(TestFamilies.Poisson, 5, 6, 4, 60);
        var (poisson, first) = Likelihood(TestFamilies.Poisson, rows);
        var (counts, second) = Likelihood(TestFamilies.NegativeBinomial, rows);
        double[] beta = [0.2, -0.4, 0.1];
        var (slopes, others) = (new double[3], new double[3]);

        var expected = poisson.Evaluate(new(1, 1), beta, [], slopes, [], out _);
        var actual = counts.Evaluate(new(1, 1e10), beta, [], others, [], out var onScales);

        Assert.Equal(first, second);
        Assert.Equal(expected, actual, 1e-6);
        Assert.Equal(0, onScales.Shape, 1e-14);
        for (var k = 0; k < 3; k++)
            Assert.Equal(slopes[k], others[k], 1e-6);
    }

    [Fact]
    public void A_t_of_many_degrees_of_freedom_has_the_likelihood_of_normal_rows()
    {
        var rows = CellModels.Rows(TestFamilies.StudentT, 5, 6, 4, 60);
        var (heavy, _) = Likelihood(TestFamilies.StudentT, rows);
        double[] beta = [0.2, -0.4, 0.1];
        var mean = rows.Average(row => row.Columns[0]);
        var other = rows.Average(row => row.Columns[1]);
        var shift = rows.Average(row => row.Response - row.Offset);

        var actual = heavy.Evaluate(new(0.8, 1e9), beta, [], new double[3], [], out var onScales);

        var residuals =
            rows.Select(row => row.Response - row.Offset - shift - beta[0] - beta[1] * (row.Columns[0] - mean) - beta[2] * (row.Columns[1] - other))
                .ToArray();
        Assert.Equal(residuals.Sum(r => MathNet.Numerics.Distributions.Normal.PDFLn(0, 0.8, r)), actual, 1e-6);
        Assert.Equal(residuals.Sum(r => r * r / 0.512 - 1 / 0.8), onScales.Sigma, 1e-5);
    }

    [Fact]
    public void A_t_of_many_degrees_of_freedom_has_the_posterior_of_the_Normal_model()
    {
        var factor = new FactorSpec("g", [new("Intercept", ModelSpec.Ones, new ExponentialPrior(1))], new LkjPrior(1));
        var rows = CellModels.Rows(TestFamilies.StudentT, 7, 8, 2, 80).Select(row => row with { Offset = 0 }).ToList();
        var spec = CellModels.Spec(TestFamilies.StudentT, 0, [Intercept], factor);
        spec = spec with { Response = spec.Response with { Shape = new FixedPrior(1e6) } };
        var normal = Systems.Bind(
            spec with { Response = spec.Response with { Family = TestFamilies.Normal, Shape = null } },
            [.. rows.Select(row => (row.Groups[0], Array.Empty<double>(), row.Response))]);
        var options = new RunOptions { Seed = 6, Draws = 3000, TargetAcceptance = 0.95 };

        var ours = Engine.Run(CellModels.Bind(spec, [.. rows.Select(row => row with { Columns = [] })]), options);
        var exact = EngineCases.Engine("Marginal").RunNormal(normal, options with { Sampling = SamplingMethod.Nuts });

        Agree("mu", Draws(ours.Population, 0), Draws(exact.Population, 0));
        Agree("sigma", Draws(ours.Scales, 0), Draws(exact.Scales, 0));
        Assert.Equal(ParameterKind.DegreesOfFreedom, ours.Scales.Parameter(1).Kind);
        Assert.All(Draws(ours.Scales, 1), nu => Assert.Equal(1e6, nu));
        Agree("sd", Draws(ours.Scales, 2), Draws(exact.Scales, 1));
        Agree("u", Draws(ours.Effects[0], 0), Draws(exact.Effects[0], 0));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_posterior_of_two_parameters_is_that_of_quadrature(string name)
    {
        var family = Of(name);
        var rows = CellModels.Rows(family, 11, 1, 1, 25).Select(row => row with { Columns = [], Groups = [] }).ToList();
        var spec = CellModels.Spec(family, 0, [Intercept]);
        if (family == TestFamilies.StudentT)
            spec = spec with { Response = spec.Response with { Shape = new FixedPrior(3.5) } };
        var (eta, scale) = Quadrature(spec, rows);

        var posterior = Engine.Run(CellModels.Bind(spec, rows), new RunOptions { Seed = 8, Draws = 3000 });

        Within(Draws(posterior.Population, 0), eta);
        Within(Draws(posterior.Scales, 0), scale);
        Assert.Empty(posterior.Warnings);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void What_data_were_simulated_from_is_found_again(string name)
    {
        var family = Of(name);
        var stream = new PhiloxStream(21, 3);
        var effects = Enumerable.Range(0, 40).Select(_ => 0.6 * stream.NextNormal()).ToArray();
        var rows = new List<CellModels.Row>();
        for (var i = 0; i < 1200; i++)
        {
            var x = stream.NextNormal();
            var eta = 1.2 + effects[i % 40] + 0.4 * x;
            var rate = stream.NextGamma(3) / 3;
            var y = name switch
            {
                "NegativeBinomial" => stream.NextPoisson(2 * Math.Exp(eta) * rate),
                "Gamma" => Math.Exp(eta) * rate,
                _ => eta + 0.5 * stream.NextStudentT(3),
            };
            rows.Add(new([i % 40], [x], 0, y, 2));
        }

        var factor = new FactorSpec("g", [new("Intercept", ModelSpec.Ones, new ExponentialPrior(1))], new LkjPrior(1));
        var posterior = Engine.Run(
            CellModels.Bind(CellModels.Spec(family, 1, [Intercept, new("x", 0, new NormalPrior(0, 1))], factor), rows),
            new RunOptions { Seed = 2, Draws = 500, Warmup = 500 });

        Near(1.2, Draws(posterior.Population, 0));
        Near(0.4, Draws(posterior.Population, 1));
        Near(name == "StudentT" ? 0.5 : 3, Draws(posterior.Scales, 0));
        if (name == "StudentT")
            Near(3, Draws(posterior.Scales, 1));
        Near(0.6, Draws(posterior.Scales, name == "StudentT" ? 2 : 1));

        static void Near(double truth, double[] draws) => Assert.InRange(Math.Abs(Diagnostics.Mean(draws) - truth), 0, 4 * Diagnostics.Sd(draws));
    }

    [Fact]
    public void Maximum_likelihood_of_a_t_is_refused_with_the_reason() => Assert.Equal(
        "The effects of a StudentT response can have several modes, and Laplace's approximation at one of them can be far from the likelihood.",
        Assert.Single(new MaximumLikelihoodEngine().Supports(CellModels.Spec(TestFamilies.StudentT, 0, [Intercept])).Reasons).Sentence);

    [Theory]
    [MemberData(nameof(Names))]
    public void Engines_of_Normal_models_refuse_the_others_with_a_reason(string name)
    {
        foreach (var engine in new[] { "Gibbs", "Variational" })
            Assert.Contains(
                $"this response is {name}",
                EngineCases.Engine(engine).Supports(CellModels.Spec(Of(name), 0, [Intercept])).Reasons[0].Sentence,
                StringComparison.Ordinal);
    }

    private static (LikelihoodWorkspace Workspace, double Constant) Likelihood(Family family, IReadOnlyList<CellModels.Row> rows)
    {
        var model = CellModels.Bind(
            CellModels.Spec(family, 2, [Intercept, new("x0", 0, new NormalPrior(0, 1)), new("x1", 1, new NormalPrior(0, 1))]), rows);
        return (JointSystem.Read(model).Likelihood.NewWorkspace(), model.RowCount);
    }

    private static ((double Mean, double Sd) Eta, (double Mean, double Sd) Scale) Quadrature(ModelSpec spec, List<CellModels.Row> rows)
    {
        const int N = 400;
        var isHeavy = spec.Response.HasSigma;
        var prior = isHeavy ? spec.Response.Sigma! : spec.Response.Shape!;
        var (logs, places) = (new List<double>(), new List<(double Eta, double Scale)>());
        for (var i = 0; i <= N; i++)
        {
            var eta = -4 + 8.0 * i / N;
            for (var k = 0; k <= N; k++)
            {
                var log = -4 + 10.0 * k / N;
                var scale = Math.Exp(log);
                places.Add((eta, scale));
                logs.Add(spec.Population[0].Prior!.LogDensity(eta) + prior.LogScaleDensity(scale) + log
                    + rows.Sum(
                        row => CellModels.LogLikelihood(spec.Response.Family, row, eta + row.Offset, isHeavy ? scale : 1, isHeavy ? 3.5 : scale)));
            }
        }

        var top = logs.Max();
        var weights = logs.Select(log => Math.Exp(log - top)).ToArray();
        return (Moments(place => place.Eta), Moments(place => place.Scale));

        (double, double) Moments(Func<(double Eta, double Scale), double> of)
        {
            var (total, mean) = (weights.Sum(), weights.Zip(places, (w, place) => w * of(place)).Sum());
            mean /= total;
            return (mean, Math.Sqrt(weights.Zip(places, (w, place) => w * Math.Pow(of(place) - mean, 2)).Sum() / total));
        }
    }

    private static void Within(double[] draws, (double Mean, double Sd) truth)
    {
        Assert.True(Diagnostics.EssMean(draws, 4) >= 400);
        Assert.InRange(Math.Abs(Diagnostics.Mean(draws) - truth.Mean) / Diagnostics.McseMean(draws, 4), 0, 5);
        Assert.InRange(Math.Abs(Diagnostics.Sd(draws) - truth.Sd) / Diagnostics.McseSd(draws, 4), 0, 5);
    }

    private static void Agree(string what, double[] a, double[] b)
    {
        Assert.True(Diagnostics.EssMean(a, 4) >= 400, what);
        Check(Diagnostics.Mean(a) - Diagnostics.Mean(b), Diagnostics.McseMean(a, 4), Diagnostics.McseMean(b, 4));
        Check(Diagnostics.Sd(a) - Diagnostics.Sd(b), Diagnostics.McseSd(a, 4), Diagnostics.McseSd(b, 4));

        void Check(double difference, double first, double second) =>
            Assert.True(
                Math.Abs(difference) <= 5 * Math.Sqrt(first * first + second * second),
                $"{what} differs by {difference} and {first}, {second} are the errors.");
    }

    private static double[] Draws(DrawBlock block, int index)
    {
        var draws = new double[block.DrawCount];
        block.CopyDraws(index, draws);
        return draws;
    }

    private static Family Of(string name) =>
        name switch { "NegativeBinomial" => TestFamilies.NegativeBinomial, "Gamma" => TestFamilies.Gamma, _ => TestFamilies.StudentT };
}
