using TypedPooling.Declarations;

namespace TypedPooling;

/// <summary>A multilevel model whose response is yes or no, 1 or 0, with a probability that the linear predictor gives. Immutable: each verb returns
/// a new model.</summary>
/// <typeparam name="TRow">Type of the rows.</typeparam>
/// <remarks>Thread-safe: any number of threads may extend, print and fit one model at once, if its selectors may run at once.</remarks>
public sealed class BernoulliModel<TRow> : CellsModel<TRow, BernoulliModel<TRow>, BernoulliFit<TRow>, BernoulliLikelihoodFit<TRow>>
{
    internal BernoulliModel(ModelDeclaration declaration)
        : base(declaration)
    {
    }

    private protected override BernoulliModel<TRow> With(ModelDeclaration declaration) => new(declaration);

    private protected override BernoulliFit<TRow> NewFit(FitParts<TRow> parts) => new(parts);

    private protected override BernoulliLikelihoodFit<TRow> NewLikelihoodFit(FitParts<TRow> parts) => new(parts);
}
