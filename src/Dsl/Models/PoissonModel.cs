using TypedPooling.Declarations;

namespace TypedPooling;

/// <summary>A multilevel model whose response is a count of events, expected at a rate whose log is the linear predictor, times an exposure.
/// Immutable: each verb returns a new model.</summary>
/// <typeparam name="TRow">Type of the rows.</typeparam>
/// <remarks>Thread-safe: any number of threads may extend, print and fit one model at once, if its selectors may run at once.</remarks>
public sealed class PoissonModel<TRow> : CellsModel<TRow, PoissonModel<TRow>, PoissonFit<TRow>, PoissonLikelihoodFit<TRow>>
{
    internal PoissonModel(ModelDeclaration declaration)
        : base(declaration)
    {
    }

    private protected override PoissonModel<TRow> With(ModelDeclaration declaration) => new(declaration);

    private protected override PoissonFit<TRow> NewFit(FitParts<TRow> parts) => new(parts);

    private protected override PoissonLikelihoodFit<TRow> NewLikelihoodFit(FitParts<TRow> parts) => new(parts);
}
