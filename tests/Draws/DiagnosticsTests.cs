using TypedPooling.Draws;
using TypedPooling.Tests.Reference;
using Xunit;

namespace TypedPooling.Tests.Draws;

/// <summary>Against the R package posterior (tests/reference/README.md), and against exact algebra.</summary>
public sealed class DiagnosticsTests
{
    // Both sides sum thousands of doubles in an order of their own, and R takes autocovariances from a Fourier transform: about 1e-13 each,
    // times what 1 - x loses near 0 in the correlations. The draws in the file are exact on both sides.
    private const double Tolerance = 1e-10;

    private static readonly Lazy<Dictionary<string, double[]>> RecordedDraws = new(() => ReferenceFile.Read("reference/diagnostics_draws.csv").Rows
        .GroupBy(row => row.Text("case"), row => row.Number("draw"))
        .Append(Group("long_slow", LongSlowChains(6000, 2, 0.999)))
        .ToDictionary(group => group.Key, group => group.ToArray()));

    private static readonly Lazy<ILookup<string, ReferenceFile.Row>> Expected = new(() =>
        ReferenceFile.Read("reference/diagnostics_expected.csv").Rows.ToLookup(row => row.Text("case")));

    private static readonly Dictionary<string, Func<double[], int, double, double>> Quantities = new()
    {
        ["mean"] = (draws, _, _) => Diagnostics.Mean(draws),
        ["sd"] = (draws, _, _) => Diagnostics.Sd(draws),
        ["quantile"] = (draws, _, p) => Diagnostics.Quantile(draws, p),
        ["rhat"] = (draws, chains, _) => Diagnostics.RHat(draws, chains),
        ["ess_bulk"] = (draws, chains, _) => Diagnostics.EssBulk(draws, chains),
        ["ess_tail"] = (draws, chains, _) => Diagnostics.EssTail(draws, chains),
        ["ess_mean"] = (draws, chains, _) => Diagnostics.EssMean(draws, chains),
        ["ess_sd"] = (draws, chains, _) => Diagnostics.EssSd(draws, chains),
        ["ess_quantile"] = (draws, chains, p) => Diagnostics.EssQuantile(draws, chains, p),
        ["mcse_mean"] = (draws, chains, _) => Diagnostics.McseMean(draws, chains),
        ["mcse_sd"] = (draws, chains, _) => Diagnostics.McseSd(draws, chains),
        ["mcse_median"] = (draws, chains, _) => Diagnostics.McseMedian(draws, chains),
        ["mcse_quantile"] = (draws, chains, p) => Diagnostics.McseQuantile(draws, chains, p),
    };

    public static TheoryData<string> Cases => [.. Expected.Value.Select(group => group.Key)];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Agrees_with_the_R_package_posterior(string name)
    {
        var draws = RecordedDraws.Value[name];
        var chains = ChainsOf(name);
        var wrong = new List<string>();
        foreach (var row in Expected.Value[name].Where(row => row.Text("quantity") != "chains"))
        {
            var quantity = row.Text("quantity");
            var expected = row.Number("value");

            // R rounds the variance of chains that are stuck to 1e-33 where it is 0: see the test of stuck chains.
            if (name == "stuck_chains" && quantity == "rhat")
                continue;
            var found = Quantities[quantity](draws, chains, row.Number("p"));
            if (!Close(expected, found, Tolerance))
                wrong.Add($"{quantity}({row.Text("p")}): expected {expected:R}, found {found:R}");
        }

        Assert.Empty(wrong);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_summary_holds_the_numbers_the_single_functions_give(string name)
    {
        var draws = RecordedDraws.Value[name];
        var chains = ChainsOf(name);

        var summary = Diagnostics.Summarize(draws, chains, DrawKind.MarkovChains);

        Assert.Equal(
            new DrawSummary(
                Diagnostics.Mean(draws),
                Diagnostics.Sd(draws),
                Diagnostics.Quantile(draws, 0.055),
                Diagnostics.Quantile(draws, 0.5),
                Diagnostics.Quantile(draws, 0.945),
                Diagnostics.EssBulk(draws, chains),
                Diagnostics.EssTail(draws, chains),
                Diagnostics.RHat(draws, chains),
                Diagnostics.McseMean(draws, chains)),
            summary);
    }

    [Fact]
    public void Independent_draws_count_in_full_and_have_no_R_hat()
    {
        var draws = RecordedDraws.Value["iid"];

        var summary = Diagnostics.Summarize(draws, 4, DrawKind.Independent);

        Assert.Equal(1000, summary.EssBulk);
        Assert.Equal(1000, summary.EssTail);
        Assert.Equal(double.NaN, summary.RHat);
        Assert.Equal(Diagnostics.Sd(draws) / Math.Sqrt(1000), summary.McseMean);
        Assert.Equal(Diagnostics.Quantile(draws, 0.945), summary.Upper89);
    }

    [Theory]
    [InlineData(DrawKind.MarkovChains)]
    [InlineData(DrawKind.Independent)]
    public void A_summary_of_draws_that_are_not_finite_or_constant_has_no_diagnostics(DrawKind kind)
    {
        double[] valid = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];
        foreach (var bad in new[] { double.NaN, double.PositiveInfinity, double.NegativeInfinity })
        {
            var draws = valid.ToArray();
            draws[7] = bad;
            AssertNoDiagnostics(Diagnostics.Summarize(draws, 2, kind));
            foreach (var quantity in Quantities.Keys.Except(["mean", "quantile"]))
                Assert.True(double.IsNaN(Quantities[quantity](draws, 2, 0.5)), quantity);
        }

        // 0.1 + 0.2 is not 0.3, but constant as far as doubles can tell.
        var constant = Diagnostics.Summarize(Enumerable.Range(0, 12).Select(i => i % 2 == 0 ? 0.3 : 0.1 + 0.2).ToArray(), 2, kind);
        AssertNoDiagnostics(constant);
        Assert.Equal(0.3, constant.Median, 1e-15);

        static void AssertNoDiagnostics(DrawSummary summary) =>
            Assert.All([summary.EssBulk, summary.EssTail, summary.RHat, summary.McseMean], value => Assert.Equal(double.NaN, value));
    }

    [Fact]
    public void Chains_stuck_at_different_values_have_an_infinite_R_hat()
    {
        Assert.Equal(double.PositiveInfinity, Diagnostics.RHat(RecordedDraws.Value["stuck_chains"], 4));
    }

    [Theory]
    [InlineData("slow")]
    [InlineData("odd")]
    [InlineData("cauchy")]
    [InlineData("ties")]
    public void Units_do_not_matter(string name)
    {
        // A power of 2 multiplies without rounding, so equality is exact; the range is then far below 2^-52.
        var draws = RecordedDraws.Value[name];
        var scaled = draws.Select(draw => Math.ScaleB(draw, -80)).ToArray();
        var chains = ChainsOf(name);

        foreach (var quantity in Quantities.Keys)
        {
            var unit = quantity.StartsWith("ess", StringComparison.Ordinal) || quantity == "rhat" ? 0 : -80;
            Assert.Equal(Math.ScaleB(Quantities[quantity](draws, chains, 0.2), unit), Quantities[quantity](scaled, chains, 0.2));
        }
    }

    [Fact]
    public void Ranks_are_all_that_bulk_ESS_looks_at()
    {
        var draws = RecordedDraws.Value["slow"];

        Assert.Equal(Diagnostics.EssBulk(draws, 4), Diagnostics.EssBulk(draws.Select(Math.Exp).ToArray(), 4));
    }

    [Fact]
    public void The_order_of_the_chains_does_not_matter()
    {
        var draws = RecordedDraws.Value["odd"];
        double[] rotated = [.. draws[101..], .. draws[..101]];

        foreach (var quantity in Quantities.Keys)
            Assert.True(Close(Quantities[quantity](draws, 3, 0.3), Quantities[quantity](rotated, 3, 0.3), 1e-12), quantity);
    }

    [Fact]
    public void Chains_too_short_to_split_have_no_diagnostics()
    {
        double[] draws = [3, 1, 4, 1, 5, 9, 2, 6, 5, 3];

        Assert.Equal(double.NaN, Diagnostics.RHat(draws[..3], 1));
        Assert.False(double.IsNaN(Diagnostics.RHat(draws[..4], 1)));
        Assert.Equal(double.NaN, Diagnostics.EssBulk(draws[..5], 1));
        Assert.False(double.IsNaN(Diagnostics.EssBulk(draws[..6], 1)));
        Assert.Equal(double.NaN, Diagnostics.Summarize(draws, 10, DrawKind.MarkovChains).RHat);
        Assert.Equal(double.NaN, Diagnostics.Sd(draws[..1]));
    }

    [Fact]
    public void Draws_are_left_as_they_were()
    {
        var draws = RecordedDraws.Value["odd"].ToArray();

        Diagnostics.Summarize(draws, 3, DrawKind.MarkovChains);
        Diagnostics.EssSd(draws, 3);
        Diagnostics.McseSd(draws, 3);
        Diagnostics.Quantile(draws, 0.5);

        Assert.Equal(RecordedDraws.Value["odd"], draws);
    }

    [Fact]
    public void A_quantile_is_linear_between_order_statistics()
    {
        Assert.Equal(1.75, Diagnostics.Quantile([4, 2, 1, 3], 0.25));
        Assert.Equal(1.75, Diagnostics.QuantileOfSorted([1, 2, 3, 4], 0.25));
        Assert.Equal(1, Diagnostics.Quantile([4, 2, 1, 3], 0));
        Assert.Equal(4, Diagnostics.Quantile([4, 2, 1, 3], 1));
        Assert.Equal(double.NaN, Diagnostics.Quantile([4, double.NaN, 1, 3], 1));
    }

    [Fact]
    public void Refuses_no_draws_chains_of_different_length_and_impossible_probabilities()
    {
        double[] draws = [1, 2, 3, 4, 5, 6];

        Assert.Throws<ArgumentException>(() => Diagnostics.Mean([]));
        Assert.Throws<ArgumentException>(() => Diagnostics.Quantile([], 0.5));
        Assert.Throws<ArgumentException>(() => Diagnostics.Summarize([], 1, DrawKind.MarkovChains));
        Assert.Throws<ArgumentException>(() => Diagnostics.EssBulk(draws, 4));
        Assert.Throws<ArgumentOutOfRangeException>(() => Diagnostics.RHat(draws, 0));
        foreach (var p in new[] { -0.1, 1.1, double.NaN })
        {
            Assert.Throws<ArgumentOutOfRangeException>(() => Diagnostics.Quantile(draws, p));
            Assert.Throws<ArgumentOutOfRangeException>(() => Diagnostics.EssQuantile(draws, 1, p));
            Assert.Throws<ArgumentOutOfRangeException>(() => Diagnostics.McseQuantile(draws, 1, p));
        }
    }

    private static int ChainsOf(string name) => (int)Expected.Value[name].Single(row => row.Text("quantity") == "chains").Number("value");

    private static bool Close(double expected, double found, double tolerance) =>
        expected.Equals(found) || Math.Abs(expected - found) <= tolerance * Math.Abs(expected);

    // The same doubles as long_slow in make_diagnostics.R: one product and one sum a draw, integers exact.
    private static double[] LongSlowChains(int length, int chains, double correlation)
    {
        var draws = new double[length * chains];
        for (var chain = 0; chain < chains; chain++)
        {
            var state = chain + 1L;
            var last = 0.0;
            for (var i = 0; i < length; i++)
            {
                state = 16807 * state % 2147483647;
                last = correlation * last + (state / 2147483647.0 - 0.5);
                draws[chain * length + i] = last;
            }
        }

        return draws;
    }

    private static IGrouping<string, double> Group(string key, double[] values) => values.GroupBy(_ => key).Single();
}
