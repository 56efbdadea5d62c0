using System.Collections.Immutable;
using TypedPooling.Draws;
using TypedPooling.Engines;
using TypedPooling.Inference.Hierarchy.JointPosterior;
using TypedPooling.Model;

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
        var terms = system.Terms;
        var population = new double[spec.Population.Length][];
        for (var t = 0; t < population.Length; t++)
        {
            population[t] = new double[count];
            if (spec.Population[t].Prior is { FixedValue: { } fixedAt })
                Array.Fill(population[t], fixedAt);
        }

        double[][] scales = [.. system.Scales.Parameters.Select(_ => new double[count])];
        double[][] effects = [.. Enumerable.Range(0, terms.EffectCount).Select(_ => new double[count])];
        var parts = (count + Part - 1) / Part;
        var threads = options.Threads == 0 ? Environment.ProcessorCount : options.Threads;
        Parallel.For(0, parts, new ParallelOptions { MaxDegreeOfParallelism = threads }, () => new JointDensity(system), (part, _, density) =>
        {
            Span<double> reported = new double[scales.Length];
            var level = new double[terms.FactorColumns.Select(columns => columns.Length).DefaultIfEmpty(0).Max()];
            for (var s = part * Part; s < Math.Min(count, (part + 1) * Part); s++)
            {
                density.MoveTo(position(s));
                for (var k = 0; k < terms.PopulationCount; k++)
                    population[terms.Terms[k]][s] = density.Beta[k];
                system.Scales.Report(density.Point, reported);
                for (var i = 0; i < scales.Length; i++)
                    scales[i][s] = reported[i];
                for (var f = 0; f < terms.FactorCount; f++)
                {
                    var q = terms.FactorColumns[f].Length;
                    for (var at = terms.FactorStarts[f]; at < terms.FactorStarts[f + 1]; at += q)
                    {
                        var u = level.AsSpan(0, q);
                        density.Effects.Slice(at, q).CopyTo(u);
                        system.Factors[f].Restore(u);
                        for (var a = 0; a < q; a++)
                            effects[at + a][s] = u[a];
                    }
                }
            }

            return density;
        }, _ => { });

        return new Posterior
        {
            Spec = spec,
            Engine = NutsEngine.EngineName,
            Exactness = Exactness.Exact,
            DrawKind = DrawKind.MarkovChains,
            ChainCount = options.Chains,
            DrawsPerChain = count / options.Chains,
            Seed = options.Seed,
            Population = new StoredBlock([.. spec.Population.Select(term => new Parameter(ParameterKind.PopulationEffect, term.Name))], [.. population.SelectMany(draws => draws)], count),
            Scales = new StoredBlock(system.Scales.Parameters, [.. scales.SelectMany(draws => draws)], count),
            Effects = [.. spec.Factors.Select((factor, f) => (EffectsBlock)new StoredEffects(factor, f, system.Model.Levels[f], effects[terms.FactorStarts[f]..terms.FactorStarts[f + 1]], count))],
            Timings = new Timings(TimeSpan.Zero, TimeSpan.Zero, TimeSpan.Zero),
        };
    }
}
