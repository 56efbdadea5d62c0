using TypedPooling.Declarations;

namespace TypedPooling;

/// <summary>A multilevel model whose response is positive, expected to be mu, whose log is the linear predictor, with variance mu^2 / alpha, alpha
/// the shape: a standard deviation in proportion to the mean. Immutable: each verb returns a new model.</summary>
/// <typeparam name="TRow">Type of the rows.</typeparam>
/// <remarks>Thread-safe: any number of threads may extend, print and fit one model at once, if its selectors may run at once.</remarks>
public sealed class GammaModel<TRow> : CellsModel<TRow, GammaModel<TRow>, GammaFit<TRow>, GammaLikelihoodFit<TRow>>
{
    internal GammaModel(ModelDeclaration declaration)
        : base(declaration)
    {
    }

    private protected override GammaModel<TRow> With(ModelDeclaration declaration) => new(declaration);

    private protected override GammaFit<TRow> NewFit(FitParts<TRow> parts) => new(parts);

    private protected override GammaLikelihoodFit<TRow> NewLikelihoodFit(FitParts<TRow> parts) => new(parts);
}
