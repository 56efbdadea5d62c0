using TypedPooling.Checking;
using TypedPooling.Engines;

namespace TypedPooling;

/// <content>Residuals.</content>
public abstract partial class Fit<TRow>
{
    /// <summary>Leave-one-out residuals: each response beside its predictive distribution given all others. Response, Pearson and quantile residuals,
    /// and sentences on dispersion, excess zeros and outliers.</summary>
    /// <param name="rows">The rows that the model was fitted to; enumerated once, not kept.</param>
    /// <param name="options">Threads, progress and cancellation; draws and seed are those of the fit. Null for the defaults.</param>
    /// <returns>The residuals in the order of the rows, and what they say of the model.</returns>
    /// <exception cref="ModelException">The rows are not those of the fit, or hold values that cannot be used.</exception>
    /// <exception cref="OperationCanceledException">The computation was cancelled.</exception>
    /// <remarks>
    /// Quantile residuals of discrete responses are randomised within the probability of the response, by numbers that depend on the fit's seed and
    /// the row alone. They are exactly standard normal where the data come from the model and its priors, but for the error of draws and where
    /// Pareto k is large: see <see cref="Loo(IEnumerable{TRow}, string, bool, RunOptions)"/>, whose weights these are. Effects of a level that has no
    /// other row are integrated out; where k-hat is above 0.3, those of the row's smallest level too, given its other rows. Rows whose k-hat stays
    /// above its threshold are named in <see cref="ResidualTable.Findings"/>. O(S (p + q)) a row and S values of a distribution function; memory
    /// O(rows columns + S). Sources: [DunnSmyth1996], [Vehtari2017], [Merkle2019].
    /// </remarks>
    public ResidualTable Residuals(IEnumerable<TRow> rows, RunOptions? options = null) => Residuals(rows, false, options);

    /// <summary>Leave-one-out residuals, with the model fitted again where draws cannot tell what leaving a row out does.</summary>
    /// <param name="rows">The rows that the model was fitted to; enumerated once. As the model sees them they are held while it runs.</param>
    /// <param name="refit">Whether the model is to be fitted again, without the row, where k-hat is above 0.5, or above the threshold where that is
    /// less.</param>
    /// <param name="options">Threads, progress and cancellation, and how fits are to be made again; null for the defaults.</param>
    /// <returns>The residuals in the order of the rows, and what they say of the model.</returns>
    /// <exception cref="ModelException">The rows are not those of the fit, or hold values that cannot be used; or the model cannot be fitted without
    /// one of them.</exception>
    /// <exception cref="OperationCanceledException">The computation was cancelled.</exception>
    /// <remarks>As <see cref="Residuals(IEnumerable{TRow}, RunOptions)"/>, with a fit for each such row, which has the priors of this fit.</remarks>
    public ResidualTable Residuals(IEnumerable<TRow> rows, bool refit, RunOptions? options = null) =>
        Residuals(rows, ResidualKind.LeaveOneOut, refit, options);

    /// <summary>In-sample residuals: each response beside its distribution given all responses, itself among them. They are smaller than
    /// leave-one-out residuals, the more so the more effects there are, and no test is made of them.</summary>
    /// <param name="rows">The rows that the model was fitted to; enumerated once, not kept.</param>
    /// <param name="options">Threads, progress and cancellation; null for the defaults.</param>
    /// <returns>The residuals in the order of the rows.</returns>
    /// <exception cref="ModelException">The rows are not those of the fit, or hold values that cannot be used.</exception>
    /// <exception cref="OperationCanceledException">The computation was cancelled.</exception>
    /// <remarks>Of a fit by maximum likelihood they are those at the estimates and the modes of the effects: what <c>residuals</c> of lme4 gives for
    /// <c>response</c>, and for <c>pearson</c> (of <c>lmer</c> with <c>scaled = TRUE</c>).</remarks>
    public ResidualTable ResidualsInSample(IEnumerable<TRow> rows, RunOptions? options = null) =>
        Residuals(rows, ResidualKind.InSample, false, options);

    /// <summary>Residuals for new groups: each response beside its distribution in a group whose effects are drawn from MVN(0, Sigma) of each draw.
    /// Residuals of a level go up and down together, so no test is made of them.</summary>
    /// <param name="rows">Rows with their responses: those that the model was fitted to, or others.</param>
    /// <param name="options">Threads, progress and cancellation; null for the defaults.</param>
    /// <returns>The residuals in the order of the rows.</returns>
    /// <exception cref="ModelException">Rows hold values that cannot be used.</exception>
    /// <exception cref="OperationCanceledException">The computation was cancelled.</exception>
    public ResidualTable ResidualsOfNewGroups(IEnumerable<TRow> rows, RunOptions? options = null) =>
        Residuals(rows, ResidualKind.NewGroups, false, options);

    private ResidualTable Residuals(IEnumerable<TRow> rows, ResidualKind kind, bool refit, RunOptions? options)
    {
        ArgumentNullException.ThrowIfNull(rows);
        return new ResidualRunner<TRow>(this, kind, refit, (options ?? RunOptions.Default).Validated()).Run(rows);
    }
}
