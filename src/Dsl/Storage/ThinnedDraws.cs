using System.Collections.Immutable;
using TypedPooling.Data;
using TypedPooling.Draws;
using TypedPooling.Inference.Posteriors;

namespace TypedPooling.Storage;

/// <summary>Some of the draws of a posterior.</summary>
/// <remarks>
/// Draws keep the numbers that address their random numbers, so that every effect and every prediction of a kept draw is the one that it was. Where
/// draws have error weights v (<see cref="DrawWeights"/>), n of N draws have (1/n - 1/N) / n + v N / n: the variance of choosing n of N, and what
/// all N had.
/// </remarks>
internal static class ThinnedDraws
{
    /// <summary>Thins a posterior: draws at equal distances in every chain.</summary>
    /// <param name="posterior">What an engine returned.</param>
    /// <param name="model">The model with its data, as the engine fitted it.</param>
    /// <param name="draws">How many draws, over all chains.</param>
    public static Posterior Of(Posterior posterior, BoundModel model, int draws)
    {
        var own = draws / posterior.ChainCount;
        var kept = new int[own * posterior.ChainCount];
        for (var s = 0; s < kept.Length; s++)
        {
            var (chain, place) = Math.DivRem(s, own);
            kept[s] = chain * posterior.DrawsPerChain + (int)((2L * place + 1) * posterior.DrawsPerChain / (2L * own));
        }

        return Of(posterior, model, kept, own);
    }

    /// <summary>Some of the draws, as one chain.</summary>
    /// <param name="posterior">What an engine returned.</param>
    /// <param name="model">The model with its data, as the engine fitted it.</param>
    /// <param name="kept">Places of the draws, over all chains.</param>
    public static Posterior Of(Posterior posterior, BoundModel model, int[] kept) =>
        Of(posterior with { ChainCount = 1 }, model, kept, kept.Length);

    private static Posterior Of(Posterior posterior, BoundModel model, int[] kept, int drawsPerChain)
    {
        var recipe = posterior.Recipe?.Take(kept);
        var thinned = posterior with
        {
            DrawsPerChain = drawsPerChain,
            Numbers = [.. kept.Select(s => (int)posterior.NumberOf(s))],
            Population = Taken(posterior.Population, kept),
            Scales = Taken(posterior.Scales, kept),
            Effects = recipe is null ? [.. posterior.Effects.Select((block, k) => Taken(block, model, k, kept))] : [],
            Sampler = posterior.Sampler is { } sampler ? Taken(sampler, kept) : null,
            Weights = posterior.Weights is { } weights ? Taken(weights, kept) : null,
            Weighted = null,
        };
        return recipe?.Complete(model, thinned) ?? thinned;
    }

    private static StoredBlock Taken(DrawBlock block, int[] kept)
    {
        var draws = new double[block.DrawCount];
        var taken = new double[block.ParameterCount * kept.Length];
        for (var i = 0; i < block.ParameterCount; i++)
        {
            block.CopyDraws(i, draws);
            for (var s = 0; s < kept.Length; s++)
                taken[i * kept.Length + s] = draws[kept[s]];
        }

        return new([.. Enumerable.Range(0, block.ParameterCount).Select(block.Parameter)], taken, kept.Length);
    }

    private static EffectsBlock Taken(EffectsBlock block, BoundModel model, int factor, int[] kept)
    {
        var draws = new double[block.ParameterCount][];
        var level = new double[block.TermCount * block.DrawCount];
        for (var j = 0; j < block.LevelCount; j++)
        {
            block.CopyLevel(j, level);
            for (var a = 0; a < block.TermCount; a++)
                draws[j * block.TermCount + a] = [.. kept.Select(s => level[a * block.DrawCount + s])];
        }

        return new StoredEffects(model, factor, draws, kept.Length);
    }

    private static SamplerStatistics Taken(SamplerStatistics sampler, int[] kept)
    {
        return sampler with
        {
            LogDensity = Some(sampler.LogDensity),
            AcceptanceRate = Some(sampler.AcceptanceRate),
            Divergent = Some(sampler.Divergent),
            TreeDepth = Some(sampler.TreeDepth),
            Leapfrogs = Some(sampler.Leapfrogs),
        };

        ImmutableArray<T> Some<T>(ImmutableArray<T> values) => [.. kept.Select(s => values[s])];
    }

    private static DrawWeights Taken(DrawWeights weights, int[] kept)
    {
        var (n, all) = ((double)kept.Length, (double)weights.Count);
        var equal = new double[kept.Length];
        Array.Fill(equal, 1 / n);
        return new DrawWeights(equal, [.. kept.Select(s => (1 / n - 1 / all) / n + weights.ErrorWeights[s] * (all / n))]);
    }
}
