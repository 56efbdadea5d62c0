using TypedPooling.Draws;
using TypedPooling.Inference.Hierarchy.GaussianSystem;
using TypedPooling.Inference.Sampling.Importance;
using TypedPooling.Inference.Scales;

namespace TypedPooling.Inference.Marginal;

/// <summary>Draws the coefficients of every proposal of an importance sample while its density is at hand, and turns the sample into the blocks of a
/// posterior.</summary>
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

    public bool EvaluatesDraws => all.NeedsSolution;

    public Action<int>? Evaluated { private get; set; }

    public void Begin(int count) => all = new CoefficientDraws(system, coordinates, count, seed, withEffects: false);

    public void Keep(int worker, int proposal, ReadOnlySpan<double> normals) => all.Keep(proposal, densities[worker], normals);

    /// <summary>The coefficients of resampled draws.</summary>
    public CoefficientDraws Of(ImportanceRun run, ResampledDraws draws, int threads) =>
        all.TakeWithEffects(draws.Proposals.ToArray(), run.Position, threads, Evaluated);

    /// <summary>The proposals that have a weight.</summary>
    public WeightedDraws Weighted(ImportanceRun run)
    {
        var proposals = run.WeightedProposals();
        if (proposals.Length == all.Count)
            return new WeightedDraws(run.Weights, all.PopulationBlock, all.ScalesBlock);
        var taken = all.Take(proposals);
        return new WeightedDraws(run.WeightsOf(proposals), taken.PopulationBlock, taken.ScalesBlock);
    }
}
