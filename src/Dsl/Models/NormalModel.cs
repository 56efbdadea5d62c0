using TypedPooling.Declarations;

namespace TypedPooling;

/// <summary>A multilevel model whose response is Normal. Immutable: each verb returns a new model.</summary>
/// <typeparam name="TRow">Type of the rows.</typeparam>
/// <remarks>Thread-safe: any number of threads may extend, print and fit one model at once, if its selectors may run at once.</remarks>
public sealed class NormalModel<TRow> : SumsModel<TRow, NormalModel<TRow>, NormalFit<TRow>, NormalLikelihoodFit<TRow>>
{
    internal NormalModel(ModelDeclaration declaration)
        : base(declaration)
    {
    }

    private protected override NormalModel<TRow> With(ModelDeclaration declaration) => new(declaration);

    private protected override NormalFit<TRow> NewFit(FitParts<TRow> parts) => new(parts);

    private protected override NormalLikelihoodFit<TRow> NewLikelihoodFit(FitParts<TRow> parts) => new(parts);
}
