using TypedPooling.Data;
using TypedPooling.Draws;
using TypedPooling.Engines;
using TypedPooling.Inference.MaximumLikelihood;
using TypedPooling.Model;
using TypedPooling.Responses;
using TypedPooling.Tests.Support;
using Xunit;

namespace TypedPooling.Tests.Inference;

/// <summary>What has no maximum is called separated only with its certificate, a direction in which no cell loses; anything else that fails is said
/// not to have converged.</summary>
public sealed class SeparationTests
{
    private static readonly FlatPrior Flat = new();

    [Theory]
    [InlineData("Bernoulli", false)]
    [InlineData("Bernoulli", true)]
    [InlineData("Binomial", true)]
    public void Two_columns_that_separate_only_together_are_separated(string family, bool hasTies)
    {
        // x0 + x1 tells successes from failures; ties, cells with both, lie where it is 0.
        var rows = Plane((sum, i) => sum > 0 ? 1 : sum < 0 ? 0 : i % 2, hasTies);
        var problem = Problem(family == "Bernoulli" ? TestFamilies.Bernoulli : TestFamilies.Binomial, rows);
        Assert.Equal(ProblemCode.Separated, problem.Code);
        Assert.Contains("'x0', 'x1'", problem.Sentence, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Poisson")]
    [InlineData("NegativeBinomial")]
    public void Counts_are_separated_where_a_direction_lowers_none_but_zeros(string family)
    {
        // Events only where x0 + x1 is 0, zeros below.
        var rows = Plane((sum, i) => sum == 0 ? 1 + i % 3 : 0, hasTies: true).Where(row => row.Columns[0] + row.Columns[1] <= 0).ToList();
        Assert.Equal(ProblemCode.Separated, Problem(family == "Poisson" ? TestFamilies.Poisson : TestFamilies.NegativeBinomial, rows).Code);
    }

    [Fact]
    public void One_row_on_the_wrong_side_is_a_maximum()
    {
        var rows = Plane((sum, i) => sum > 0 ? 1 : 0, hasTies: false);
        rows[0] = rows[0] with { Response = 1 - rows[0].Response };
        var point = Fit(TestFamilies.Bernoulli, rows).Point!;
        Assert.True(point.IsConverged);
        Assert.True(Math.Abs(point.Population[1]) < 30);
    }

    [Theory]
    [InlineData(-45)]
    [InlineData(60)]
    public void Predictors_beyond_30_are_not_separated_for_that(double offset)
    {
        // An offset moves the intercept and nothing else.
        var rows = Plane((sum, i) => (i * 7) % 3 == 0 ? 1 : 0, hasTies: true);
        var (near, far) = (
            Fit(TestFamilies.Bernoulli, rows).Point!, Fit(TestFamilies.Bernoulli, [.. rows.Select(row => row with { Offset = offset })]).Point!);
        Assert.True(near.IsConverged && far.IsConverged);
        Assert.Equal(near.LogLikelihood, far.LogLikelihood, 1e-8);
        Assert.Equal(near.Population[0] - offset, far.Population[0], 1e-5);
        Assert.Equal(near.Population[1], far.Population[1], 1e-5);
    }

    [Fact]
    public void Counts_of_a_hundred_million_beside_a_zero_are_not_separated()
    {
        // The zero lies among rows with events: its own direction has no other.
        var rows =
            Enumerable.Range(0, 40).Select(
                i => new CellModels.Row([i / 10], [i % 10, i % 3], 0, i == 17 ? 0 : Math.Round(1e8 * (1 + 0.3 * Math.Sin(i))), 1)).ToList();
        Assert.True(Fit(TestFamilies.Poisson, rows, withoutConstant: true).Point!.IsConverged);
    }

    [Fact]
    public void Levels_of_only_successes_or_failures_are_not_called_separated()
    {
        var rows = Enumerable.Range(0, 24).Select(i => new CellModels.Row([i / 4], [i % 2, i % 3], 0, i / 4 % 2, 1)).ToList();
        var problem = Problem(TestFamilies.Bernoulli, rows, withColumns: false);
        Assert.Equal(ProblemCode.NotIdentified, problem.Code);
        Assert.Contains("did not converge", problem.Sentence, StringComparison.Ordinal);
    }

    // As the sd grows the likelihood is that of coins with two heads or two tails, flat from some sd on; where a rule has its maximum there says
    // something of the rule alone.
    [Theory]
    [InlineData(9, true)]
    [InlineData(25, true)]
    [InlineData(100, true)]
    [InlineData(9, false)]
    [InlineData(25, false)]
    public void A_rule_too_coarse_for_its_answer_is_told(int nodes, bool isPure)
    {
        var rows =
            Enumerable.Range(0, 120)
                .Select(i => new CellModels.Row(
                    [i / 6],
                    [],
                    0,
                    isPure ? (i / 6 % 3 == 0 ? 0 : 1) : Math.Sin(1.3 * i * i) + 1.5 * Math.Sin(2.4 * (i / 6)) > 0 ? 1 : 0,
                    1)).ToList();
        var model = CellModels.Bind(
            CellModels.Spec(
                TestFamilies.Bernoulli,
                0,
                [new("Intercept", ModelSpec.Ones, new FlatPrior())],
                new FactorSpec("g", [new VaryingTerm("Intercept", ModelSpec.Ones, new FlatPrior())], new LkjPrior(1))),
            rows);
        var warnings = new MaximumLikelihoodEngine { QuadraturePoints = nodes }.Run(model, RunOptions.Default).Warnings;

        Assert.Equal(isPure, warnings.Any(warning => warning.Code == FitWarningCode.Quadrature));
        Assert.All(
            warnings.Where(warning => warning.Code == FitWarningCode.Quadrature),
            warning => Assert.Contains($"Quadrature with {nodes} nodes is too coarse here", warning.Message, StringComparison.Ordinal));
    }

    [Fact]
    public void The_verdict_allows_a_ten_thousandth_of_a_standard_error_and_rounding()
    {
        Assert.True(new Convergence(-100, 0, 4.9e-9).IsConverged);
        Assert.False(new Convergence(-100, 0, 5.1e-9).IsConverged);
        Assert.True(new Convergence(-1e7, 0, 9e-8).IsConverged);
        Assert.False(new Convergence(-4e8, 0, 9e-7).IsConverged);
        Assert.False(new Convergence(double.NegativeInfinity, 0, 0).IsConverged);
        Assert.False(new Convergence(double.NaN, 0, 0).IsConverged);
        Assert.False(new Convergence(-100, 0, double.NaN).IsConverged);
        Assert.False(new Convergence(-100, 0, double.PositiveInfinity).IsConverged);
        Assert.Empty(new Convergence(-100, 0, 0).Warnings("y"));
        var warning = Assert.Single(new Convergence(-100, 2e-4, 3e-5).Warnings("y"));
        Assert.Equal(FitWarningCode.NotConverged, warning.Code);
        Assert.Contains(
            "Its last step gained 0.0002, and a further step would gain 3E-05 more; the limit is 5E-09.",
            warning.Message,
            StringComparison.Ordinal);
    }

    // A grid of two columns, three groups.
    private static List<CellModels.Row> Plane(Func<double, int, double> response, bool hasTies) => [.. Enumerable.Range(0, 64)
        .Select(i => (I: i, X: i % 8 - 3.5, Z: i / 8 - 3.5))
        .Where(at => hasTies || at.X + at.Z != 0)
        .Select(at => new CellModels.Row([at.I % 3], [at.X, at.Z], 0, response(at.X + at.Z, at.I), 1))];

    private static Posterior Fit(Family family, List<CellModels.Row> rows, bool withColumns = true, bool withoutConstant = false)
    {
        PopulationTerm[] population = withColumns
            ? [new("Intercept", ModelSpec.Ones, Flat), new("x0", 0, Flat), new("x1", 1, Flat)]
            : [new("Intercept", ModelSpec.Ones, Flat)];
        var spec = CellModels.Spec(family, 2, population, new FactorSpec("g", [new VaryingTerm("Intercept", ModelSpec.Ones, Flat)], new LkjPrior(1)));
        if (!withoutConstant)
            return new MaximumLikelihoodEngine().Run(CellModels.Bind(spec, rows), RunOptions.Default);

        // Factorials of such counts are not to be had by a table.
        var builder = new ResponseCellsBuilder(2, 1, family);
        var levels = new LevelIndex<int>();
        foreach (var row in rows)
        {
            var constant = -MathNet.Numerics.SpecialFunctions.GammaLn(row.Response + 1);
            builder.Add(
                row.Columns,
                0,
                [levels.GetOrAdd(row.Groups[0])],
                row.Response,
                row.Size,
                constant,
                CellModels.Saturated(family, row.Response, row.Size, constant));
        }

        return new MaximumLikelihoodEngine().Run(new CellBoundModel(spec, [levels], builder.Build(), 0), RunOptions.Default);
    }

    private static Problem Problem(Family family, List<CellModels.Row> rows, bool withColumns = true) =>
        Assert.Throws<ModelException>(() => Fit(family, rows, withColumns)).Problems[0];
}
