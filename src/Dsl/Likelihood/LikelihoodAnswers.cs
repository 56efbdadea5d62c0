using TypedPooling.Draws;
using TypedPooling.Engines;
using TypedPooling.Inference.MaximumLikelihood;

namespace TypedPooling.Likelihood;

/// <summary>What fits by maximum likelihood of every family answer: written once, for the families' own types to call.</summary>
internal static class LikelihoodAnswers
{
    private const int MostReplicates = 1_000_000;

    /// <summary>Criterion, log likelihood and covariances.</summary>
    /// <exception cref="ModelException">The engine returned no point estimate.</exception>
    public static LikelihoodSummary Summary<TRow>(Fit<TRow> fit) => new(PointOf(fit), fit.Spec, fit.RowCount, () => Covariance(fit));

    /// <summary>The profile-likelihood interval of a quantity.</summary>
    /// <exception cref="ModelException">The quantity has none.</exception>
    public static Interval Profile<TRow>(Fit<TRow> fit, Quantity quantity, double? probability, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(quantity);
        var level = IntervalProbability.Of(probability, fit.Posterior);
        var parameter = fit.ParameterOf(quantity);
        return new LikelihoodProfile(LikelihoodRefits.Of(fit.Bound, fit.Posterior), parameter, cancellation).Interval(level);
    }

    /// <summary>The parametric bootstrap.</summary>
    /// <exception cref="ModelException">Too few replicates have estimates.</exception>
    public static BootstrapSample<TRow> Bootstrap<TRow>(Fit<TRow> fit, int replicates, RunOptions? options)
    {
        if (replicates is < LikelihoodBootstrap.FewestReplicates or > MostReplicates)
            throw new ArgumentOutOfRangeException(nameof(replicates), replicates, "A bootstrap must have 4 to 1,000,000 replicates.");
        var validated = (options ?? RunOptions.Default).Validated();
        return new BootstrapSample<TRow>(fit, LikelihoodBootstrap.Run(LikelihoodRefits.Of(fit.Bound, fit.Posterior), replicates, validated));
    }

    private static ParameterCovariance Covariance<TRow>(Fit<TRow> fit)
    {
        var values = ObservedInformation.Inverse(fit.Bound, fit.Posterior) ?? throw new ModelException(new Problem(
            ProblemCode.NotIdentified,
            "The likelihood is flat in some direction at the estimates, so they have no covariance matrix.",
            "Leave effects out, let fewer vary, or use priors and an engine that draws."));
        var blocks = new[] { fit.Posterior.Population, fit.Posterior.Scales };
        return new(
            [.. blocks.SelectMany(block => Enumerable.Range(0, block.ParameterCount).Select(i => block.Parameter(i).Name))], [.. values]);
    }

    private static PointEstimate PointOf<TRow>(Fit<TRow> fit) => fit.Posterior.Point ?? throw new ModelException(new Problem(
        ProblemCode.EngineRefuses,
        $"Engine {fit.Posterior.Engine} gave no point estimate at which to evaluate the likelihood.",
        "Set Posterior.Point in the engine, or fit with Engine.MaximumLikelihood."));
}
