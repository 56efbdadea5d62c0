using TypedPooling.Data;
using TypedPooling.Draws;
using TypedPooling.Engines;
using TypedPooling.Model;

namespace TypedPooling.Inference.MaximumLikelihood;

/// <summary>Restricted maximum likelihood (REML): <see cref="MaximumLikelihoodEngine"/> with that criterion, as a type that models of other responses
/// do not take. What <c>lmer</c> reports.</summary>
/// <remarks>Source: [Bates2015].</remarks>
public sealed class RestrictedMaximumLikelihoodEngine : ILikelihoodEngine
{
    private readonly MaximumLikelihoodEngine engine = new() { Criterion = LikelihoodCriterion.RestrictedMaximumLikelihood };

    /// <inheritdoc/>
    public string Name => "RestrictedMaximumLikelihood";

    /// <inheritdoc/>
    public LikelihoodCriterion Criterion => engine.Criterion;

    /// <inheritdoc/>
    public Support Supports(ModelSpec spec) => engine.Supports(spec);

    /// <inheritdoc cref="MaximumLikelihoodEngine.Objective"/>
    public double Objective(NormalBoundModel model, ReadOnlySpan<double> theta) => engine.Objective(model, theta);

    /// <inheritdoc/>
    /// <remarks>A run that is cancelled before the maximum is found gives no posterior.</remarks>
    public Posterior RunNormal(NormalBoundModel model, RunOptions options) => engine.RunNormal(model, options) with { Engine = Name };
}
