using MathNet.Numerics;
using TypedPooling.Data;
using TypedPooling.Draws;
using TypedPooling.Engines;
using TypedPooling.Inference.Hierarchy.CellLikelihoods;
using TypedPooling.Inference.Hierarchy.GaussianSystem;
using TypedPooling.Inference.MaximumLikelihood;
using TypedPooling.Model;
using TypedPooling.Randomness;
using TypedPooling.Responses;
using TypedPooling.Tests.Reference;
using TypedPooling.Tests.Support;
using Xunit;

namespace TypedPooling.Tests.Inference;

/// <summary>Maximum likelihood of responses with a shape: gradients by differences, glmer.nb, integrals by a fine grid, closed forms, and the
/// boundary where counts are Poisson.</summary>
public sealed class ShapeLikelihoodTests
{
    private static readonly FlatPrior Flat = new();
    private static readonly PopulationTerm Intercept = new("Intercept", ModelSpec.Ones, Flat);

    public static TheoryData<string, string> Cases
    {
        get
        {
            var cases = new TheoryData<string, string>();
            foreach (var family in new[] { "NegativeBinomial", "Gamma" })
            {
                foreach (var shape in new[] { "no factor", "a varying intercept", "correlated slopes", "two crossed factors" })
                    cases.Add(family, shape);
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void The_gradient_of_Laplaces_approximation_is_that_of_differences(string family, string shape)
    {
        var model = Model(Of(family), shape);
        var system = CellSystem.Of(model, CellPlan.Of(model));
        var function = new LaplaceLikelihood(
            system,
            new LikelihoodCoordinates(
                model.Spec,
                new TypicalScales(1, [.. model.Spec.Factors.SelectMany(factor => factor.Terms).Select(_ => 1.0)]),
                system.PopulationCount));
        var stream = new PhiloxStream(5, 5);
        for (var point = 0; point < 3; point++)
        {
            var x = Enumerable.Range(0, function.Coordinates.Dimension).Select(_ => 0.5 * stream.NextNormal()).ToArray();
            x[function.Coordinates.ShapeAt] = 0.3 + 0.4 * point;
            var gradient = new double[x.Length];
            Assert.True(double.IsFinite(function.Evaluate(x, gradient)));
            for (var d = 0; d < x.Length; d++)
            {
                var expected = (4 * Slope(5e-4) - Slope(1e-3)) / 3;
                Assert.True(Math.Abs(expected - gradient[d]) <= 2e-6 * (1 + Math.Abs(expected)), $"x[{d}]: {expected} and {gradient[d]}");

                double Slope(double h) => (At(h) - At(-h)) / (2 * h);

                double At(double step)
                {
                    var moved = (double[])x.Clone();
                    moved[d] += step;
                    return function.Evaluate(moved, []);
                }
            }
        }
    }

    /// <summary>lme4's determinant has expected weights, mu phi / (mu + phi), where Laplace's approximation has minus second derivatives: with theirs
    /// its log likelihood is met (to 4e-5, what its search for modes leaves), and its estimates are near ours.</summary>
    [Fact]
    public void Counts_have_a_maximum_near_that_of_glmer_nb_and_its_log_likelihood_by_expected_weights()
    {
        var rows = ReferenceFile.Read("reference/glmer_nb_data.csv").Rows
            .Select(row => new CellModels.Row(
                [int.Parse(row.Text("group").AsSpan(1), System.Globalization.CultureInfo.InvariantCulture)],
                [row.Number("x")],
                0,
                row.Number("y"),
                row.Number("exposure"))).ToList();
        var expected = ReferenceFile.Read("reference/glmer_nb.csv").Rows.ToDictionary(row => row.Text("what"), row => row.Number("value"));
        var spec = CellModels.Spec(TestFamilies.NegativeBinomial, 1, [Intercept, new("x", 0, Flat)], Factor("g", -1));

        var point = new MaximumLikelihoodEngine().Run(CellModels.Bind(spec, rows), RunOptions.Default).Point!;

        Assert.Equal(expected["logLik"], ByExpectedWeights(rows, expected["intercept"], expected["x"], expected["sd"], expected["shape"]), 1e-4);
        Assert.Equal(expected["logLik"], point.LogLikelihood, 0.02);
        Assert.Equal(expected["shape"], point.Scales[0], 0.005 * expected["shape"]);
        Assert.Equal(expected["sd"], point.Scales[1], 0.005);
        Assert.Equal(expected["intercept"], point.Population[0], 0.02);
        Assert.Equal(expected["x"], point.Population[1], 0.002);
        Assert.Equal(4, point.ParameterCount);

        // What both approximate.
        var exact = new MaximumLikelihoodEngine { QuadraturePoints = 25 }.Run(CellModels.Bind(spec, rows), RunOptions.Default).Point!;
        Assert.Equal(exact.LogLikelihood, point.LogLikelihood, 0.02);
        Assert.Equal(exact.Population[0], point.Population[0], 0.002);
    }

    private static double ByExpectedWeights(IEnumerable<CellModels.Row> rows, double intercept, double slope, double sd, double shape) =>
        rows.GroupBy(row => row.Groups[0]).Sum(level =>
    {
        double Eta(CellModels.Row row, double v) => intercept + slope * row.Columns[0] + sd * v;
        var (low, high) = (-8.0, 8.0);
        for (var step = 0; step < 80; step++)
        {
            var middle = 0.5 * (low + high);
            var rises = level.Sum(row => sd * shape * (row.Response - Mu(row, middle)) / (shape + Mu(row, middle))) - middle > 0;
            (low, high) = rises ? (middle, high) : (low, middle);
        }

        return level.Sum(row => CellModels.LogLikelihood(TestFamilies.NegativeBinomial, row, Eta(row, low), 1, shape)) - 0.5 * low * low
            - 0.5 * Math.Log(1 + sd * sd * level.Sum(row => Mu(row, low) * shape / (Mu(row, low) + shape)));

        double Mu(CellModels.Row row, double v) => row.Size * Math.Exp(Eta(row, v));
    });

    [Theory]
    [InlineData("NegativeBinomial")]
    [InlineData("Gamma")]
    public void By_quadrature_the_maximum_is_that_of_the_integral(string name)
    {
        var family = Of(name);
        var rows = CellModels.Rows(family, 5, 6, 1, 40).Select(row => row with { Columns = [], Groups = [row.Groups[0]] }).ToList();
        var point =
            new MaximumLikelihoodEngine { QuadraturePoints = 25 }.Run(
                CellModels.Bind(CellModels.Spec(family, 0, [Intercept], Factor("g", -1)), rows), RunOptions.Default).Point!;
        CheckIntegral(family, rows, point);
    }

    [Theory]
    [InlineData("NegativeBinomial")]
    [InlineData("Gamma")]
    public void A_shape_of_a_twentieth_has_the_maximum_of_the_integral(string name)
    {
        // Near 0 the quantile u of a Gamma response is u^(1 / shape); levels differ by an sd of 2.
        var family = Of(name);
        var rows = Enumerable.Range(0, 400).Select(i =>
        {
            var y = Math.Exp(Math.Log((0.618033988749895 * (i + 1)) % 1) / 0.045 + 3 * Math.Sin(2.4 * (i / 40)));
            return new CellModels.Row([i / 40], [], 0, family.IsCount ? Math.Floor(20 * y) : y, 1);
        }).ToList();
        var point =
            new MaximumLikelihoodEngine { QuadraturePoints = 25 }.Run(
                CellModels.Bind(CellModels.Spec(family, 0, [Intercept], Factor("g", -1)), rows), RunOptions.Default).Point!;

        Assert.True(point.IsConverged);
        Assert.InRange(point.Scales[0], 0.03, 0.06);
        Assert.True(point.Scales[1] > 0.5, $"{point.Scales[1]}");
        CheckIntegral(family, rows, point);
    }

    private static void CheckIntegral(Family family, List<CellModels.Row> rows, PointEstimate point)
    {
        double[] best = [point.Population[0], point.Scales[0], point.Scales[1]];

        Assert.Equal(Integral(best), point.LogLikelihood, 1e-6);
        for (var i = 0; i < 3; i++)
        {
            // The slope of the log likelihood for the log of a scale, the intercept as it is.
            var step = i == 0 ? 1e-3 : 1e-3 * best[i];
            double[] above = [.. best], below = [.. best];
            above[i] += step;
            below[i] -= step;
            Assert.Equal(0, (Integral(above) - Integral(below)) / 2e-3, 1e-3);
        }

        double Integral(double[] at) => rows.GroupBy(row => row.Groups[0]).Sum(level =>
        {
            var logs = Enumerable.Range(-1200, 2401).Select(j => j / 150.0)
                .Select(v => level.Sum(row => CellModels.LogLikelihood(family, row, row.Offset + at[0] + at[2] * v, 1, at[1])) - 0.5 * v * v)
                    .ToArray();
            var most = logs.Max();
            return most + Math.Log(logs.Sum(log => Math.Exp(log - most)) / 150 / Math.Sqrt(2 * Math.PI));
        });
    }

    [Fact]
    public void Positive_responses_without_groups_have_their_closed_form()
    {
        double[] y = [1.2, 0.4, 3.3, 2.2, 0.9, 1.7, 5.1];
        var model = CellModels.Bind(
            CellModels.Spec(TestFamilies.Gamma, 0, [Intercept]), [.. y.Select(value => new CellModels.Row([], [], 0, value, 1))]);

        var point = new MaximumLikelihoodEngine().Run(model, RunOptions.Default).Point!;

        var alpha = point.Scales[0];
        Assert.Equal(Math.Log(y.Average()), point.Population[0], 1e-8);
        Assert.Equal(Math.Log(y.Average()) - y.Average(Math.Log), Math.Log(alpha) - SpecialFunctions.DiGamma(alpha), 1e-7);
        Assert.Equal(1 / Math.Sqrt(alpha * y.Length), Math.Sqrt(point.PopulationCovariance[0]), 1e-6);
        Assert.Equal(y.Sum(value => MathNet.Numerics.Distributions.Gamma.PDFLn(alpha, alpha / y.Average(), value)), point.LogLikelihood, 1e-8);
        Assert.Equal(-2 * alpha * y.Sum(value => Math.Log(value / y.Average())), point.Deviance, 1e-7);
    }

    [Fact]
    public void Counts_without_more_variation_than_Poisson_counts_are_on_the_boundary()
    {
        var rows = Enumerable.Range(0, 40).Select(i => new CellModels.Row([i % 5], [], 0, 3 + i % 3 + 2 * (i % 5), 1)).ToList();

        var counts = new MaximumLikelihoodEngine().Run(
            CellModels.Bind(CellModels.Spec(TestFamilies.NegativeBinomial, 0, [Intercept], Factor("g", -1)), rows), RunOptions.Default);
        var poisson = new MaximumLikelihoodEngine().Run(
            CellModels.Bind(CellModels.Spec(TestFamilies.Poisson, 0, [Intercept], Factor("g", -1)), rows), RunOptions.Default);

        Assert.Contains("no more than Poisson counts", Assert.Single(counts.Warnings).Message, StringComparison.Ordinal);
        Assert.Equal(poisson.Point!.LogLikelihood, counts.Point!.LogLikelihood, 1e-7);
        Assert.Equal(poisson.Point.Population[0], counts.Point.Population[0], 1e-5);
        Assert.Equal(poisson.Point.Scales[0], counts.Point.Scales[1], 1e-4);
    }

    [Fact]
    public void A_shape_that_is_fixed_stays()
    {
        var spec = CellModels.Spec(TestFamilies.Gamma, 0, [Intercept], Factor("g", -1));
        spec = spec with { Response = spec.Response with { Shape = new FixedPrior(2.5) } };

        var point =
            new MaximumLikelihoodEngine().Run(
                CellModels.Bind(spec, [.. CellModels.Rows(TestFamilies.Gamma, 5, 6, 1, 60).Select(row => row with { Columns = [] })]),
                RunOptions.Default).Point!;

        Assert.Equal(2.5, point.Scales[0]);
        Assert.Equal(2, point.ParameterCount);
    }

    private static CellBoundModel Model(Family family, string shape)
    {
        var spec = shape switch
        {
            "no factor" => CellModels.Spec(family, 2, [Intercept, new("x0", 0, Flat)]),
            "a varying intercept" => CellModels.Spec(family, 2, [Intercept, new("x0", 0, Flat)], Factor("g", -1)),
            "correlated slopes" => CellModels.Spec(family, 2, [Intercept, new("x1", 1, Flat)], Factor("g", -1, 0)),
            _ => CellModels.Spec(family, 2, [Intercept], Factor("g", -1, 0), Factor("h", -1)),
        };
        var model = CellModels.Bind(spec, CellModels.Rows(family, 5, 6, 4, 70));
        return model.With(model.Spec.WithoutPriors());
    }

    private static FactorSpec Factor(string name, params int[] columns) =>
        new(name, [.. columns.Select(c => new VaryingTerm(c < 0 ? "Intercept" : $"x{c}", c, Flat))], new LkjPrior(1));

    private static Family Of(string name) => name == "Gamma" ? TestFamilies.Gamma : TestFamilies.NegativeBinomial;
}
