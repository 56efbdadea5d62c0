using System.Collections.Immutable;
using TypedPooling.Data;
using TypedPooling.Draws;

namespace TypedPooling.Standardizing;

/// <summary>Exact moments on the original scale: a linear combination there is one on the standardised scale, and a constant.</summary>
internal sealed class RestoredMoments(ExactMoments standardized, CoefficientMap? population, ImmutableArray<CoefficientMap> factors) : ExactMoments
{
    public override NormalMoments Of(ReadOnlySpan<double> populationWeights, ReadOnlySpan<LevelWeights> levels)
    {
        var weights = populationWeights.ToArray();
        var constant = population?.PullBack(populationWeights, weights) ?? 0;
        var pulled = new LevelWeights[levels.Length];
        for (var i = 0; i < pulled.Length; i++)
        {
            var effects = new double[levels[i].Weights.Length];
            factors[levels[i].Factor].PullBack(levels[i].Weights.AsSpan(), effects);
            pulled[i] = levels[i] with { Weights = [.. effects] };
        }

        var moments = standardized.Of(weights, pulled);
        return moments with { Mean = moments.Mean + constant };
    }

    public override NormalMoments GivenPopulation(int factor, int level, ReadOnlySpan<double> effects)
    {
        var weights = new double[effects.Length];
        factors[factor].PullBack(effects, weights);
        return standardized.GivenPopulation(factor, level, weights);
    }
}
