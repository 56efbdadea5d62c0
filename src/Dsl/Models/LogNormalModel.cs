using TypedPooling.Declarations;

namespace TypedPooling;

/// <summary>A multilevel model whose response is positive and has a Normal log. Immutable: each verb returns a new model.</summary>
/// <typeparam name="TRow">Type of the rows.</typeparam>
/// <remarks>Thread-safe: any number of threads may extend, print and fit one model at once, if its selectors may run at once.</remarks>
public sealed class LogNormalModel<TRow> : SumsModel<TRow, LogNormalModel<TRow>, LogNormalFit<TRow>, LogNormalLikelihoodFit<TRow>>
{
    internal LogNormalModel(ModelDeclaration declaration)
        : base(declaration)
    {
    }

    private protected override LogNormalModel<TRow> With(ModelDeclaration declaration) => new(declaration);

    private protected override LogNormalFit<TRow> NewFit(FitParts<TRow> parts) => new(parts);

    private protected override LogNormalLikelihoodFit<TRow> NewLikelihoodFit(FitParts<TRow> parts) => new(parts);
}
