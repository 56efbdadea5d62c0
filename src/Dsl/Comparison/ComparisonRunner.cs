using System.Collections.Immutable;
using System.Diagnostics;
using TypedPooling.Data;
using TypedPooling.Draws;
using TypedPooling.Engines;

namespace TypedPooling;

/// <summary>Fits a bound model with several engines and sets their posteriors against each other.</summary>
internal static class ComparisonRunner
{
    // Levels of a factor that are compared: the first ones.
    private const int MostLevels = 1000;

    public static EngineComparison Run<TRow>(
        BoundModel model, IReadOnlyList<INormalEngine> engines, RunOptions options, Func<INormalEngine, Fit<TRow>> fitted)
    {
        if (engines.Count == 0)
            throw new ModelException(
                new Problem(
                    ProblemCode.OptionOutOfRange,
                    "The comparison names no engine.",
                    "Name at least one engine, with the reference first: Engine.Marginal, Engine.Gibbs."));
        if (engines.Any(engine => engine is null))
            throw new ArgumentException("One of the engines is null.", nameof(engines));
        options.Validated();
        var runs = ImmutableArray.CreateBuilder<EngineRun>();
        Posterior? reference = null;
        var problems = new List<Problem>();
        foreach (var engine in engines)
        {
            var support = engine.Supports(model.Spec);
            if (!support.IsSupported)
            {
                problems.AddRange(support.Reasons);
                runs.Add(new EngineRun(engine.Name, support.Exactness, support.Reasons));
                continue;
            }

            var clock = Stopwatch.StartNew();
            Fit<TRow> fit;
            try
            {
                fit = fitted(engine);
            }
            catch (ModelException refusal) when (refusal.Problems.All(
                problem => problem.Code is ProblemCode.EngineRefuses or ProblemCode.SamplingRefused))
            {
                // Some engines see only from the data that they cannot fit a model.
                problems.AddRange(refusal.Problems);
                runs.Add(new EngineRun(engine.Name, support.Exactness, [.. refusal.Problems]));
                continue;
            }

            var time = clock.Elapsed;
            runs.Add(new EngineRun(fit.Posterior.Engine, fit.Posterior.Exactness, [])
            {
                Time = time,
                WorstEss = fit.Table.Rows.Where(row => row.Sd > 0).Select(row => Math.Min(row.EssBulk, row.EssTail)).DefaultIfEmpty(double.NaN).Min(),
                LogEvidence = fit.Posterior.LogEvidence,
                EvidenceBound = fit.Posterior.EvidenceBound,
                Warnings = fit.Warnings,
                Differences = reference is null ? [] : [.. Differences(fit.Posterior, reference)],
            });
            reference ??= fit.Posterior;
        }

        return reference is null ? throw new ModelException(problems) : new EngineComparison(Describe(model), runs.ToImmutable());
    }

    private static string Describe(BoundModel model) =>
        $"{model.Spec.Response.Family.Name} model of {model.Spec.Response.Name}: {Figures.Counted(model.RowCount, "row")}"
        + string.Concat(model.Spec.Factors.Select((factor, k) => $", {Figures.Counted(model.Levels[k].Count, "level")} of {factor.Name}"));

    private static IEnumerable<ParameterDifference> Differences(Posterior posterior, Posterior reference)
    {
        foreach (var difference in Block(posterior.Population, reference.Population, int.MaxValue).Concat(
            Block(posterior.Scales, reference.Scales, int.MaxValue)))
            yield return difference;
        for (var k = 0; k < reference.Effects.Length; k++)
        {
            foreach (var difference in Block(posterior.Effects[k], reference.Effects[k], MostLevels * reference.Effects[k].TermCount))
                yield return difference;
        }
    }

    // Parameters that are constants for the reference have no sd to measure in.
    private static IEnumerable<ParameterDifference> Block(DrawBlock block, DrawBlock reference, int most)
    {
        var draws = new double[block.DrawCount];
        var others = new double[reference.DrawCount];
        for (var i = 0; i < Math.Min(most, reference.ParameterCount); i++)
        {
            reference.CopyDraws(i, others);
            var sd = Diagnostics.Sd(others);
            if (!(sd > 0))
                continue;
            block.CopyDraws(i, draws);
            var (mean, otherMean, ownSd) = (Diagnostics.Mean(draws), Diagnostics.Mean(others), Diagnostics.Sd(draws));
            Array.Sort(draws);
            Array.Sort(others);
            yield return new ParameterDifference(reference.Parameter(i), (mean - otherMean) / sd, ownSd / sd, Wasserstein(draws, others) / sd);
        }
    }

    // The integral of |F^-1 - G^-1| for two sorted samples of any sizes.
    private static double Wasserstein(double[] first, double[] second)
    {
        var (i, j, at, sum) = (0, 0, 0.0, 0.0);
        while (i < first.Length && j < second.Length)
        {
            var next = Math.Min((i + 1.0) / first.Length, (j + 1.0) / second.Length);
            sum += (next - at) * Math.Abs(first[i] - second[j]);
            at = next;
            var (endOfFirst, endOfSecond) = ((long)(i + 1) * second.Length, (long)(j + 1) * first.Length);
            if (endOfFirst <= endOfSecond)
                i++;
            if (endOfSecond <= endOfFirst)
                j++;
        }

        return sum;
    }
}
