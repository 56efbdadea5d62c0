using TypedPooling.Data;
using TypedPooling.Draws;

namespace TypedPooling;

/// <summary>A fitted model whose response is positive and has a Normal log: coefficients, sds and sigma are on the log scale.</summary>
/// <typeparam name="TRow">Type of the rows the model was declared over.</typeparam>
public sealed class LogNormalFit<TRow> : SumsFit<TRow>
{
    internal LogNormalFit(NormalBoundModel model, Posterior posterior, string engineChoice)
        : base(model, posterior, engineChoice)
    {
    }
}
