using System.Collections.Immutable;
using TypedPooling.Data;
using TypedPooling.Model;

namespace TypedPooling;

/// <summary>A fit seen by one grouping factor, whatever the type of its keys: what a program asks that does not know the model's factors.</summary>
/// <typeparam name="TRow">Type of the rows.</typeparam>
/// <remarks>Where the type of the keys is known, ask <see cref="Fit{TRow}.For"/>. Thread-safe: any number of threads may ask one fit at once, and all
/// get the same answers.</remarks>
public abstract class FactorFit<TRow>
{
    private readonly LevelTable table;

    private protected FactorFit(Fit<TRow> fit, int factor, LevelTable table) => (Fit, FactorIndex, this.table) = (fit, factor, table);

    /// <summary>Name of the factor.</summary>
    public string Name => Factor.Name;

    /// <summary>Names of the varying terms. Length q.</summary>
    public ImmutableArray<string> Terms => [.. Factor.Terms.Select(term => term.Name)];

    /// <summary>Number of levels seen in the data.</summary>
    public int LevelCount => table.Count;

    /// <summary>Intraclass correlation: the factor's share in the variance that population effects leave, see
    /// <see cref="Fit{TRow}.Icc{TKey}(Group{TRow, TKey})"/>.</summary>
    public Quantity Icc => Fit.IccOf(FactorIndex, VarianceScale.Latent);

    internal int FactorIndex { get; }

    private protected Fit<TRow> Fit { get; }

    private protected FactorSpec Factor => Fit.Spec.Factors[FactorIndex];

    /// <summary>Hands the factor to a visitor, with the type of its keys.</summary>
    /// <typeparam name="TResult">What the visitor answers.</typeparam>
    /// <param name="visitor">Asked once.</param>
    /// <returns>The visitor's answer.</returns>
    public abstract TResult Accept<TResult>(IFactorVisitor<TRow, TResult> visitor);
}
