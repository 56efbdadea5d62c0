using TypedPooling.Binding;
using TypedPooling.Draws;
using TypedPooling.Engines;
using TypedPooling.Inference.Numerics;
using TypedPooling.Model;
using TypedPooling.Randomness;

namespace TypedPooling;

/// <summary>Leave-one-out of a simple random sample of rows, and a plug-in for all of them.</summary>
/// <remarks>
/// A row belongs to the sample if its random number, from the seed and its place among the rows, is one of the m smallest: models fitted to the same
/// rows have the same sample. One pass over the rows; memory O(rows + m). Plug-ins are densities at the posterior means of eta, sigma and the shape.
/// </remarks>
internal static class RowSample
{
    private const int BatchLength = 1 << 14;

    public static ElpdEstimate Loo<TRow>(Fit<TRow> fit, IEnumerable<TRow> rows, int size, string? name, RunOptions options)
    {
        var check = new FittedRowsWorkspace<TRow>(fit);
        var plugIn = new MeanRowDensity<TRow>(fit, options);
        var density = RowDensity.Of(fit.Posterior, fit.Rows.WeightKind);
        var stream = RandomAddresses.Subsample(options.Seed);
        var (plugIns, counts) = (new List<double>(), new List<long>());
        var sample = new PriorityQueue<(int Number, RowDesign Design), double>();    // the largest number first
        foreach (var batch in fit.Rows.Batches(rows, RowPurpose.Likelihood, BatchLength, cancellation: options.Cancellation))
        {
            for (var i = 0; i < batch.RowCount; i++)
            {
                var count = density.CountOf(batch, i);
                check.Add(batch, i, count);
                counts.Add(count);
                plugIns.Add(plugIn.At(batch, i));
                var priority = -stream.NextDouble();
                if (sample.Count < size)
                    sample.Enqueue((plugIns.Count - 1, batch.Row(i)), priority);
                else if (sample.TryPeek(out _, out var largest) && priority > largest)
                    sample.DequeueEnqueue((plugIns.Count - 1, batch.Row(i)), priority);
            }
        }

        check.ThrowIfOther();
        if (size >= plugIns.Count)
            throw OutOfRange(size, plugIns.Count);
        (int Number, RowDesign Design)[] chosen = [.. sample.UnorderedItems.Select(item => item.Element).OrderBy(item => item.Number)];
        var parts = new RowsLeftOut<TRow>(fit, options).Loo([.. chosen.Select(item => item.Design)]);
        return new(
            name,
            ElpdCriterion.LeaveOneOut,
            parts,
            [.. chosen.Select(item => density.ResponseOf(item.Design, 0))],
            fit.Posterior.DrawCount,
            fit.Posterior.Exactness != Exactness.Exact,
            new SubsampledElpd([.. plugIns], [.. counts], [.. chosen.Select(item => item.Number)]));
    }

    /// <summary>The refusal of a sample that is none.</summary>
    public static ModelException OutOfRange(int size, long rows) => new(new Problem(
        ProblemCode.OptionOutOfRange,
        $"The sample is to have {size} of {rows} rows.",
        "Use from 2 rows to one less than there are; Loo(rows) takes all of them.")
    { Term = "subsample" });
}

/// <summary>The log density of a row at the posterior means of its linear predictor, sigma and the shape. Used by one thread.</summary>
internal sealed class MeanRowDensity<TRow>
{
    private readonly ModelSpec spec;
    private readonly RowDensity density;
    private readonly double[] population;
    private readonly double[][] effects;                     // by factor: (level, term) at level * q + term

    public MeanRowDensity(Fit<TRow> fit, RunOptions options)
    {
        spec = fit.Spec;
        var posterior = fit.Posterior;
        population = [.. Enumerable.Range(0, spec.Population.Length).Select(t => MeanOf(posterior.Population, t))];
        density = RowDensity.AtMeans(posterior, fit.Rows.WeightKind);
        effects = new double[spec.Factors.Length][];
        for (var k = 0; k < effects.Length; k++)
        {
            var (block, means) = (posterior.Effects[k], new double[posterior.Effects[k].LevelCount * posterior.Effects[k].TermCount]);
            effects[k] = means;
            var count = block.DrawCount;
            SharedWork.For(options.Threads > 0 ? options.Threads : Environment.ProcessorCount, (block.LevelCount + 63) / 64, part =>
            {
                var draws = new double[block.TermCount * count];
                for (var level = part * 64; level < Math.Min(block.LevelCount, part * 64 + 64); level++)
                {
                    options.Cancellation.ThrowIfCancellationRequested();
                    block.CopyLevel(level, draws);
                    for (var a = 0; a < block.TermCount; a++)
                        means[level * block.TermCount + a] = VectorLoops.Sum(draws.AsSpan(a * count, count)) / count;
                }
            });
        }
    }

    /// <summary>The log density of a row.</summary>
    public double At(RowDesign design, int row)
    {
        var columns = design.Matrix.AsSpan(row * spec.Columns.Length, spec.Columns.Length);
        var eta = design.Offsets[row];
        for (var t = 0; t < population.Length; t++)
            eta += population[t] * DrawPredictorWorkspace.ValueOf(spec.Population[t].Column, columns);
        for (var k = 0; k < effects.Length; k++)
        {
            var terms = spec.Factors[k].Terms;
            var level = design.Levels[row * effects.Length + k];
            for (var a = 0; a < terms.Length; a++)
                eta += effects[k][level * terms.Length + a] * DrawPredictorWorkspace.ValueOf(terms[a].Column, columns);
        }

        var value = 0.0;
        density.Compute(design, row, [eta], new Span<double>(ref value));
        return value;
    }

    private static double MeanOf(DrawBlock block, int index)
    {
        var draws = new double[block.DrawCount];
        block.CopyDraws(index, draws);
        return VectorLoops.Sum(draws) / draws.Length;
    }
}
