using System.Collections.Immutable;
using System.Globalization;
using TypedPooling.Draws;
using TypedPooling.Engines;
using TypedPooling.Inference.Hierarchy.GaussianSystem;
using TypedPooling.Inference.Posteriors;
using TypedPooling.Inference.Scales;
using TypedPooling.Model;

namespace TypedPooling.Inference.Gibbs;

/// <summary>Joins chains into a posterior.</summary>
internal static class GibbsPosterior
{
    /// <summary>Joins chains.</summary>
    /// <param name="system">The system.</param>
    /// <param name="chains">What each chain has made.</param>
    /// <param name="draws">Draws of each chain to keep.</param>
    /// <param name="options">The options of the run.</param>
    /// <returns>The posterior, without timings.</returns>
    public static Posterior Of(GibbsSystem system, GibbsDraws[] chains, int draws, RunOptions options)
    {
        var spec = system.Model.Spec;
        var parameters = ImmutableArray.CreateBuilder<Parameter>();
        if (system.ReportsSigma)
            parameters.Add(new Parameter(ParameterKind.Sigma, string.Empty));
        foreach (var scales in system.Scales)
            parameters.AddRange(scales.Parameters);
        return new Posterior
        {
            Spec = spec,
            Engine = GibbsEngine.EngineName,
            Exactness = Exactness.Exact,
            DrawKind = DrawKind.MarkovChains,
            ChainCount = chains.Length,
            DrawsPerChain = draws,
            Seed = options.Seed,
            Population = Block([.. spec.Population.Select(term => new Parameter(ParameterKind.PopulationEffect, term.Name))], chains, draws, chain => chain.Population),
            Scales = Block(parameters.ToImmutable(), chains, draws, chain => chain.Scales),
            Effects = Effects(system, chains, draws, options.Seed),
            Timings = new Timings(TimeSpan.Zero, TimeSpan.Zero, TimeSpan.Zero),
            Warnings = draws == options.Draws
                ? []
                : [new FitWarning(FitWarningCode.Cancelled, string.Create(
                    CultureInfo.InvariantCulture, $"The run was cancelled and holds {draws} of {options.Draws} draws a chain; run it to the end before you report it."))],
        };
    }

    private static StoredBlock Block(ImmutableArray<Parameter> parameters, GibbsDraws[] chains, int draws, Func<GibbsDraws, double[]> rowsOf)
    {
        var count = chains.Length * draws;
        var values = new double[parameters.Length * count];
        for (var chain = 0; chain < chains.Length; chain++)
        {
            var rows = rowsOf(chains[chain]);
            for (var draw = 0; draw < draws; draw++)
            {
                for (var i = 0; i < parameters.Length; i++)
                    values[i * count + chain * draws + draw] = rows[draw * parameters.Length + i];
            }
        }

        return new StoredBlock(parameters, values, count);
    }

    private static ImmutableArray<EffectsBlock> Effects(GibbsSystem system, GibbsDraws[] chains, int draws, ulong seed)
    {
        if (system.Factors.Length == 0)
            return [];
        if (!system.KeepsEffects)
            return [Regenerated(system, chains, draws, seed)];
        double[][] rows = [.. chains.SelectMany(chain => chain.Effects.Take(draws))];
        var blocks = ImmutableArray.CreateBuilder<EffectsBlock>();
        var start = 0;
        for (var k = 0; k < system.Factors.Length; k++)
        {
            blocks.Add(new KeptEffects(system.Model.Spec.Factors[k], k, system.Model.Levels[k], rows, start));
            start += system.Factors[k].LevelCount * system.Factors[k].TermCount;
        }

        return blocks.ToImmutable();
    }

    // With one factor the effects of a draw are made again from its scales and population effects, in the coordinates of the shared system.
    private static RegeneratedEffects Regenerated(GibbsSystem system, GibbsDraws[] chains, int draws, ulong seed)
    {
        var shared = NormalSystem.Reduce(system.Model);
        var count = chains.Length * draws;
        var size = chains[0].LambdaCount;
        var n = shared.PopulationCount;
        var kept = new ScaleDraws(count, shared.TermCount);
        var population = new double[count * n];
        var pivoted = new double[size];
        for (var chain = 0; chain < chains.Length; chain++)
        {
            var from = chains[chain];
            for (var draw = 0; draw < draws; draw++)
            {
                var s = chain * draws + draw;
                var lambda = from.Lambda.AsSpan(draw * size, size);
                shared.PivotLambda(lambda, pivoted);
                kept.Keep(s, from.Sigma[draw], lambda, pivoted);
                shared.Population.Pivoted(from.Population.AsSpan(draw * from.PopulationCount, from.PopulationCount), population.AsSpan(s * n, n));
            }
        }

        return new RegeneratedEffects(shared, kept, population, seed);
    }
}
