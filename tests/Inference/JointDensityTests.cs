using MathNet.Numerics.LinearAlgebra;
using TypedPooling.Data;
using TypedPooling.Inference.Hierarchy.JointPosterior;
using TypedPooling.Model;
using TypedPooling.Randomness;
using TypedPooling.Responses;
using TypedPooling.Tests.Support;
using Xunit;

namespace TypedPooling.Tests.Inference;

/// <summary>The joint density of all parameters against sums over rows, and its gradient against differences.</summary>
public sealed class JointDensityTests
{
    private static readonly Family[] Families =
    [
        TestFamilies.Bernoulli,
        TestFamilies.Binomial,
        TestFamilies.Of("Binomial", Link.Probit),
        TestFamilies.Of("Binomial", Link.ComplementaryLogLog),
        TestFamilies.Poisson,
        TestFamilies.NegativeBinomial, TestFamilies.Gamma, TestFamilies.StudentT,
    ];

    /// <summary>Family or Normal, shape of the model, and whether effects are centred.</summary>
    public static TheoryData<string, string, bool> Cases
    {
        get
        {
            var cases = new TheoryData<string, string, bool>();
            foreach (var family in Families.Select(Name).Append("Normal"))
            {
                foreach (var shape in Shapes.Keys)
                {
                    cases.Add(family, shape, false);
                    if (shape != "no factor")
                        cases.Add(family, shape, true);
                }
            }

            return cases;
        }
    }

    public static TheoryData<string, bool> NormalCases
    {
        get
        {
            var cases = new TheoryData<string, bool>();
            foreach (var name in EngineCases.All.Keys)
            {
                cases.Add(name, false);
                cases.Add(name, true);
            }

            return cases;
        }
    }

    private static IReadOnlyDictionary<string, Func<Family, ModelSpec>> Shapes { get; } = new Dictionary<string, Func<Family, ModelSpec>>
    {
        ["a varying intercept"] = family => CellModels.Spec(
            family, 2, [One(new NormalPrior(0.5, 2)), Slope(1, new StudentTPrior(4, 0.1, 1))], Factor("g", -1)),
        ["correlated terms"] = family => CellModels.Spec(
            family, 2, [Slope(0, new FlatPrior()), One(new NormalPrior(0.5, 2)), Slope(1, new CauchyPrior(0.1, 1))], Factor("g", 1, -1, 0)),
        ["a covariance prior"] = family => CellModels.Spec(
            family,
            2,
            [One(new LaplacePrior(0.5, 2))],
            new FactorSpec(
                "g", [new("Intercept", ModelSpec.Ones, null), new("x1", 1, null)], new LkjPrior(1))
            { Covariance = new HuangWandPrior(2, 1.5) }),
        ["two factors"] = family => CellModels.Spec(
            family,
            2,
            [One(new NormalPrior(0, 3)), Slope(0, new NormalPrior(0.2, 1)), Slope(1, new NormalPrior(0.2, 1))],
            Factor("g", -1, 1),
            Factor("h", -1)),
        ["a slope without its intercept"] = family => CellModels.Spec(family, 2, [One(new NormalPrior(0, 3))], Factor("g", 1)),
        ["no population effects"] = family => CellModels.Spec(family, 2, [], Factor("g", -1)),
        ["a fixed effect"] = family => CellModels.Spec(family, 2, [One(new NormalPrior(0, 3)), Slope(1, new FixedPrior(0.2))], Factor("g", -1)),
        ["no factor"] = family => CellModels.Spec(
            family, 2, [One(new NormalPrior(0, 3)), Slope(0, new NormalPrior(0, 1)), Slope(1, new NormalPrior(0, 1))]),
        ["a bounded slope"] = family => CellModels.Spec(family, 2, [One(new NormalPrior(0, 3)), Slope(1, new UniformPrior(-1, 2))], Factor("g", -1)),
        ["a bounded intercept"] = family => CellModels.Spec(
            family, 2, [One(new UniformPrior(-9, 7)), Slope(1, new NormalPrior(0, 1))], Factor("g", -1)),
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void The_density_is_that_of_sums_over_rows(string family, string shape, bool isCentred)
    {
        var (model, rows, spec) = Model(family, shape);
        var system = JointStart.Of(model, [.. spec.Factors.Select(_ => isCentred)]).System;
        Assert.All(system.Factors, factor => Assert.Equal(isCentred, factor.IsCentred));
        foreach (var position in Positions(system, 4, 0.4))
        {
            var density = new JointDensity(system);
            var expected = ByRows(system, density, position, rows, spec, shape.StartsWith("a bounded", StringComparison.Ordinal) ? 1e-4 : 1);
            var actual = density.LogDensity(position, new double[system.Dimension]);
            Assert.Equal(
                expected, actual, (shape.StartsWith("a bounded", StringComparison.Ordinal) ? 1e-6 : 1e-10) * Math.Max(1, Math.Abs(expected)));
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void The_gradient_is_that_of_differences(string family, string shape, bool isCentred)
    {
        var (model, _, spec) = Model(family, shape);
        CheckGradient(JointStart.Of(model, [.. spec.Factors.Select(_ => isCentred)]).System);
    }

    [Theory]
    [MemberData(nameof(NormalCases))]
    public void The_gradient_of_Normal_models_is_that_of_differences(string name, bool isCentred)
    {
        var model = EngineCases.All[name]();
        var system = JointStart.Of(model, [.. model.Spec.Factors.Select(_ => isCentred)]).System;
        if (system.Dimension > 0)
            CheckGradient(system);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Where_the_predictor_overflows_the_density_is_zero_or_finite_and_never_NaN(string family, string shape, bool isCentred)
    {
        var (model, _, spec) = Model(family, shape);
        var system = JointStart.Of(model, [.. spec.Factors.Select(_ => isCentred)]).System;
        var density = new JointDensity(system);
        var gradient = new double[system.Dimension];
        foreach (var size in new[] { 1e2, 1e4, 1e160, 1e300, double.MaxValue, double.PositiveInfinity })
        {
            foreach (var sign in new[] { 1, -1 })
            {
                double[] position = [.. Enumerable.Repeat(sign * size, system.Dimension)];
                var log = density.LogDensity(position, gradient);
                Assert.False(double.IsNaN(log) || double.IsPositiveInfinity(log), $"{log} at {sign * size}");
            }
        }
    }

    private static void CheckGradient(JointSystem system)
    {
        var density = new JointDensity(system);
        var (gradient, scratch) = (new double[system.Dimension], new double[system.Dimension]);
        var number = 0;
        foreach (var position in Positions(system, 4, 0.6))
        {
            // An sd near 0 in one of them.
            if (number++ == 3)
            {
                foreach (var at in system.Scales.LogSds)
                    position[at] = -4;
            }

            var log = density.LogDensity(position, gradient);
            Assert.True(double.IsFinite(log));
            for (var i = 0; i < position.Length; i++)
            {
                const double H = 1e-4;
                var kept = position[i];
                var difference = (8 * (At(kept + H) - At(kept - H)) - (At(kept + 2 * H) - At(kept - 2 * H))) / (12 * H);
                position[i] = kept;
                Assert.Equal(difference, gradient[i], 1e-6 * Math.Max(1, Math.Max(Math.Abs(gradient[i]), 1e-3 * Math.Abs(log))));

                double At(double value)
                {
                    position[i] = value;
                    return density.LogDensity(position, scratch);
                }
            }
        }
    }

    // Likelihood by rows and priors of the model's own parameters, and the log determinant of these for the coordinates, by differences (exact where
    // the map is affine).
    private static double ByRows(
        JointSystem system, JointDensity density, double[] position, IReadOnlyList<CellModels.Row> rows, ModelSpec spec, double h)
    {
        var d = system.Scales.Dimension;
        var point = system.Scales.NewPoint();
        var log = system.Scales.Constrain(position.AsSpan(0, d), point);
        var parameters = Parameters(position);
        var p = system.Population.Count;
        var beta = new double[spec.Population.Length];
        for (var k = 0; k < p; k++)
            beta[system.Columns.Population.TermOf(k)] = parameters[k];
        for (var t = 0; t < beta.Length; t++)
        {
            if (spec.Population[t].Prior is FixedPrior fixedAt)
                beta[t] = fixedAt.Value;
            log += spec.Population[t].Prior!.LogDensity(beta[t]);
        }

        var at = p;
        var starts = new int[spec.Factors.Length];
        for (var f = 0; f < spec.Factors.Length; f++)
        {
            starts[f] = at;
            var q = spec.Factors[f].Terms.Length;
            var lambda = Matrix<double>.Build.Dense(q, q, (a, b) => b <= a ? point.Parts[f].Lambda[a * q + b] : 0);
            var sigma = lambda * lambda.Transpose();
            for (var j = 0; j < system.Model.Levels[f].Count; j++, at += q)
            {
                var u = Vector<double>.Build.Dense(q, a => parameters[at + a]);
                log += -0.5 * u * sigma.Solve(u) - 0.5 * Math.Log(sigma.Determinant()) - 0.5 * q * Math.Log(2 * Math.PI);
            }
        }

        var tables = system.Model.Levels;
        foreach (var row in rows)
        {
            var eta = row.Offset;
            for (var t = 0; t < beta.Length; t++)
                eta += beta[t] * Value(row, spec.Population[t].Column);
            for (var f = 0; f < spec.Factors.Length; f++)
            {
                var q = spec.Factors[f].Terms.Length;
                var level = ((LevelIndex<int>)tables[f]).Find(row.Groups[f]);
                for (var a = 0; a < q; a++)
                    eta += parameters[starts[f] + level * q + a] * Value(row, spec.Factors[f].Terms[a].Column);
            }

            log += spec.Response.Family.IsNormal
                ? -0.5 * Math.Pow((row.Response - eta) / point.Sigma, 2) - Math.Log(point.Sigma) - 0.5 * Math.Log(2 * Math.PI)
                : CellModels.LogLikelihood(spec.Response.Family, row, eta, point.Sigma, point.Shape);
        }

        var n = position.Length - d;
        if (n == 0)
            return log;
        var jacobian = Matrix<double>.Build.Dense(n, n);
        for (var i = 0; i < n; i++)
        {
            var moved = (double[])position.Clone();
            moved[d + i] = position[d + i] + h;
            var plus = Parameters(moved);
            moved[d + i] = position[d + i] - h;
            var minus = Parameters(moved);
            for (var r = 0; r < n; r++)
                jacobian[r, i] = (plus[r] - minus[r]) / (2 * h);
        }

        return log + jacobian.LU().U.Diagonal().PointwiseAbs().PointwiseLog().Sum();

        double[] Parameters(double[] x)
        {
            density.MoveTo(x);
            var values = density.Beta.ToArray().Concat(density.Effects.ToArray()).ToArray();
            for (var f = 0; f < system.Factors.Length; f++)
            {
                var q = spec.Factors[f].Terms.Length;
                for (var j = system.Columns.EffectStarts[f]; j < system.Columns.EffectStarts[f + 1]; j += q)
                    system.Factors[f].Restore(values.AsSpan(system.Population.Count + j, q));
            }

            return values;
        }

        static double Value(CellModels.Row row, int column) => column == ModelSpec.Ones ? 1 : row.Columns[column];
    }

    private static IEnumerable<double[]> Positions(JointSystem system, int count, double size)
    {
        var stream = new PhiloxStream(17, 2);
        for (var i = 0; i < count; i++)
            yield return [.. Enumerable.Range(0, system.Dimension).Select(_ => size * stream.NextNormal())];
    }

    private static (BoundModel Model, IReadOnlyList<CellModels.Row> Rows, ModelSpec Spec) Model(string family, string shape)
    {
        if (family != "Normal")
        {
            var own = Families.Single(f => Name(f) == family);
            var rows = CellModels.Rows(own, 5, 6, 4, 60);
            var spec = Shapes[shape](own);
            return (CellModels.Bind(spec, rows), rows, spec);
        }

        var normal = Shapes[shape](TestFamilies.Normal);
        normal = normal with { Response = normal.Response with { Sigma = new ExponentialPrior(1) } };
        List<CellModels.Row> normalRows = [
            .. Systems.CrossedRows(6, 6, 4, 60, 2).Select(row => new CellModels.Row(row.Groups, row.Columns, 0, row.Y, 1))];
        var model = normal.Factors.Length == 2
            ? Systems.BindSeveral(normal, [.. normalRows.Select(row => (row.Groups, row.Columns, row.Response))])
            : Systems.Bind(normal, [.. normalRows.Select(row => (row.Groups[0], row.Columns, row.Response))]);
        return (model, normalRows, normal);
    }

    private static string Name(Family family) => $"{family.Name} {family.Link}";

    private static PopulationTerm One(IRealPrior prior) => new("Intercept", ModelSpec.Ones, prior);

    private static PopulationTerm Slope(int column, IRealPrior prior) => new($"x{column}", column, prior);

    private static FactorSpec Factor(string name, params int[] columns) =>
        new(name, [.. columns.Select(c => new VaryingTerm(c < 0 ? "Intercept" : $"x{c}", c, new ExponentialPrior(1)))], new LkjPrior(2));
}
