using System.Collections.Immutable;
using TypedPooling.Draws;
using TypedPooling.Inference.Hierarchy.GaussianSystem;
using TypedPooling.Inference.Posteriors;
using TypedPooling.Inference.Scales;
using TypedPooling.Randomness;

namespace TypedPooling.Inference.MaximumLikelihood;

/// <summary>Draws of the normal approximation at a maximum of sums, made when they are first asked for. Thread-safe.</summary>
/// <param name="system">The coefficients.</param>
/// <param name="workspace">Solved at <paramref name="point"/>, population effects integrated; not solved again.</param>
/// <param name="point">Sigma and every Lambda at the maximum.</param>
/// <param name="freedom">Degrees of freedom of sigma where it was profiled; null where scales are held in every draw.</param>
/// <param name="estimates">The scales that are reported.</param>
internal sealed class LikelihoodDraws(
    CoefficientSystem system, CoefficientWorkspace workspace, ScalePoint point, double? freedom, double[] estimates)
{
    /// <summary>Makes the posterior's blocks.</summary>
    /// <param name="posterior">The posterior without them.</param>
    /// <param name="made">Number of draws that the engine makes.</param>
    /// <param name="recipe">What the draws are made from.</param>
    public Posterior Complete(Posterior posterior, int made, DrawsRecipe recipe)
    {
        var model = system.Model;
        var spec = model.Spec;
        var parameters = new ScaleCoordinates(spec).Parameters;
        var draws = new Lazy<Drawn>(() => Draw(parameters, made, posterior.Seed, posterior.Numbers));
        return posterior with
        {
            Population = new DeferredBlock(PosteriorBuilder.PopulationOf(spec), posterior.DrawCount, () => draws.Value.Population),
            Scales = new DeferredBlock(parameters, posterior.DrawCount, () => draws.Value.Scales),
            Effects = [.. spec.Factors.Select(
                EffectsBlock (_, k) => new DeferredEffects(model, k, posterior.DrawCount, () => draws.Value.Effects[k]))],
            Recipe = recipe,
        };
    }

    // Some of the draws are those of all, by number.
    private Drawn Draw(ImmutableArray<Parameter> parameters, int made, ulong seed, int[]? numbers)
    {
        var p = system.PopulationCount;
        var scales = new DrawTable(parameters, made);
        var population = DrawTable.OfPopulation(system.Model.Spec, made);
        var pivoted = new double[p * made];
        var spreads = new double[made];
        var stream = RandomAddresses.Approximation(seed);
        var beta = new double[population.ParameterCount];
        var mean = new double[p];
        workspace.DrawPopulation(mean);
        for (var s = 0; s < made; s++)
        {
            var spread = freedom is { } known ? Math.Sqrt(known / (2 * stream.NextGamma(0.5 * known))) : 1;
            spreads[s] = spread;
            for (var i = 0; i < parameters.Length; i++)
            {
                // A correlation without meaning is drawn as 0.
                scales[i][s] = parameters[i].Kind == ParameterKind.VaryingCorrelation
                    ? (double.IsNaN(estimates[i]) ? 0 : estimates[i])
                    : spread * estimates[i];
            }

            var own = pivoted.AsSpan(s * p, p);
            PhiloxNormals.Fill(seed, (ulong)s, RandomAddresses.PopulationEffects, own);
            workspace.DrawPopulation(own);
            for (var a = 0; a < p; a++)
                own[a] = mean[a] + spread * (own[a] - mean[a]);
            system.Population.Restore(own, beta);
            population.Set(s, beta);
        }

        if (numbers is not null)
        {
            (pivoted, spreads) = (StoredColumns.Take(pivoted, p, numbers), StoredColumns.Take(spreads, 1, numbers));
            return new(population.ToBlock().Take(numbers), scales.ToBlock().Take(numbers), Effects());
        }

        return new(population.ToBlock(), scales.ToBlock(), Effects());

        ImmutableArray<EffectsBlock> Effects()
        {
            var kept = new EffectDraws(system, spreads.Length, seed, numbers);
            for (var s = 0; s < spreads.Length; s++)
                kept.Keep(s, point, workspace, pivoted.AsSpan(s * p, p), spreads[s]);
            return kept.Blocks(pivoted);
        }
    }

    private sealed record Drawn(StoredBlock Population, StoredBlock Scales, ImmutableArray<EffectsBlock> Effects);
}
