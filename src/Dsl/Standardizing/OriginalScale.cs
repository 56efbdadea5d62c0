using System.Collections.Immutable;
using TypedPooling.Data;
using TypedPooling.Draws;
using TypedPooling.Model;

namespace TypedPooling.Standardizing;

/// <summary>Takes a posterior from the scale and the origins that an engine worked with to those of the rows, draw by draw.</summary>
internal static class OriginalScale
{
    /// <summary>The posterior of a bound model on the scale of its rows.</summary>
    /// <param name="model">The model; where it is not standardised and no factor has an origin of its own, the posterior is returned as it
    /// is.</param>
    /// <param name="posterior">What an engine returned for it.</param>
    public static Posterior Restore(BoundModel model, Posterior posterior) =>
        Restore(posterior.Spec, model.Standardization, posterior);

    /// <summary>The posterior on the scale of the rows. Population effects and scales are mapped at once, varying effects when they are
    /// read.</summary>
    /// <param name="spec">The model.</param>
    /// <param name="standardization">By what it was standardised; null where it was not.</param>
    /// <param name="posterior">As an engine returns it; its effects may be missing, as those of a draw from the prior are.</param>
    public static Posterior Restore(ModelSpec spec, Standardization? standardization, Posterior posterior)
    {
        if (standardization is null && spec.Factors.All(factor => factor.Origin.IsEmpty))
            return posterior;
        var population = standardization?.MapOf(spec.Population.Select(term => term.Column));
        var factors = Factors(spec, standardization);
        var responseScale = standardization?.ResponseScale ?? 1;
        return posterior with
        {
            Population = Population(population, posterior.Population),
            Scales = RestoredScales.Of(spec, responseScale, factors, posterior.Scales),
            Effects = [.. posterior.Effects.Select(block => new RestoredEffects(block, factors[block.Factor]))],
            Weighted = posterior.Weighted is { } weighted
                ? new WeightedDraws(
                    weighted.Weights,
                    Population(population, weighted.Population),
                    RestoredScales.Of(spec, responseScale, factors, weighted.Scales))
                : null,
            Exact = posterior.Exact is { } exact ? new RestoredMoments(exact, population, factors) : null,
            Standardized = posterior,
        };
    }

    /// <summary>The maps of each factor's effects to those of the rows.</summary>
    public static ImmutableArray<CoefficientMap> Factors(ModelSpec spec, Standardization? standardization) =>
        [.. spec.Factors.Select(factor => standardization?.MapOf(factor.Terms.Select(term => term.Column)) ?? CoefficientMap.AtZero(factor))];

    private static DrawBlock Population(CoefficientMap? map, DrawBlock block)
    {
        if (map is null)
            return block;
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
