using TypedPooling.Draws;
using TypedPooling.Inference.Density;
using TypedPooling.Inference.GaussianSystem;
using TypedPooling.Inference.Importance;

namespace TypedPooling.Inference.Marginal;

/// <summary>Draws the coefficients of every proposal of an importance sample while its density is at hand, and turns the sample into the blocks of a posterior.</summary>
internal sealed class ProposalDraws(NormalSystem system, ScaleCoordinates coordinates, ulong seed) : IProposalSink
{
    private readonly List<MarginalDensity> densities = [];
    private CoefficientDraws all = new(system, coordinates, 0, seed);

    /// <summary>The density of a worker; workers are made one after the other.</summary>
    public MarginalDensity NewDensity(int worker)
    {
        densities.Add(new MarginalDensity(system, coordinates));
        return densities[worker];
    }

    public void Begin(int count) => all = new CoefficientDraws(system, coordinates, count, seed);

    public void Keep(int worker, int proposal) => all.Keep(proposal, densities[worker]);

    /// <summary>The coefficients of resampled draws.</summary>
    public CoefficientDraws Of(ResampledDraws draws) => all.Take(draws.Proposals);

    /// <summary>The proposals that have a weight.</summary>
    public WeightedDraws Weighted(ImportanceRun run)
    {
        var weights = run.Weights.Weights;
        var proposals = new List<int>(weights.Length);
        for (var i = 0; i < weights.Length; i++)
        {
            if (weights[i] > 0)
                proposals.Add(i);
        }

        var taken = all.Take(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(proposals));
        return new WeightedDraws(
            new DrawWeights([.. proposals.Select(i => run.Weights.Weights[i])], [.. proposals.Select(i => run.Weights.ErrorWeights[i])]),
            taken.PopulationBlock,
            taken.ScalesBlock);
    }
}
