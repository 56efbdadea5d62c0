using TypedPooling.Binding;
using TypedPooling.Data;
using TypedPooling.Declarations;
using TypedPooling.Draws;
using TypedPooling.Engines;
using TypedPooling.Inference.Sampling.Importance;
using TypedPooling.Standardizing;

namespace TypedPooling;

/// <summary>Leaves each level of the one grouping factor of a model out in turn.</summary>
internal static class GroupsLeftOut
{
    public static ElpdEstimate Run<TRow>(Fit<TRow> fit, int factor, IEnumerable<TRow>? rows, bool refit, string? name, RunOptions options)
    {
        options.Validated();
        var model = fit.Model;
        if (model.Spec.Factors.Length > 1)
        {
            throw new ModelException(new Problem(
                ProblemCode.EngineRefuses,
                $"LeaveGroupOut integrates the effects of one level out alone. With several grouping factors, rows of a level of "
                    + $"{model.Spec.Factors[factor].Name} share effects of other factors with other rows.",
                "Use a model with one grouping factor, or Loo(rows)."));
        }

        var constants = LevelConstants.Of(fit, rows, options.Cancellation);
        var posterior = model.Standardization is null ? fit.Posterior : fit.Posterior.Standardized ?? fit.Posterior;
        var workspace = new LevelLikelihoodWorkspace(model, posterior);
        var levels = model.Levels[0];
        var parts = new PointwiseElpd[levels.Count];
        var logLikelihood = new double[posterior.DrawCount];
        var scratch = new double[logLikelihood.Length];
        var refitAbove = ElpdEstimate.RefitAbove(logLikelihood.Length);
        for (var j = 0; j < parts.Length; j++)
        {
            options.Cancellation.ThrowIfCancellationRequested();
            workspace.Compute(model.Cells, j, constants.At(j), logLikelihood);
            var term = LeaveOneOut.Of(logLikelihood, RelativeEfficiency.Of(posterior, logLikelihood, scratch));
            parts[j] = refit && term.ParetoK > refitAbove
                ? Again(model, j, constants, options, levels.Text(j), term.Elpd + term.Parameters)
                : new(0, levels.Text(j), 1, term.Elpd, term.Parameters, term.ParetoK, term.Mcse);
        }

        // What tells observations of two models apart: the mean of the level's responses, as they are modelled, and their number.
        var by = model.Standardization;
        var responses = Enumerable.Range(0, parts.Length).Select(
            j => constants.ResponseOf(j) ?? model.Cells.Means(j)[model.Cells.ColumnCount] * (by?.ResponseScale ?? 1) + (by?.ResponseOrigin ?? 0));
        return new(name, ElpdCriterion.LeaveGroupOut, parts, [.. responses], logLikelihood.Length, posterior.Exactness != Exactness.Exact);
    }

    // The predictive density of the level by the draws of a fit that did not see it.
    private static PointwiseElpd Again(NormalBoundModel model, int level, LevelConstants constants, RunOptions options, string text, double seen)
    {
        if (model.Levels[0].Count == 1)
        {
            throw new ModelException(new Problem(
                ProblemCode.NoRows,
                $"{model.Spec.Factors[0].Name} has one level only, so no row is left without it.",
                "Use data with several levels.")
            { Level = text, IsLevelOfData = true });
        }

        int[] others = [.. Enumerable.Range(0, model.Levels[0].Count).Where(j => j != level)];
        var (logWeights, inverseWeights) = constants.WeightsOf(level);
        var without = new NormalBoundModel(
            model.Spec,
            [model.Levels[0].Select(others)],
            model.Cells.Without(level, logWeights, inverseWeights),
            [[.. Enumerable.Range(0, others.Length)]],
            model.DroppedRowCount)
        {
            Standardization = model.Standardization,
        };
        var (engine, _) = EngineSelection.For(without, options);
        var posterior = engine.RunNormal(without, options);
        if (model.Standardization is null)
            posterior = OriginalScale.Restore(without, posterior);
        var logLikelihood = new double[posterior.DrawCount];
        new LevelLikelihoodWorkspace(model, posterior).Compute(model.Cells, level, constants.At(level), logLikelihood);
        var (elpd, mcse) = LeaveOneOut.LogMean(logLikelihood, RelativeEfficiency.Of(posterior, logLikelihood, new double[logLikelihood.Length]));
        return new(0, text, 1, elpd, seen - elpd, double.NaN, mcse, IsRefitted: true);
    }
}

/// <summary>What the density of a level's rows has besides sums: logs of weights, and the Jacobian of the response.</summary>
internal sealed class LevelConstants
{
    private readonly double[] constants;
    private readonly double[] logWeights;
    private readonly double[] inverseWeights;
    private readonly double[]? responses;

    private LevelConstants(double[] constants, double[] logWeights, double[] inverseWeights, double[]? responses)
    {
        this.constants = constants;
        this.logWeights = logWeights;
        this.inverseWeights = inverseWeights;
        this.responses = responses;
    }

    public double At(int level) => constants[level];

    /// <summary>Mean of the response itself; null where rows were not read.</summary>
    public double? ResponseOf(int level) => responses?[level];

    /// <summary>The level's part in the sum of log weights and of inverse weights, on the scale of the sums.</summary>
    public (double Log, double Inverse) WeightsOf(int level) => (logWeights[level], inverseWeights[level]);

    public static LevelConstants Of<TRow>(Fit<TRow> fit, IEnumerable<TRow>? rows, CancellationToken cancellation)
    {
        var model = fit.Model;
        var kind = fit.Rows.WeightKind;
        var takesLog = fit.Spec.Response.Family.TakesLog;
        var count = model.Levels[0].Count;
        var (logWeights, inverse, logResponses) = (new double[count], new double[count], new double[count]);
        double[]? responses = null;
        if (rows is not null)
        {
            responses = new double[count];
            var check = new FittedRowsWorkspace<TRow>(fit);
            var workspace = new RowLikelihoodWorkspace<TRow>(fit);
            foreach (var batch in fit.Rows.Batches(rows, RowPurpose.Likelihood, cancellation: cancellation))
            {
                for (var i = 0; i < batch.RowCount; i++)
                {
                    var replicates = workspace.CountOf(batch, i);
                    check.Add(batch, i, replicates);
                    var level = batch.Levels[i];
                    responses[level] += replicates * workspace.ResponseOf(batch, i) / model.Cells.Rows(level);
                    if (takesLog)
                        logResponses[level] += replicates * batch.Responses![i];
                    if (kind is RowWeight.None or RowWeight.Count)
                        continue;
                    var weight = kind == RowWeight.Precision ? batch.Weights![i] : 1 / (batch.Weights![i] * batch.Weights[i]);
                    logWeights[level] += Math.Log(weight);
                    inverse[level] += 1 / weight;
                }
            }

            check.ThrowIfOther();
        }
        else if (takesLog || kind is RowWeight.Precision or RowWeight.KnownSd)
        {
            throw new ModelException(new Problem(
                ProblemCode.DataNeeded,
                takesLog
                    ? "The density of a LogNormal response needs the log of every row's response, which sums by level do not keep."
                    : "The density of a level needs the weight of each of its rows, which sums do not keep.",
                "Give the rows that the model was fitted to: LeaveGroupOut(group, rows)."));
        }

        // On the standardised scale densities are of y / s_y, and known errors are divided by s_y.
        var logScale = model.Standardization is { } by ? Math.Log(by.ResponseScale) : 0;
        var constants = new double[count];
        for (var j = 0; j < count; j++)
        {
            var n = model.Cells.Rows(j);
            if (kind == RowWeight.KnownSd)
            {
                logWeights[j] += 2 * n * logScale;
                inverse[j] *= Math.Exp(-2 * logScale);
            }

            constants[j] = 0.5 * logWeights[j] - 0.5 * n * Math.Log(2 * Math.PI) - n * logScale - logResponses[j];
        }

        return new(constants, logWeights, inverse, responses);
    }
}
