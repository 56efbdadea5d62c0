using TypedPooling.Draws;
using TypedPooling.Engines;
using TypedPooling.Inference.Hierarchy.CellLikelihoods;
using TypedPooling.Inference.Hierarchy.GaussianSystem;
using TypedPooling.Inference.MaximumLikelihood;
using TypedPooling.Model;
using TypedPooling.Randomness;
using TypedPooling.Tests.Support;
using Xunit;

namespace TypedPooling.Tests.Inference;

/// <summary>Maximum likelihood of cells with columns far from 0 beside effects that vary: where the model does not depend on the origin, nor does its
/// fit; where it does, the criterion is that of the columns as they are.</summary>
public sealed class FarColumnCellTests
{
    private static readonly FlatPrior Flat = new();

    public static TheoryData<string, bool> Cases
    {
        get
        {
            var cases = new TheoryData<string, bool>();
            foreach (var family in new[] { "Poisson", "NegativeBinomial", "Gamma", "Binomial", "Bernoulli" })
            {
                cases.Add(family, false);
                cases.Add(family, true);
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Correlated_effects_have_one_fit_wherever_their_column_lies(string family, bool isCrossed)
    {
        foreach (var shift in new[] { 1.5, 1e3, 1e5, 1e8 })
        {
            // What is left of the column at the far origin, so that both fits have the same differences.
            var far = Rows(family, shift);
            var near = far.Select(row => row with { Columns = [row.Columns[0] - shift] }).ToList();
            var (here, there) = (Fit(family, near, isCrossed, new LkjPrior(1)), Fit(family, far, isCrossed, new LkjPrior(1)));
            Assert.True(here.IsConverged && there.IsConverged);
            Assert.Equal(here.LogLikelihood, there.LogLikelihood, 1e-7);
            Assert.Equal(here.Population[1], there.Population[1], 1e-4 * Se(here, 1));
            Assert.Equal(Se(here, 1), Se(there, 1), 1e-4 * Se(here, 1));

            // The intercept at the old origin.
            Assert.Equal(here.Population[0], there.Population[0] + shift * there.Population[1], 1e-3 * Se(here, 0));
            var scales = family is "NegativeBinomial" or "Gamma" ? 1 : 0;
            var (sd, slopeSd, correlation) = (there.Scales[scales], there.Scales[scales + 1], there.Scales[scales + 2]);
            Assert.Equal(here.Scales[scales + 1], slopeSd, 1e-4 * slopeSd);
            if (shift > 1e4 || double.IsNaN(correlation))
                continue;
            var variance = sd * sd + 2 * shift * correlation * sd * slopeSd + shift * shift * slopeSd * slopeSd;
            Assert.Equal(here.Scales[scales], Math.Sqrt(Math.Max(0, variance)), 1e-4);
        }
    }

    [Theory]
    [InlineData(3, 1e-9)]
    [InlineData(1e3, 1e-7)]
    [InlineData(1e5, 1e-4)]
    public void Uncorrelated_effects_have_the_criterion_of_the_columns_as_they_are(double shift, double tolerance)
    {
        var rows = Rows("Poisson", shift);
        var spec = Spec("Poisson", isCrossed: false, new UncorrelatedPrior());
        var model = CellModels.Bind(spec, rows);
        var system = CellSystem.Of(model, CellPlan.Of(model));
        var function = new LaplaceLikelihood(system, new LikelihoodCoordinates(spec, new TypicalScales(1, [1, 1 / shift]), system.PopulationCount));
        foreach (var x in new[] { new[] { 0.3, -0.2, 0.5, 0.7 }, [0, 0, 0.02, 0.4], [0, 1, 0.4, 0] })
        {
            var value = function.Evaluate(x, []);
            var beta = new double[2];
            for (var a = 0; a < 2; a++)
                beta[a] = system.Centre[a] + system.Map[a * 2] * x[0] + system.Map[a * 2 + 1] * x[1];
            Assert.Equal(ByRows(rows, beta, x[2], x[3] / shift), value, tolerance * Math.Abs(value));
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Uncorrelated_effects_far_from_0_have_a_maximum_too(string family, bool isCrossed)
    {
        // From about 1e4 sds on the slopes vary no more than the intercept can do in their place, and the criterion changes by 1 over the shift.
        var fits = new[] { 1e6, 1e7, 1e8 }.Select(shift => Fit(family, Rows(family, shift), isCrossed, new UncorrelatedPrior())).ToArray();
        Assert.All(fits, fit => Assert.True(fit.IsConverged));
        Assert.Equal(fits[0].LogLikelihood, fits[1].LogLikelihood, 1e-3);
        Assert.Equal(fits[1].LogLikelihood, fits[2].LogLikelihood, 1e-4);
        Assert.Equal(Se(fits[0], 1), Se(fits[2], 1), 1e-3 * Se(fits[0], 1));
    }

    [Theory]
    [InlineData("Poisson")]
    [InlineData("Gamma")]
    public void No_start_finds_a_higher_maximum_of_uncorrelated_effects(string family)
    {
        // With slopes that differ much intercepts far away move with them: a region of its own.
        var stream = new PhiloxStream(3, 1);
        foreach (var shift in new[] { 3.0, 30, 300, 3000 })
        {
            var spec = Spec(family, isCrossed: false, new UncorrelatedPrior());
            var rows =
                Rows(
                    family,
                    shift).Select(
                        (row, i) =>
                            row with
                            {
                                Response = family == "Gamma"
                                ? row.Response * Math.Exp(1.4 * Math.Sin(4.7 * (i / 20)) * (row.Columns[0] - shift))
                                : Math.Round(row.Response * Math.Exp(1.4 * Math.Sin(4.7 * (i / 20)) * (row.Columns[0] - shift)))
                            }).ToList();
            var model = CellModels.Bind(spec, rows);
            model = model.With(model.Spec.WithoutPriors());
            var point = new MaximumLikelihoodEngine().Run(model, RunOptions.Default).Point!;
            var system = CellSystem.Of(model, CellPlan.Of(model));
            var function = new LaplaceLikelihood(system, new LikelihoodCoordinates(model.Spec, new TypicalScales(1, [1, 1]), system.PopulationCount));
            for (var start = 0; start < 12; start++)
            {
                var x = new double[function.Coordinates.Dimension];
                if (function.Coordinates.HasShape)
                    x[function.Coordinates.ShapeAt] = function.Coordinates.ShapeCoordinate(system.TypicalShape);
                x[^1] = Math.Exp(-7 * stream.NextDouble());
                x[^2] = Math.Exp(-2 + 9 * stream.NextDouble());
                var search = new LikelihoodSearch(function, isCheap: false, system.TypicalShape);
                if (search.TryRun(x))
                    Assert.True(
                        search.Value <= point.LogLikelihood + 1e-5,
                        $"At {shift} the maximum is {point.LogLikelihood}, and {search.Value} from {x[^2]} and {x[^1]}.");
            }
        }
    }

    [Fact]
    public void A_year_and_its_square_are_fitted_as_centred_ones_are()
    {
        var raw = Rows("Poisson", 0).Select((row, i) => row with { Columns = [1990 + i % 20, Math.Pow(1990 + i % 20, 2)] }).ToList();
        var centred = raw.Select(row => row with { Columns = [row.Columns[0] - 2000, Math.Pow(row.Columns[0] - 2000, 2)] }).ToList();
        var (here, there) = (Square(centred), Square(raw));
        Assert.True(here.IsConverged && there.IsConverged);
        Assert.Equal(here.LogLikelihood, there.LogLikelihood, 1e-7);
        Assert.Equal(here.Population[2], there.Population[2], 1e-4 * Se(here, 2));
        Assert.Equal(Se(here, 2), Se(there, 2), 1e-3 * Se(here, 2));

        PointEstimate Square(List<CellModels.Row> rows) => new MaximumLikelihoodEngine().Run(
            CellModels.Bind(
                CellModels.Spec(
                    TestFamilies.Poisson,
                    2,
                    [new("Intercept", ModelSpec.Ones, Flat), new("x0", 0, Flat), new("x1", 1, Flat)],
                    new FactorSpec(
                        "g",
                        [new VaryingTerm("Intercept", ModelSpec.Ones, Flat), new VaryingTerm("x0", 0, Flat), new VaryingTerm("x1", 1, Flat)],
                        new LkjPrior(1))),
                [.. rows.Select(row => row with { Groups = [row.Groups[0]] })]),
            RunOptions.Default).Point!;
    }

    // 8 groups of 20; the crossed factor has 5 levels.
    private static List<CellModels.Row> Rows(string family, double shift) => [.. Enumerable.Range(0, 160).Select(i =>
    {
        var x = 1.5 * Math.Sin(3.1 * i);
        var own = 0.3 + 0.6 * Math.Sin(1 + 2.2 * (i / 20)) + (0.2 + 0.5 * Math.Sin(4.7 * (i / 20))) * x / 1.5 + 0.3 * Math.Sin(1.9 * (i * 7 % 5));
        var eta = own + (family == "Bernoulli" ? 4 : 0.6) * Math.Sin(17.3 * i) + (family == "NegativeBinomial" ? 1.1 * Math.Sin(91.0 * i) : 0);
        var (y, n) = family switch
        {
            "Gamma" => (Math.Exp(eta), 1.0),
            "Binomial" => (Math.Round(12 / (1 + Math.Exp(-eta))), 12),
            "Bernoulli" => (eta > 0 ? 1 : 0, 1),
            _ => (Math.Round(Math.Exp(1 + eta)), 1),
        };
        return new CellModels.Row([i / 20, i * 7 % 5], [x + shift], 0, y, n);
    })];

    private static ModelSpec Spec(string family, bool isCrossed, ICorrelationPrior correlations)
    {
        var first = new FactorSpec("g", [new VaryingTerm("Intercept", ModelSpec.Ones, Flat), new VaryingTerm("x0", 0, Flat)], correlations);
        FactorSpec[] factors = isCrossed ? [first, new FactorSpec("h", [new VaryingTerm("Intercept", ModelSpec.Ones, Flat)], correlations)] : [first];
        var of = family switch
        {
            "Poisson" =>
            TestFamilies.Poisson,
            "NegativeBinomial" =>
                TestFamilies.NegativeBinomial,
            "Gamma" => TestFamilies.Gamma,
            "Binomial" => TestFamilies.Binomial,
            _ => TestFamilies.Bernoulli
        };
        return CellModels.Spec(of, 1, [new("Intercept", ModelSpec.Ones, Flat), new("x0", 0, Flat)], factors);
    }

    private static PointEstimate Fit(string family, List<CellModels.Row> rows, bool isCrossed, ICorrelationPrior correlations) =>
        new MaximumLikelihoodEngine().Run(CellModels.Bind(Spec(family, isCrossed, correlations), rows), RunOptions.Default).Point!;

    private static double Se(PointEstimate point, int term) => Math.Sqrt(point.PopulationCovariance[term * point.Population.Length + term]);

    // Laplace's approximation by Newton's method in (v0, v1), columns as they are.
    private static double ByRows(List<CellModels.Row> rows, double[] beta, double sd, double slopeSd) =>
        rows.GroupBy(row => row.Groups[0]).Sum(group =>
    {
        var v = new double[2];
        double h00 = 0, h01 = 0, h11 = 0;
        for (var step = 0; step < 60; step++)
        {
            double g0 = -v[0], g1 = -v[1];
            (h00, h01, h11) = (1, 0, 1);
            foreach (var row in group)
            {
                var (z0, z1) = (sd, slopeSd * row.Columns[0]);
                var mean = Math.Exp(beta[0] + beta[1] * row.Columns[0] + z0 * v[0] + z1 * v[1]);
                (g0, g1) = (g0 + z0 * (row.Response - mean), g1 + z1 * (row.Response - mean));
                (h00, h01, h11) = (h00 + mean * z0 * z0, h01 + mean * z0 * z1, h11 + mean * z1 * z1);
            }

            var determinant = h00 * h11 - h01 * h01;
            v[0] += (h11 * g0 - h01 * g1) / determinant;
            v[1] += (h00 * g1 - h01 * g0) / determinant;
        }

        return group.Sum(
            row => CellModels.LogLikelihood(
                TestFamilies.Poisson, row, beta[0] + beta[1] * row.Columns[0] + sd * v[0] + slopeSd * row.Columns[0] * v[1]))
            - 0.5 * (v[0] * v[0] + v[1] * v[1]) - 0.5 * Math.Log(h00 * h11 - h01 * h01);
    });
}
