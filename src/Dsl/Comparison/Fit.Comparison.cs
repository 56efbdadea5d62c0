using TypedPooling.Engines;

namespace TypedPooling;

/// <content>Predictive densities of rows and levels left out.</content>
public abstract partial class Fit<TRow>
{
    private LevelDraws? levelDraws;

    /// <summary>Draws of the levels that comparisons asked for last.</summary>
    internal LevelDraws LevelDraws => LazyInitializer.EnsureInitialized(ref levelDraws, () => new(Posterior));

    /// <summary>Leave-one-out (PSIS-LOO): the expected log predictive density of each row given all others, by Pareto smoothed importance sampling of
    /// the draws.</summary>
    /// <param name="rows">The rows that the model was fitted to; enumerated once, in batches, not kept.</param>
    /// <param name="name">Name of the model in comparisons; null for none.</param>
    /// <param name="refit">Whether the model is to be fitted again, without the row, where the draws may not tell (k-hat above 0.5, or above the
    /// threshold where that is less). All rows are then held, as the model sees them, while it runs.</param>
    /// <param name="options">Threads, progress and cancellation, and how fits are to be made again; null for the defaults.</param>
    /// <returns>The sum with its standard error, every row's part with its Pareto k, and what is not to be trusted.</returns>
    /// <exception cref="ModelException">The rows are not those of the fit, or hold values that cannot be used.</exception>
    /// <exception cref="OperationCanceledException">Reading the rows or fitting again was cancelled.</exception>
    /// <remarks>
    /// A row that stands for N rows counts as N that are left out one by one; a Binomial row is one row, whatever its trials. The effects of a level
    /// that has no other row are integrated out, given each draw of the other parameters: the draws of these effects follow the row, and no weights
    /// of theirs tell what is known without it. Where k-hat is above 0.3, the effects of the row's smallest level are integrated out too, given the
    /// level's other rows, and k-hat is that of what is left. In closed form for Normal responses, by quadrature otherwise. O(S (p + q)) a row and
    /// some S^3/4 logarithms; memory O(rows + S). Fits are made again from all other rows, with the priors of this fit, and without the levels that
    /// have no other row. Sources: [Vehtari2017], [Vehtari2024], [Merkle2019].
    /// </remarks>
    public ElpdEstimate Loo(IEnumerable<TRow> rows, string? name = null, bool refit = false, RunOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(rows);
        return new RowsLeftOut<TRow>(this, (options ?? RunOptions.Default).Validated()).Loo(rows, name, refit);
    }

    /// <summary>Leave-one-out of large data: a random sample of rows is left out, and a plug-in for every row makes an estimate for all of
    /// them.</summary>
    /// <param name="rows">The rows that the model was fitted to; enumerated once, in batches, not kept.</param>
    /// <param name="subsample">Number m of rows in the sample: from 2 to one less than there are. 10,000 will do for most purposes.</param>
    /// <param name="name">Name of the model in comparisons; null for none.</param>
    /// <param name="options">Threads and cancellation, and the seed of the sample; null for the defaults. Models are compared by one sample.</param>
    /// <returns>The estimate for all rows, its standard error with the sampling part, and the parts of the sample.</returns>
    /// <exception cref="ModelException">The rows are not those of the fit, hold values that cannot be used, or are not more than the
    /// sample.</exception>
    /// <exception cref="OperationCanceledException">Reading the rows was cancelled.</exception>
    /// <remarks>
    /// A simple random sample without replacement. The plug-in is the log density of a row at the posterior means of its predictor, sigma and the
    /// shape; elpd is its sum over all rows plus (N / m) times the sum of elpd_j less the plug-in over the sample, without bias whatever the plug-in.
    /// O(p + q) a row and <see cref="Loo(IEnumerable{TRow}, string, bool, RunOptions)"/> of m rows, after the mean of every level's effects. Sources:
    /// [Magnusson2019], [Magnusson2020].
    /// </remarks>
    public ElpdEstimate Loo(IEnumerable<TRow> rows, int subsample, string? name = null, RunOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(rows);
        if (subsample < 2 || subsample >= RowCount)
            throw RowSample.OutOfRange(subsample, RowCount);
        return RowSample.Loo(this, rows, subsample, name, (options ?? RunOptions.Default).Validated());
    }

    /// <summary>The widely applicable information criterion (WAIC), row by row: log predictive density less the variance of the log likelihood.
    /// <see cref="Loo(IEnumerable{TRow}, string, bool, RunOptions)"/> estimates the same and says where it fails.</summary>
    /// <param name="rows">The rows that the model was fitted to; enumerated once, in batches, not kept.</param>
    /// <param name="name">Name of the model in comparisons; null for none.</param>
    /// <returns>The sum with its standard error, every row's part, and a warning where a variance is above 0.4.</returns>
    /// <exception cref="ModelException">The rows are not those of the fit, or hold values that cannot be used.</exception>
    /// <remarks>O(S (p + q)) a row; memory O(rows + S). Sources: [Watanabe2010], [Vehtari2017].</remarks>
    public ElpdEstimate Waic(IEnumerable<TRow> rows, string? name = null)
    {
        ArgumentNullException.ThrowIfNull(rows);
        return new RowsLeftOut<TRow>(this, RunOptions.Default).Waic(rows, name);
    }

    /// <summary>K-fold cross-validation by rows: the expected log predictive density of each row given the rows of all other folds, by fitting the
    /// model K times.</summary>
    /// <param name="rows">The rows that the model was fitted to; enumerated once. As the model sees them they are held while it runs.</param>
    /// <param name="folds">Number of folds K, from 2 to the number of rows; 10 are usual.</param>
    /// <param name="name">Name of the model in comparisons; null for none.</param>
    /// <param name="options">Seed of the folds and of the fits, chains, draws, progress (in folds) and cancellation; null for the defaults.</param>
    /// <returns>The sum with its standard error, and every row's part.</returns>
    /// <exception cref="ModelException">The rows are not those of the fit, or hold values that cannot be used; the number of folds is out of range;
    /// or the model cannot be fitted without a fold.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    /// <remarks>
    /// Each row gets a random number from the seed and its place; sorted by it, rows are dealt to the folds in turn. Every fit has the priors of this
    /// one, and the best exact engine. Effects of levels that all other folds lack are integrated out as the prior has them. Source:
    /// [Vehtari2017].
    /// </remarks>
    public ElpdEstimate KFold(IEnumerable<TRow> rows, int folds, string? name = null, RunOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(rows);
        var run = (options ?? RunOptions.Default).Validated();
        return RowsInFolds.Run(this, rows, folds, all => RowsInFolds.ByRows(all, folds, run.Seed), name, run);
    }

    /// <summary>K-fold cross-validation by rows, balanced: each level of a grouping factor has its rows in as many folds as it can.</summary>
    /// <typeparam name="TKey">Type of the factor's keys.</typeparam>
    /// <param name="group">The grouping factor.</param>
    /// <param name="rows">The rows that the model was fitted to; enumerated once. As the model sees them they are held while it runs.</param>
    /// <param name="folds">Number of folds K, from 2 to the number of rows; 10 are usual.</param>
    /// <param name="name">Name of the model in comparisons; null for none.</param>
    /// <param name="options">Seed of the folds and of the fits, chains, draws, progress (in folds) and cancellation; null for the defaults.</param>
    /// <returns>The sum with its standard error, and every row's part.</returns>
    /// <exception cref="ModelException">The model has no such factor; or as of
    /// <see cref="KFold(IEnumerable{TRow}, int, string, RunOptions)"/>.</exception>
    /// <remarks>Rows are sorted by level, and by a random number within a level, and dealt to the folds in turn: the rows of a level in two folds
    /// differ by at most one.</remarks>
    public ElpdEstimate KFoldBalanced<TKey>(
        Group<TRow, TKey> group, IEnumerable<TRow> rows, int folds, string? name = null, RunOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(rows);
        var (factor, run) = (FactorOf(group), (options ?? RunOptions.Default).Validated());
        return RowsInFolds.Run(
            this, rows, folds, all => RowsInFolds.WithinLevels(all, folds, run.Seed, factor, Spec.Factors.Length), name, run);
    }

    /// <summary>K-fold cross-validation by levels of a grouping factor: how well the model predicts rows of levels that it does not know, one row at
    /// a time.</summary>
    /// <typeparam name="TKey">Type of the factor's keys.</typeparam>
    /// <param name="group">The grouping factor.</param>
    /// <param name="rows">The rows that the model was fitted to; enumerated once. As the model sees them they are held while it runs.</param>
    /// <param name="folds">Number of folds K, from 2 to the number of levels; that many leave each level out by itself.</param>
    /// <param name="name">Name of the model in comparisons; null for none.</param>
    /// <param name="options">Seed of the folds and of the fits, chains, draws, progress (in folds) and cancellation; null for the defaults.</param>
    /// <returns>The sum with its standard error, and every row's part.</returns>
    /// <exception cref="ModelException">The model has no such factor; or as of
    /// <see cref="KFold(IEnumerable{TRow}, int, string, RunOptions)"/>.</exception>
    /// <remarks>Levels are sorted by a random number and dealt to the folds in turn, each with all its rows. Rows are predicted one by one, whatever
    /// the others of their level; <see cref="LeaveGroupOut{TKey}(Group{TRow, TKey}, IEnumerable{TRow}, string, bool, RunOptions)"/> predicts the rows
    /// of a level together.</remarks>
    public ElpdEstimate KFoldByLevel<TKey>(
        Group<TRow, TKey> group, IEnumerable<TRow> rows, int folds, string? name = null, RunOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(rows);
        var (factor, run) = (FactorOf(group), (options ?? RunOptions.Default).Validated());
        var levels = Bound.Levels[factor].Count;
        RowsInFolds.Check(folds, levels, $"levels of {group.Name}");
        return RowsInFolds.Run(
            this, rows, folds, all => RowsInFolds.ByLevels(all, folds, run.Seed, factor, Spec.Factors.Length, levels), name, run);
    }

    /// <summary>Leave-one-group-out: the expected log predictive density of all rows of each level together given all other levels. The level's
    /// effects are integrated out, the rest by Pareto smoothed importance sampling.</summary>
    /// <typeparam name="TKey">Type of the factor's keys.</typeparam>
    /// <param name="group">The grouping factor.</param>
    /// <param name="rows">The rows that the model was fitted to. Of a Normal response sums are enough, and none are needed, unless rows have
    /// precision weights or known errors, the response is LogNormal, or a model of several factors is fitted again.</param>
    /// <param name="name">Name of the model in comparisons; null for none.</param>
    /// <param name="refit">Whether the model is to be fitted again, without the level, where the draws may not tell (k-hat above 0.5, or above the
    /// threshold where that is less).</param>
    /// <param name="options">Threads and cancellation, and how fits are to be made again; null for the defaults.</param>
    /// <returns>The sum over levels with its standard error, and every level's part.</returns>
    /// <exception cref="ModelException">The model has no such factor, or rows are needed, or they are not those of the fit; a level of another factor
    /// has no rows elsewhere; or more than three effects would have to be integrated out by quadrature.</exception>
    /// <remarks>
    /// How well the model predicts a new level, where <see cref="Loo(IEnumerable{TRow}, string, bool, RunOptions)"/> says how well it predicts
    /// another row of a level it knows. The level's effects are integrated out in closed form for Normal responses, O(cells S (m^2 + q^3)) a level,
    /// and by adaptive Gauss-Hermite quadrature of up to three dimensions otherwise, O(cells S 31), 121 or 729 a level; given the draws of all other
    /// parameters, effects of other factors among them. A fit for each level that is fitted again, with the priors of this fit. Sources:
    /// [Vehtari2017], [LindleySmith1972], [PinheiroBates1995].
    /// </remarks>
    public ElpdEstimate LeaveGroupOut<TKey>(
        Group<TRow, TKey> group, IEnumerable<TRow>? rows = null, string? name = null, bool refit = false, RunOptions? options = null)
    {
        var factor = FactorOf(group);
        return GroupsLeftOut.Run(this, factor, rows, refit, name, options ?? RunOptions.Default);
    }

    /// <inheritdoc cref="LeaveGroupOut{TKey}(Group{TRow, TKey}, IEnumerable{TRow}, string, bool, RunOptions)"/>
    /// <param name="group">The grouping factor.</param>
    /// <param name="rows">The rows that the model was fitted to; null where sums are enough.</param>
    /// <param name="refitted">Whether the model is to be fitted again, without the level, where the draws may not tell.</param>
    /// <param name="name">Name of the model in comparisons; null for none.</param>
    /// <param name="options">How fits are to be made again; null for the defaults.</param>
    [Obsolete("Name the argument: refit: true. It now follows the name of the model, as in Loo.")]
    public ElpdEstimate LeaveGroupOut<TKey>(
        Group<TRow, TKey> group, IEnumerable<TRow>? rows, bool refitted, string? name = null, RunOptions? options = null) =>
        LeaveGroupOut(group, rows, name, refitted, options);
}
