using TypedPooling.Binding;
using TypedPooling.Data;
using TypedPooling.Declarations;
using TypedPooling.Draws;
using TypedPooling.Engines;
using TypedPooling.Inference.Marginal.Cells;
using TypedPooling.Inference.Numerics;
using TypedPooling.Inference.Sampling.Importance;

namespace TypedPooling;

/// <summary>Leaves each level of a grouping factor out in turn.</summary>
internal static class GroupsLeftOut
{
    public static ElpdEstimate Run<TRow>(Fit<TRow> fit, int factor, IEnumerable<TRow>? rows, bool refit, string? name, RunOptions options)
    {
        options.Validated();
        RefuseShared(fit.Bound, factor);
        var levels = LevelsLeftOut<TRow>.Of(fit, factor, rows, options);
        var posterior = fit.Posterior;
        var count = fit.Bound.Levels[factor].Count;
        var parts = new PointwiseElpd[count];
        var threads = options.Threads > 0 ? options.Threads : Environment.ProcessorCount;
        var length = Math.Max(1, (count + 4 * threads - 1) / (4 * threads));
        SharedWork.For(threads, (count + length - 1) / length, part =>
        {
            var density = levels.DensityOf(posterior, fit.LevelDraws, null);
            var logLikelihood = new double[posterior.DrawCount];
            var scratch = new double[logLikelihood.Length];
            for (var j = part * length; j < Math.Min(count, (part + 1) * length); j++)
            {
                options.Cancellation.ThrowIfCancellationRequested();
                density(j, logLikelihood);
                var term = LeaveOneOut.Of(logLikelihood, RelativeEfficiency.Of(posterior, logLikelihood, scratch));
                parts[j] = new(0, fit.Bound.Levels[factor].Text(j), 1, term.Elpd, term.Parameters, term.ParetoK, term.Mcse);
            }
        });
        var refitAbove = ElpdEstimate.RefitAbove(posterior.DrawCount);
        for (var j = 0; j < count && refit; j++)
        {
            if (parts[j].ParetoK > refitAbove)
                parts[j] = Again(levels, j, parts[j], options);
        }

        // What tells observations of two models apart: the mean of the level's responses.
        double[] responses = [.. Enumerable.Range(0, count).Select(levels.ResponseOf)];
        return new(name, ElpdCriterion.LeaveGroupOut, parts, responses, posterior.DrawCount, posterior.Exactness != Exactness.Exact);
    }

    // The predictive density of the level by the draws of a fit that did not see it.
    private static PointwiseElpd Again<TRow>(LevelsLeftOut<TRow> levels, int level, PointwiseElpd part, RunOptions options)
    {
        var (posterior, numbers) = levels.Refit(level, part.Level!);
        var logLikelihood = new double[posterior.DrawCount];
        levels.DensityOf(posterior, new(posterior), numbers)(level, logLikelihood);
        var (elpd, mcse) = LeaveOneOut.LogMean(logLikelihood, RelativeEfficiency.Of(posterior, logLikelihood, new double[logLikelihood.Length]));
        return part with
        {
            Elpd = elpd,
            EffectiveParameters = part.Elpd + part.EffectiveParameters - elpd,
            ParetoK = double.NaN,
            Mcse = mcse,
            IsRefitted = true,
        };
    }

    // Effects of another factor's level that has rows of this level alone are not told by other rows: they would have to be integrated out together.
    private static void RefuseShared(BoundModel model, int factor)
    {
        var byCell = model is NormalBoundModel normal ? ColumnsByCell.Of(normal) : ColumnsByCell.Of((CellBoundModel)model);
        for (var k = 0; k < model.Levels.Length; k++)
        {
            if (k == factor)
                continue;
            var only = Enumerable.Repeat(-1, model.Levels[k].Count).ToArray();
            for (var cell = 0; cell < byCell.Count; cell++)
            {
                var (own, level) = (byCell.Level(k, cell), byCell.Level(factor, cell));
                only[own] = only[own] == -1 || only[own] == level ? level : -2;
            }

            var alone = Array.FindIndex(only, level => level >= 0);
            if (alone < 0)
                continue;
            throw new ModelException(new Problem(
                ProblemCode.EngineRefuses,
                $"All rows of this level of {model.Spec.Factors[k].Name} are in one level of {model.Spec.Factors[factor].Name}. LeaveGroupOut "
                    + $"integrates the effects of one level out, and here effects of two factors would have to be.",
                $"Use KFoldByLevel({model.Spec.Factors[factor].Name}, rows), which leaves levels out and predicts their rows one by one.")
            { Term = model.Spec.Factors[k].Name, Level = model.Levels[k].Text(alone), IsLevelOfData = true });
        }
    }
}

/// <summary>What leaving a level of a factor out needs to know of the model and its rows. Immutable but for what <see cref="DensityOf"/>
/// returns.</summary>
internal abstract class LevelsLeftOut<TRow>
{
    private readonly Fit<TRow> fit;
    private readonly int factor;
    private readonly RunOptions options;
    private readonly List<RowDesign> batches = [];           // empty where no rows were given

    private LevelsLeftOut(Fit<TRow> fit, int factor, RunOptions options) => (this.fit, this.factor, this.options) = (fit, factor, options);

    /// <summary>Reads the rows.</summary>
    /// <exception cref="ModelException">Rows are needed and none were given, or they are not those of the fit.</exception>
    public static LevelsLeftOut<TRow> Of(Fit<TRow> fit, int factor, IEnumerable<TRow>? rows, RunOptions options)
    {
        LevelsLeftOut<TRow> levels = fit.Bound is CellBoundModel cells
            ? new OfCells(fit, cells, factor, options)
            : new OfSums(fit, (NormalBoundModel)fit.Bound, factor, options);
        var check = new FittedRowsWorkspace<TRow>(fit);
        var density = RowDensity.Of(fit.Posterior, fit.Rows.WeightKind);
        foreach (var batch in rows is null ? [] : fit.Rows.Batches(rows, RowPurpose.Likelihood, cancellation: options.Cancellation))
        {
            levels.batches.Add(batch);
            for (var i = 0; i < batch.RowCount; i++)
            {
                check.Add(batch, i, density.CountOf(batch, i));
                levels.Add(batch, i, batch.Levels[i * fit.Spec.Factors.Length + factor], density);
            }
        }

        if (rows is not null)
            check.ThrowIfOther();
        levels.Close(rows is not null);
        return levels;
    }

    /// <summary>The log likelihood of a level in every draw of a posterior.</summary>
    /// <param name="posterior">The posterior, on the scale of the rows.</param>
    /// <param name="levels">Draws of its levels, which threads may share.</param>
    /// <param name="numbers">For each factor the number in it of each level of the fit; null where they are the same.</param>
    /// <returns>A function of the level and of what it overwrites, for one thread.</returns>
    public abstract Action<int, double[]> DensityOf(Posterior posterior, LevelDraws levels, int[][]? numbers);

    /// <summary>Mean of a level's responses.</summary>
    public abstract double ResponseOf(int level);

    /// <summary>Fits the model again without a level.</summary>
    /// <returns>The posterior, and for each factor the number in it of each level of the fit.</returns>
    public virtual (Posterior Posterior, int[][] Numbers) Refit(int level, string text)
    {
        var others = RefitDataWorkspace.Of(fit);
        var density = RowDensity.Of(fit.Posterior, fit.Rows.WeightKind);
        foreach (var batch in batches)
        {
            for (var i = 0; i < batch.RowCount; i++)
            {
                if (batch.Levels[i * fit.Spec.Factors.Length + factor] != level)
                    others.Add(batch, i, density.CountOf(batch, i));
            }
        }

        return others.Fit(options, $"the level '{text}' of {fit.Spec.Factors[factor].Name}");
    }

    protected abstract void Add(RowDesign design, int row, int level, RowDensity density);

    protected abstract void Close(bool hasRows);

    private sealed class OfSums(Fit<TRow> fit, NormalBoundModel model, int factor, RunOptions options) : LevelsLeftOut<TRow>(fit, factor, options)
    {
        private readonly LevelConstants constants = new(model, factor);
        private bool hasRows;

        public override Action<int, double[]> DensityOf(Posterior posterior, LevelDraws levels, int[][]? numbers)
        {
            // Sums are on the standardised scale, if there is one.
            var own = model.Standardization is null ? posterior : posterior.Standardized ?? posterior;
            levels = ReferenceEquals(own, posterior) ? levels : new(own);
            var workspace = new NormalLevelWorkspace(model, own, levels, factor, numbers);
            return (level, logLikelihood) => workspace.Compute(level, constants.At(level), logLikelihood);
        }

        public override double ResponseOf(int level) => constants.ResponseOf(level);

        public override (Posterior Posterior, int[][] Numbers) Refit(int level, string text)
        {
            if (hasRows)
                return base.Refit(level, text);
            if (model.Levels.Length > 1)
            {
                throw new ModelException(new Problem(
                    ProblemCode.DataNeeded,
                    "A model of several factors is fitted again from its rows.",
                    "Give the rows that the model was fitted to: LeaveGroupOut(group, rows)."));
            }

            var others = RefitDataWorkspace.Of(fit);
            others.AddSums(level);
            return others.Fit(options, $"the level '{text}' of {model.Spec.Factors[0].Name}");
        }

        protected override void Add(RowDesign design, int row, int level, RowDensity density) =>
            constants.Add(design, row, level, (NormalRowDensity)density);

        protected override void Close(bool hasRows)
        {
            this.hasRows = hasRows;
            constants.Close(fit.Rows.WeightKind, hasRows);
        }
    }

    private sealed class OfCells(Fit<TRow> fit, CellBoundModel model, int factor, RunOptions options) : LevelsLeftOut<TRow>(fit, factor, options)
    {
        private readonly ResponseCellsBuilder[] builders = [.. Enumerable.Range(0, model.Levels[factor].Count).Select(
            _ => new ResponseCellsBuilder(model.Cells.ColumnCount, model.Levels.Length, model.Family))];

        private ResponseCells[] cells = [];

        public override Action<int, double[]> DensityOf(Posterior posterior, LevelDraws levels, int[][]? numbers)
        {
            var workspace = new CellLevelWorkspace(posterior, levels, new CellRowDensity(model.Family, posterior), factor, numbers);
            return (level, logLikelihood) => workspace.Compute(cells[level], logLikelihood);
        }

        public override double ResponseOf(int level)
        {
            var sum = 0.0;
            for (var cell = 0; cell < cells[level].Count; cell++)
                sum += cells[level].Responses[cell] * (model.Family.KeepsResponses ? cells[level].Rows[cell] : 1);
            return sum / cells[level].RowCount;
        }

        protected override void Add(RowDesign design, int row, int level, RowDensity density)
        {
            var (response, size, shift) = CellRowDensity.CellOf(model.Family, design, row);
            var width = model.Cells.ColumnCount;
            var count = model.Levels.Length;
            builders[level].Add(
                design.Matrix.AsSpan(row * width, width),
                design.Offsets[row] + shift,
                design.Levels.AsSpan(row * count, count),
                response,
                size,
                model.Family.LogConstant(response, size),
                model.Family.Saturated(response, size),
                density.CountOf(design, row));
        }

        protected override void Close(bool hasRows)
        {
            if (!hasRows)
            {
                throw new ModelException(new Problem(
                    ProblemCode.DataNeeded,
                    $"The density of a level of a {model.Family.Name} response needs its rows: cells do not keep the constants of their densities.",
                    "Give the rows that the model was fitted to: LeaveGroupOut(group, rows)."));
            }

            var effects = model.Spec.Factors[factor].Terms.Length;
            if (effects > CellQuadrature.MostTerms)
            {
                throw new ModelException(new Problem(
                    ProblemCode.EngineRefuses,
                    $"A level of {model.Spec.Factors[factor].Name} has {effects} effects, and quadrature integrates at most "
                        + $"{CellQuadrature.MostTerms} out.",
                    $"Use KFoldByLevel({model.Spec.Factors[factor].Name}, rows), which leaves levels out and predicts their rows one by one.")
                { Term = model.Spec.Factors[factor].Name });
            }

            cells = [.. builders.Select(builder => builder.Build())];
        }
    }
}

/// <summary>What the density of a level's rows has besides sums: logs of weights, and the Jacobian of the response.</summary>
internal sealed class LevelConstants(NormalBoundModel model, int factor)
{
    private readonly long[] rows = model.RowsByLevel(factor);
    private readonly double[] constants = new double[model.Levels[factor].Count];
    private readonly double[] logWeights = new double[model.Levels[factor].Count];
    private readonly double[] logResponses = new double[model.Levels[factor].Count];
    private readonly double[] responses = new double[model.Levels[factor].Count];

    /// <summary>Half the sum of log weights, less n/2 log(2 pi), with Jacobians.</summary>
    public double At(int level) => constants[level];

    /// <summary>Mean of the response itself; as it is modelled where rows were not read.</summary>
    public double ResponseOf(int level) => responses[level];

    public void Add(RowDesign design, int row, int level, NormalRowDensity density)
    {
        var replicates = density.CountOf(design, row);
        responses[level] += replicates * density.ResponseOf(design, row) / rows[level];
        if (model.Spec.Response.Family.TakesLog)
            logResponses[level] += replicates * design.Responses![row];
        if (density.WeightOf(design, row) is { } weight)
            logWeights[level] += Math.Log(weight);
    }

    public void Close(RowWeight kind, bool hasRows)
    {
        if (!hasRows)
        {
            var takesLog = model.Spec.Response.Family.TakesLog;
            if (takesLog || kind is RowWeight.Precision or RowWeight.KnownSd)
            {
                throw new ModelException(new Problem(
                    ProblemCode.DataNeeded,
                    takesLog
                        ? "The density of a LogNormal response needs the log of every row's response, which sums by level do not keep."
                        : "The density of a level needs the weight of each of its rows, which sums do not keep.",
                    "Give the rows that the model was fitted to: LeaveGroupOut(group, rows)."));
            }

            ReadMeans();
        }

        // On the standardised scale densities are of y / s_y, and known errors are divided by s_y.
        var logScale = model.Standardization is { } by ? Math.Log(by.ResponseScale) : 0;
        for (var j = 0; j < constants.Length; j++)
        {
            if (kind == RowWeight.KnownSd)
                logWeights[j] += 2 * rows[j] * logScale;
            constants[j] = 0.5 * logWeights[j] - 0.5 * rows[j] * Math.Log(2 * Math.PI) - rows[j] * logScale - logResponses[j];
        }
    }

    private void ReadMeans()
    {
        for (var cell = 0; cell < model.Cells.CellCount; cell++)
        {
            var level = model.CellLevels(factor)[cell];
            responses[level] += model.Cells.Means(cell)[model.Cells.ColumnCount] * model.Cells.Rows(cell) / rows[level];
        }

        for (var j = 0; j < responses.Length && model.Standardization is { } by; j++)
            responses[j] = responses[j] * by.ResponseScale + by.ResponseOrigin;
    }
}
