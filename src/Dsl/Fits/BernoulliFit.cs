using TypedPooling.Binding;
using TypedPooling.Data;
using TypedPooling.Draws;

namespace TypedPooling;

/// <summary>A fitted model whose response is yes or no.</summary>
/// <typeparam name="TRow">Type of the rows the model was declared over.</typeparam>
/// <remarks>Thread-safe: any number of threads may ask one fit at once, and all get the same answers.</remarks>
public sealed class BernoulliFit<TRow> : CellsFit<TRow>
{
    internal BernoulliFit(CellBoundModel model, RowLayout<TRow> rows, Posterior posterior, string engineChoice)
        : base(model, rows, posterior, engineChoice)
    {
    }
}
