using TypedPooling.Binding;
using TypedPooling.Data;
using TypedPooling.Draws;
using TypedPooling.Model;

namespace TypedPooling;

/// <summary>A fitted model whose response, or a known function of it, is Normal.</summary>
/// <typeparam name="TRow">Type of the rows the model was declared over.</typeparam>
public abstract partial class SumsFit<TRow> : Fit<TRow>
{
    private protected SumsFit(NormalBoundModel model, RowLayout<TRow> rows, Posterior posterior, string engineChoice)
        : base(model, rows, posterior, engineChoice) => Model = model;

    /// <summary>The residual standard deviation of a row of weight 1, in units of the response; of its log in a LogNormal model. A constant where it is fixed.</summary>
    /// <exception cref="ModelException">The model has no sigma: the error of each row is known.</exception>
    public Quantity Sigma => Scale(ParameterKind.Sigma, null, string.Empty, null);

    /// <summary>Log likelihood, information criteria and the covariance matrix of the population effects, where the fit is one of maximum likelihood.</summary>
    /// <exception cref="ModelException">The fit is by an engine of draws.</exception>
    public LikelihoodSummary Likelihood => Posterior.Point is { } point
        ? new LikelihoodSummary(point, Spec, RowCount)
        : throw new ModelException(new Problem(
            ProblemCode.EngineRefuses, $"Engine {Posterior.Engine} draws from a posterior and maximises no likelihood.", "Fit with Engine.MaximumLikelihood or Engine.RestrictedMaximumLikelihood."));

    internal NormalBoundModel Model { get; }
}
