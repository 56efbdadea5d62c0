using TypedPooling.Data;

namespace TypedPooling;

/// <summary>A fit by maximum likelihood seen by one grouping factor: <see cref="FactorFit{TRow, TKey}"/> whose levels also have conditional
/// variances.</summary>
/// <typeparam name="TRow">Type of the rows.</typeparam>
/// <typeparam name="TKey">Type of the factor's keys.</typeparam>
/// <remarks>Thread-safe: any number of threads may ask one fit at once, and all get the same answers.</remarks>
public sealed class LikelihoodFactorFit<TRow, TKey> : FactorFit<TRow, TKey>
{
    internal LikelihoodFactorFit(Fit<TRow> fit, int factor, LevelIndex<TKey> levels)
        : base(fit, factor, levels)
    {
    }

    /// <inheritdoc cref="FactorFit{TRow, TKey}.this[TKey]"/>
    public new LikelihoodLevelFit<TRow> this[TKey key] => Level(key);

    /// <inheritdoc cref="FactorFit{TRow, TKey}.Level"/>
    public new LikelihoodLevelFit<TRow> Level(TKey key) => (LikelihoodLevelFit<TRow>)base.Level(key);

    private protected override LevelFit<TRow> NewLevel(Fit<TRow> fit, int factor, int level, string text) =>
        new LikelihoodLevelFit<TRow>(fit, factor, level, text);
}
