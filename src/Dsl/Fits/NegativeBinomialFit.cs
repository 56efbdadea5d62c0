using TypedPooling.Binding;
using TypedPooling.Data;
using TypedPooling.Draws;

namespace TypedPooling;

/// <summary>A fitted model whose response is a count of events that varies more than Poisson counts do.</summary>
/// <typeparam name="TRow">Type of the rows the model was declared over.</typeparam>
/// <remarks>Thread-safe: any number of threads may ask one fit at once, and all get the same answers.</remarks>
public sealed class NegativeBinomialFit<TRow> : CellsFit<TRow>
{
    internal NegativeBinomialFit(CellBoundModel model, RowLayout<TRow> rows, Posterior posterior, string engineChoice)
        : base(model, rows, posterior, engineChoice)
    {
    }

    /// <summary>phi: counts of expectation mu have variance mu + mu^2 / phi; the larger, the nearer to Poisson counts. 1 / sqrt(phi) is the sd of the factor by which rates vary.</summary>
    public Quantity Shape => Scale(ParameterKind.Shape, null, string.Empty, null);
}
