using TypedPooling.Data;
using TypedPooling.Draws;

namespace TypedPooling;

/// <summary>A fitted model whose response is Normal.</summary>
/// <typeparam name="TRow">Type of the rows the model was declared over.</typeparam>
public sealed class NormalFit<TRow> : Fit<TRow>
{
    internal NormalFit(NormalBoundModel model, Posterior posterior, string engineChoice)
        : base(model, posterior, engineChoice) => Model = model;

    /// <summary>The residual standard deviation, in units of the response.</summary>
    /// <exception cref="ModelException">Sigma is not estimated: errors are known, or sigma is fixed.</exception>
    public Quantity Sigma => Scale(ParameterKind.Sigma, null, string.Empty, null);

    internal NormalBoundModel Model { get; }
}
