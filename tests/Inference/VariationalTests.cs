using MathNet.Numerics;
using MathNet.Numerics.LinearAlgebra;
using TypedPooling.Data;
using TypedPooling.Draws;
using TypedPooling.Engines;
using TypedPooling.Inference.Marginal;
using TypedPooling.Inference.Variational;
using TypedPooling.Model;
using TypedPooling.Tests.Support;
using Xunit;

namespace TypedPooling.Tests.Inference;

/// <summary>The Variational engine against the same mean field written out over rows, closed forms, and the exact evidence.</summary>
public sealed class VariationalTests
{
    /// <summary>Models by name, all priors proper and conjugate.</summary>
    public static TheoryData<string> Models => [.. ModelOf.Keys];

    private static IReadOnlyDictionary<string, Func<NormalBoundModel>> ModelOf { get; } = new Dictionary<string, Func<NormalBoundModel>>
    {
        ["no factor"] = () => Systems.Bind(Spec([], new InverseGammaOnVariancePrior(2, 1)), Systems.Rows(1, 1, 12, 1)),
        ["intercepts"] = () => Systems.Bind(
            Spec([Varying(-1, new HalfStudentTPrior(3, 1))], new InverseGammaOnVariancePrior(2, 1)), Systems.Rows(2, 9, 4, 1)),
        ["slopes, uncorrelated"] = () => Systems.Bind(
            Spec([Varying(-1, new HalfCauchyPrior(1)), Varying(0, new InverseGammaOnVariancePrior(2, 0.5))], new HalfStudentTPrior(4, 1)),
            Systems.Rows(3, 9, 5, 1)),
        ["slopes, Huang and Wand"] = () => Systems.Bind(
            Spec([Varying(-1, null), Varying(0, null)], new HalfCauchyPrior(1), new HuangWandPrior(2, 1, 0.5)), Systems.Rows(4, 9, 5, 1)),
        ["slopes, inverse Wishart"] = () => Systems.Bind(
            Spec([Varying(-1, null), Varying(0, null)], new HalfCauchyPrior(1), new InverseWishartPrior(4, new[,] { { 2, 0.5 }, { 0.5, 1 } })),
            Systems.Rows(5, 9, 5, 1)),
        ["known errors"] = () => Systems.Bind(
            Spec([Varying(-1, new HalfCauchyPrior(1))], null),
            Systems.Rows(6, 9, 2, 1),
            [.. Systems.Rows(6, 9, 2, 1).Select((_, i) => 0.3 + (0.1 * (i % 4)))]),
        ["an sd that is fixed"] = () => Systems.Bind(
            Spec([Varying(-1, new FixedPrior(0.7)), Varying(0, new HalfCauchyPrior(1))], new HalfCauchyPrior(1)), Systems.Rows(7, 9, 5, 1)),
        ["two crossed factors"] = () => Crossed(),
    };

    [Theory]
    [MemberData(nameof(Models))]
    public void The_bound_never_falls_and_stays_below_the_evidence(string name)
    {
        var model = ModelOf[name]();
        var field = new MeanField(model);
        Assert.True(field.Run(1e-9, 5000, RunOptions.Default));
        Assert.True(field.Bounds.Count > 4);
        for (var i = 1; i < field.Bounds.Count; i++)
            Assert.True(
                field.Bounds[i] >= field.Bounds[i - 1] - 1e-10 * Math.Abs(field.Bounds[i]),
                $"iteration {i}: {field.Bounds[i - 1]} and {field.Bounds[i]}");

        var evidence = new MarginalEngine().RunNormal(model, RunOptions.Default).LogEvidence!.Value;
        Assert.True(field.Bounds[^1] < evidence.Value + 4 * evidence.Error, $"{field.Bounds[^1]} for {evidence}");
        Assert.True(field.Bounds[^1] > evidence.Value - 4, $"{field.Bounds[^1]} for {evidence}");
        Assert.Equal(field.Bounds[^1], new VariationalEngine { Tolerance = 1e-9 }.RunNormal(model, RunOptions.Default).EvidenceBound);
    }

    [Fact]
    public void The_bound_is_the_evidence_where_the_approximation_is_exact()
    {
        // y ~ N(0, sigma^2), sigma^2 ~ InverseGamma(a, b): nothing but sigma, so one factor of q is all there is.
        const double A = 1.5, B = 2;
        var rows = Systems.Rows(8, 1, 9, 0);
        var spec = Spec([], new InverseGammaOnVariancePrior(A, B)) with { Columns = [], Population = [] };
        var squares = rows.Sum(row => row.Y * row.Y);
        var expected = A * Math.Log(B) - SpecialFunctions.GammaLn(A) + SpecialFunctions.GammaLn(A + rows.Count / 2.0)
            - (A + rows.Count / 2.0) * Math.Log(B + squares / 2) - rows.Count / 2.0 * Math.Log(2 * Math.PI);

        var posterior = new VariationalEngine().RunNormal(Systems.Bind(spec, rows), RunOptions.Default);

        Assert.Equal(expected, posterior.EvidenceBound!.Value, 1e-10);

        // And where all scales are known.
        var (model, _) = GibbsAlgebraTests.Model("slopes");
        model = new NormalBoundModel(
            model.Spec with
            {
                Population = [.. model.Spec.Population.Select(term => term.Prior is FlatPrior ? term with { Prior = new NormalPrior(0, 3) } : term)],
            },
            model.Levels, model.Cells, [model.CellLevels(0).ToArray(), model.CellLevels(1).ToArray()], 0);
        Assert.Equal(
            new MarginalEngine().RunNormal(model, RunOptions.Default).LogEvidence!.Value.Value,
            new VariationalEngine().RunNormal(model, RunOptions.Default).EvidenceBound!.Value,
            1e-9);
    }

    [Fact]
    public void Coefficients_at_known_scales_are_those_of_the_dense_system()
    {
        const int Count = 20_000;
        var (model, rows) = GibbsAlgebraTests.Model("slopes");
        var truth = new GibbsAlgebraTests.Dense(model.Spec, rows);
        var posterior = new VariationalEngine().RunNormal(model, new RunOptions { Draws = Count / 4, Seed = 3 });
        var at = 0;
        foreach (var block in (DrawBlock[])[posterior.Population, .. posterior.Effects])
        {
            for (var i = 0; i < block.ParameterCount; i++, at++)
            {
                var draws = new double[Count];
                block.CopyDraws(i, draws);
                var sd = Math.Sqrt(truth.Covariance[at, at]);
                Assert.Equal(truth.Mean[at], draws.Average(), 5 * sd / Math.Sqrt(Count) + 1e-9);
                Assert.Equal(sd, Math.Sqrt(draws.Average(x => (x - truth.Mean[at]) * (x - truth.Mean[at]))), 5 * sd / Math.Sqrt(2.0 * Count) + 1e-9);
            }
        }
    }

    [Fact]
    public void One_dimensional_covariance_priors_are_their_scale_priors()
    {
        var rows = Systems.Rows(9, 8, 4, 1);
        foreach (var (scale, covariance) in new (IScalePrior, ICovariancePrior)[]
        {
            (new InverseGammaOnVariancePrior(2, 0.75), new InverseWishartPrior(4, 1.5)),
            (new HalfStudentTPrior(3, 0.8), new HuangWandPrior(3, 0.8)),
        })
        {
            var first = new MeanField(Systems.Bind(Spec([Varying(-1, scale)], new HalfCauchyPrior(1)), rows));
            var second = new MeanField(Systems.Bind(Spec([Varying(-1, null)], new HalfCauchyPrior(1), covariance), rows));
            Assert.True(first.Run(1e-11, 5000, RunOptions.Default) && second.Run(1e-11, 5000, RunOptions.Default));
            Assert.Equal(first.Bounds[^1], second.Bounds[^1], 1e-8);
            Assert.Equal(first.Point.Factors[0].Lambda[0], second.Point.Factors[0].Lambda[0], 1e-8);
        }
    }

    [Fact]
    public void The_fixed_point_is_that_of_coordinate_ascent_written_out_over_rows()
    {
        // sigma^2 ~ InverseGamma(2, 1), Sigma ~ InverseWishart(4, Psi), coefficients in one dense normal.
        const int Groups = 7;
        var rows = Systems.Rows(10, Groups, 5, 1);
        double[,] prior = { { 2, 0.5 }, { 0.5, 1 } };
        var field =
            new MeanField(
                Systems.Bind(
                    Spec([Varying(-1, null), Varying(0, null)], new InverseGammaOnVariancePrior(2, 1), new InverseWishartPrior(4, prior)), rows));
        Assert.True(field.Run(1e-12, 20_000, RunOptions.Default));

        var seen = rows.Select(row => row.Group).Distinct().ToList();
        var n = 2 + 2 * seen.Count;
        var design = Matrix<double>.Build.Dense(rows.Count, n);
        for (var i = 0; i < rows.Count; i++)
        {
            var x = rows[i].Columns[0];
            var at = 2 + 2 * seen.IndexOf(rows[i].Group);
            (design[i, 0], design[i, 1], design[i, at], design[i, at + 1]) = (1, x, 1, x);
        }

        var y = Vector<double>.Build.Dense(rows.Count, i => rows[i].Y);
        var psi = Matrix<double>.Build.DenseOfArray(prior);
        var (tau, omega) = (1.0, Matrix<double>.Build.DenseIdentity(2));
        for (var iteration = 0; iteration < 3000; iteration++)
        {
            var precision = tau * design.TransposeThisAndMultiply(design);
            precision[0, 0] += 1 / 4.0;
            precision[1, 1] += 1;
            for (var j = 0; j < seen.Count; j++)
            {
                for (var a = 0; a < 4; a++)
                    precision[2 + 2 * j + a / 2, 2 + 2 * j + a % 2] += omega[a / 2, a % 2];
            }

            var covariance = precision.Inverse();
            var target = tau * design.TransposeThisAndMultiply(y);
            target[0] += 1 / 4.0;
            var mean = covariance * target;
            var rest = y - design * mean;
            tau = (2 + rows.Count / 2.0) / (1 + (rest * rest + (design.TransposeThisAndMultiply(design) * covariance).Trace()) / 2);
            var squares = psi.Clone();
            for (var j = 0; j < seen.Count; j++)
            {
                var u = mean.SubVector(2 + 2 * j, 2);
                squares += u.OuterProduct(u) + covariance.SubMatrix(2 + 2 * j, 2, 2 + 2 * j, 2);
            }

            omega = (4 + seen.Count) * squares.Inverse();
        }

        Assert.Equal(1 / Math.Sqrt(tau), field.Point.Sigma, 1e-8);
        var effective = omega.Inverse();
        var lambda = Matrix<double>.Build.Dense(2, 2, (a, b) => field.Point.Factors[0].Lambda[a * 2 + b]);
        Assert.True((effective - lambda * lambda.Transpose()).FrobeniusNorm() < 1e-7, $"{effective} and {lambda * lambda.Transpose()}");
    }

    [Fact]
    public void Priors_without_closed_forms_are_refused_all_at_once()
    {
        var spec = Spec([Varying(-1, new FlatPrior()), Varying(0, new FlatPrior())], new FlatPrior());
        spec =
            spec with
            {
                Factors = [spec.Factors[0] with { Correlation = new LkjPrior(2) }],
                Population = [spec.Population[0] with { Prior = new LaplacePrior(0, 1) }, spec.Population[1]],
            };
        var support = new VariationalEngine().Supports(spec);
        Assert.Equal(Exactness.Approximate, support.Exactness);
        Assert.Equal(["Intercept", "sigma", "g: Intercept", "g: x0", "g"], support.Reasons.Select(reason => reason.Term));
        Assert.Throws<ModelException>(() => new VariationalEngine().RunNormal(Systems.Bind(spec, Systems.Rows(11, 5, 4, 1)), RunOptions.Default));
    }

    [Fact]
    public void Priors_are_replaced_on_request_and_every_replacement_is_listed()
    {
        var spec = Spec([Varying(-1, new ExponentialPrior(1)), Varying(0, new HalfNormalPrior(1))], new ExponentialPrior(2));
        spec =
            spec with
            {
                Factors = [spec.Factors[0] with { Correlation = new LkjPrior(2) }],
                Population = [spec.Population[0] with { Prior = new LaplacePrior(0, 1) }, spec.Population[1]],
            };
        var engine = new VariationalEngine { Replacing = PriorReplacement.NearestConjugate };
        Assert.True(engine.Supports(spec).IsSupported);

        var posterior = engine.RunNormal(Systems.Bind(spec, Systems.Rows(11, 9, 4, 1)), RunOptions.Default);

        Assert.All(posterior.Warnings, warning => Assert.Equal(FitWarningCode.PriorReplaced, warning.Code));
        Assert.Equal(2, posterior.Warnings.Length);
        Assert.Contains(
            posterior.Warnings, warning => warning.Message.Contains(" of covariance(g) was replaced by HuangWand(", StringComparison.Ordinal));
        Assert.Contains(
            posterior.Warnings, warning => warning.Message.Contains(" of Intercept was replaced by Normal(0, ", StringComparison.Ordinal));
        Assert.IsType<ExponentialPrior>(posterior.Spec.Response.Sigma);
    }

    [Fact]
    public void A_tabulated_sd_is_the_inverse_gamma_where_that_is_the_prior()
    {
        var stream = new Randomness.PhiloxStream(5, 0);
        foreach (var (count, squares) in new[] { (1.0, 0.3), (8, 5.0), (2000, 900), (1e6, 2e-6) })
        {
            var prior = new InverseGammaOnVariancePrior(1.5, 2e-3 * squares);
            var (closed, tabulated) = (new InverseGammaScale(prior.Conjugate!.Value), new DensityScale(prior));
            closed.Update(count, [squares]);
            tabulated.Update(count, [squares]);
            double[] a = [0], b = [0];
            closed.Effective(a);
            tabulated.Effective(b);
            Assert.Equal(1, b[0] / a[0], 1e-9);
            Assert.Equal(closed.Bound(count), tabulated.Bound(count), 1e-7 * Math.Max(1, Math.Abs(closed.Bound(count))));

            // Shape and rate of the inverse gamma of sd^2; 5 is a distance of the two distribution functions that chance does not reach.
            var (shape, rate) = (1.5 + count / 2, (2e-3 + 0.5) * squares);
            double[] draws = [.. Enumerable.Range(0, 4000).Select(_ => Draw(tabulated)).Order()];
            var distance =
                draws.Select((sd, i) => Math.Abs(MathNet.Numerics.Distributions.Gamma.CDF(shape, 1, rate / sd / sd) - (1 - (i + 0.5) / draws.Length)))
                    .Max();
            Assert.True(distance * Math.Sqrt(draws.Length) < 2.5, $"{distance}");
        }

        double Draw(ScaleApproximation scale)
        {
            double[] sd = [0];
            scale.Sample(stream, sd);
            return sd[0];
        }
    }

    [Theory]
    [InlineData("half-normal")]
    [InlineData("half-t of 1,000")]
    [InlineData("uniform")]
    [InlineData("exponential")]
    public void Sds_keep_most_of_their_spread_whatever_their_prior_with_one_factor_and_with_two(string prior)
    {
        IScalePrior Of(double scale) => prior switch
        {
            "half-normal" => new HalfNormalPrior(scale),
            "half-t of 1,000" => new HalfStudentTPrior(1000, scale),
            "uniform" => new UniformPrior(0, 100 * scale),
            _ => new ExponentialPrior(1 / scale),
        };
        var one = Spec([Varying(-1, Of(1))], Of(1));
        var two = one with { Factors = [one.Factors[0], new FactorSpec("h", [Varying(-1, Of(1))], new UncorrelatedPrior())] };
        foreach (var model in new[] { Systems.Bind(
            one, Systems.Rows(21, 24, 6, 1)), Systems.BindSeveral(two, Systems.CrossedRows(22, 20, 12, 160, 1)) })
        {
            var exact = new MarginalEngine().RunNormal(model, RunOptions.Default);
            var approximate = new VariationalEngine { Replacing = PriorReplacement.NearestConjugate }.RunNormal(model, RunOptions.Default);
            Assert.Empty(approximate.Warnings);
            for (var i = 0; i < exact.Scales.ParameterCount; i++)
            {
                var (mean, sd) = Moments(exact.Scales, i);
                var (own, spread) = Moments(approximate.Scales, i);
                Assert.True(Math.Abs(own - mean) < 0.35 * sd, $"{exact.Scales.Parameter(i)}: {own} for {mean}, sd {sd}");
                Assert.True(spread > 0.6 * sd && spread < 1.15 * sd, $"{exact.Scales.Parameter(i)}: {spread} for {sd}");
            }
        }
    }

    [Fact]
    public void Rats_with_half_normal_sds_keep_the_spread_that_the_exact_posterior_has()
    {
        var rows = File.ReadLines(Path.Combine(AppContext.BaseDirectory, "data", "rats.csv")).Skip(1).Select(line => line.Split(',')).ToList();
        var rats = rows.Select(row => row[0]).Distinct().ToList();
        var days = rows.Average(row => Number(row[1]));
        var spec = Systems.Spec(
            1, [new PopulationTerm("Intercept", ModelSpec.Ones, new NormalPrior(250, 100)), new PopulationTerm("x0", 0, new NormalPrior(6, 10))],
            [Varying(-1, new HalfNormalPrior(20)), Varying(0, new HalfNormalPrior(2))], new UncorrelatedPrior(), new HalfNormalPrior(10));
        var model = Systems.Bind(spec, [.. rows.Select(row => (rats.IndexOf(row[0]), new[] { Number(row[1]) - days }, Number(row[2])))]);
        var posterior = new VariationalEngine().RunNormal(model, RunOptions.Default);

        // sds of sigma, of the intercepts' sd and of the slopes' by the Marginal engine: what a mean field loses is a quarter, not nine tenths.
        foreach (var (i, exact) in new[] { 0.463, 2.07, 0.095 }.Index())
            Assert.InRange(Moments(posterior.Scales, i).Sd / exact, 0.7, 1.02);

        static double Number(string field) => double.Parse(field, System.Globalization.CultureInfo.InvariantCulture);
    }

    [Fact]
    public void Covariance_priors_of_many_degrees_of_freedom_are_refused_also_where_they_replace_others()
    {
        var spec = Spec([Varying(-1, null), Varying(0, null)], new HalfCauchyPrior(1), new HuangWandPrior(11, 1));
        var problem = Assert.Single(new VariationalEngine().Supports(spec).Reasons);
        Assert.Equal("g", problem.Term);
        Assert.Contains("more than 10 degrees of freedom", problem.Sentence, StringComparison.Ordinal);
        Assert.True(
            new VariationalEngine().Supports(spec with { Factors = [spec.Factors[0] with { Covariance = new HuangWandPrior(10, 1) }] }).IsSupported);

        spec = Spec([Varying(-1, new HalfNormalPrior(1)), Varying(0, new HalfNormalPrior(1))], new HalfCauchyPrior(1));
        var engine = new VariationalEngine { Replacing = PriorReplacement.NearestConjugate };
        Assert.False(engine.Supports(spec with { Factors = [spec.Factors[0] with { Correlation = new LkjPrior(20) }] }).IsSupported);
        Assert.True(engine.Supports(spec with { Factors = [spec.Factors[0] with { Correlation = new LkjPrior(3) }] }).IsSupported);
    }

    [Fact]
    public void A_replacement_that_moves_the_answer_is_refused_by_name_and_the_bound_holds()
    {
        // The sds are near 1, and their priors say 0.05: Huang and Wand's prior of the same medians has a tail where a half-normal has none.
        var spec = Spec([Varying(-1, new HalfNormalPrior(0.05)), Varying(0, new HalfNormalPrior(0.05))], new HalfCauchyPrior(1));
        spec = spec with { Factors = [spec.Factors[0] with { Correlation = new LkjPrior(2) }] };
        var model = Systems.Bind(spec, Systems.Rows(23, 12, 6, 1));
        var engine = new VariationalEngine { Replacing = PriorReplacement.NearestConjugate };
        var problem = Assert.Single(Assert.Throws<ModelException>(() => engine.RunNormal(model, RunOptions.Default)).Problems);
        Assert.Equal(("covariance(g)", ProblemCode.EngineRefuses), (problem.Term, problem.Code));
        Assert.Contains("means by up to ", problem.Sentence, StringComparison.Ordinal);

        // Where it stands, the exact posteriors under both priors differ by no more than it says.
        spec =
            spec with
            {
                Factors = [spec.Factors[0] with { Terms = [Varying(-1, new HalfStudentTPrior(4, 1)), Varying(0, new HalfStudentTPrior(4, 1))] }],
            };
        model = Systems.Bind(spec, Systems.Rows(23, 12, 6, 1));
        var replaced = ConjugatePriors.Replace(spec, CovarianceFamily.HuangWand).Spec;
        var (declared, fitted) = (
            new MarginalEngine().RunNormal(model, RunOptions.Default), new MarginalEngine().RunNormal(model.With(replaced), RunOptions.Default));
        ReplacedPriors.Check(spec, fitted);
        for (var i = 0; i < declared.Scales.ParameterCount; i++)
            Assert.Equal(
                Moments(declared.Scales, i).Mean, Moments(fitted.Scales, i).Mean, (ReplacedPriors.MostMoved + 0.08) * Moments(fitted.Scales, i).Sd);
    }

    private static (double Mean, double Sd) Moments(DrawBlock block, int i)
    {
        var draws = new double[block.DrawCount];
        block.CopyDraws(i, draws);
        return (Diagnostics.Mean(draws), Diagnostics.Sd(draws));
    }

    [Fact]
    public void Iterations_that_run_out_are_a_warning_and_cancelling_gives_nothing()
    {
        var model = ModelOf["slopes, Huang and Wand"]();
        var posterior = new VariationalEngine { MaximumIterations = 3 }.RunNormal(model, RunOptions.Default);
        Assert.Equal(FitWarningCode.NotConverged, Assert.Single(posterior.Warnings).Code);
        Assert.Contains("not converged after 3 iterations", posterior.SamplingReason, StringComparison.Ordinal);
        Assert.Empty(new VariationalEngine().RunNormal(model, RunOptions.Default).Warnings);
        using var source = new CancellationTokenSource();
        source.Cancel();
        Assert.Throws<OperationCanceledException>(
            () => new VariationalEngine().RunNormal(model, RunOptions.Default with { Cancellation = source.Token }));
    }

    private static VaryingTerm Varying(int column, IScalePrior? prior) => new(column < 0 ? "Intercept" : $"x{column}", column, prior);

    private static ModelSpec Spec(VaryingTerm[] varying, IScalePrior? sigma, ICovariancePrior? covariance = null)
    {
        var spec = Systems.Spec(
            1, [
                new PopulationTerm("Intercept", ModelSpec.Ones, new NormalPrior(1, 2)),
                new PopulationTerm("x0", 0, new NormalPrior(0, 1))], varying, new UncorrelatedPrior(), sigma);
        return covariance is null ? spec : spec with { Factors = [spec.Factors[0] with { Covariance = covariance }] };
    }

    private static NormalBoundModel Crossed()
    {
        var spec = Spec([Varying(-1, null), Varying(0, null)], new HalfCauchyPrior(1), new HuangWandPrior(2, 1));
        spec = spec with { Factors = [spec.Factors[0], new FactorSpec("h", [Varying(-1, new HalfStudentTPrior(4, 1))], new UncorrelatedPrior())] };
        return Systems.BindSeveral(spec, Systems.CrossedRows(12, 9, 6, 70, 1));
    }
}
