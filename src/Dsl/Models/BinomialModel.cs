using TypedPooling.Declarations;

namespace TypedPooling;

/// <summary>A multilevel model whose response is the number of successes of a number of trials, each with a probability that the linear predictor
/// gives. Immutable: each verb returns a new model.</summary>
/// <typeparam name="TRow">Type of the rows.</typeparam>
/// <remarks>Thread-safe: any number of threads may extend, print and fit one model at once, if its selectors may run at once.</remarks>
public sealed class BinomialModel<TRow> : CellsModel<TRow, BinomialModel<TRow>, BinomialFit<TRow>, BinomialLikelihoodFit<TRow>>
{
    internal BinomialModel(ModelDeclaration declaration)
        : base(declaration)
    {
    }

    private protected override BinomialModel<TRow> With(ModelDeclaration declaration) => new(declaration);

    private protected override BinomialFit<TRow> NewFit(FitParts<TRow> parts) => new(parts);

    private protected override BinomialLikelihoodFit<TRow> NewLikelihoodFit(FitParts<TRow> parts) => new(parts);
}
