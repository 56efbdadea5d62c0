using TypedPooling.Engines;
using TypedPooling.Tests.Dsl.Support;
using Xunit;
using static TypedPooling.Prior;

namespace TypedPooling.Tests.Dsl;

/// <summary>Shrinkage against small cases worked out by hand; every scale is known in most, so that numbers are exact.</summary>
public sealed class ShrinkageTests
{
    private const double Tau = 1.5;
    private const double Sigma = 2;

    private static readonly Group<Reading, string?> Site = Group.By((Reading r) => r.Site);

    private static readonly (string Site, double X, double Y)[] Small =
        [("a", 0, 1), ("a", 1, 2), ("a", 2, 6), ("b", 1, -2), ("b", 3, 0), ("c", 2, 5), ("d", 1, 4), ("d", 1, 6)];

    private static Reading[] Readings => [.. Small.Select(r => new Reading { Site = r.Site, X = r.X, Y = r.Y })];

    private static IEnumerable<IGrouping<string, (string Site, double X, double Y)>> Groups => Small.GroupBy(r => r.Site);

    [Fact]
    public void A_varying_intercept_is_pulled_by_the_textbook_weight()
    {
        var table = PooledModel.Of<Reading>().Normal(r => r.Y, Fixed(Sigma)).Intercept(Normal(1, 3)).Varying(Site, g => g.Intercept(Fixed(Tau)))
            .Fit(Readings).For(Site).Shrinkage();

        // mu ~ N(1, 3), ybar_j ~ N(mu, tau^2 + sigma^2 / n_j).
        var groups = Groups.Select(g => (g.Key, Count: g.Count(), Mean: g.Average(r => r.Y))).ToArray();
        var precision = 1 / 9.0 + groups.Sum(g => 1 / (Tau * Tau + Sigma * Sigma / g.Count));
        var mu = (1 / 9.0 + groups.Sum(g => g.Mean / (Tau * Tau + Sigma * Sigma / g.Count))) / precision;

        Assert.Equal(["Intercept"], table.Terms.ToArray());
        Assert.Equal(mu, Assert.Single(table.Population), 1e-12);
        Assert.Equal(Small.Average(r => r.Y), Assert.Single(table.CompletePooling), 1e-12);
        Assert.Equal(groups.Select(g => g.Key), table.Levels.Select(l => l.Key));
        foreach (var (group, level) in groups.Zip(table.Levels))
        {
            var weight = group.Count * Tau * Tau / (group.Count * Tau * Tau + Sigma * Sigma);
            var partial = (group.Count / (Sigma * Sigma) * group.Mean + mu / (Tau * Tau)) / (group.Count / (Sigma * Sigma) + 1 / (Tau * Tau));
            Assert.Equal(group.Count, level.Rows);
            Assert.Equal(group.Mean, Assert.Single(level.NoPooling!.Value), 1e-12);
            Assert.Equal(weight, Assert.Single(level.PoolingMatrix), 1e-12);
            Assert.Equal(weight, Assert.Single(level.PoolingEigenvalues), 1e-12);
            Assert.Equal(partial, Assert.Single(level.PartialPooling), 1e-12);
        }
    }

    [Fact]
    public void A_varying_intercept_without_a_population_intercept_is_pulled_to_zero()
    {
        var table = PooledModel.Of<Reading>().Normal(r => r.Y, Fixed(Sigma)).Varying(Site, g => g.Intercept(Fixed(Tau))).Fit(Readings).For(Site)
            .Shrinkage();

        Assert.Equal(0, Assert.Single(table.Population));
        Assert.Equal(Small.Average(r => r.Y), Assert.Single(table.CompletePooling), 1e-12);
        foreach (var (group, level) in Groups.Zip(table.Levels))
        {
            var weight = group.Count() * Tau * Tau / (group.Count() * Tau * Tau + Sigma * Sigma);
            Assert.Equal(weight * group.Average(r => r.Y), Assert.Single(level.PartialPooling), 1e-12);
            Assert.Equal(group.Average(r => r.Y), Assert.Single(level.NoPooling!.Value), 1e-12);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Without_pooling_a_group_keeps_its_own_mean_once_other_population_effects_are_taken_off(bool isFixed)
    {
        var fit =
            PooledModel.Of<Reading>().Normal(r => r.Y, Fixed(Sigma)).Intercept(Normal(1, 3)).Slope(r => r.X, isFixed ? Fixed(0.75) : Normal(0.5, 1))
            .Varying(Site, g => g.Intercept(Fixed(Tau))).Fit(Readings);
        var table = fit.For(Site).Shrinkage();
        var slope = fit.Coefficient(r => r.X).Mean;

        Assert.Equal(isFixed, slope == 0.75);
        foreach (var (group, level) in Groups.Zip(table.Levels))
            Assert.Equal(group.Average(r => r.Y - slope * r.X), Assert.Single(level.NoPooling!.Value), 1e-12);

        // Complete pooling: the line through all rows, or its height where the slope is known.
        var (intercept, _) = isFixed ? (Small.Average(r => r.Y - 0.75 * r.X), 0) : Line(Small);
        Assert.Equal(intercept, Assert.Single(table.CompletePooling), 1e-12);
    }

    [Fact]
    public void A_group_whose_rows_do_not_determine_its_line_has_no_estimate_of_its_own()
    {
        var table = Lines(Readings);

        // Group c has one row, group d no spread in x; both lines are left to pooling.
        Assert.Equal(["Intercept", "X"], table.Terms.ToArray());
        Assert.Equal([false, false, true, true], table.Levels.Select(l => l.NoPooling is null));
        foreach (var (group, level) in Groups.Zip(table.Levels).Take(2))
        {
            var (intercept, slope) = Line(group);
            Assert.Equal(intercept, level.NoPooling!.Value[0], 1e-12);
            Assert.Equal(slope, level.NoPooling!.Value[1], 1e-12);
        }

        var all = Line(Small);
        Assert.Equal(all.Intercept, table.CompletePooling[0], 1e-12);
        Assert.Equal(all.Slope, table.CompletePooling[1], 1e-12);
        Assert.All(table.Levels.Skip(2), level => Assert.Equal(0, level.PoolingEigenvalues[0], 1e-12));
        var text = table.ToString();
        Assert.Matches(@"(?m)^Site +rows +Intercept none +partial +X none +partial +pooling factors\r?$", text);
        Assert.Matches(@"(?m)^c +1 +- +-?\d+\.\d+ +- +-?\d+\.\d+ +\d\.\d\d \d\.\d\d\r?$", text);
        Assert.Matches(@"(?m)^population +-?\d+\.\d+ +-?\d+\.\d+\r?$", text);
        Assert.Matches(@"(?m)^complete pooling +-?\d+\.\d+ +-?\d+\.\d+\r?$", text);
        Assert.EndsWith(
            $"Pooling factors, one for each of 2 directions in which levels vary: 0 is the level's own rows only, 1 the population "
                + $"only.{Environment.NewLine}",
            text,
            StringComparison.Ordinal);
    }

    [Fact]
    public void The_pooling_matrix_of_a_line_is_that_of_the_formula_and_takes_the_estimate_to_the_partly_pooled_one()
    {
        var table = Lines(Readings);

        foreach (var (group, level) in Groups.Zip(table.Levels))
        {
            // Sigma = diag(tau^2, 0.5^2), G = Z'Z, W = Sigma G (sigma^2 I + Sigma G)^-1 by the inverse of a 2 x 2 matrix.
            var (n, sx, sxx) = (group.Count(), group.Sum(r => r.X), group.Sum(r => r.X * r.X));
            double[] sg = [Tau * Tau * n, Tau * Tau * sx, 0.25 * sx, 0.25 * sxx];
            var (a, b, c, d) = (Sigma * Sigma + sg[0], sg[1], sg[2], Sigma * Sigma + sg[3]);
            var det = a * d - b * c;
            double[] w = [(sg[0] * d - sg[1] * c) / det, (sg[1] * a - sg[0] * b) / det, (sg[2] * d - sg[3] * c) / det, (sg[3] * a - sg[2] * b) / det];
            for (var i = 0; i < 4; i++)
                Assert.Equal(w[i], level.PoolingMatrix[i], 1e-12);
            Assert.Equal(w[0] + w[3], level.PoolingEigenvalues.Sum(), 1e-12);
            Assert.Equal(w[0] * w[3] - w[1] * w[2], level.PoolingEigenvalues[0] * level.PoolingEigenvalues[1], 1e-12);
            if (level.NoPooling is not { } own)
                continue;
            var (e0, e1) = (own[0] - table.Population[0], own[1] - table.Population[1]);
            Assert.Equal(table.Population[0] + w[0] * e0 + w[1] * e1, level.PartialPooling[0], 1e-10);
            Assert.Equal(table.Population[1] + w[2] * e0 + w[3] * e1, level.PartialPooling[1], 1e-10);
        }
    }

    [Fact]
    public void A_varying_slope_alone_is_a_line_through_the_population_intercept()
    {
        var fit = PooledModel.Of<Reading>().Normal(r => r.Y, Fixed(Sigma)).Intercept(Normal(1, 3)).Slope(r => r.X, Normal(0, 2))
            .Varying(Site, g => g.Slope(r => r.X, Fixed(0.5))).Fit(Readings);
        var table = fit.For(Site).Shrinkage();

        foreach (var (group, level) in Groups.Zip(table.Levels))
        {
            var squares = group.Sum(r => r.X * r.X);
            var own = group.Sum(r => r.X * (r.Y - fit.Intercept.Mean)) / squares;
            var weight = 0.25 * squares / (0.25 * squares + Sigma * Sigma);
            Assert.Equal(own, Assert.Single(level.NoPooling!.Value), 1e-12);
            Assert.Equal(weight, Assert.Single(level.PoolingMatrix), 1e-12);
            Assert.Equal(
                fit.Coefficient(r => r.X).Mean + weight * (own - fit.Coefficient(r => r.X).Mean), Assert.Single(level.PartialPooling), 1e-10);
        }
    }

    [Fact]
    public void Rows_with_known_errors_count_by_their_precision()
    {
        var school = Group.By((School s) => s.Name);
        var fit =
            PooledModel.Of<School>().Normal(s => s.Effect, knownSd: s => s.Se).Intercept(Normal(0, 5)).Varying(school, g => g.Intercept(Fixed(6)))
            .Fit([.. Rows.EightSchools, new School("A", 10, 5)]);
        var table = fit.For(school).Shrinkage();

        // Two rows of A: 28 (se 15) and 10 (se 5).
        var precision = 1 / 225.0 + 1 / 25.0;
        Assert.Equal((28 / 225.0 + 10 / 25.0) / precision, table.Levels[0].NoPooling!.Value[0], 1e-12);
        Assert.Equal(36 / (36 + 1 / precision), table.Levels[0].PoolingMatrix[0], 1e-12);
        Assert.Equal((2, 1), (table.Levels[0].Rows, table.Levels[1].Rows));
        foreach (var (s, level) in Rows.EightSchools.Zip(table.Levels).Skip(1))
        {
            Assert.Equal(s.Effect, level.NoPooling!.Value[0], 1e-12);
            Assert.Equal(36 / (36 + s.Se * s.Se), level.PoolingMatrix[0], 1e-12);
        }

        var weights = Rows.EightSchools.Select(s => (s.Effect, W: 1 / (s.Se * s.Se))).Append((10, 1 / 25.0)).ToArray();
        Assert.Equal(weights.Sum(r => r.Effect * r.W) / weights.Sum(r => r.W), table.CompletePooling[0], 1e-12);
    }

    [Fact]
    public void Columns_far_from_zero_do_not_cost_digits()
    {
        // The same lines with x moved by 2,000: slopes stay, intercepts move by 2,000 slopes.
        Reading[] moved = [.. Readings.Select(r => r with { X = r.X + 2000 })];
        var table = PooledModel.Of<Reading>().Normal(r => r.Y, Fixed(Sigma)).Intercept(Flat).Slope(r => r.X, Flat)
            .Varying(Site, g => g.Intercept(Fixed(Tau)).Slope(r => r.X, Fixed(0.5)).Uncorrelated()).Fit(moved).For(Site).Shrinkage();

        foreach (var (group, level) in Groups.Zip(table.Levels).Take(2))
        {
            var (intercept, slope) = Line(group);
            Assert.Equal(slope, level.NoPooling!.Value[1], 1e-9);
            Assert.Equal(intercept - 2000 * slope, level.NoPooling!.Value[0], 1e-6);
        }

        var all = Line(Small);
        Assert.Equal(all.Slope, table.CompletePooling[1], 1e-9);
        Assert.Equal(all.Intercept - 2000 * all.Slope, table.CompletePooling[0], 1e-6);
    }

    [Fact]
    public void With_estimated_scales_the_weight_is_averaged_over_their_draws()
    {
        var fit = PooledModel.Of<Reading>().Normal(r => r.Y, Exponential(1)).Intercept(Normal(1, 3)).Varying(Site, g => g.Intercept(Exponential(1)))
            .Fit(Readings, new RunOptions { Chains = 2, Warmup = 100, Draws = 100 });
        var table = fit.For(Site).Shrinkage();

        var tau = fit.For(Site).InterceptSd;
        foreach (var (group, level) in Groups.Zip(table.Levels))
        {
            var n = group.Count();
            var weight = fit.Derive(d => n * d.Of(tau) * d.Of(tau) / (n * d.Of(tau) * d.Of(tau) + d.Of(fit.Sigma) * d.Of(fit.Sigma)));
            Assert.Equal(weight.Mean, Assert.Single(level.PoolingMatrix), 1e-12);
            Assert.Equal(fit.For(Site)[group.Key].Intercept.Mean, Assert.Single(level.PartialPooling), 1e-12);
        }

        Assert.Same(fit.For(Site).Shrinkage(), fit.For(Site).Shrinkage());
    }

    private static ShrinkageTable<string?> Lines(Reading[] rows) =>
        PooledModel.Of<Reading>().Normal(r => r.Y, Fixed(Sigma)).Intercept(Normal(1, 3)).Slope(r => r.X, Normal(0, 2))
        .Varying(Site, g => g.Intercept(Fixed(Tau)).Slope(r => r.X, Fixed(0.5)).Uncorrelated()).Fit(rows).For(Site).Shrinkage();

    private static (double Intercept, double Slope) Line(IEnumerable<(string Site, double X, double Y)> rows)
    {
        var (x, y) = (rows.Average(r => r.X), rows.Average(r => r.Y));
        var slope = rows.Sum(r => (r.X - x) * (r.Y - y)) / rows.Sum(r => (r.X - x) * (r.X - x));
        return (y - slope * x, slope);
    }
}
