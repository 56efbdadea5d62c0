using System.Collections.Immutable;

namespace TypedPooling.Inference.Sampling.Importance;

/// <summary>What is special to importance sampling; seed, number of draws and threads are in <see cref="Engines.RunOptions"/>. Immutable.</summary>
internal sealed record ImportanceSettings
{
    private const int MostProposals = 10_000_000;

    /// <summary>The defaults, for a density without log sds.</summary>
    public static ImportanceSettings Default { get; } = new();

    /// <summary>Indices of the coordinates z that are log sds, sd = exp(z), where sd may be near 0: the mixture has components folded at 0 on those
    /// of them whose mode is near 0. Distinct, each in [0, D).</summary>
    public ImmutableArray<int> LogSds { get; init; } = [];

    /// <summary>Proposals of each adaptive round, each followed by a refit; at least one round. Their draws are not used for estimates.</summary>
    public ImmutableArray<int> AdaptiveRounds { get; init; } = [1000, 2000];

    /// <summary>How the proposals of the final round are made. Quasi-random ones, the default, become independent ones where D is above 19 or the
    /// round has fewer than 1,024 proposals.</summary>
    public ProposalKind Proposals { get; init; } = ProposalKind.QuasiRandom;

    /// <summary>Least number of proposals of the final round, at least 100. k-hat says little below 10,000.</summary>
    public int MinimumProposals { get; init; } = 10_000;

    /// <summary>Greatest number of proposals of the final round; a run that would need more is refused before it. The most that is spent in time is
    /// this number of density evaluations, and one in 16 more where proposals are rounded up to whole replicates.</summary>
    public int MaximumProposals { get; init; } = 200_000;

    /// <summary>Least number of proposals for each draw asked for, so that resampling repeats few of them.</summary>
    public int ProposalsPerDraw { get; init; } = 5;

    /// <summary>Share of the wide component, between 0 and 1: it bounds the weights where the fitted components have no mass.</summary>
    public double WideShare { get; init; } = 0.2;

    /// <summary>A run is refused where Pareto k-hat is not below it. Source: [Vehtari2024]: below 0.5 the variance of the weights is
    /// finite.</summary>
    public double MaximumParetoK { get; init; } = 0.5;

    /// <summary>A run is refused where D is above it: the weights' variance grows with D.</summary>
    public int MaximumDimension { get; init; } = 6;

    /// <summary>A run is refused where two half-samples differ by more than this many combined standard errors.</summary>
    public double AgreementErrors { get; init; } = 4;

    public void Validate(int dimension)
    {
        foreach (var coordinate in LogSds)
            Require(
                coordinate >= 0 && coordinate < dimension,
                nameof(LogSds),
                coordinate,
                $"Each coordinate must be at least 0 and below the dimension, {dimension}.");
        Require(LogSds.Distinct().Count() == LogSds.Length, nameof(LogSds), LogSds.Length, "Each coordinate is named once.");
        Require(AdaptiveRounds.Length > 0, nameof(AdaptiveRounds), AdaptiveRounds.Length, "There is at least one adaptive round.");
        foreach (var size in AdaptiveRounds)
            Require(size is >= 100 and <= MostProposals, nameof(AdaptiveRounds), size, "An adaptive round has 100 to 10,000,000 proposals.");
        Require(Enum.IsDefined(Proposals), nameof(Proposals), Proposals, "Proposals are independent or quasi-random.");
        Require(
            MinimumProposals is >= 100 and <= MostProposals,
            nameof(MinimumProposals),
            MinimumProposals,
            "The final round has 100 to 10,000,000 proposals at least.");
        Require(
            MaximumProposals >= MinimumProposals
                && MaximumProposals <= MostProposals, nameof(
                    MaximumProposals), MaximumProposals, "The final round has at most 10,000,000 proposals, and no fewer than MinimumProposals.");
        Require(ProposalsPerDraw >= 1, nameof(ProposalsPerDraw), ProposalsPerDraw, "Each draw needs at least one proposal.");
        Require(WideShare is > 0 and < 1, nameof(WideShare), WideShare, "The share of the wide component lies between 0 and 1.");
        Require(MaximumParetoK > 0, nameof(MaximumParetoK), MaximumParetoK, "The limit of k-hat is positive.");
        Require(MaximumDimension >= 1, nameof(MaximumDimension), MaximumDimension, "The greatest dimension is at least 1.");
        Require(AgreementErrors > 0, nameof(AgreementErrors), AgreementErrors, "The number of standard errors is positive.");

        static void Require(bool holds, string setting, object value, string rule)
        {
            if (!holds)
                throw new ArgumentOutOfRangeException(setting, value, rule);
        }
    }
}
