using TypedPooling.Draws;
using TypedPooling.Inference.Density;
using TypedPooling.Inference.GaussianSystem;
using TypedPooling.Inference.Importance;

namespace TypedPooling.Inference.Marginal;

/// <summary>Draws the coefficients of every proposal of an importance sample while its density is at hand, and turns the sample into the blocks of a posterior.</summary>
internal sealed class ProposalDraws(CoefficientSystem system, ScaleCoordinates coordinates, ulong seed) : IProposalSink
{
    private readonly List<MarginalDensity> densities = [];
    private CoefficientDraws all = new(system, coordinates, 0, seed, withEffects: false);

    /// <summary>The density of a worker; workers are made one after the other.</summary>
    public MarginalDensity NewDensity(int worker)
    {
        densities.Add(new MarginalDensity(system, coordinates));
        return densities[worker];
    }

    public int NormalCount => system.PopulationCount;

    public void Begin(int count) => all = new CoefficientDraws(system, coordinates, count, seed, withEffects: false);

    public void Keep(int worker, int proposal, ReadOnlySpan<double> normals) => all.Keep(proposal, densities[worker], normals);

    /// <summary>The coefficients of resampled draws.</summary>
    public CoefficientDraws Of(ImportanceRun run, ResampledDraws draws, int threads) => all.TakeWithEffects(draws.Proposals.ToArray(), run.Position, threads);

    /// <summary>The proposals that have a weight.</summary>
    public WeightedDraws Weighted(ImportanceRun run)
    {
        var weights = run.Weights.Weights;
        if (run.ProposalCount == all.Count && weights.IndexOf(0.0) < 0)
            return new WeightedDraws(run.Weights, all.PopulationBlock, all.ScalesBlock);

        var proposals = new List<int>(weights.Length);
        for (var i = 0; i < weights.Length; i++)
        {
            if (weights[i] > 0)
                proposals.Add(i);
        }

        var taken = all.Take([.. proposals]);
        return new WeightedDraws(
            run.Weights.ReplicateCount == 0
                ? new DrawWeights(Of(run.Weights.Weights), Of(run.Weights.ErrorWeights))
                : new DrawWeights(Of(run.Weights.Weights), Of(run.Weights.ErrorWeights), Of(run.Weights.Replicates), run.Weights.ReplicateCount),
            taken.PopulationBlock,
            taken.ScalesBlock);

        T[] Of<T>(ReadOnlySpan<T> all)
        {
            var chosen = new T[proposals.Count];
            for (var i = 0; i < chosen.Length; i++)
                chosen[i] = all[proposals[i]];
            return chosen;
        }
    }
}
