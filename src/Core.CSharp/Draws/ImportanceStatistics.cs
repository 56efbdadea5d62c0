using System.Collections.Immutable;

namespace TypedPooling.Draws;

/// <summary>What an importance sampler reports of its own run. Immutable.</summary>
/// <param name="ProposalCount">Number of weighted proposals S of the final round.</param>
/// <param name="WeightEss">Effective sample size of the weights, 1 / sum w^2, in draws.</param>
/// <param name="ParetoK">Pareto k-hat, the shape of the tail of the weights: below 0.5 they have a finite variance. Source: [Vehtari2024].</param>
/// <param name="HalvesDifference">Greatest difference between two half-samples over means and sds of all coordinates and the log normaliser, in
/// combined standard errors.</param>
/// <param name="Efficiencies">Effective sample size of the weights over the number of proposals, for each adaptive round and then the final
/// one.</param>
/// <param name="DensityEvaluations">Density evaluations of the whole run, the search for modes included.</param>
/// <param name="ReplicateCount">Number of independent replicates of quasi-random proposals; 0 where proposals are independent.</param>
public sealed record ImportanceStatistics(
    int ProposalCount,
    double WeightEss,
    double ParetoK,
    double HalvesDifference,
    ImmutableArray<double> Efficiencies,
    long DensityEvaluations,
    int ReplicateCount);
