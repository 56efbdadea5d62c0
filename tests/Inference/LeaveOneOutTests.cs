using TypedPooling.Inference.Sampling.Importance;
using TypedPooling.Tests.Reference;
using Xunit;

namespace TypedPooling.Tests.Inference;

/// <summary>Leave-one-out and WAIC of given log likelihoods against the R package loo.</summary>
public sealed class LeaveOneOutTests
{
    private static readonly double[][] Draws = Read();

    private static readonly ReferenceFile Expected = ReferenceFile.Read("reference/loo_expected.csv");

    [Theory]
    [InlineData(1)]
    [InlineData(0.4)]
    public void Gives_the_leave_one_out_terms_of_the_R_package_loo(double efficiency)
    {
        var terms = Draws.Select(row => LeaveOneOut.Of(row, efficiency)).ToArray();

        for (var i = 0; i < terms.Length; i++)
        {
            Near(Value(efficiency, "pareto_k", i + 1), terms[i].ParetoK);
            Near(Value(efficiency, "elpd_loo", i + 1), terms[i].Elpd);
            Near(Value(efficiency, "p_loo", i + 1), terms[i].Parameters);
        }

        Assert.Contains(terms, term => term.ParetoK > 0.7);
        Assert.Contains(terms, term => term.ParetoK < 0.3);
        var estimate = Estimate(ElpdCriterion.LeaveOneOut, terms.Select(t => (t.Elpd, t.Parameters, t.ParetoK)));
        Near(Value(efficiency, "elpd_loo", 0), estimate.Elpd);
        Near(Value(efficiency, "se_elpd_loo", 0), estimate.ElpdSe);
        Near(Value(efficiency, "p_loo", 0), estimate.EffectiveParameters);
        Near(Value(efficiency, "se_p_loo", 0), estimate.EffectiveParametersSe);
        Near(Value(efficiency, "looic", 0), estimate.InformationCriterion);
        Assert.Equal(terms.Count(term => term.ParetoK > 1 - 1 / Math.Log10(400)), estimate.BadCount);
        Assert.True(double.IsNaN(estimate.Mcse));
        Assert.Contains(estimate.Warnings, warning => warning.Contains("Pareto k above 0.62", StringComparison.Ordinal));
    }

    [Fact]
    public void Gives_the_WAIC_of_the_R_package_loo()
    {
        var terms = Draws.Select(row => LeaveOneOut.Waic(row)).ToArray();

        for (var i = 0; i < terms.Length; i++)
        {
            Near(Value(1, "elpd_waic", i + 1), terms[i].Elpd);
            Near(Value(1, "p_waic", i + 1), terms[i].Parameters);
        }

        var estimate = Estimate(ElpdCriterion.Waic, terms.Select(t => (t.Elpd, t.Parameters, double.NaN)));
        Near(Value(1, "elpd_waic", 0), estimate.Elpd);
        Near(Value(1, "se_elpd_waic", 0), estimate.ElpdSe);
        Near(Value(1, "p_waic", 0), estimate.EffectiveParameters);
        Near(Value(1, "waic", 0), estimate.InformationCriterion);
        Assert.Equal(terms.Count(term => term.Parameters > 0.4), estimate.BadCount);
        Assert.NotEmpty(estimate.Warnings);
    }

    [Fact]
    public void Gives_the_difference_of_two_models_and_its_standard_error_of_the_R_package_loo()
    {
        var estimate = Estimate(
            ElpdCriterion.LeaveOneOut, Draws.Select(row => LeaveOneOut.Of(row, 1)).Select(t => (t.Elpd, t.Parameters, t.ParetoK)), "a");
        var other = Estimate(ElpdCriterion.LeaveOneOut, Enumerable.Range(1, 12).Select(i => (Value(1, "elpd_loo_other", i), 0.0, 0.0)), "b");
        var comparison = ModelComparison.Of(estimate, other);

        Near(Value(1, "elpd_diff", 0), comparison.Models[1].Difference);
        Near(Value(1, "se_diff", 0), comparison.Models[1].DifferenceSe);
        Assert.Equal(0, comparison.Best.Difference);
    }

    [Fact]
    public void The_mean_of_unseen_likelihoods_and_its_error_are_plain()
    {
        double[] likelihoods = [0.5, 0.25, 1, 0.125, 0.75];
        var (logMean, mcse) = LeaveOneOut.LogMean([.. likelihoods.Select(l => Math.Log(l))], 1);

        var mean = likelihoods.Average();
        Assert.Equal(Math.Log(mean), logMean, 1e-14);
        Assert.Equal(Math.Sqrt(Math.Log(1 + likelihoods.Sum(l => Math.Pow(l / mean - 1, 2)) / 25)), mcse, 1e-14);
    }

    [Fact]
    public void Likelihoods_that_do_not_vary_have_no_tail_and_too_few_draws_no_shape()
    {
        var flat = LeaveOneOut.Of(Enumerable.Repeat(-3.0, 100).ToArray(), 1);
        Assert.Equal(-3, flat.Elpd, 1e-12);
        Assert.Equal(0, flat.Parameters, 1e-12);
        Assert.Equal(double.NegativeInfinity, flat.ParetoK);
        Assert.Equal(double.PositiveInfinity, LeaveOneOut.Of([-1, -2, -3, -4], 1).ParetoK);

        // Far from zero nothing overflows.
        var far = LeaveOneOut.Of([.. Draws[0].Select(l => l - 5000)], 1);
        Near(Value(1, "elpd_loo", 1) - 5000, far.Elpd);
    }

    private static ElpdEstimate Estimate(
        ElpdCriterion criterion, IEnumerable<(double Elpd, double Parameters, double K)> terms, string? name = null) =>
        new(
            name,
            criterion,
            terms.Select((t, i) => new PointwiseElpd(i + 1, null, 1, t.Elpd, t.Parameters, t.K, 0.01)),
            [.. Enumerable.Range(0, 12).Select(i => (double)i)],
            400,
            false);

    private static double Value(double efficiency, string quantity, int row) =>
        Expected.Rows.Single(r => r.Number("efficiency") == efficiency && r.Text("quantity") == quantity && r.Number("row") == row).Number("value");

    private static void Near(double expected, double actual) => Assert.Equal(expected, actual, 1e-8 * Math.Max(1, Math.Abs(expected)));

    private static double[][] Read()
    {
        var file = ReferenceFile.Read("reference/loo_draws.csv");
        return [.. file.Header.Select(file.Numbers)];
    }
}
