using TypedPooling.Binding;
using TypedPooling.Data;
using TypedPooling.Engines;
using TypedPooling.Model;
using TypedPooling.Pooling;

namespace TypedPooling;

/// <content>No pooling, complete pooling, and all three side by side.</content>
public abstract partial class SumsModel<TRow, TSelf, TFit>
{
    /// <summary>The model with complete pooling: no varying effects, all levels alike.</summary>
    /// <returns>A model of the same type, without grouping factors. Group-level predictors stay as population effects; a varying effect that had no population effect gets one, with the default prior.</returns>
    /// <remarks>It reads no keys: rows whose key is null are rows like others to it. Its sums are other sums than those of the model it is made of.</remarks>
    public TSelf CompletePooling() => With(Pooling.CompletePooling.Of(Lowered));

    /// <summary>Fits the model without pooling: least squares, with coefficients of its own for every level of a grouping factor and shared ones for what does not vary, as <c>lm(y ~ x + factor(group) - 1)</c> of R.</summary>
    /// <typeparam name="TKey">Type of the factor's keys.</typeparam>
    /// <param name="rows">The rows; enumerated once, not kept.</param>
    /// <param name="group">The grouping factor; effects of others are left out.</param>
    /// <returns>Estimates and standard errors; null where the rows do not determine a coefficient.</returns>
    /// <exception cref="ModelException">Rows hold values that cannot be used, or the model has no such factor.</exception>
    /// <remarks>O(levels m^3) once the rows are read. Priors take no part, but effects that are fixed stay so.</remarks>
    public NoPoolingFit<TRow, TKey> NoPooling<TKey>(IEnumerable<TRow> rows, Group<TRow, TKey> group) => NoPooling(Sums(rows), group);

    /// <summary>Fits the model to sums without pooling: least squares, with coefficients of its own for every level of a grouping factor and shared ones for what does not vary, as <c>lm(y ~ x + factor(group) - 1)</c> of R.</summary>
    /// <typeparam name="TKey">Type of the factor's keys.</typeparam>
    /// <param name="sums">Sums of rows, from this model or one with the same columns, keys and response.</param>
    /// <param name="group">The grouping factor; effects of others are left out.</param>
    /// <returns>Estimates and standard errors; null where the rows do not determine a coefficient.</returns>
    /// <exception cref="ModelException">The sums are of other columns, or the model has no such factor.</exception>
    public NoPoolingFit<TRow, TKey> NoPooling<TKey>(NormalSums<TRow> sums, Group<TRow, TKey> group)
    {
        ArgumentNullException.ThrowIfNull(sums);
        ArgumentNullException.ThrowIfNull(group);
        var (spec, cells, _, standardization) = NormalBinding.Decide(Lowered, Plan.Signature, sums.Data);
        var (factor, levels) = Find(group, sums);
        var byLevel = Pooling.CompletePooling.ByLevel(cells, sums.Data.CellLevels[factor]);
        var predictors = LevelPredictors.Of(Lowered, spec, factor, byLevel, standardization);
        var terms = spec.Factors[factor].Terms;
        var shared = spec.Population
            .Where(term => !predictors.Holds(term.Name) && !terms.Any(t => t.Column == term.Column))
            .Select(term => term.Prior?.FixedValue is not null ? term : term with { Prior = Prior.Flat });
        var unpooled = new NormalBoundModel(
            spec with { Population = [.. shared], Factors = [spec.Factors[factor]] }, [levels], byLevel, [[.. Enumerable.Range(0, levels.Count)]], sums.Data.DroppedRowCount)
        {
            Standardization = standardization,
        };
        return NoPoolingFit<TRow, TKey>.Of(unpooled, levels, predictors);
    }

    /// <summary>Fits the model without pooling, as it is, and with complete pooling, and puts the three side by side.</summary>
    /// <typeparam name="TKey">Type of the factor's keys.</typeparam>
    /// <param name="rows">The rows; enumerated once, not kept.</param>
    /// <param name="group">The grouping factor whose levels are compared.</param>
    /// <param name="options">Seed, chains, draws, progress, cancellation; null for the defaults.</param>
    /// <returns>The three fits, and their coefficients level by level as data, table and plot.</returns>
    /// <exception cref="ModelException">Rows hold values that cannot be used, the model cannot be fitted to them, or it has no such factor.</exception>
    /// <remarks>Two fits, and every level's coefficients drawn once: O(levels draws q^2).</remarks>
    public PoolingComparison<TRow, TKey> ComparePooling<TKey>(IEnumerable<TRow> rows, Group<TRow, TKey> group, RunOptions? options = null) =>
        ComparePooling(Sums(rows, cancellation: Usable(options).Cancellation), group, options);

    /// <summary>Fits the model to sums without pooling, as it is, and with complete pooling, and puts the three side by side.</summary>
    /// <typeparam name="TKey">Type of the factor's keys.</typeparam>
    /// <param name="sums">Sums of rows, from this model or one with the same columns, keys and response.</param>
    /// <param name="group">The grouping factor whose levels are compared.</param>
    /// <param name="options">Seed, chains, draws, progress, cancellation; null for the defaults.</param>
    /// <returns>The three fits, and their coefficients level by level as data, table and plot.</returns>
    /// <exception cref="ModelException">The sums are of other columns, the model cannot be fitted to them, or it has no such factor.</exception>
    public PoolingComparison<TRow, TKey> ComparePooling<TKey>(NormalSums<TRow> sums, Group<TRow, TKey> group, RunOptions? options = null)
    {
        var none = NoPooling(sums, group);
        var (factor, _) = Find(group, sums);
        var complete = CompletePooling();
        var together = new NormalSums<TRow>(complete.Plan, Pooling.CompletePooling.Sums(sums.Data, Lowered, complete.Lowered, complete.Plan.Signature));
        return new(none, Fit(sums, options), complete.Fit(together, options), factor);
    }

    private (int Factor, LevelIndex<TKey> Levels) Find<TKey>(Group<TRow, TKey> group, NormalSums<TRow> sums)
    {
        for (var k = 0; k < Spec.Factors.Length; k++)
        {
            if (Spec.Factors[k].Name == group.Name && sums.Data.Levels[k] is LevelIndex<TKey> levels)
                return (k, levels);
        }

        throw TermLookup.NoFactor(Spec, group.Name, typeof(TKey));
    }
}
