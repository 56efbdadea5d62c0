using TypedPooling.Binding;
using TypedPooling.Checking;
using TypedPooling.Predictions;

namespace TypedPooling;

/// <content>Posterior predictive checks.</content>
public abstract partial class Fit<TRow>
{
    /// <summary>Checks the model by statistics of the data beside those of data replicated from the fitted model.</summary>
    /// <param name="rows">Rows with their responses: those that the model was fitted to, or others. Enumerated once, not kept.</param>
    /// <param name="statistics">The statistics: ready-made such as <see cref="Statistic.Zeros"/>, or your own by <see cref="Statistic.Of"/>.
    /// None for mean, sd, minimum, maximum, Pearson's dispersion and, of counts and of successes of trials, the proportion of zeros.</param>
    /// <returns>Each statistic with the mean, sd, interval and tail probability of its replicates, and sentences on what is unusual.</returns>
    /// <exception cref="ModelException">Rows hold values that cannot be used, or there are none.</exception>
    /// <remarks>
    /// 1,000 draws of the fit, or all where it has fewer, are each replicated for all rows; all statistics are computed in one pass. Rows with
    /// missing values are left out where the model drops them, and a row that stands for N rows is replicated N times. Memory O(rows columns + draws
    /// statistics). O(rows (p + q)) a draw. Source: [Gelman1996].
    /// </remarks>
    public PredictiveCheck Check(IEnumerable<TRow> rows, params Statistic[] statistics) => Check(rows, CheckOptions.Default, statistics);

    /// <summary>Checks the model by statistics of the data beside those of replicated data, as options say.</summary>
    /// <param name="rows">Rows with their responses.</param>
    /// <param name="options">Number of draws, probability of intervals, known or new groups, progress, cancellation.</param>
    /// <param name="statistics">The statistics; see <see cref="Check(IEnumerable{TRow}, Statistic[])"/>.</param>
    /// <returns>Each statistic with the mean, sd, interval and tail probability of its replicates, and sentences on what is unusual.</returns>
    /// <exception cref="ModelException">Rows hold values that cannot be used, there are none, or the fit has fewer draws.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The probability is not strictly between 0 and 1.</exception>
    /// <exception cref="OperationCanceledException">The check was cancelled.</exception>
    public PredictiveCheck Check(IEnumerable<TRow> rows, CheckOptions options, params Statistic[] statistics) =>
        CheckRunner.Run(this, rows, -1, statistics, options);

    /// <summary>Checks the model by statistics of the rows of each level of a grouping factor.</summary>
    /// <typeparam name="TKey">Type of the factor's keys.</typeparam>
    /// <param name="group">The grouping factor.</param>
    /// <param name="rows">Rows with their responses.</param>
    /// <param name="statistics">The statistics; none for the means.</param>
    /// <returns>For each statistic a row a level, and how many levels are unusual.</returns>
    /// <exception cref="ModelException">The model has no such factor, rows hold values that cannot be used, or there are none.</exception>
    /// <remarks>As <see cref="Check(IEnumerable{TRow}, Statistic[])"/>; memory O(draws statistics levels).</remarks>
    public PredictiveCheck CheckByLevel<TKey>(Group<TRow, TKey> group, IEnumerable<TRow> rows, params Statistic[] statistics) =>
        CheckByLevel(group, rows, CheckOptions.Default, statistics);

    /// <summary>Checks the model by statistics of the rows of each level of a grouping factor, as options say.</summary>
    /// <typeparam name="TKey">Type of the factor's keys.</typeparam>
    /// <param name="group">The grouping factor.</param>
    /// <param name="rows">Rows with their responses.</param>
    /// <param name="options">Number of draws, probability of intervals, known or new groups, progress, cancellation.</param>
    /// <param name="statistics">The statistics; none for the means.</param>
    /// <returns>For each statistic a row a level, and how many levels are unusual.</returns>
    /// <exception cref="ModelException">The model has no such factor, rows hold values that cannot be used, there are none, or the fit has fewer
    /// draws.</exception>
    /// <exception cref="OperationCanceledException">The check was cancelled.</exception>
    public PredictiveCheck CheckByLevel<TKey>(
        Group<TRow, TKey> group, IEnumerable<TRow> rows, CheckOptions options, params Statistic[] statistics) =>
        CheckRunner.Run(this, rows, FactorOf(group), statistics, options);

    /// <summary>A row of a design, each factor's group the row's own key.</summary>
    internal PredictedRow RowOf(RowDesign design, int row, bool isOfNewGroups) =>
        Predictions.Row(design, row, [.. Spec.Factors.Select(_ => isOfNewGroups)]);
}
