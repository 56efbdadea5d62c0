using TypedPooling.Binding;
using TypedPooling.Draws;
using TypedPooling.Engines;
using TypedPooling.Inference.Sampling.Importance;

namespace TypedPooling;

/// <summary>Predictive densities of the rows of a fit, row by row, on several threads. Used once.</summary>
/// <remarks>
/// A row is left out by Pareto smoothed importance sampling of the draws, the effects of levels in which it is alone integrated out. Where k-hat is
/// above 0.3, the effects of the row's smallest other level are integrated out too, given the level's other rows: draws then have to leave out only
/// what the row says of everything else. Rows are read in batches, sorted by level within a batch so that
/// a level's draws are made once, and each is computed by itself: the number of threads changes no bit. Sources: [Vehtari2017], [Vehtari2024],
/// [Merkle2019].
/// </remarks>
internal sealed class RowsLeftOut<TRow>(Fit<TRow> fit, RunOptions options)
{
    // Rows of a level are spread over the rows: the more of them come at once, the fewer times its draws are made.
    private const int BatchLength = 1 << 16;

    private readonly RowWorkers<Worker> workers = new(() => new Worker(fit), options);

    /// <summary>The widely applicable information criterion.</summary>
    public ElpdEstimate Waic(IEnumerable<TRow> rows, string? name) =>
        Estimate(rows, name, ElpdCriterion.Waic, (worker, design, row) => worker.Waic(design, row), null);

    /// <summary>Leave-one-out, every row.</summary>
    public ElpdEstimate Loo(IEnumerable<TRow> rows, string? name, bool refit)
    {
        var batches = refit ? new List<RowDesign>() : null;
        return Estimate(rows, name, ElpdCriterion.LeaveOneOut, (worker, design, row) => worker.Loo(design, row), batches);
    }

    /// <summary>Leave-one-out of some rows.</summary>
    /// <param name="designs">Rows, each in a design of its own.</param>
    /// <returns>Their parts, in the same order.</returns>
    public PointwiseElpd[] Loo(IReadOnlyList<RowDesign> designs) =>
        workers.Each(designs.Count, i => designs[i].Levels.FirstOrDefault(), (worker, i) => worker.Loo(designs[i], 0));

    private ElpdEstimate Estimate(
        IEnumerable<TRow> rows, string? name, ElpdCriterion criterion, Func<Worker, RowDesign, int, PointwiseElpd> part, List<RowDesign>? batches)
    {
        var check = new FittedRowsWorkspace<TRow>(fit);
        var density = RowDensity.Of(fit.Posterior, fit.Rows.WeightKind);
        var parts = new List<PointwiseElpd>();
        var responses = new List<double>();
        var factors = fit.Spec.Factors.Length;
        var widest = factors == 0 ? 0 : Enumerable.Range(0, factors).MaxBy(k => fit.Bound.Levels[k].Count);
        foreach (var batch in fit.Rows.Batches(rows, RowPurpose.Likelihood, BatchLength, cancellation: options.Cancellation))
        {
            for (var i = 0; i < batch.RowCount; i++)
            {
                check.Add(batch, i, density.CountOf(batch, i));
                responses.Add(density.ResponseOf(batch, i));
            }

            // Equal rows have equal parts.
            var first = EqualRows.FirstOf(batch);
            int[] distinct = [.. Enumerable.Range(0, first.Length).Where(i => first[i] == i)];
            var own = workers.Each(
                distinct.Length,
                i => factors == 0 ? 0 : batch.Levels[distinct[i] * factors + widest],
                (worker, i) => part(worker, batch, distinct[i]));
            var at = new int[first.Length];
            for (var i = 0; i < distinct.Length; i++)
                at[distinct[i]] = i;
            parts.AddRange(first.Select((from, i) => own[at[from]] with { Row = batch.RowNumbers[i] }));
            batches?.Add(batch);
            options.Progress?.Report(new(0, parts.Count, (int)Math.Min(int.MaxValue, Math.Max(fit.RowCount, parts.Count)), false));
        }

        check.ThrowIfOther();
        if (batches is not null)
            FitAgain(batches, parts, density);
        return new(name, criterion, parts, [.. responses], fit.Posterior.DrawCount, fit.Posterior.Exactness != Exactness.Exact);
    }

    // Fits the model again without one row (of those it stands for), where its k-hat is large.
    private void FitAgain(List<RowDesign> batches, List<PointwiseElpd> parts, RowDensity density)
    {
        var refitAbove = ElpdEstimate.RefitAbove(fit.Posterior.DrawCount);
        var at = 0;
        foreach (var design in batches)
        {
            for (var row = 0; row < design.RowCount; row++, at++)
            {
                if (!(parts[at].ParetoK > refitAbove))
                    continue;
                var others = RefitDataWorkspace.Of(fit);
                foreach (var batch in batches)
                {
                    for (var i = 0; i < batch.RowCount; i++)
                        others.Add(batch, i, density.CountOf(batch, i) - (batch == design && i == row ? 1 : 0));
                }

                var (posterior, numbers) = others.Fit(options, $"row {design.RowNumbers[row]}");
                var logLikelihood = new double[posterior.DrawCount];
                new RowLikelihoodWorkspace<TRow>(fit, posterior, new(posterior), numbers).ComputeLeftOut(design, row, logLikelihood);
                var efficiency = RelativeEfficiency.Of(posterior, logLikelihood, new double[logLikelihood.Length]);
                var (elpd, mcse) = LeaveOneOut.LogMean(logLikelihood, efficiency);
                parts[at] = parts[at] with
                {
                    Elpd = elpd,
                    EffectiveParameters = parts[at].Elpd + parts[at].EffectiveParameters - elpd,
                    ParetoK = double.NaN,
                    Mcse = mcse,
                    IsRefitted = true,
                };
            }
        }
    }

    // What one thread computes rows with.
    private sealed class Worker(Fit<TRow> fit)
    {
        private readonly RowLikelihoodWorkspace<TRow> workspace = new(fit);
        private readonly OtherRowsWorkspace<TRow> others = new(fit);
        private readonly double[] seen = new double[fit.Posterior.DrawCount];
        private readonly double[] leftOut = new double[fit.Posterior.DrawCount];
        private readonly double[] scratch = new double[fit.Posterior.DrawCount];

        public PointwiseElpd Waic(RowDesign design, int row)
        {
            workspace.Compute(design, row, seen);
            var (elpd, parameters) = LeaveOneOut.Waic(seen);
            return new(design.RowNumbers[row], null, workspace.CountOf(design, row), elpd, parameters, double.NaN, double.NaN);
        }

        public PointwiseElpd Loo(RowDesign design, int row)
        {
            workspace.Compute(design, row, seen);
            LeaveOneOutTerm term;
            if (workspace.IsAlone(design, row))
            {
                workspace.ComputeLeftOut(design, row, leftOut);
                term = Of(leftOut) with { Parameters = double.NaN };
            }
            else
            {
                term = Of(seen);
                if (term.ParetoK > OtherRowsWorkspace<TRow>.WorthAbove && others.TryCompute(workspace, design, row, leftOut))
                    term = Of(leftOut) with { Parameters = double.NaN };
            }

            if (double.IsNaN(term.Parameters))
                term = term with { Parameters = LeaveOneOut.LogMean(seen, 1).LogMean - term.Elpd };
            return new(design.RowNumbers[row], null, workspace.CountOf(design, row), term.Elpd, term.Parameters, term.ParetoK, term.Mcse);
        }

        private LeaveOneOutTerm Of(double[] logLikelihood) =>
            LeaveOneOut.Of(logLikelihood, RelativeEfficiency.Of(fit.Posterior, logLikelihood, scratch));
    }
}
