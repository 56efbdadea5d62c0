using TypedPooling.Binding;
using TypedPooling.Data;
using TypedPooling.Draws;

namespace TypedPooling;

/// <summary>What a fit is made of. Immutable.</summary>
/// <param name="Bound">The model with its data, as it was fitted.</param>
/// <param name="Rows">How rows are read for it.</param>
/// <param name="Posterior">On the scale of the rows.</param>
/// <param name="EngineChoice">Which engine ran, and why it was chosen.</param>
/// <param name="Again">Makes a fit of such parts, of the type of this one.</param>
internal sealed record FitParts<TRow>(
    BoundModel Bound, RowLayout<TRow> Rows, Posterior Posterior, string EngineChoice, Func<FitParts<TRow>, Fit<TRow>> Again);
