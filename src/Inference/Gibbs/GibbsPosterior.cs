using System.Collections.Immutable;
using TypedPooling.Draws;
using TypedPooling.Engines;
using TypedPooling.Inference.Hierarchy.GaussianSystem;
using TypedPooling.Inference.Posteriors;
using TypedPooling.Inference.Scales;

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
        var builder = new PosteriorBuilder(
            GibbsEngine.EngineName, Exactness.Exact, spec, options)
        { DrawKind = DrawKind.MarkovChains, DrawsPerChain = draws };
        var population = Block(PosteriorBuilder.PopulationOf(spec), chains, draws, chain => chain.Population);
        var posterior = builder.Of(population, Block(parameters.ToImmutable(), chains, draws, chain => chain.Scales), []) with
        {
            Warnings = builder.Cancelled,
        };
        return system.Factors.Length == 0 || system.KeepsEffects
            ? posterior with { Effects = Effects(system, chains, draws) }
            : Recipe(system, population, chains, draws).Complete(system.Model, posterior);
    }

    private static StoredBlock Block(ImmutableArray<Parameter> parameters, GibbsDraws[] chains, int draws, Func<GibbsDraws, double[]> rowsOf)
    {
        var table = new DrawTable(parameters, chains.Length * draws);
        for (var chain = 0; chain < chains.Length; chain++)
        {
            var rows = rowsOf(chains[chain]);
            for (var draw = 0; draw < draws; draw++)
                table.Set(chain * draws + draw, rows.AsSpan(draw * parameters.Length, parameters.Length));
        }

        return table.ToBlock();
    }

    private static ImmutableArray<EffectsBlock> Effects(GibbsSystem system, GibbsDraws[] chains, int draws)
    {
        if (system.Factors.Length == 0)
            return [];
        double[][] rows = [.. chains.SelectMany(chain => chain.Effects.Take(draws))];
        var blocks = ImmutableArray.CreateBuilder<EffectsBlock>();
        var start = 0;
        for (var k = 0; k < system.Factors.Length; k++)
        {
            blocks.Add(new StoredEffectRows(system.Model, k, rows, start));
            start += system.Factors[k].LevelCount * system.Factors[k].TermCount;
        }

        return blocks.ToImmutable();
    }

    // With one factor the effects of a draw are made again from its scales and population effects, in the coordinates of the shared system.
    private static CoefficientRecipe Recipe(GibbsSystem system, StoredBlock beta, GibbsDraws[] chains, int draws)
    {
        var shared = NormalSystem.Reduce(system.Model);
        var count = chains.Length * draws;
        var size = chains[0].LambdaCount;
        var p = shared.PopulationCount;
        var (sigma, lambda, population) = (new double[count], new double[count * size], new double[count * p]);
        for (var chain = 0; chain < chains.Length; chain++)
        {
            var from = chains[chain];
            for (var draw = 0; draw < draws; draw++)
            {
                var s = chain * draws + draw;
                sigma[s] = from.Sigma[draw];
                from.Lambda.AsSpan(draw * size, size).CopyTo(lambda.AsSpan(s * size));
                shared.Population.Pivoted(from.Population.AsSpan(draw * from.PopulationCount, from.PopulationCount), population.AsSpan(s * p, p));
            }
        }

        return new(ScalePoints.Of(sigma, [lambda], [false]), beta, population);
    }
}
