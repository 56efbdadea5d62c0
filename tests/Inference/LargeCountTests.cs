using TypedPooling.Data;
using TypedPooling.Draws;
using TypedPooling.Engines;
using TypedPooling.Inference.MaximumLikelihood;
using TypedPooling.Model;
using TypedPooling.Responses;
using TypedPooling.Tests.Reference;
using TypedPooling.Tests.Support;
using Xunit;

namespace TypedPooling.Tests.Inference;

/// <summary>Maximum likelihood of counts from 10 to 1e9 and of shapes from 0.1 to 1e7: recorded optima of glmer and glmmTMB, closed forms of large
/// counts, and brute-force integrals. Estimates to 1e-4 standard errors, standard errors to 1e-3.</summary>
public sealed class LargeCountTests
{
    private static readonly FlatPrior Flat = new();

    /// <summary>By scale of the counts: intercept, slope, sd and the standard errors of the first two, by glmer with one node; digits as
    /// recorded.</summary>
    public static TheoryData<double, double, double, double, double, double> Recorded => new()
    {
        { 200, 5.296426, 0.0996890, 0.277251, 0.04414, 0.0034774 },
        { 2_000, 7.5985935, 0.0998882, 0.278213, 0.04402, 0.0010997 },
        { 20_000, 9.90096, 0.0999656, 0.278542, 0.04404, 0.00034778 },
        { 200_000, 12.20348, 0.0999892, 0.278646, 0.04406, 0.00010998 },
        { 2_000_000, 14.50604, 0.0999966, 0.278679, 0.04406, 0.000034779 },
    };

    [Theory]
    [MemberData(nameof(Recorded))]
    public void Counts_have_the_optimum_of_glmer_with_any_number_of_nodes(
        double scale, double intercept, double slope, double sd, double se, double slopeSe)
    {
        foreach (var nodes in new[] { 1, 9, 25 })
        {
            var point = Fit(TestFamilies.Poisson, Waves(scale), nodes, withSlope: true);
            Assert.True(point.IsConverged);
            Assert.Equal(intercept, point.Population[0], 6e-6);
            Assert.Equal(slope, point.Population[1], Math.Max(6e-8, 1e-4 * slopeSe));
            Assert.Equal(sd, point.Scales[0], 3e-6);
            Assert.Equal(se, Se(point, 0), 1e-3 * se);
            Assert.Equal(slopeSe, Se(point, 1), 1e-3 * slopeSe);
        }
    }

    // Counts that the model fits badly: estimates lie 1,000 to 3,000 standard errors from those without varying effects, and levels of h differ by
    // chance alone, which counts as large as these tell from 0. Closed form: every level's effect is that of a fit with an effect a level, by
    // Newton's steps one effect after the other. What all levels of g and h share is not known but for the priors of h, whose sd is much the smaller
    // one: one degree of freedom less for h.
    [Theory]
    [InlineData("Binomial", 0.3)]
    [InlineData("Binomial", 0.4)]
    [InlineData("Binomial", 0.48)]
    [InlineData("Binomial", 0.58)]
    [InlineData("Poisson", 0.4)]
    public void Estimates_thousands_of_standard_errors_from_the_start_are_reached(string name, double amplitude)
    {
        var isPoisson = name == "Poisson";
        var rows = Enumerable.Range(0, 200).Select(i => new CellModels.Row(
            [i / 5, i % 3],
            [i % 5 - 2],
            0,
            Math.Round(1e9 * Math.Exp(amplitude * Math.Sin(2.4 * (i / 5)) + 0.1 * (i % 5 - 2) + (isPoisson ? 0.3 * Math.Sin(7.0 * i) : 0))),
            isPoisson ? 1 : 4e9)).ToList();
        FactorSpec[] factors = [
            .. new[] { "g", "h" }.Select(factor => new FactorSpec(factor, [new VaryingTerm("Intercept", ModelSpec.Ones, Flat)], new LkjPrior(1)))];
        var spec = CellModels.Spec(
            isPoisson ? TestFamilies.Poisson : TestFamilies.Binomial, 1, [new("Intercept", ModelSpec.Ones, Flat), new("x0", 0, Flat)], factors);
        var point = new MaximumLikelihoodEngine().Run(CellModels.Bind(spec, rows), RunOptions.Default).Point!;

        var (slope, effects) = (0.0, new double[][] { new double[40], new double[3] });
        for (var level = 0; level < 40; level++)
        {
            var part = rows.Where(row => row.Groups[0] == level).Sum(
                row => row.Response) / rows.Where(row => row.Groups[0] == level).Sum(row => row.Size);
            effects[0][level] = Math.Log(isPoisson ? part : part / (1 - part));
        }

        for (var sweep = 0; sweep < 60; sweep++)
        {
            for (var f = 0; f < 2; f++)
            {
                for (var level = 0; level < effects[f].Length; level++)
                    effects[f][level] += Step(rows.Where(row => row.Groups[f] == level), _ => 1);
            }

            slope += Step(rows, row => row.Columns[0]);
        }

        Assert.True(point.IsConverged);
        Assert.Equal(slope, point.Population[1], 1e-6);
        for (var f = 0; f < 2; f++)
        {
            var sd = Math.Sqrt(effects[f].Sum(u => Math.Pow(u - effects[f].Average(), 2)) / (effects[f].Length - f));
            Assert.Equal(sd, point.Scales[f], 1e-3 * sd);
        }

        Assert.All(point.Theta, element => Assert.True(element > 0, $"{element}"));

        double Step(IEnumerable<CellModels.Row> some, Func<CellModels.Row, double> column)
        {
            var (rise, curvature) = (0.0, 0.0);
            foreach (var row in some)
            {
                var mean = Math.Exp(slope * row.Columns[0] + effects[0][row.Groups[0]] + effects[1][row.Groups[1]]);
                var (expected, weight) = isPoisson ? (mean, mean) : (row.Size * mean / (1 + mean), row.Size * mean / ((1 + mean) * (1 + mean)));
                rise += column(row) * (row.Response - expected);
                curvature += column(row) * column(row) * weight;
            }

            return rise / curvature;
        }
    }

    [Theory]
    [InlineData(10, 1)]
    [InlineData(200, 9)]
    [InlineData(2e4, 25)]
    [InlineData(2e7, 9)]
    [InlineData(1e9, 1)]
    [InlineData(1e9, 9)]
    public void Counts_have_the_maximum_of_the_integral_and_its_curvature(double scale, int nodes) =>
        CheckIntegral(TestFamilies.Poisson, Waves(scale), nodes == 1 && scale < 100 ? 25 : nodes, withSlope: true);

    [Theory]
    [InlineData(20, 9)]
    [InlineData(20_000, 1)]
    [InlineData(20_000, 9)]
    [InlineData(20_000, 25)]
    [InlineData(2e6, 9)]
    [InlineData(1e9, 1)]
    [InlineData(1e9, 9)]
    public void Proportions_have_the_maximum_of_the_integral_and_its_curvature(double trials, int nodes)
    {
        var rows = Shares(trials);
        CheckIntegral(TestFamilies.Binomial, rows, nodes, withSlope: false);
        if (trials != 20_000)
            return;

        // glmer, with any number of nodes.
        var point = Fit(TestFamilies.Binomial, rows, nodes, withSlope: false);
        Assert.Equal(-0.98166, point.Population[0], 6e-6);
        Assert.Equal(0.352327, point.Scales[0], 3e-6);
        Assert.Equal(0.078824, Se(point, 0), 1e-3 * 0.078824);
    }

    [Theory]
    [InlineData(Link.Probit)]
    [InlineData(Link.ComplementaryLogLog)]
    public void Other_links_of_large_proportions_have_their_closed_form(Link link)
    {
        // Each group's predictor is known to 1e-4 of the sd and less.
        var rows = Shares(1e9);
        var known = rows.GroupBy(row => row.Groups[0]).Select(group => Predictor(link, group.Sum(row => row.Response) / group.Sum(row => row.Size)))
            .ToArray();
        foreach (var nodes in new[] { 1, 9 })
            CheckClosedForm(Fit(TestFamilies.Of("Binomial", link), rows, nodes, withSlope: false), known);
    }

    [Theory]
    [InlineData(1e-3, false)]
    [InlineData(0.1, false)]
    [InlineData(1, false)]
    [InlineData(2, false)]
    [InlineData(10, false)]
    [InlineData(1, true)]
    public void Four_groups_of_millions_have_their_closed_form(double scale, bool byQuadrature)
    {
        double[] counts = [24e6, 42e6, 86e6, 18e6, 34e6, 60e6, 44e6, 88e6, 172e6, 30e6, 56e6, 122e6];
        var rows = counts.Select((y, i) => new CellModels.Row([i / 3], [i % 3], 0, Math.Round(y * scale), 1)).ToList();
        var point = Fit(TestFamilies.Poisson, rows, byQuadrature ? 9 : 1, withSlope: true);

        // The slope that fits every group with an intercept of its own, by bisection.
        var (low, high) = (-2.0, 2.0);
        for (var step = 0; step < 200; step++)
        {
            var middle = 0.5 * (low + high);
            var rises = rows.GroupBy(row => row.Groups[0]).Sum(group => group.Sum(row => row.Response * row.Columns[0])
                - group.Sum(row => row.Response) * group.Sum(row => row.Columns[0] * Math.Exp(middle * row.Columns[0])) / group.Sum(
                    row => Math.Exp(middle * row.Columns[0]))) > 0;
            (low, high) = rises ? (middle, high) : (low, middle);
        }

        CheckClosedForm(
            point,
            [.. rows.GroupBy(row => row.Groups[0]).Select(
                group => Math.Log(group.Sum(row => row.Response) / group.Sum(row => Math.Exp(low * row.Columns[0]))))]);
        Assert.Equal(low, point.Population[1], 1e-4 * Se(point, 1) + 1e-12);
        if (scale != 1)
            return;
        Assert.Equal(17.09827, point.Population[0], 2e-5);
        Assert.Equal(0.18525, Se(point, 0), 1e-3 * 0.18525);
        Assert.Equal(0.37050, point.Scales[0], 1e-5);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(1e4)]
    [InlineData(1e6)]
    [InlineData(1e8)]
    public void Tadpoles_of_any_number_have_the_maximum_of_the_integral(double scale)
    {
        // Tanks without losses have no finite predictor of their own.
        var rows = ReferenceFile.Read("data/reedfrogs.csv").Rows
            .Select((row, i) => new CellModels.Row([i], [], 0, scale * row.Number("surv"), scale * row.Number("density"))).ToList();
        CheckIntegral(TestFamilies.Binomial, rows, 60, withSlope: false);
    }

    [Theory]
    [InlineData(0.0003)]
    [InlineData(0.0005)]
    [InlineData(0.001)]
    [InlineData(0.002)]
    public void Positive_responses_of_a_large_shape_have_their_closed_form(double noise)
    {
        foreach (var nodes in new[] { 1, 9 })
        {
            var rows = Positive(noise);
            var point = Fit(TestFamilies.Gamma, rows, nodes, withSlope: true);
            Assert.True(point.IsConverged);

            // A fit with an intercept for every group; each of them takes half a log of the shape from the likelihood.
            var (slope, known) = FixedEffects(rows);
            var half = rows.Sum(
                row => { var r = known[row.Groups[0]] + slope * row.Columns[0] - Math.Log(row.Response); return r + Math.Exp(-r) - 1; });
            var shape = 0.5 * (rows.Count - known.Length) / half;
            Assert.Equal(shape, point.Scales[0], 2e-5 * shape);
            CheckClosedForm(point, known, scale: 1);
            if (noise != 0.001)
                continue;

            // glmmTMB.
            Assert.Equal(-0.002614, point.Population[0], 5e-6);
            Assert.Equal(0.099994, point.Population[1], 1e-6);
            Assert.Equal(1_170_181, point.Scales[0], 0.01 * 1_170_181 / Math.Sqrt(160));
            Assert.Equal(0.27867, point.Scales[1], 6e-6);
            Assert.Equal(853.4697, point.LogLikelihood, 1e-3);
        }
    }

    [Theory]
    [InlineData(3.0, 1e-6)]
    [InlineData(1.0, 1e-6)]
    [InlineData(0.5, 1e-6)]
    [InlineData(0.02, 1e-4)]
    [InlineData(0.001, 2e-2)]
    public void Counts_of_billions_vary_as_positive_responses_do(double noise, double tolerance)
    {
        // A negative binomial count over its mean is Gamma with the same shape, but for 1 over the mean beside 1 over the shape.
        foreach (var nodes in new[] { 1, 9 })
        {
            var positive = Fit(TestFamilies.Gamma, Positive(noise), nodes, withSlope: true);
            var counts = Fit(
                TestFamilies.NegativeBinomial,
                [.. Positive(noise).Select(row => row with { Response = Math.Round(1e9 * row.Response) })],
                nodes,
                withSlope: true);
            Assert.True(positive.IsConverged && counts.IsConverged);
            Assert.Equal(positive.Scales[0], counts.Scales[0], tolerance * positive.Scales[0]);
            Assert.Equal(positive.Population[0] + Math.Log(1e9), counts.Population[0], 1e-4 * Se(positive, 0));
            Assert.Equal(positive.Scales[1], counts.Scales[1], 1e-5);
            Assert.Equal(Se(positive, 0), Se(counts, 0), 1e-3 * Se(positive, 0));
        }
    }

    [Theory]
    [InlineData(10)]
    [InlineData(1e5)]
    [InlineData(1e9)]
    public void Counts_that_vary_less_than_Poisson_counts_have_no_finite_shape_at_any_size(double scale)
    {
        var rows =
            Waves(scale).Select(
                row => row with { Response = Math.Round(scale * Math.Exp(0.4 * Math.Sin(2.4 * row.Groups[0]) + 0.1 * row.Columns[0])) }).ToList();
        var counts = Fit(TestFamilies.NegativeBinomial, rows, 1, withSlope: true);
        var poisson = Fit(TestFamilies.Poisson, rows, 1, withSlope: true);
        Assert.True(counts.IsConverged);
        Assert.True(counts.Scales[0] >= LikelihoodCoordinates.GreatestShape);
        Assert.Equal(poisson.LogLikelihood, counts.LogLikelihood, 1e-3);
        Assert.Equal(Se(poisson, 0), Se(counts, 0), 1e-3 * Se(poisson, 0));
        Assert.Equal(poisson.Population[1], counts.Population[1], 1e-2 * Se(poisson, 1));
    }

    [Theory]
    [InlineData(1e5)]
    [InlineData(1e7)]
    [InlineData(1e9)]
    public void Slopes_that_lie_far_from_those_without_effects_are_reached(double scale)
    {
        // Within a group counts fall as x grows, between groups they rise by more: without effects the slope is thousands of its standard errors off.
        double[] levels = [-3.1, -1.2, 0.1, 1.3, 2.8];
        var rows =
            Enumerable.Range(0, 40)
                .Select(i => new CellModels.Row(
                    [i / 8], [3 * (i / 8) + 0.25 * (i % 8)], 0, Math.Round(scale * Math.Exp(levels[i / 8] - 0.5 * (i % 8))), 1)).ToList();
        foreach (var nodes in new[] { 1, 9 })
        {
            var point = Fit(TestFamilies.Poisson, rows, nodes, withSlope: true);
            Assert.True(point.IsConverged);
            Assert.Equal(-2, point.Population[1], 2 * Se(point, 1));

            // What each group says of itself, to about 1e-2 of the sd's standard error where counts are 1e5.
            double[] known = [.. levels.Select((level, g) => level + 6 * g + Math.Log(scale))];
            var sd = Math.Sqrt(known.Sum(value => Math.Pow(value - known.Average(), 2)) / 5);
            Assert.Equal(known.Average(), point.Population[0], 1e-2 * sd);
            Assert.Equal(sd, point.Scales[0], 1e-2 * sd);
            Assert.Equal(sd / Math.Sqrt(5), Se(point, 0), 1e-2 * sd);
        }
    }

    [Fact]
    public void A_mode_that_was_carried_too_far_is_searched_again()
    {
        // A slope without an intercept at 36 sds from 0, and an sd of 117: a step of the search carries modes to where weights of 1e20 leave no
        // factor. The maximum by Newton's method in 30 digits.
        List<CellModels.Row> rows =
        [
            new([0], [-599.0921194770506], 0, 154, 1), new([1], [-585.7661671886967], 0, 6, 1), new([0], [-568.414482919674], 0, 2, 1),
            new([0], [-585.3817724637003], 0, 5, 1), new([0], [-581.506872629765], 0, 2, 1), new([0], [-575.8885224846762], 0, 3, 1),
        ];
        var spec = CellModels.Spec(
            TestFamilies.Poisson,
            1,
            [new("x0", 0, Flat)],
            new FactorSpec("g", [new VaryingTerm("Intercept", ModelSpec.Ones, Flat)], new LkjPrior(1)));
        var point = new MaximumLikelihoodEngine().Run(Bind(spec, rows), RunOptions.Default).Point!;
        Assert.True(point.IsConverged);
        Assert.Equal(-29.9177876362496, point.LogLikelihood, 1e-8);
        Assert.Equal(-0.202542740409, point.Population[0], 1e-4 * Se(point, 0));
        Assert.Equal(116.6318994525, point.Scales[0], 1e-4 * 116);
    }

    [Fact]
    public void Conditional_modes_are_the_same_bits_when_read_again()
    {
        var point = Fit(TestFamilies.Poisson, Waves(200), 1, withSlope: true);
        for (var level = 0; level < 40; level++)
        {
            var (first, again) = (point.Moments.GivenPopulation(0, level, [1]), point.Moments.GivenPopulation(0, level, [1]));
            Assert.Equal(first, again);
        }
    }

    private static List<CellModels.Row> Waves(double scale) => [.. Enumerable.Range(0, 200).Select(i => new CellModels.Row(
        [i / 5],
        [i % 5 - 2],
        0,
        Math.Round(scale * Math.Exp(0.4 * Math.Sin(2.4 * (i / 5)) + 0.1 * (i % 5 - 2)) + Math.Sqrt(scale) * Math.Sin(7.0 * i)),
        1))];

    private static List<CellModels.Row> Shares(double trials) => [.. Enumerable.Range(0, 40).Select(i => new CellModels.Row(
        [i / 2],
        [],
        0,
        Math.Round(trials / (1 + Math.Exp(1 - 0.5 * Math.Sin(2.4 * (i / 2)))) + 40 * Math.Sqrt(trials / 20_000) * Math.Sin(7.0 * i)),
        trials))];

    // Small noise as a part of the mean, large noise on the scale of the link.
    private static List<CellModels.Row> Positive(double noise) => [.. Enumerable.Range(0, 200).Select(i => new CellModels.Row(
        [i / 5],
        [i % 5 - 2],
        0,
        Math.Exp(0.4 * Math.Sin(2.4 * (i / 5)) + 0.1 * (i % 5 - 2)) * (noise > 0.1
            ? Math.Exp(3 * noise * Math.Sin(7.0 * i))
            : 1 + noise * Math.Sqrt(2) * Math.Sin(7.0 * i)),
        1))];

    private static PointEstimate Fit(Family family, List<CellModels.Row> rows, int nodes, bool withSlope)
    {
        PopulationTerm[] population = [
            new("Intercept", ModelSpec.Ones, Flat), .. withSlope ? [new PopulationTerm("x0", 0, Flat)] : Array.Empty<PopulationTerm>()];
        var spec = CellModels.Spec(
            family, withSlope ? 1 : 0, population, new FactorSpec("g", [new VaryingTerm("Intercept", ModelSpec.Ones, Flat)], new LkjPrior(1)));
        return new MaximumLikelihoodEngine { QuadraturePoints = nodes }.Run(Bind(spec, rows), RunOptions.Default).Point!;
    }

    // As CellModels.Bind, without constants: they change no estimate.
    private static CellBoundModel Bind(ModelSpec spec, List<CellModels.Row> rows)
    {
        var family = spec.Response.Family;
        var builder = new ResponseCellsBuilder(spec.Columns.Length, 1, family);
        var levels = new LevelIndex<int>();
        foreach (var row in rows)
            builder.Add(
                row.Columns,
                row.Offset,
                [levels.GetOrAdd(row.Groups[0])],
                row.Response,
                family.HasShape ? 1 : row.Size,
                Constant(family, row),
                CellModels.Saturated(family, row.Response, row.Size, Constant(family, row)));
        return new CellBoundModel(spec, [levels], builder.Build(), 0);
    }

    // So that the log likelihood is that of rows; Stirling's series for large counts.
    private static double Constant(Family family, CellModels.Row row)
    {
        var (y, n) = (row.Response, row.Size);
        return family.Name switch
        {
            "Gamma" => -Math.Log(y),
            "Poisson" or "NegativeBinomial" => -MathNet.Numerics.SpecialFunctions.GammaLn(y + 1),
            _ =>
                MathNet.Numerics.SpecialFunctions.GammaLn(n + 1) - MathNet.Numerics.SpecialFunctions.GammaLn(y + 1)
                    - MathNet.Numerics.SpecialFunctions.GammaLn(n - y + 1),
        };
    }

    private static double Se(PointEstimate point, int term) => Math.Sqrt(point.PopulationCovariance[term * point.Population.Length + term]);

    private static double Predictor(Link link, double p) =>
        link == Link.Probit ? -Math.Sqrt(2) * MathNet.Numerics.SpecialFunctions.ErfcInv(2 * p) : Math.Log(-Math.Log(1 - p));

    // Where every group's predictor is known the estimates are its mean and sd, and the standard error sd / sqrt(groups).
    private static void CheckClosedForm(PointEstimate point, double[] known, int scale = 0)
    {
        var sd = Math.Sqrt(known.Sum(value => Math.Pow(value - known.Average(), 2)) / known.Length);
        var se = sd / Math.Sqrt(known.Length);
        Assert.True(point.IsConverged);
        Assert.Equal(known.Average(), point.Population[0], 1e-4 * se);
        Assert.Equal(sd, point.Scales[scale], 1e-4 * se);
        Assert.Equal(se, Se(point, 0), 1e-3 * se);
    }

    // Gamma regression with an intercept for every group, by bisection for the slope.
    private static (double Slope, double[] Known) FixedEffects(List<CellModels.Row> rows)
    {
        var groups = rows.GroupBy(row => row.Groups[0]).OrderBy(group => group.Key).Select(group => group.ToArray()).ToArray();
        var (low, high) = (-2.0, 2.0);
        for (var step = 0; step < 100; step++)
        {
            var middle = 0.5 * (low + high);
            var rises =
                groups.Sum(
                    group =>
                        group.Sum(
                            row => row.Columns[0]
                                * (row.Response * Math.Exp(-middle * row.Columns[0]) / group.Average(
                                    r => r.Response * Math.Exp(-middle * r.Columns[0])) - 1))) > 0;
            (low, high) = rises ? (middle, high) : (low, middle);
        }

        return (low, [.. groups.Select(group => Math.Log(group.Average(row => row.Response * Math.Exp(-low * row.Columns[0]))))]);
    }

    // The slope of the integral at the estimates, and its curvature, both in units of the estimates' standard errors.
    private static void CheckIntegral(Family family, List<CellModels.Row> rows, int nodes, bool withSlope)
    {
        var point = Fit(family, rows, nodes, withSlope);
        Assert.True(point.IsConverged);
        var levels = rows.Select(row => row.Groups[0]).Distinct().Count();
        double[] best = withSlope
            ? [point.Population[0], point.Population[1], Math.Log(point.Scales[0])]
            : [point.Population[0], Math.Log(point.Scales[0])];
        double[] unit = withSlope ? [Se(point, 0), Se(point, 1), 1 / Math.Sqrt(2.0 * levels)] : [Se(point, 0), 1 / Math.Sqrt(2.0 * levels)];
        var groups = rows.GroupBy(row => row.Groups[0]).Select(group => group.ToArray()).ToArray();
        var d = best.Length;
        const double Step = 0.05;
        var centre = At([]);
        var curvature = new double[d, d];
        for (var i = 0; i < d; i++)
        {
            var (above, below) = (At([(i, Step)]), At([(i, -Step)]));

            // What the difference itself leaves out is taken off by one of twice the step.
            var slope = (8 * (above - below) - (At([(i, 2 * Step)]) - At([(i, -2 * Step)]))) / (12 * Step);
            Assert.True(Math.Abs(slope) < 2e-4, $"{family.Name}: the slope of coordinate {i} is {slope}.");
            curvature[i, i] = (2 * centre - above - below) / (Step * Step);
            for (var j = 0; j < i; j++)
                curvature[i, j] =
                    curvature[j, i] =
                        -(At([(i, Step), (j, Step)]) - At([(i, Step), (j, -Step)]) - At([(i, -Step), (j, Step)]) + At([(i, -Step), (j, -Step)]))
                            / (4 * Step * Step);
        }

        var covariance = MathNet.Numerics.LinearAlgebra.Matrix<double>.Build.DenseOfArray(curvature).Inverse();
        for (var i = 0; i < d - 1; i++)
            Assert.Equal(1, Math.Sqrt(covariance[i, i]), 2e-3);

        double At((int Coordinate, double By)[] moves)
        {
            var at = (double[])best.Clone();
            foreach (var (coordinate, by) in moves)
                at[coordinate] += by * unit[coordinate];
            return groups.Sum(group => LogIntegral(family, group, row => at[0] + (withSlope ? at[1] * row.Columns[0] : 0), Math.Exp(at[^1])));
        }
    }

    // Trapezia over 14 conditional sds to either side of the mode, values less those of rows expected to be what they are.
    private static double LogIntegral(Family family, CellModels.Row[] group, Func<CellModels.Row, double> predictor, double sd)
    {
        var (low, high) = (-60.0, 60.0);
        for (var step = 0; step < 120; step++)
        {
            var middle = 0.5 * (low + high);
            (low, high) = group.Sum(row => sd * Value(family, row, predictor(row) + sd * middle).Slope) - middle > 0 ? (middle, high) : (low, middle);
        }

        var precision = 1 + group.Sum(row => sd * sd * Value(family, row, predictor(row) + sd * low).Weight);
        var unit = 14 / Math.Sqrt(precision) / 300;
        var sum = 0.0;
        double Height(double v) => group.Sum(row => Value(family, row, predictor(row) + sd * v).Value) - 0.5 * v * v;
        var top = Height(low);
        for (var j = -600; j <= 600; j++)
            sum += Math.Exp(Height(low + 0.5 * j * unit) - top);
        return top + Math.Log(sum * 0.5 * unit / Math.Sqrt(2 * Math.PI));
    }

    private static (double Value, double Slope, double Weight) Value(Family family, CellModels.Row row, double eta)
    {
        var (y, n) = (row.Response, row.Size);
        if (family.Name == "Poisson")
        {
            var mean = Math.Exp(eta);
            var r = eta - Math.Log(y);
            return (y > 0 ? y * (r - ExpMinusOne(r)) : -mean, y > 0 ? -y * ExpMinusOne(r) : -mean, mean);
        }

        var p = 1 / (1 + Math.Exp(-eta));
        if (y == n)
            return (-n * Math.Log(1 + Math.Exp(-eta)), n / (1 + Math.Exp(eta)), n * p / (1 + Math.Exp(eta)));
        var distance = eta - Math.Log(y / (n - y));
        var rise = ExpMinusOne(distance);
        var share = y / n;
        return (y * distance - n * LogOnePlus(share * rise), -y * (1 - share) * rise / (1 + share * rise), n * p * (1 - p));
    }

    private static double ExpMinusOne(double x) =>
        Math.Abs(x) < 1e-3 ? x * (1 + x / 2 * (1 + x / 3 * (1 + x / 4 * (1 + x / 5)))) : 2 * Math.Exp(0.5 * x) * Math.Sinh(0.5 * x);

    private static double LogOnePlus(double x) =>
        Math.Abs(x) < 1e-3 ? x * (1 - x * (1.0 / 2 - x * (1.0 / 3 - x * (1.0 / 4 - x * (1.0 / 5 - x / 6))))) : Math.Log(1 + x);
}
