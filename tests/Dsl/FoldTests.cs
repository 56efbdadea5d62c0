using TypedPooling.Draws;
using TypedPooling.Engines;
using Xunit;
using Item = TypedPooling.Tests.Dsl.CellLooTests.Item;

namespace TypedPooling.Tests.Dsl;

/// <summary>K-fold cross-validation against fits made by hand, and leave-one-out of a sample of rows.</summary>
public sealed class FoldTests
{
    private static readonly Group<Item, string> Site = Group.By((Item r) => r.Site);

    [Theory]
    [InlineData("Poisson")]
    [InlineData("Gamma")]
    public void A_fold_of_each_row_is_leaving_one_out(string family)
    {
        var rows = Item.Rows(family, 7)[..9];
        var options = new RunOptions { Draws = 1000, Seed = 4 };
        var folds = Item.Fit(family, rows, options).KFold(rows, rows.Length, "folds", options);
        Assert.Equal(ElpdCriterion.KFold, folds.Criterion);
        Assert.All(folds.Pointwise, part => Assert.True(part.IsRefitted && double.IsNaN(part.ParetoK) && part.Mcse > 0));
        foreach (var i in new[] { 0, 5, 8 })
        {
            var others = Item.Fit(family, [.. rows.Where((_, j) => j != i)], options with { Seed = 12 });
            var (elpd, error) = DensityOf(family, others, rows[i]);
            Assert.Equal(elpd, folds.Pointwise[i].Elpd, 6 * Math.Sqrt(error * error + Math.Pow(folds.Pointwise[i].Mcse, 2)));
            Assert.Equal(i + 1, folds.Pointwise[i].Row);
        }

        Assert.Equal(folds.Pointwise.Sum(part => part.Elpd), folds.Elpd, 1e-9);
        Assert.StartsWith("K-fold cross-validation of folds: 9 rows", folds.ToString());
    }

    [Fact]
    public void Levels_left_out_are_new_to_the_fit_that_predicts_them()
    {
        var rows = Item.Rows("Poisson", 5);
        var options = new RunOptions { Draws = 1000, Seed = 4 };
        var fit = Item.Fit("Poisson", rows, options);
        var levels = fit.For(Site).Keys.Count;
        var folds = fit.KFoldByLevel(Site, rows, levels, options: options);
        foreach (var site in fit.For(Site).Keys.Take(3))
        {
            var others = Item.Fit("Poisson", [.. rows.Where(r => r.Site != site)], options with { Seed = 12 });
            for (var i = 0; i < rows.Length; i++)
            {
                if (rows[i].Site != site)
                    continue;
                var (elpd, error) = DensityOf("Poisson", others, rows[i]);
                Assert.Equal(elpd, folds.Pointwise[i].Elpd, 6 * Math.Sqrt(error * error + Math.Pow(folds.Pointwise[i].Mcse, 2)));
            }
        }
    }

    [Fact]
    public void Rows_and_levels_are_dealt_evenly_by_the_seed()
    {
        var rows = Item.Rows("Poisson", 5);
        var fit = Item.Fit("Poisson", rows, new() { Chains = 1, Draws = 40 });
        var all = FittedRows.Read(fit, rows, RunOptions.Default);
        var plain = RowsInFolds.ByRows(all, 4, 1);
        Assert.Equal(plain, RowsInFolds.ByRows(all, 4, 1));
        Assert.NotEqual(plain, RowsInFolds.ByRows(all, 4, 2));
        Assert.InRange(plain.GroupBy(fold => fold).Max(f => f.Count()) - plain.GroupBy(fold => fold).Min(f => f.Count()), 0, 1);
        var balanced = RowsInFolds.WithinLevels(all, 4, 1, 0, 1);
        foreach (var site in rows.Select((r, i) => (r.Site, Fold: balanced[i])).GroupBy(pair => pair.Site))
            Assert.Equal(site.Count(), site.Select(pair => pair.Fold).Distinct().Count());
        var byLevel = RowsInFolds.ByLevels(all, 4, 1, 0, 1, 10);
        foreach (var site in rows.Select((r, i) => (r.Site, Fold: byLevel[i])).GroupBy(pair => pair.Site))
            Assert.Single(site.Select(pair => pair.Fold).Distinct());
        Assert.Equal(4, byLevel.Distinct().Count());
        var told = new List<RunProgress>();
        fit.KFoldBalanced(Site, rows, 2, options: new() { Chains = 1, Draws = 100, Progress = new Listener(told) });
        Assert.Equal([1, 2], told.Select(p => p.Completed));
    }

    [Fact]
    public void Folds_that_cannot_be_are_refused_and_a_cancelled_run_stops()
    {
        var rows = Item.Rows("Poisson", 5);
        var fit = Item.Fit("Poisson", rows, new() { Chains = 1, Draws = 40 });
        Assert.Equal(ProblemCode.OptionOutOfRange, Code(() => fit.KFold(rows, 1)));
        Assert.Equal(ProblemCode.OptionOutOfRange, Code(() => fit.KFold(rows, rows.Length + 1)));
        Assert.Equal(ProblemCode.OptionOutOfRange, Code(() => fit.KFoldByLevel(Site, rows, 11)));
        Assert.Equal(ProblemCode.OtherRows, Code(() => fit.KFold(rows[1..], 2)));
        Assert.Equal(ProblemCode.OptionOutOfRange, Code(() => fit.Loo(rows, 1)));
        Assert.Equal(ProblemCode.OptionOutOfRange, Code(() => fit.Loo(rows, rows.Length)));
        using var source = new CancellationTokenSource();
        source.Cancel();
        Assert.ThrowsAny<OperationCanceledException>(() => fit.KFold(rows, 2, options: new() { Cancellation = source.Token }));

        static ProblemCode Code(Action action) => Assert.Throws<ModelException>(action).Problems.Single().Code;
    }

    [Theory]
    [InlineData("Poisson")]
    [InlineData("StudentT")]
    public void A_sample_of_rows_estimates_all_of_them_without_bias(string family)
    {
        Item[] rows = [.. Enumerable.Range(0, 12).SelectMany(i => Item.Rows(family, 5 + (ulong)i))];
        var fit = Item.Fit(family, rows, new() { Draws = 250 });
        var all = fit.Loo(rows);
        var errors = new List<double>();
        var ses = new List<double>();
        for (var seed = 1UL; seed <= 60; seed++)
        {
            var some = fit.Loo(rows, subsample: 60, options: new() { Seed = seed });
            Assert.Equal(60, some.Pointwise.Length);
            Assert.Equal(rows.Length, some.ObservationCount);
            errors.Add(some.Elpd - all.Elpd);
            ses.Add(some.SubsampleSe);
            foreach (var part in some.Pointwise)
                Assert.Equal(all.Pointwise[(int)part.Row - 1], part);
        }

        // Their sd is what they say, within the error of 60 of them, and their mean is 0.
        Assert.InRange(Diagnostics.Sd([.. errors]) / ses.Average(), 0.7, 1.4);
        Assert.InRange(errors.Average(), -4 * ses.Average() / Math.Sqrt(60), 4 * ses.Average() / Math.Sqrt(60));
    }

    [Fact]
    public void All_rows_but_few_give_the_sum_and_its_error_and_models_compare_on_one_sample()
    {
        var rows = Item.Rows("Poisson", 5);
        var fit = Item.Fit("Poisson", rows, new() { Draws = 250 });
        var (all, most) = (fit.Loo(rows), fit.Loo(rows, rows.Length - 1, "most"));
        Assert.Equal(all.Elpd, most.Elpd, 5 * most.SubsampleSe + 1e-9);
        Assert.Equal(all.ElpdSe, most.ElpdSe, 0.3 * all.ElpdSe);
        Assert.Contains("27 of 28 rows left out", most.ToString(), StringComparison.Ordinal);
        Assert.Equal(0, all.SubsampleSe);

        var other = Item.Fit("NegativeBinomial", rows, new() { Draws = 250 }).Loo(rows, rows.Length - 1, "other");
        var comparison = ModelComparison.Of(most, other);
        Assert.Equal(Math.Abs(most.Elpd - other.Elpd), Math.Abs(comparison.Models[1].Difference), 1e-9);
        Assert.True(comparison.Models[1].DifferenceSe > 0);
        Assert.Equal(ProblemCode.NotComparable, Code(() => ModelComparison.Of(all, most)));
        Assert.Equal(
            ProblemCode.NotComparable, Code(() => ModelComparison.Of(most, fit.Loo(rows, rows.Length - 1, "seed", new() { Seed = 99 }))));

        static ProblemCode Code(Action action) => Assert.Throws<ModelException>(action).Problems.Single().Code;
    }

    private static (double Elpd, double Error) DensityOf(string family, Fit<Item> fit, Item row)
    {
        var (sigma, shape) = Item.ScalesOf(fit);
        double[] p = [.. fit.PredictLink(row).Draws.Select((eta, s) => Math.Exp(Item.LogDensity(family, row, eta, sigma[s], shape[s])))];
        return (Math.Log(p.Average()), Diagnostics.Sd(p) / p.Average() / Math.Sqrt(p.Length));
    }

    private sealed class Listener(List<RunProgress> told) : IProgress<RunProgress>
    {
        public void Report(RunProgress value) => told.Add(value);
    }
}
