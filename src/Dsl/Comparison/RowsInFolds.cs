using System.Globalization;
using TypedPooling.Engines;
using TypedPooling.Inference.Sampling.Importance;
using TypedPooling.Randomness;

namespace TypedPooling;

/// <summary>K-fold cross-validation: the model is fitted again without each fold, with the priors of the fit, and predicts the fold's rows one by
/// one.</summary>
internal static class RowsInFolds
{
    /// <summary>Runs it.</summary>
    /// <param name="fit">The fit of all rows.</param>
    /// <param name="rows">Its rows.</param>
    /// <param name="folds">Number of folds.</param>
    /// <param name="assign">From the number of levels or rows, and the rows, to the fold of each row.</param>
    /// <param name="name">Name of the model in comparisons.</param>
    /// <param name="options">How to fit.</param>
    public static ElpdEstimate Run<TRow>(
        Fit<TRow> fit, IEnumerable<TRow> rows, int folds, Func<FittedRows, int[]> assign, string? name, RunOptions options)
    {
        var all = FittedRows.Read(fit, rows, options);
        Check(folds, all.Count, "rows");
        var foldOf = assign(all);
        var seen = new RowWorkers<(RowLikelihoodWorkspace<TRow> Workspace, double[] Draws)>(
            () => (new(fit), new double[fit.Posterior.DrawCount]), options)
            .Each(all.Count, LevelOf, (worker, row) =>
            {
                var (batch, at) = all.Places[row];
                worker.Workspace.Compute(all.Batches[batch], at, worker.Draws);
                return new(0, null, 1, LeaveOneOut.LogMean(worker.Draws, 1).LogMean, 0, double.NaN, double.NaN);
            });
        var parts = new PointwiseElpd[all.Count];
        for (var fold = 0; fold < folds; fold++)
        {
            options.Cancellation.ThrowIfCancellationRequested();
            var others = RefitDataWorkspace.Of(fit);
            for (var row = 0; row < all.Count; row++)
            {
                if (foldOf[row] != fold)
                    others.Add(all.Batches[all.Places[row].Batch], all.Places[row].Row, all.Counts[row]);
            }

            var what = string.Create(CultureInfo.InvariantCulture, $"fold {fold + 1} of {folds}");
            var (posterior, numbers) = others.Fit(options with { Progress = null }, what);
            var levels = new LevelDraws(posterior);
            int[] own = [.. Enumerable.Range(0, all.Count).Where(row => foldOf[row] == fold)];
            var left = new RowWorkers<(RowLikelihoodWorkspace<TRow> Workspace, double[] Draws, double[] Scratch)>(
                () => (new(fit, posterior, levels, numbers), new double[posterior.DrawCount], new double[posterior.DrawCount]), options)
                .Each(own.Length, i => LevelOf(own[i]), (worker, i) =>
                {
                    var (batch, at) = all.Places[own[i]];
                    worker.Workspace.ComputeLeftOut(all.Batches[batch], at, worker.Draws);
                    var efficiency = RelativeEfficiency.Of(posterior, worker.Draws, worker.Scratch);
                    var (elpd, mcse) = LeaveOneOut.LogMean(worker.Draws, efficiency);
                    return new(all.Batches[batch].RowNumbers[at], null, all.Counts[own[i]], elpd, seen[own[i]].Elpd - elpd, double.NaN, mcse, true);
                });
            for (var i = 0; i < own.Length; i++)
                parts[own[i]] = left[i];
            options.Progress?.Report(new(0, fold + 1, folds, false));
        }

        return new(name, ElpdCriterion.KFold, parts, all.Responses, fit.Posterior.DrawCount, fit.Posterior.Exactness != Draws.Exactness.Exact);

        int LevelOf(int row) => fit.Spec.Factors.Length == 0 ? 0 : all.LevelOf(row, 0, fit.Spec.Factors.Length);
    }

    /// <summary>Deals rows to folds in a random order: folds differ by at most one row.</summary>
    public static int[] ByRows(FittedRows rows, int folds, ulong seed) => Deal(rows.Count, folds, seed, _ => 0);

    /// <summary>Deals the rows of one level after another, each level's in a random order: the rows of a level in two folds differ by at most one,
    /// and so do folds.</summary>
    public static int[] WithinLevels(FittedRows rows, int folds, ulong seed, int factor, int factorCount) =>
        Deal(rows.Count, folds, seed, row => rows.LevelOf(row, factor, factorCount));

    /// <summary>Deals levels to folds in a random order, each with all its rows: folds differ by at most one level.</summary>
    public static int[] ByLevels(FittedRows rows, int folds, ulong seed, int factor, int factorCount, int levels)
    {
        var foldOf = Deal(levels, folds, seed, _ => 0);
        return [.. Enumerable.Range(0, rows.Count).Select(row => foldOf[rows.LevelOf(row, factor, factorCount)])];
    }

    /// <summary>Refuses a number of folds that there cannot be.</summary>
    /// <param name="folds">Number of folds.</param>
    /// <param name="most">Number of things that are dealt.</param>
    /// <param name="things">What they are, in words.</param>
    public static void Check(int folds, long most, string things)
    {
        if (folds >= 2 && folds <= most)
            return;
        throw new ModelException(new Problem(
            ProblemCode.OptionOutOfRange,
            string.Create(CultureInfo.InvariantCulture, $"The number of folds is {folds}, and the fit has {most:N0} {things}."),
            string.Create(CultureInfo.InvariantCulture, $"Use from 2 to {most:N0} folds; 10 are usual."))
        { Term = "folds" });
    }

    private static int[] Deal(int count, int folds, ulong seed, Func<int, int> levelOf)
    {
        var stream = RandomAddresses.Folds(seed);
        var priorities = new double[count];
        for (var i = 0; i < count; i++)
            priorities[i] = stream.NextDouble();
        int[] order = [.. Enumerable.Range(0, count).OrderBy(levelOf).ThenBy(i => priorities[i])];
        var foldOf = new int[count];
        for (var rank = 0; rank < count; rank++)
            foldOf[order[rank]] = rank % folds;
        return foldOf;
    }
}
