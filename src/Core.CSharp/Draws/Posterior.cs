using System.Collections.Immutable;
using TypedPooling.Model;

namespace TypedPooling.Draws;

/// <summary>What an engine returns: joint draws in blocks, what the parameters are, and how the draws came about. Immutable.</summary>
public sealed record Posterior
{
    internal const double DefaultProbability = 0.89;

    /// <summary>The model that was fitted; no prior is left to a default.</summary>
    public required ModelSpec Spec { get; init; }

    /// <summary>Name of the engine.</summary>
    public required string Engine { get; init; }

    /// <summary>Whether the draws come from the posterior itself or from an approximation.</summary>
    public required Exactness Exactness { get; init; }

    /// <summary>How the draws depend on each other.</summary>
    public required DrawKind DrawKind { get; init; }

    /// <summary>Number of chains.</summary>
    public required int ChainCount { get; init; }

    /// <summary>Number of draws a chain, warmup not counted.</summary>
    public required int DrawsPerChain { get; init; }

    /// <summary>The seed: the same seed, model, data and options give the same bits on one machine and runtime.</summary>
    public required ulong Seed { get; init; }

    /// <summary>The population effects, in the order of the model.</summary>
    public required DrawBlock Population { get; init; }

    /// <summary>The scale parameters: sigma (none where errors are known by row), then for each factor its sds and its correlations (lower triangle
    /// by rows). Fixed ones are constants.</summary>
    /// <remarks>
    /// Where <see cref="Standardized"/> is not null, the correlations of an intercept with the slopes of centred columns are among them also in a
    /// factor whose effects are uncorrelated on the standardised scale. Correlations that are not among them are 0.
    /// </remarks>
    public required DrawBlock Scales { get; init; }

    /// <summary>The varying effects of each factor, in the order of the model's factors.</summary>
    public required ImmutableArray<EffectsBlock> Effects { get; init; }

    /// <summary>Moments in closed form where every scale is known, so that the posterior of all coefficients is exactly normal; null
    /// otherwise.</summary>
    public ExactMoments? Exact { get; init; }

    /// <summary>What was found, where the engine gives a point: the draws are then of its normal approximation; null otherwise.</summary>
    public PointEstimate? Point { get; init; }

    /// <summary>The same draws as the engine returned them: on the standardised scale, on which the priors of a standardised model are, or with
    /// effects, sds and correlations about the <see cref="FactorSpec.Origin"/> of their factor; null where that is the same, and in what an engine
    /// returns.</summary>
    public Posterior? Standardized { get; init; }

    /// <summary>The statistics of a Hamiltonian sampler; null where the draws come from another.</summary>
    public SamplerStatistics? Sampler { get; init; }

    /// <summary>What the importance sampler says of its run; null where the draws come from another.</summary>
    public ImportanceStatistics? Importance { get; init; }

    /// <summary>The error of numerical integration, where effects were integrated out numerically; null otherwise.</summary>
    public QuadratureStatistics? Quadrature { get; init; }

    /// <summary>How what could not be integrated was drawn, and why so, as a sentence; empty where there is only one way.</summary>
    public string SamplingReason { get; init; } = string.Empty;

    /// <summary>Weights of the draws (all equal) and of their errors, where draws were made by resampling; null where every draw is as good as an
    /// independent one or R-hat and ESS judge chains.</summary>
    public DrawWeights? Weights { get; init; }

    /// <summary>The weighted sample that the draws were taken from, for population effects and scales; null where there is none.</summary>
    public WeightedDraws? Weighted { get; init; }

    /// <summary>Log marginal likelihood, where every prior is proper and the engine knows it; null otherwise.</summary>
    public LogEvidence? LogEvidence { get; init; }

    /// <summary>A lower bound of the log marginal likelihood, where every prior is proper and the engine has one; null otherwise.</summary>
    public double? EvidenceBound { get; init; }

    /// <summary>How long the parts of the run took.</summary>
    public required Timings Timings { get; init; }

    /// <summary>What a reader must know; empty where nothing is wrong.</summary>
    public ImmutableArray<FitWarning> Warnings { get; init; } = [];

    /// <summary>The level of intervals that name none: the probability that the options of the run name.</summary>
    internal double Probability { get; init; } = DefaultProbability;

    /// <summary>What the draws are made from; null where they are stored as they are.</summary>
    internal DrawsRecipe? Recipe { get; init; }

    /// <summary>The number of each draw among those that the engine made, where only some were kept; null where all were.</summary>
    internal int[]? Numbers { get; init; }

    /// <summary>What a reader must know of where the posterior comes from: a file of another version.</summary>
    internal ImmutableArray<FitWarning> Notes { get; init; } = [];

    /// <summary>The number of a draw among those that the engine made: what addresses its random numbers.</summary>
    internal ulong NumberOf(int draw) => (ulong)(Numbers is null ? draw : Numbers[draw]);

    /// <summary>Number of draws over all chains.</summary>
    public int DrawCount => ChainCount * DrawsPerChain;
}
