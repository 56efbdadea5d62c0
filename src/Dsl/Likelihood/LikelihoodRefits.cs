using TypedPooling.Data;
using TypedPooling.Draws;
using TypedPooling.Inference.MaximumLikelihood;
using TypedPooling.Model;
using TypedPooling.Randomness;

namespace TypedPooling.Likelihood;

/// <summary>The likelihood of a fit maximised again: with parameters held, or for responses simulated from the estimates. Immutable; shared by
/// threads.</summary>
internal abstract class LikelihoodRefits
{
    private readonly double[][] roots;

    private protected LikelihoodRefits(BoundModel model, PointEstimate point)
    {
        (Model, Point) = (model, point);
        var sigma = model.Spec.Response is { HasSigma: true, KnownSd: null } ? point.Scales[0] : 1;
        roots = ThetaLayout.Roots(model.Spec, point.Theta.AsSpan());
        foreach (var root in roots)
        {
            for (var i = 0; i < root.Length; i++)
                root[i] *= sigma;
        }

        Sigma = sigma;
    }

    /// <summary>The model and its data.</summary>
    public BoundModel Model { get; }

    /// <summary>The estimates.</summary>
    public PointEstimate Point { get; }

    /// <summary>The estimate of sigma; 1 where the errors are known, or the response has none.</summary>
    protected double Sigma { get; }

    /// <summary>The refits of a fit.</summary>
    /// <exception cref="ModelException">The fit has no estimates, or those of an engine that cannot be run again.</exception>
    public static LikelihoodRefits Of(BoundModel model, Posterior posterior)
    {
        var point = posterior.Point ?? throw new ModelException(new Problem(
            ProblemCode.EngineRefuses,
            $"Engine {posterior.Engine} gave no point estimate at which to evaluate the likelihood.",
            "Set Posterior.Point in the engine, or fit with Engine.MaximumLikelihood."));
        return model is NormalBoundModel normal ? new NormalRefits(normal, point)
            : posterior.Recipe is ModeRecipe recipe ? new CellRefits((CellBoundModel)model, point, recipe.Maximum.Nodes)
            : throw new ModelException(new Problem(
                ProblemCode.EngineRefuses,
                $"The likelihood that engine {posterior.Engine} maximised cannot be maximised again here.",
                "Fit with Engine.MaximumLikelihood."));
    }

    /// <summary>The maximum where some parameters are fixed.</summary>
    /// <param name="spec">The model with these parameters fixed.</param>
    /// <param name="near">A maximum that is near; null for the fit's own.</param>
    /// <param name="cancellation">Stops the search.</param>
    /// <exception cref="ModelException">There is no maximum.</exception>
    public abstract Refit Held(ModelSpec spec, Refit? near, CancellationToken cancellation);

    /// <summary>The maximum for responses simulated from the estimates, new effects of every level among them.</summary>
    /// <param name="stream">Where randomness comes from.</param>
    /// <param name="cancellation">Stops the search.</param>
    /// <exception cref="ModelException">There is no maximum.</exception>
    public abstract Refit Simulated(PhiloxStream stream, CancellationToken cancellation);

    /// <summary>Draws u = Lambda z for every level of a factor.</summary>
    /// <param name="factor">Index of the factor.</param>
    /// <param name="stream">Where z comes from, level after level.</param>
    /// <returns>Level after level, q numbers each.</returns>
    protected double[] DrawEffects(int factor, PhiloxStream stream)
    {
        var q = Model.Spec.Factors[factor].Terms.Length;
        var effects = new double[Model.Levels[factor].Count * q];
        var z = new double[q];
        for (var level = 0; level < Model.Levels[factor].Count; level++)
        {
            for (var a = 0; a < q; a++)
                z[a] = stream.NextNormal();
            for (var a = 0; a < q; a++)
            {
                for (var b = 0; b <= a; b++)
                    effects[level * q + a] += roots[factor][a * q + b] * z[b];
            }
        }

        return effects;
    }
}
