using System.Collections.Immutable;
using TypedPooling.Data;
using TypedPooling.Draws;
using TypedPooling.Model;

namespace TypedPooling.Standardizing;

/// <summary>Takes a posterior on the standardised scale to the original one, draw by draw.</summary>
internal static class OriginalScale
{
    /// <summary>The posterior of a bound model on the scale of its rows.</summary>
    /// <param name="model">The model; where it is not standardised the posterior is returned as it is.</param>
    /// <param name="posterior">What an engine returned for it.</param>
    public static Posterior Restore(NormalBoundModel model, Posterior posterior) =>
        model.Standardization is { } standardization ? Restore(model.Spec, standardization, posterior) : posterior;

    /// <summary>The posterior on the scale of the rows. Population effects and scales are mapped at once, varying effects when they are read.</summary>
    /// <param name="spec">The model.</param>
    /// <param name="standardization">By what it was standardised.</param>
    /// <param name="posterior">On the standardised scale; its effects may be missing, as those of a draw from the prior are.</param>
    public static Posterior Restore(ModelSpec spec, Standardization standardization, Posterior posterior)
    {
        var population = standardization.MapOf(spec.Population.Select(term => term.Column));
        ImmutableArray<CoefficientMap> factors = [.. spec.Factors.Select(factor => standardization.MapOf(factor.Terms.Select(term => term.Column)))];
        return posterior with
        {
            Population = Population(population, posterior.Population),
            Scales = RestoredScales.Of(spec, standardization.ResponseScale, factors, posterior.Scales),
            Effects = [.. posterior.Effects.Select(block => new RestoredEffects(block, factors[block.Factor]))],
            Weighted = posterior.Weighted is { } weighted
                ? new WeightedDraws(
                    weighted.Weights,
                    Population(population, weighted.Population),
                    RestoredScales.Of(spec, standardization.ResponseScale, factors, weighted.Scales))
                : null,
            Exact = posterior.Exact is { } exact ? new RestoredMoments(exact, population, factors) : null,
            Standardized = posterior,
        };
    }

    private static StoredBlock Population(CoefficientMap map, DrawBlock block)
    {
        var p = block.ParameterCount;
        var count = block.DrawCount;
        var draws = new double[p * count];
        for (var t = 0; t < p; t++)
            block.CopyDraws(t, draws.AsSpan(t * count, count));
        var beta = new double[p];
        for (var s = 0; s < count; s++)
        {
            for (var t = 0; t < p; t++)
                beta[t] = draws[t * count + s];
            map.Restore(beta);
            for (var t = 0; t < p; t++)
                draws[t * count + s] = beta[t];
        }

        return new StoredBlock([.. Enumerable.Range(0, p).Select(block.Parameter)], draws, count);
    }
}
