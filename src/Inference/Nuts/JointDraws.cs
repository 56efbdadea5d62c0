using TypedPooling.Draws;
using TypedPooling.Engines;
using TypedPooling.Inference.Hierarchy.JointPosterior;
using TypedPooling.Inference.Posteriors;

namespace TypedPooling.Inference.Nuts;

/// <summary>Turns positions into draws of all parameters.</summary>
internal static class JointDraws
{
    // Draws a thread takes at a time: neighbours in memory of every parameter.
    private const int Part = 64;

    /// <summary>A position by number of the draw.</summary>
    public delegate ReadOnlySpan<double> PositionOf(int draw);

    /// <summary>A posterior of the draws; the caller adds what it knows of the run.</summary>
    /// <param name="system">The system.</param>
    /// <param name="count">Number of draws over all chains.</param>
    /// <param name="position">The positions.</param>
    /// <param name="options">The options of the run.</param>
    public static Posterior Of(JointSystem system, int count, PositionOf position, RunOptions options)
    {
        var spec = system.Model.Spec;
        var columns = system.Columns;
        var population = DrawTable.OfPopulation(spec, count);
        for (var t = 0; t < spec.Population.Length; t++)
        {
            if (spec.Population[t].Prior is { FixedValue: { } known })
                population[t].Fill(known);
        }

        var scales = new DrawTable(system.Scales.Parameters, count);
        double[][] effects = [.. Enumerable.Range(0, columns.EffectCount).Select(_ => new double[count])];
        var parts = (count + Part - 1) / Part;
        var threads = options.Threads == 0 ? Environment.ProcessorCount : options.Threads;
        Parallel.For(0, parts, new ParallelOptions { MaxDegreeOfParallelism = threads }, () => new JointDensity(system), (part, _, density) =>
        {
            Span<double> reported = new double[scales.ParameterCount];
            var level = new double[columns.FactorFeatures.Select(features => features.Length).DefaultIfEmpty(0).Max()];
            for (var s = part * Part; s < Math.Min(count, (part + 1) * Part); s++)
            {
                density.MoveTo(position(s));
                for (var e = 0; e < columns.Population.Count; e++)
                    population[columns.Population.TermOf(e)][s] = density.Beta[e];
                system.Scales.Report(density.Point, reported);
                scales.Set(s, reported);
                for (var k = 0; k < columns.FactorCount; k++)
                {
                    var q = columns.TermCount(k);
                    for (var at = columns.EffectStarts[k]; at < columns.EffectStarts[k + 1]; at += q)
                    {
                        var u = level.AsSpan(0, q);
                        density.Effects.Slice(at, q).CopyTo(u);
                        system.Factors[k].Restore(u);
                        for (var a = 0; a < q; a++)
                            effects[at + a][s] = u[a];
                    }
                }
            }

            return density;
        }, _ => { });

        var builder = new PosteriorBuilder(
            NutsEngine.EngineName, Exactness.Exact, spec, options)
        { DrawKind = DrawKind.MarkovChains, DrawsPerChain = count / options.Chains };
        return builder.Of(
            population.ToBlock(),
            scales.ToBlock(),
            [.. spec.Factors.Select(
                EffectsBlock (_, k) => new StoredEffects(system.Model, k, effects[columns.EffectStarts[k]..columns.EffectStarts[k + 1]], count))]);
    }
}
