using TypedPooling.Declarations;

namespace TypedPooling;

/// <summary>A multilevel model whose response is a real number with heavy tails: (y - eta) / sigma has Student's t distribution of nu degrees of
/// freedom, so that outliers pull less than on a Normal model. Immutable: each verb returns a new model.</summary>
/// <typeparam name="TRow">Type of the rows.</typeparam>
/// <remarks>Thread-safe: any number of threads may extend, print and fit one model at once, if its selectors may run at once.</remarks>
public sealed class StudentTModel<TRow> : CellsModel<TRow, StudentTModel<TRow>, StudentTFit<TRow>, StudentTLikelihoodFit<TRow>>
{
    internal StudentTModel(ModelDeclaration declaration)
        : base(declaration)
    {
    }

    private protected override StudentTModel<TRow> With(ModelDeclaration declaration) => new(declaration);

    private protected override StudentTFit<TRow> NewFit(FitParts<TRow> parts) => new(parts);

    private protected override StudentTLikelihoodFit<TRow> NewLikelihoodFit(FitParts<TRow> parts) => new(parts);
}
