using TypedPooling.Binding;
using TypedPooling.Engines;

namespace TypedPooling;

/// <content>No pooling, complete pooling, and all three side by side.</content>
public abstract partial class FittedModel<TRow, TSelf, TFit, TLikelihoodFit>
{
    /// <summary>The model with complete pooling: no varying effects, all levels alike, as <c>lm</c> and <c>glm</c> of R.</summary>
    /// <returns>A model of the same type, without grouping factors. Group-level predictors stay as population effects; a varying effect that had no
    /// population effect gets one, with the default prior.</returns>
    /// <remarks>It reads no keys: rows whose key is null are rows like others to it. Its data are other data than those of the model it is made
    /// of.</remarks>
    public TSelf CompletePooling() => With(Pooling.CompletePooling.Of(Lowered));

    /// <summary>Fits the model without pooling: coefficients of its own for every level of a grouping factor and shared ones for what does not vary,
    /// by
    /// least squares or maximum likelihood, as <c>lm(y ~ x + factor(group) - 1)</c> and <c>glm</c> of R.</summary>
    /// <typeparam name="TKey">Type of the factor's keys.</typeparam>
    /// <param name="rows">The rows; enumerated once, not kept.</param>
    /// <param name="group">The grouping factor; effects of others are left out.</param>
    /// <returns>Estimates and standard errors; null where the rows do not determine a coefficient, or it has no finite estimate.</returns>
    /// <exception cref="ModelException">Rows hold values that cannot be used, or the model has no such factor; or the likelihood of a
    /// StudentT response rises without bound as sigma falls to 0.</exception>
    /// <remarks>O(levels m^3) once the rows are read. Priors take no part, but effects that are fixed stay so.</remarks>
    public NoPoolingFit<TRow, TKey> NoPooling<TKey>(IEnumerable<TRow> rows, Group<TRow, TKey> group) => NoPooling(Read(rows), group);

    /// <summary>Fits the model to data without pooling: coefficients of its own for every level of a grouping factor and shared ones for what does
    /// not
    /// vary, by least squares or maximum likelihood, as <c>lm(y ~ x + factor(group) - 1)</c> and <c>glm</c> of R.</summary>
    /// <typeparam name="TKey">Type of the factor's keys.</typeparam>
    /// <param name="data">Data read by this model or one with the same columns, keys and response.</param>
    /// <param name="group">The grouping factor; effects of others are left out.</param>
    /// <returns>Estimates and standard errors; null where the rows do not determine a coefficient, or it has no finite estimate.</returns>
    /// <exception cref="ModelException">The data are of other columns, or the model has no such factor; or the likelihood of a StudentT
    /// response rises without bound as sigma falls to 0.</exception>
    public NoPoolingFit<TRow, TKey> NoPooling<TKey>(ModelData<TRow> data, Group<TRow, TKey> group)
    {
        ArgumentNullException.ThrowIfNull(group);
        var content = ContentOf(data);
        return NoPoolingFit<TRow, TKey>.Of(Unpool(content, (spec, levels) => NoPoolingFit<TRow, TKey>.FactorOf(spec, levels, group)));
    }

    /// <summary>Fits the model without pooling, as it is, and with complete pooling, and puts the three side by side.</summary>
    /// <typeparam name="TKey">Type of the factor's keys.</typeparam>
    /// <param name="rows">The rows; enumerated once, not kept.</param>
    /// <param name="group">The grouping factor whose levels are compared.</param>
    /// <param name="options">Seed, chains, draws, progress, cancellation; null for the defaults.</param>
    /// <returns>The three fits, and their coefficients level by level as data, table and plot.</returns>
    /// <exception cref="ModelException">Rows hold values that cannot be used, the model cannot be fitted to them, or it has no such
    /// factor.</exception>
    /// <remarks>Two fits, and every level's coefficients drawn once: O(levels draws q^2).</remarks>
    public PoolingComparison<TRow, TKey> ComparePooling<TKey>(IEnumerable<TRow> rows, Group<TRow, TKey> group, RunOptions? options = null) =>
        ComparePooling(Read(rows, cancellation: Usable(options).Cancellation), group, options);

    /// <summary>Fits the model to data without pooling, as it is, and with complete pooling, and puts the three side by side.</summary>
    /// <typeparam name="TKey">Type of the factor's keys.</typeparam>
    /// <param name="data">Data read by this model or one with the same columns, keys and response.</param>
    /// <param name="group">The grouping factor whose levels are compared.</param>
    /// <param name="options">Seed, chains, draws, progress, cancellation; null for the defaults.</param>
    /// <returns>The three fits, and their coefficients level by level as data, table and plot.</returns>
    /// <exception cref="ModelException">The data are of other columns, the model cannot be fitted to them, or it has no such factor.</exception>
    public PoolingComparison<TRow, TKey> ComparePooling<TKey>(ModelData<TRow> data, Group<TRow, TKey> group, RunOptions? options = null)
    {
        var none = NoPooling(data, group);
        var complete = CompletePooling();
        var all = Pooling.CompletePooling.Data(data.Content, Lowered, complete.Lowered, complete.Plan.Signature);
        var together = new ModelData<TRow>(complete.NewWorkspace, complete.Plan, all);
        return PoolingComparison<TRow, TKey>.Of(none, Fit(data, options), complete.Fit(together, options), group);
    }
}
