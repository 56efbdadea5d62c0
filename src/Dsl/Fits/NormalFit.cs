using TypedPooling.Binding;
using TypedPooling.Data;
using TypedPooling.Draws;

namespace TypedPooling;

/// <summary>A fitted model whose response is Normal.</summary>
/// <typeparam name="TRow">Type of the rows the model was declared over.</typeparam>
public sealed class NormalFit<TRow> : SumsFit<TRow>
{
    internal NormalFit(NormalBoundModel model, RowLayout<TRow> rows, Posterior posterior, string engineChoice)
        : base(model, rows, posterior, engineChoice)
    {
    }
}
