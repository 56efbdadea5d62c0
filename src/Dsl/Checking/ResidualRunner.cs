using System.Collections.Concurrent;
using TypedPooling.Binding;
using TypedPooling.Declarations;
using TypedPooling.Engines;
using TypedPooling.Inference.Sampling.Importance;
using TypedPooling.Predictions;
using TypedPooling.Randomness;

namespace TypedPooling.Checking;

/// <summary>Residuals of rows, one by one, on several threads. Used once.</summary>
/// <remarks>
/// The probability of a residual is sum_s w_s (F(y- | s) + v (F(y | s) - F(y- | s))), F(. | s) being the distribution function of the row's response
/// given draw s, F(y-) its limit from below, and v uniform: F(y) where the response is continuous. Leave-one-out weights w_s are those of PSIS-LOO,
/// smoothed 1 / p(y | s). The effects of a level in which the row is alone are then drawn anew in each draw, since without the row they are as the
/// prior has them, and integrated out of p(y | s). Where k-hat is above 0.3 both are given the other rows of the row's smallest level, as in
/// <see cref="RowsLeftOut{TRow}"/>: F(. | s) in closed form for Normal responses, and at effects drawn from their distribution given these rows for
/// the others. A row whose k-hat is then large may be left out by another fit. v is a function of the fit's seed, the row as the model sees it, and
/// its position. Each row is computed by itself: the number of threads changes no bit. Sources: [DunnSmyth1996], [Vehtari2017], [Merkle2019].
/// </remarks>
internal sealed class ResidualRunner<TRow>(Fit<TRow> fit, ResidualKind kind, bool refit, RunOptions options)
{
    private const int PartLength = 32;

    // As in ObservedRows: equal rows that one row stands for have positions of their own.
    private const int LogRows = 40;

    private readonly ConcurrentBag<Worker> workers = [];
    private readonly RowPredictions<TRow> predictions = new(fit, fit.Posterior);
    private readonly List<(RowDesign Design, int Row)> rows = [];
    private readonly long[][] levelRows = [.. fit.Bound.Levels.Select(levels => new long[levels.Count])];

    /// <summary>Computes the residuals.</summary>
    public ResidualTable Run(IEnumerable<TRow> given)
    {
        Read(given);
        var residuals = new Residual[rows.Count][];
        var factors = fit.Spec.Factors.Length;
        var widest = factors == 0 ? 0 : Enumerable.Range(0, factors).MaxBy(k => levelRows[k].Length);
        int[] order = [.. Enumerable.Range(0, rows.Count)];
        if (factors > 0)
            Array.Sort([.. rows.Select(at => at.Design.Levels[at.Row * factors + widest])], order);
        var done = 0;
        Parallel.For(0, (rows.Count + PartLength - 1) / PartLength, Parallelism, part =>
        {
            var worker = workers.TryTake(out var free) ? free : new Worker(this);
            var end = Math.Min(rows.Count, (part + 1) * PartLength);
            for (var i = part * PartLength; i < end; i++)
            {
                residuals[order[i]] = worker.Compute(rows[order[i]].Design, rows[order[i]].Row);
            }

            workers.Add(worker);
            options.Progress?.Report(new(0, Interlocked.Add(ref done, end - part * PartLength), rows.Count, false));
        });
        for (var i = 0; refit && i < residuals.Length; i++)
        {
            if (residuals[i][0].ParetoK > ElpdEstimate.RefitAbove(fit.Posterior.DrawCount))
                residuals[i] = FitAgain(i);
        }

        return new(fit.Spec, kind, [.. residuals.SelectMany(own => own)], fit.Posterior.DrawCount);
    }

    // From a fit without one row, of those that it stands for.
    private Residual[] FitAgain(int left)
    {
        var others = RefitDataWorkspace.Of(fit);
        for (var i = 0; i < rows.Count; i++)
            others.Add(rows[i].Design, rows[i].Row, CountOf(rows[i].Design, rows[i].Row) - (i == left ? 1 : 0));
        var (design, row) = rows[left];
        var (posterior, numbers) = others.Fit(options, $"row {design.RowNumbers[row]}");
        var own = predictions.Row(design, row, [.. levelRows.Select((_, k) => numbers[k][design.Levels[row * levelRows.Length + k]] < 0)]);
        PredictedLevel[] levels =
            [.. own.Levels.Select((level, k) => level.Kind == LevelKind.Known ? level with { Level = numbers[k][level.Level] } : level)];
        var response = ResponseOf(design, row);
        var summary = new RowPredictions<TRow>(fit, posterior).Summary(own with { Levels = levels }, response, default);
        return Residuals(design, row, own, response, summary, double.NaN, isRefitted: true);
    }

    private Residual[] Residuals(
        RowDesign design, int row, PredictedRow own, double response, in ResponseSummary summary, double k, bool isRefitted)
    {
        var residuals = new Residual[CountOf(design, row)];
        for (var r = 0L; r < residuals.Length; r++)
        {
            var share = RandomAddresses.ResidualShare(fit.Posterior.Seed, (own with { Position = own.Position + (r << LogRows) }).NoiseHash());
            residuals[r] = new(
                design.RowNumbers[row],
                response,
                summary.Mean,
                summary.Sd,
                Math.Clamp(summary.Below + share * (summary.AtMost - summary.Below), 0, 1),
                summary.OfZero,
                k)
            { IsRefitted = isRefitted };
        }

        return residuals;
    }

    private void Read(IEnumerable<TRow> given)
    {
        var check = kind == ResidualKind.NewGroups ? null : new FittedRowsWorkspace<TRow>(fit);
        foreach (var design in fit.Rows.Batches(given, RowPurpose.Likelihood, cancellation: options.Cancellation))
        {
            for (var i = 0; i < design.RowCount; i++)
            {
                var count = CountOf(design, i);
                check?.Add(design, i, count);
                rows.Add((design, i));
                for (var k = 0; k < levelRows.Length; k++)
                {
                    var level = design.Levels[i * levelRows.Length + k];
                    if (level >= 0)
                        levelRows[k][level] += count;
                }
            }
        }

        check?.ThrowIfOther();
        if (rows.Count == 0)
            throw new ModelException(new Problem(ProblemCode.NoRows, "There are no rows.", "Give at least one row."));
    }

    private ParallelOptions Parallelism => new()
    {
        MaxDegreeOfParallelism = options.Threads > 0 ? options.Threads : Environment.ProcessorCount,
        CancellationToken = options.Cancellation,
    };

    private long CountOf(RowDesign design, int row) => design.Counts?[row] ?? 1;

    private double ResponseOf(RowDesign design, int row) =>
        fit.Spec.Response.Family.TakesLog ? Math.Exp(design.Responses![row]) : design.Responses![row];

    // By factor, whether the effects of the row's level are drawn anew.
    private bool[] Renewed(RowDesign design, int row) => [.. levelRows.Select((counts, k) => kind switch
    {
        ResidualKind.NewGroups => true,
        ResidualKind.LeaveOneOut => counts[design.Levels[row * levelRows.Length + k]] == 1,
        _ => false,
    })];

    // What one thread computes rows with.
    private sealed class Worker(ResidualRunner<TRow> runner)
    {
        private readonly Fit<TRow> fit = runner.Fit;
        private readonly RowLikelihoodWorkspace<TRow>? likelihood =
            runner.Kind == ResidualKind.LeaveOneOut ? new(runner.Fit) : null;

        private readonly OtherRowsWorkspace<TRow> others = new(runner.Fit);
        private readonly double[] logLikelihood = new double[runner.Fit.Posterior.DrawCount];
        private readonly double[] scratch = new double[runner.Fit.Posterior.DrawCount];
        private readonly double[] weights = new double[runner.Fit.Posterior.DrawCount];
        private PredictionByOthers? byOthers;

        public Residual[] Compute(RowDesign design, int row)
        {
            var own = runner.predictions.Row(design, row, runner.Renewed(design, row));
            var response = runner.ResponseOf(design, row);
            if (likelihood is null)
            {
                var inSample = runner.Kind == ResidualKind.InSample && fit.Posterior.Point is not null
                    ? runner.predictions.SummaryAtEstimates(own, response)
                    : runner.predictions.Summary(own, response, default);
                return runner.Residuals(design, row, own, response, inSample, double.NaN, isRefitted: false);
            }

            likelihood.ComputeLeftOut(design, row, logLikelihood);
            var k = Weigh();
            var summary = default(ResponseSummary);
            if (k > OtherRowsWorkspace<TRow>.WorthAbove && !likelihood.IsAlone(design, row) && TryOthers(design, row, own.NoiseHash()))
            {
                k = Weigh();
                summary = runner.predictions.Summary(own, response, byOthers!.Eta, byOthers.Sd, weights);
            }
            else
            {
                summary = runner.predictions.Summary(own, response, weights);
            }

            return runner.Residuals(design, row, own, response, summary, k, isRefitted: false);
        }

        private double Weigh() => LeaveOneOut.Weights(logLikelihood, RelativeEfficiency.Of(fit.Posterior, logLikelihood, scratch), weights);

        // The likelihood is the row's given the others of a level, and the prediction is by them.
        private bool TryOthers(RowDesign design, int row, ulong noise)
        {
            byOthers ??= new(logLikelihood.Length);
            var hash = RandomAddresses.OtherRows(noise);
            for (var s = 0; s < byOthers.Uniforms.Length; s++)
                byOthers.Uniforms[s] = new PhiloxUniforms(fit.Posterior.Seed, (ulong)fit.Posterior.NumberOf(s), hash).Next();
            return others.TryCompute(likelihood!, design, row, logLikelihood, byOthers);
        }
    }

    private Fit<TRow> Fit => fit;

    private ResidualKind Kind => kind;
}
