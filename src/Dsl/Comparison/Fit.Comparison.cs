using TypedPooling.Binding;
using TypedPooling.Draws;
using TypedPooling.Engines;
using TypedPooling.Inference.Sampling.Importance;

namespace TypedPooling;

/// <content>Predictive densities of rows and levels left out.</content>
public abstract partial class Fit<TRow>
{
    /// <summary>Leave-one-out (PSIS-LOO): the expected log predictive density of each row given all others, by Pareto smoothed importance sampling of
    /// the draws.</summary>
    /// <param name="rows">The rows that the model was fitted to; enumerated once, in batches, not kept.</param>
    /// <param name="name">Name of the model in comparisons; null for none.</param>
    /// <param name="refit">Whether the model is to be fitted again, without the row, where the draws may not tell (k-hat above 0.5, or above the
    /// threshold where that is less).</param>
    /// <param name="options">How fits are to be made again; null for the defaults.</param>
    /// <returns>The sum with its standard error, every row's part with its Pareto k, and what is not to be trusted.</returns>
    /// <exception cref="ModelException">The rows are not those of the fit, or hold values that cannot be used; or the response is neither Normal nor
    /// LogNormal.</exception>
    /// <exception cref="OperationCanceledException">Reading the rows or fitting again was cancelled.</exception>
    /// <remarks>
    /// A row that stands for N rows counts as N that are left out one by one. The effects of a level that has no other row are integrated out, given
    /// each draw of the other parameters: the draws of these effects follow the row, and no
    /// weights of theirs tell what is known without it. O(S (p + q)) a row and some S^3/4 logarithms; memory O(rows + S). Fits are made again from
    /// the sums less the row, with the priors of this fit, and without the levels that have no
    /// other row. Sources: [Vehtari2017], [Vehtari2024].
    /// </remarks>
    public ElpdEstimate Loo(IEnumerable<TRow> rows, string? name = null, bool refit = false, RunOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(rows);
        return new RowsLeftOut<TRow>(this, (options ?? RunOptions.Default).Validated()).Loo(rows, name, refit);
    }

    /// <summary>The widely applicable information criterion (WAIC), row by row: log predictive density less the variance of the log likelihood.
    /// <see cref="Loo"/> estimates the same and says where it fails.</summary>
    /// <param name="rows">The rows that the model was fitted to; enumerated once, in batches, not kept.</param>
    /// <param name="name">Name of the model in comparisons; null for none.</param>
    /// <returns>The sum with its standard error, every row's part, and a warning where a variance is above 0.4.</returns>
    /// <exception cref="ModelException">The rows are not those of the fit, or hold values that cannot be used; or the response is neither Normal nor
    /// LogNormal.</exception>
    /// <remarks>O(S (p + q)) a row; memory O(rows + S). Sources: [Watanabe2010], [Vehtari2017].</remarks>
    public ElpdEstimate Waic(IEnumerable<TRow> rows, string? name = null)
    {
        ArgumentNullException.ThrowIfNull(rows);
        return new RowsLeftOut<TRow>(this, RunOptions.Default).Waic(rows, name);
    }

    /// <summary>Leave-one-group-out: the expected log predictive density of all rows of each level together given all other levels. The level's
    /// effects are integrated out in closed form, the rest by Pareto smoothed importance sampling.</summary>
    /// <typeparam name="TKey">Type of the factor's keys.</typeparam>
    /// <param name="group">The grouping factor, the only one of the model.</param>
    /// <param name="rows">The rows that the model was fitted to. Sums are enough, and none are needed, unless rows have precision weights or known
    /// errors, or the response is LogNormal.</param>
    /// <param name="name">Name of the model in comparisons; null for none.</param>
    /// <param name="refit">Whether the model is to be fitted again, without the level, where the draws may not tell (k-hat above 0.5, or above the
    /// threshold where that is less).</param>
    /// <param name="options">How fits are to be made again; null for the defaults.</param>
    /// <returns>The sum over levels with its standard error, and every level's part.</returns>
    /// <exception cref="ModelException">The model has no such factor, or several, or rows are needed, or they are not those of the fit; or the
    /// response is neither Normal nor LogNormal.</exception>
    /// <remarks>
    /// How well the model predicts a new level, where <see cref="Loo"/> says how well it predicts another row of a level it knows. O(levels S (m^2 +
    /// q^3)), and a fit for each level that is fitted again, with the priors of this fit.
    /// Sources: [Vehtari2017], [LindleySmith1972].
    /// </remarks>
    public ElpdEstimate LeaveGroupOut<TKey>(
        Group<TRow, TKey> group, IEnumerable<TRow>? rows = null, string? name = null, bool refit = false, RunOptions? options = null)
    {
        var factor = FactorOf(group);
        return GroupsLeftOut.Run(this, factor, rows, refit, name, options ?? RunOptions.Default);
    }

    /// <inheritdoc cref="LeaveGroupOut{TKey}(Group{TRow, TKey}, IEnumerable{TRow}, string, bool, RunOptions)"/>
    /// <param name="group">The grouping factor, the only one of the model.</param>
    /// <param name="rows">The rows that the model was fitted to; null where sums are enough.</param>
    /// <param name="refitted">Whether the model is to be fitted again, without the level, where the draws may not tell.</param>
    /// <param name="name">Name of the model in comparisons; null for none.</param>
    /// <param name="options">How fits are to be made again; null for the defaults.</param>
    [Obsolete("Name the argument: refit: true. It now follows the name of the model, as in Loo.")]
    public ElpdEstimate LeaveGroupOut<TKey>(
        Group<TRow, TKey> group, IEnumerable<TRow>? rows, bool refitted, string? name = null, RunOptions? options = null) =>
        LeaveGroupOut(group, rows, name, refitted, options);
}
