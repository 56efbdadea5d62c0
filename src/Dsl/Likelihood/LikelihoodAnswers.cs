using TypedPooling.Draws;
using TypedPooling.Engines;

namespace TypedPooling.Likelihood;

/// <summary>What fits by maximum likelihood of every family answer: written once, for the families' own types to call.</summary>
internal static class LikelihoodAnswers
{
    private const int FewestReplicates = 4;
    private const int MostReplicates = 1_000_000;

    /// <summary>Criterion, log likelihood and covariances.</summary>
    /// <exception cref="ModelException">The engine returned no point estimate.</exception>
    public static LikelihoodSummary Summary<TRow>(Fit<TRow> fit) => new(PointOf(fit), fit.Spec, fit.RowCount);

    /// <summary>The profile-likelihood interval of a quantity.</summary>
    /// <exception cref="ModelException">The quantity has none, or the family has none yet.</exception>
    public static Interval Profile<TRow>(Fit<TRow> fit, Quantity quantity, double? probability, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(quantity);
        var level = IntervalProbability.Of(probability, fit.Posterior);
        var model = fit.NormalModel("profile intervals", "Use the standard errors in Table, or fit with an engine that draws from the posterior "
            + "and ask for Interval().");
        return new LikelihoodProfile(model, PointOf(fit), fit.ParameterOf(quantity), cancellation).Interval(level);
    }

    /// <summary>The parametric bootstrap.</summary>
    /// <exception cref="ModelException">The family has none yet.</exception>
    public static BootstrapSample<TRow> Bootstrap<TRow>(Fit<TRow> fit, int replicates, RunOptions? options)
    {
        if (replicates is < FewestReplicates or > MostReplicates)
            throw new ArgumentOutOfRangeException(nameof(replicates), replicates, "A bootstrap must have 4 to 1,000,000 replicates.");
        var model = fit.NormalModel(
            "the parametric bootstrap", "Draw new responses by PredictNew(rows) and fit the model to them, or fit with an engine that draws from "
                + "the posterior.");
        return new BootstrapSample<TRow>(fit, LikelihoodBootstrap.Run(model, PointOf(fit), replicates, (options ?? RunOptions.Default).Validated()));
    }

    private static PointEstimate PointOf<TRow>(Fit<TRow> fit) => fit.Posterior.Point ?? throw new ModelException(new Problem(
        ProblemCode.EngineRefuses,
        $"Engine {fit.Posterior.Engine} gave no point estimate at which to evaluate the likelihood.",
        "Set Posterior.Point in the engine, or fit with Engine.MaximumLikelihood."));
}
