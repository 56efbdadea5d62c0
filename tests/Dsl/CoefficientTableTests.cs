using TypedPooling.Tests.Dsl.Support;
using Xunit;
using static TypedPooling.Prior;

namespace TypedPooling.Tests.Dsl;

public sealed class CoefficientTableTests
{
    private static readonly Group<Visit, string> Cafe = Group.By((Visit v) => v.Cafe);

    private static NormalModel<Visit> Model =>
        PooledModel.Of<Visit>().Normal(v => v.Wait, sigma: Exponential(1)).Intercept(Normal(5, 2)).Slope(v => v.Afternoon, Normal(-1, 0.5))
        .Varying(Cafe, g => g.Intercept(Exponential(1)).Slope(v => v.Afternoon, Exponential(1)).Correlated(Lkj(2)));

    [Fact]
    public void Has_the_coefficients_of_every_level()
    {
        var cafes = Model.Fit(Rows.Cafe, new() { Chains = 2, Draws = 500 }).For(Cafe);
        var table = cafes.Coefficients(0.5);

        Assert.Equal(["Intercept", "Afternoon"], table.Terms.ToArray());
        Assert.Equal(cafes.Keys, table.Levels.Select(level => level.Key));
        foreach (var level in table.Levels)
        {
            Assert.Equal(Rows.Cafe.Count(v => v.Cafe == level.Key), level.Rows);
            foreach (var (estimate, quantity) in level.Coefficients.Zip([cafes[level.Key].Intercept, cafes[level.Key].Slope(v => v.Afternoon)]))
                Assert.Equal(new(quantity.Mean, quantity.Sd, quantity.Interval(0.5)), estimate);
        }
    }

    [Fact]
    public void Is_exact_where_every_scale_is_known()
    {
        var model = PooledModel.Of<Visit>().Normal(v => v.Wait, sigma: Fixed(0.5)).Intercept(Flat).Varying(Cafe, g => g.Intercept(Fixed(1)));

        Assert.Equal(
            model.Fit(Rows.Cafe, new() { Chains = 1, Draws = 4, Seed = 1 }).For(Cafe).Coefficients().ToString(),
            model.Fit(Rows.Cafe, new() { Chains = 1, Draws = 4, Seed = 2 }).For(Cafe).Coefficients().ToString());
    }

    [Fact]
    public void Prints_a_line_a_level()
    {
        var rows = new[] { ("a, b", 1.0), ("a, b", 3), ("c", 5) }.Select(r => new Visit(r.Item1, false, r.Item2));
        var table =
            PooledModel.Of<Visit>().Normal(v => v.Wait, sigma: Fixed(1)).Intercept(Fixed(3)).Varying(Cafe, g => g.Intercept(Fixed(1))).Fit(rows)
                .For(Cafe).Coefficients();

        // n = 2: 3 + 2/3 (2 - 3) with sd sqrt(1/3); n = 1: 3 + 1/2 (5 - 3) with sd sqrt(1/2).
        Assert.Equal(
            """
            Cafe  rows  Intercept     sd   5.5%  94.5%
            a, b     2      2.333  0.577  1.411  3.256
            c        1      4.000  0.707  2.870  5.130

            """.ReplaceLineEndings("\n"),
            table.ToString().ReplaceLineEndings("\n"));
    }

    [Fact]
    public void Refuses_an_interval_that_is_none()
    {
        var cafes = Model.Fit(Rows.Cafe, new() { Chains = 1, Draws = 4 }).For(Cafe);

        Assert.Throws<ArgumentOutOfRangeException>(() => cafes.Coefficients(1));
        Assert.Throws<ArgumentOutOfRangeException>(() => cafes.Coefficients(double.NaN));
    }
}
