using TypedPooling.Declarations;

namespace TypedPooling;

/// <summary>A multilevel model whose response is a count of events, expected at a rate whose log is the linear predictor, times an exposure, and more
/// variable than Poisson counts: variance mu + mu^2 / phi about an expectation mu, phi the shape. Immutable: each verb returns a new model.</summary>
/// <typeparam name="TRow">Type of the rows.</typeparam>
/// <remarks>Thread-safe: any number of threads may extend, print and fit one model at once, if its selectors may run at once.</remarks>
public sealed class NegativeBinomialModel<TRow>
    : CellsModel<TRow, NegativeBinomialModel<TRow>, NegativeBinomialFit<TRow>, NegativeBinomialLikelihoodFit<TRow>>
{
    internal NegativeBinomialModel(ModelDeclaration declaration)
        : base(declaration)
    {
    }

    private protected override NegativeBinomialModel<TRow> With(ModelDeclaration declaration) => new(declaration);

    private protected override NegativeBinomialFit<TRow> NewFit(FitParts<TRow> parts) => new(parts);

    private protected override NegativeBinomialLikelihoodFit<TRow> NewLikelihoodFit(FitParts<TRow> parts) => new(parts);
}
