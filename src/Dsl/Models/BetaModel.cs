using TypedPooling.Declarations;

namespace TypedPooling;

/// <summary>A multilevel model whose response lies strictly between 0 and 1, expected to be mu, whose logit is the linear predictor, with variance mu
/// (1 - mu) / (1 + phi), phi the precision. Immutable: each verb returns a new model.</summary>
/// <typeparam name="TRow">Type of the rows.</typeparam>
/// <remarks>Thread-safe: any number of threads may extend, print and fit one model at once, if its selectors may run at once.</remarks>
public sealed class BetaModel<TRow> : CellsModel<TRow, BetaModel<TRow>, BetaFit<TRow>, BetaLikelihoodFit<TRow>>
{
    internal BetaModel(ModelDeclaration declaration)
        : base(declaration)
    {
    }

    private protected override BetaModel<TRow> With(ModelDeclaration declaration) => new(declaration);

    private protected override BetaFit<TRow> NewFit(FitParts<TRow> parts) => new(parts);

    private protected override BetaLikelihoodFit<TRow> NewLikelihoodFit(FitParts<TRow> parts) => new(parts);
}
