using TypedPooling.Binding;
using TypedPooling.Data;
using TypedPooling.Draws;

namespace TypedPooling;

/// <summary>A fitted model whose response is positive and has a Normal log: coefficients, sds and sigma are on the log scale.</summary>
/// <typeparam name="TRow">Type of the rows the model was declared over.</typeparam>
public sealed class LogNormalFit<TRow> : SumsFit<TRow>
{
    internal LogNormalFit(NormalBoundModel model, RowLayout<TRow> rows, Posterior posterior, string engineChoice)
        : base(model, rows, posterior, engineChoice)
    {
    }
}
