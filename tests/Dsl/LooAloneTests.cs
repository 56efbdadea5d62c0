using TypedPooling.Engines;
using TypedPooling.Tests.Support;
using Xunit;
using static TypedPooling.Prior;

namespace TypedPooling.Tests.Dsl;

/// <summary>Rows that are alone in a level or in a cell of a crossed design, left out: beside ratios of evidences, p(y) / p(y without the row), by
/// quadrature over the scales.</summary>
public sealed class LooAloneTests
{
    private static readonly Group<Result, string> Lab = Group.By((Result r) => r.Lab);
    private static readonly Group<Result, string> Day = Group.By((Result r) => r.Day);
    private static readonly RunOptions Options = RunOptions.Default;

    // With so few draws no k is known, and every row is fitted again.
    private static readonly RunOptions Few = new() { Chains = 1, Draws = 20 };

    private static readonly Result[] Labs =
    [
        .. new[] { -1.4, 0.03, 2.9, 0.41, -0.2, 0.75, 5.1 }.Zip([0.9, 0.0004, 2.5, 0.01, 0.003, 0.2, 6], (y, variance) => (y, variance))
            .Select((pair, i) => new Result("lab " + i, "day " + i % 2, 0, pair.y, Math.Sqrt(pair.variance))),
    ];

    // By exact integration; the sum is -12.2259.
    private static readonly double[] Elpds = [-2.1815, -0.6024, -2.7653, -0.8043, -1.0307, -1.0956, -3.7460];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void One_row_a_level_with_known_errors_has_the_exact_densities(bool isEveryRowRefitted)
    {
        var model = PooledModel.Of<Result>().Normal(r => r.Y, knownSd: r => r.Sd).Intercept(Normal(0, 2)).Varying(
            Lab, g => g.Intercept(HalfNormal(1)));
        var loo = model.Fit(Labs, isEveryRowRefitted ? Few : Options).Loo(Labs, refit: true, options: Options);

        Assert.All(loo.Pointwise, part => Assert.Equal(isEveryRowRefitted || double.IsNaN(part.ParetoK), part.IsRefitted));
        Assert.All(loo.Pointwise, part => Assert.True(part.Mcse < 0.06, $"{part}"));
        Assert.True(isEveryRowRefitted || loo.Pointwise.Count(part => part.IsRefitted) <= 3);
        Assert.Equal(0, loo.BadCount);
        Assert.Empty(loo.Warnings);
        Near(Elpds, loo);
        Assert.Equal(-12.2259, loo.Elpd, 5 * loo.Mcse + 1e-3);
        Near(Exact(Labs, [1], (r, other, sds) => 4 + (r.Lab == other.Lab ? sds[0] * sds[0] : 0), (r, _) => r.Sd * r.Sd), loo);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_row_without_others_in_its_level_is_exact_with_an_estimated_sigma(bool isLog)
    {
        Result[] rows = [.. Mixed().Select(r => isLog ? r with { Y = Math.Exp(r.Y) } : r)];
        var loo = isLog
            ? PooledModel.Of<Result>().LogNormal(r => r.Y, HalfNormal(1)).Intercept(Normal(0, 2)).Slope(r => r.X, Normal(0, 1)).Varying(
                Lab, g => g.Intercept(HalfNormal(1)).Slope(r => r.X, Fixed(0.5)).Uncorrelated()).Fit(rows, Options).Loo(rows)
            : PooledModel.Of<Result>().Normal(r => r.Y, HalfNormal(1)).Intercept(Normal(0, 2)).Slope(r => r.X, Normal(0, 1)).Varying(
                Lab, g => g.Intercept(HalfNormal(1)).Slope(r => r.X, Fixed(0.5)).Uncorrelated()).Fit(rows, Options).Loo(rows);
        Result[] modelled = [.. rows.Select(r => isLog ? r with { Y = Math.Log(r.Y) } : r)];
        var exact = Exact(
            modelled,
            [1, 1],
            (r, other, sds) => 4 + r.X * other.X + (r.Lab == other.Lab ? sds[1] * sds[1] + 0.25 * r.X * other.X : 0),
            (_, sds) => sds[0] * sds[0]);

        Near([.. exact.Zip(modelled, (log, r) => isLog ? log - r.Y : log)], loo, row => Alone(rows, row));
        Assert.All(
            loo.Pointwise.Where(part => Alone(rows, (int)part.Row - 1)),
            part => Assert.True(part.EffectiveParameters > 0 && part.Mcse < 0.06, $"{part}"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_row_alone_in_a_level_of_one_of_two_crossed_factors_is_exact(bool isRefitted)
    {
        var rows = Mixed();
        var model = PooledModel.Of<Result>().Normal(r => r.Y, Fixed(0.2)).Intercept(Normal(0, 2)).Varying(Lab, g => g.Intercept(HalfNormal(1)))
            .Varying(Day, g => g.Intercept(HalfNormal(0.5)));
        var loo = model.Fit(rows, isRefitted ? Few : Options).Loo(rows, refit: isRefitted, options: Options);
        var exact = Exact(
            rows,
            [1, 0.5],
            (r, other, sds) => 4 + (r.Lab == other.Lab ? sds[0] * sds[0] : 0) + (r.Day == other.Day ? sds[1] * sds[1] : 0),
            (_, _) => 0.04);

        Assert.Equal(isRefitted ? rows.Length : 0, loo.Pointwise.Count(part => part.IsRefitted));
        Near(exact, loo, row => isRefitted || Alone(rows, row));
    }

    [Fact]
    public void A_row_alone_in_its_cell_of_a_crossed_design_is_really_fitted_again()
    {
        Result[] rows =
            [.. Enumerable.Range(0, 12)
                .Select(
                    i => new Result(
                        "lab " + i / 3,
                        "day " + i % 3,
                        0,
                        1.5 * Math.Sin(2.2 * (i / 3)) + 0.8 * Math.Cos(2.9 * (i % 3)) + (i == 7 ? 1.5 : 0.2 * Math.Sin(5.0 * i)),
                        0.1 + 0.05 * (i % 4)))];
        var model =
            PooledModel.Of<Result>().Normal(r => r.Y, knownSd: r => r.Sd).Intercept(Normal(0, 2)).Varying(Lab, g => g.Intercept(HalfNormal(1)))
                .Varying(Day, g => g.Intercept(HalfNormal(1)));
        var loo = model.Fit(rows, Few).Loo(rows, refit: true, options: Options);
        var exact = Exact(
            rows,
            [1, 1],
            (r, other, sds) => 4 + (r.Lab == other.Lab ? sds[0] * sds[0] : 0) + (r.Day == other.Day ? sds[1] * sds[1] : 0),
            (r, _) => r.Sd * r.Sd);

        Assert.All(loo.Pointwise, part => Assert.True(part.IsRefitted));
        Assert.Empty(loo.Warnings);
        Near(exact, loo);
    }

    [Fact]
    public void Two_rows_a_level_are_exact_since_the_effects_of_the_level_are_integrated_out()
    {
        // By the draws alone rows of k 0.61 and 0.69 are off by 0.9 and 0.4.
        Result[] rows =
            [.. Enumerable.Range(0, 24)
                .Select(
                    i => new Result(
                        "lab " + i / 2, "", 0, 1.5 * Math.Sin(2.2 * (i / 2)) + (0.05 + 0.1 * (i % 3)) * Math.Sin(7.0 * i), 0.05 + 0.1 * (i % 3)))];
        var model = PooledModel.Of<Result>().Normal(r => r.Y, knownSd: r => r.Sd).Intercept(Normal(0, 2)).Varying(
            Lab, g => g.Intercept(HalfNormal(1)));
        var loo = model.Fit(rows, Options).Loo(rows, options: Options);

        Assert.DoesNotContain(loo.Pointwise, part => part.IsRefitted);
        Assert.Empty(loo.Warnings);
        Near(Exact(rows, [1], (r, other, sds) => 4 + (r.Lab == other.Lab ? sds[0] * sds[0] : 0), (r, _) => r.Sd * r.Sd), loo);
    }

    [Fact]
    public void A_fit_of_one_row_cannot_be_fitted_again_without_it()
    {
        var model = PooledModel.Of<Result>().Normal(r => r.Y, knownSd: r => r.Sd).Intercept(Normal(0, 2)).Varying(
            Lab, g => g.Intercept(HalfNormal(1)));
        var fit = model.Fit(Labs[..1], Few);

        Assert.Equal(ProblemCode.NoRows, Assert.Throws<ModelException>(() => fit.Loo(Labs[..1], refit: true)).Problems.Single().Code);
    }

    private static bool Alone(Result[] rows, int row) => rows.Count(other => other.Lab == rows[row].Lab) == 1;

    // Labs of 1 to 4 rows.
    private static Result[] Mixed() => [.. Enumerable.Range(0, 14).Select(i =>
    {
        var lab = i < 6 ? i : i < 8 ? 6 : i < 11 ? 7 : 8;
        return new Result(
            "lab " + lab,
            "day " + i % 3,
            Math.Sin(1.0 + i),
            1.3 * Math.Sin(2.2 * lab) + 0.5 * Math.Cos(3.0 * (i % 3)) + 0.2 * Math.Sin(7.0 * i),
            0.1);
    })];

    private static void Near(double[] exact, ElpdEstimate loo, Func<int, bool>? isMeant = null)
    {
        for (var i = 0; i < exact.Length; i++)
        {
            if (isMeant?.Invoke(i) != false)
                Assert.True(
                    Math.Abs(exact[i] - loo.Pointwise[i].Elpd) <= 5 * loo.Pointwise[i].Mcse + 1e-3,
                    $"row {i + 1}: {loo.Pointwise[i].Elpd} for {exact[i]}");
        }
    }

    // log p(y) - log p(y without row i): coefficients have normal priors and are in the covariance; half-normal sds by the trapezoidal rule in their
    // logs.
    private static double[] Exact(
        Result[] rows, double[] scales, Func<Result, Result, double[], double> covariance, Func<Result, double[], double> error)
    {
        const double Step = 0.25;
        var (low, high) = (Math.Log(1e-3), Math.Log(6));
        var count = (int)((high - low) / Step) + 1;
        var logs = Enumerable.Range(0, rows.Length + 1).Select(_ => new List<double>()).ToArray();
        var sds = new double[scales.Length];
        for (var at = 0; at < Math.Pow(count, scales.Length); at++)
        {
            var (rest, prior) = (at, 0.0);
            for (var k = 0; k < sds.Length; k++)
            {
                var log = low + rest % count * Step;
                rest /= count;
                sds[k] = Math.Exp(log) * scales[k];
                prior += log - 0.5 * Math.Exp(2 * log);
            }

            for (var left = -1; left < rows.Length; left++)
            {
                Result[] others = [.. rows.Where((_, i) => i != left)];
                logs[left + 1].Add(
                    prior + DenseNormal.LogDensity(
                        [.. others.Select(r => r.Y)],
                        _ => 0,
                        (i, j) => covariance(others[i], others[j], sds) + (i == j ? error(others[i], sds) : 0)));
            }
        }

        var evidences = logs.Select(values => values.Max() + Math.Log(values.Sum(value => Math.Exp(value - values.Max())))).ToArray();
        return [.. Enumerable.Range(1, rows.Length).Select(i => evidences[0] - evidences[i])];
    }

    private sealed record Result(string Lab, string Day, double X, double Y, double Sd);
}
