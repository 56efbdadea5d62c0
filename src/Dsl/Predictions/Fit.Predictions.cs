using TypedPooling.Predictions;

namespace TypedPooling;

/// <content>Predictions of rows: the linear predictor, the expected response, a new observation.</content>
public abstract partial class Fit<TRow>
{
    private RowPredictions<TRow>? predictions;

    /// <summary>The linear predictor of a row, on the scale of the link (the response itself, its log, log odds, log rate): offsets + x'beta + the
    /// effects of its groups.</summary>
    /// <param name="row">The row.</param>
    /// <param name="levels">The groups to predict for in place of the row's own keys, at most one a grouping factor: <c>zip.Level(98039)</c>,
    /// <c>zip.New(98999)</c>, <c>zip.Average()</c>.</param>
    /// <returns>The linear predictor, its draws aligned with all others of the fit.</returns>
    /// <exception cref="ModelException">A value of the row is missing, not finite or out of range, a key is null, a category was not in the data, or
    /// a level that is chosen is not in the fit; all are listed.</exception>
    /// <remarks>
    /// Each grouping factor takes the row's own key unless a level is chosen: a key that the data had is that level; any other is a new group, whose
    /// effects are drawn from MVN(0, Sigma) of each draw, the same ones wherever
    /// the key is met again. The response is not read. O(draws (p + q)).
    /// </remarks>
    public Quantity PredictLink(TRow row, params LevelChoice<TRow>[] levels) => Predictions.Of(Outcomes.Link, row, levels);

    /// <summary>The linear predictors of rows, on the scale of the link.</summary>
    /// <param name="rows">The rows, predicted one at a time as the result is enumerated; none is kept.</param>
    /// <param name="levels">The groups to predict for, for all rows; see <see cref="PredictLink(TRow, LevelChoice{TRow}[])"/>.</param>
    /// <returns>A prediction a row, in their order; memory O(draws) each, and for the effects of the last 256 groups.</returns>
    /// <exception cref="ModelException">A row cannot be read, or a level that is chosen is not in the fit. Rows of a collection are checked by the
    /// call itself and every kind of problem is listed with its first row; rows of a lazy sequence
    /// as they are reached.</exception>
    public IEnumerable<Quantity> PredictLink(IEnumerable<TRow> rows, params LevelChoice<TRow>[] levels) =>
        Predictions.Of(Outcomes.Link, rows, levels);

    /// <summary>The expected response of a row in its group, without the noise of one observation: a probability, a number of events per unit of
    /// exposure, a mean (of a StudentT response its centre).</summary>
    /// <param name="row">The row.</param>
    /// <param name="levels">The groups to predict for in place of the row's own keys, at most one a grouping factor: <c>zip.Level(98039)</c>,
    /// <c>zip.New(98999)</c>, <c>zip.Average()</c>.</param>
    /// <returns>The expected response, its draws aligned with all others of the fit; of a Normal one its moments and quantiles are exact where every
    /// scale is known. Where a scale is on the log scale and estimated, the posterior mean
    /// need not exist: read median and quantiles; <see cref="Quantity.Warnings"/> says so.</returns>
    /// <exception cref="ModelException">A value of the row is missing, not finite or out of range, a key is null, a category was not in the data, or
    /// a level that is chosen is not in the fit; all are listed.</exception>
    /// <remarks>
    /// Each grouping factor takes the row's own key unless a level is chosen: a key that the data had is that level; any other is a new group, whose
    /// effects are drawn from MVN(0, Sigma) of each draw, the same ones wherever
    /// the key is met again. The response is not read.
    /// It is the inverse of the link at the linear predictor; of a LogNormal response exp(eta + s^2 / 2) in each draw, s being the row's residual sd
    /// on the log scale (sigma, sigma / sqrt(w), or its own known sd).
    /// This is the mean in one group, known or new. For the mean over all the groups there could be, which is what a share of the population is, see
    /// <see cref="PredictMeanOverGroups(TRow, LevelChoice{TRow}[])"/>. O(draws (p + q)).
    /// </remarks>
    public Quantity PredictMean(TRow row, params LevelChoice<TRow>[] levels) => Predictions.Of(Outcomes.Mean, row, levels);

    /// <summary>The expected responses of rows in their groups.</summary>
    /// <param name="rows">The rows, predicted one at a time as the result is enumerated; none is kept.</param>
    /// <param name="levels">The groups to predict for, for all rows; see <see cref="PredictMean(TRow, LevelChoice{TRow}[])"/>.</param>
    /// <returns>A prediction a row, in their order; memory O(draws) each, and for the effects of the last 256 groups.</returns>
    /// <exception cref="ModelException">A row cannot be read, or a level that is chosen is not in the fit. Rows of a collection are checked by the
    /// call itself and every kind of problem is listed with its first row; rows of a lazy sequence
    /// as they are reached.</exception>
    public IEnumerable<Quantity> PredictMean(IEnumerable<TRow> rows, params LevelChoice<TRow>[] levels) =>
        Predictions.Of(Outcomes.Mean, rows, levels);

    /// <summary>The expected response of such rows in all the groups there could be: the mean over the distribution of the effects of
    /// groups.</summary>
    /// <param name="row">The row.</param>
    /// <param name="levels">Groups that are held, at most one a grouping factor: <c>zip.Level(98039)</c>, <c>zip.Average()</c>. All other factors are
    /// averaged over.</param>
    /// <returns>The mean, its draws aligned with all others of the fit.</returns>
    /// <exception cref="ModelException">A value of the row is missing, not finite or out of range, a key is null, a category was not in the data, or
    /// a level that is chosen is not in the fit; all are listed.</exception>
    /// <remarks>
    /// In each draw the effects are integrated out over MVN(0, Sigma) of that draw, for every grouping factor but those for which <c>Level(...)</c>
    /// or <c>Average()</c> is chosen; the row's own keys are not looked at, and may be null.
    /// A probability is nearer to 1/2 than that in an average group, a rate is above that in one, and the mean of a Normal response is the same.
    /// Closed forms for the probit (Phi(eta / sqrt(1 + v))) and the log (exp(eta + v / 2)), v being the variance that groups add; to 1e-10 by
    /// quadrature otherwise.
    /// </remarks>
    public Quantity PredictMeanOverGroups(TRow row, params LevelChoice<TRow>[] levels) => Predictions.Of(Outcomes.MeanOverGroups, row, levels);

    /// <summary>Means over the groups there could be, for rows.</summary>
    /// <param name="rows">The rows, predicted one at a time as the result is enumerated; none is kept.</param>
    /// <param name="levels">The groups to predict for, for all rows; see <see cref="PredictMeanOverGroups(TRow, LevelChoice{TRow}[])"/>.</param>
    /// <returns>A prediction a row, in their order; memory O(draws) each, and for the effects of the last 256 groups.</returns>
    /// <exception cref="ModelException">A row cannot be read, or a level that is chosen is not in the fit. Rows of a collection are checked by the
    /// call itself and every kind of problem is listed with its first row; rows of a lazy sequence
    /// as they are reached.</exception>
    public IEnumerable<Quantity> PredictMeanOverGroups(IEnumerable<TRow> rows, params LevelChoice<TRow>[] levels) =>
        Predictions.Of(Outcomes.MeanOverGroups, rows, levels);

    /// <summary>A new observation of a row: 0 or 1, the number of successes of its trials, the number of events in its exposure, or a response with
    /// its noise.</summary>
    /// <param name="row">The row.</param>
    /// <param name="levels">The groups to predict for in place of the row's own keys, at most one a grouping factor: <c>zip.Level(98039)</c>,
    /// <c>zip.New(98999)</c>, <c>zip.Average()</c>.</param>
    /// <returns>The new observation, a whole number in each draw where the response is one, its draws aligned with all others of the fit; of a Normal
    /// response its moments and quantiles are exact where every scale is known.</returns>
    /// <exception cref="ModelException">A value of the row is missing, not finite or out of range, a key is null, a category was not in the data, or
    /// a level that is chosen is not in the fit; all are listed.</exception>
    /// <remarks>
    /// Each grouping factor takes the row's own key unless a level is chosen: a key that the data had is that level; any other is a new group, whose
    /// effects are drawn from MVN(0, Sigma) of each draw, the same ones wherever
    /// the key is met again. The response is not read.
    /// Trials and exposure, precision weight or known error are those of the row. Chance is a pure function of the fit's seed, the draw, and the row
    /// as the model sees it with its groups: the same row is the same new observation. For several observations of equal rows give them as one
    /// sequence.
    /// </remarks>
    public Quantity PredictNew(TRow row, params LevelChoice<TRow>[] levels) => Predictions.Of(Outcomes.New, row, levels);

    /// <summary>New observations of rows, each with chance of its own, also where rows are equal.</summary>
    /// <param name="rows">The rows, predicted one at a time as the result is enumerated; none is kept.</param>
    /// <param name="levels">The groups to predict for, for all rows; see <see cref="PredictNew(TRow, LevelChoice{TRow}[])"/>.</param>
    /// <returns>A prediction a row, in their order; memory O(draws) each, and for the effects of the last 256 groups.</returns>
    /// <exception cref="ModelException">A row cannot be read, or a level that is chosen is not in the fit. Rows of a collection are checked by the
    /// call itself and every kind of problem is listed with its first row; rows of a lazy sequence
    /// as they are reached.</exception>
    public IEnumerable<Quantity> PredictNew(IEnumerable<TRow> rows, params LevelChoice<TRow>[] levels) => Predictions.Of(Outcomes.New, rows, levels);

    private protected RowPredictions<TRow> Predictions => LazyInitializer.EnsureInitialized(ref predictions, () => new(this, Posterior));

    /// <summary>What a new observation is.</summary>
    internal PredictedOutcome NewObservation => Outcomes.New;

    /// <summary>What the four verbs predict.</summary>
    private protected virtual PredictedOutcomes Outcomes => PredictedOutcomes.OfCells;
}
