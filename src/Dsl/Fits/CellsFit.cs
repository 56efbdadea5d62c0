using TypedPooling.Binding;
using TypedPooling.Data;
using TypedPooling.Draws;
using TypedPooling.Predictions;

namespace TypedPooling;

/// <summary>A fitted model whose response is a proportion, a count, positive with a shape, or heavy-tailed: coefficients, sds and offsets are on the scale of its link, which is the response's own where the response is StudentT.</summary>
/// <typeparam name="TRow">Type of the rows the model was declared over.</typeparam>
/// <remarks>Thread-safe: any number of threads may ask one fit at once, and all get the same answers.</remarks>
public abstract class CellsFit<TRow> : Fit<TRow>
{
    private readonly Lazy<RowPredictions<TRow>> predictions;

    private protected CellsFit(CellBoundModel model, RowLayout<TRow> rows, Posterior posterior, string engineChoice)
        : base(model, rows, posterior, engineChoice)
    {
        Model = model;
        predictions = new(() => new RowPredictions<TRow>(this));
    }

    internal CellBoundModel Model { get; }

    /// <summary>The linear predictor of a row, on the scale of the link (log odds, log rate, log mean): offsets + x'beta + the effects of its groups.</summary>
    /// <param name="row">The row.</param>
    /// <param name="levels">The groups to predict for in place of the row's own keys, at most one a grouping factor: <c>zip.Level(98039)</c>, <c>zip.New(98999)</c>, <c>zip.Average()</c>.</param>
    /// <returns>The linear predictor, its draws aligned with all others of the fit.</returns>
    /// <exception cref="ModelException">A value of the row is missing, not finite or out of range, a key is null, a category was not in the data, or a level that is chosen is not in the fit; all are listed.</exception>
    /// <remarks>
    /// Each grouping factor takes the row's own key unless a level is chosen: a key that the data had is that level; any other is a new group, whose effects are drawn from MVN(0, Sigma) of each draw, the same ones wherever
    /// the key is met again. The response is not read. O(draws (p + q)).
    /// </remarks>
    public Quantity PredictLink(TRow row, params LevelChoice<TRow>[] levels) => predictions.Value.Of(PredictedOutcome.Link, row, levels);

    /// <summary>The linear predictors of rows, on the scale of the link.</summary>
    /// <param name="rows">The rows, predicted one at a time as the result is enumerated; none is kept.</param>
    /// <param name="levels">The groups to predict for, for all rows; see <see cref="PredictLink(TRow, LevelChoice{TRow}[])"/>.</param>
    /// <returns>A prediction a row, in their order; memory O(draws) each, and for the effects of the last 256 groups.</returns>
    /// <exception cref="ModelException">A row cannot be read, or a level that is chosen is not in the fit. Rows of a collection are checked by the call itself and every kind of problem is listed with its first row; rows of a lazy sequence
    /// as they are reached.</exception>
    public IEnumerable<Quantity> PredictLink(IEnumerable<TRow> rows, params LevelChoice<TRow>[] levels) => predictions.Value.Of(PredictedOutcome.Link, rows, levels);

    /// <summary>The probability of a success, the expected number of events per unit of exposure, or the expected response (of a StudentT one its centre), of a row in its group: the inverse of the link at the linear predictor.</summary>
    /// <param name="row">The row.</param>
    /// <param name="levels">The groups to predict for in place of the row's own keys, at most one a grouping factor: <c>zip.Level(98039)</c>, <c>zip.New(98999)</c>, <c>zip.Average()</c>.</param>
    /// <returns>The probability or rate, its draws aligned with all others of the fit.</returns>
    /// <exception cref="ModelException">A value of the row is missing, not finite or out of range, a key is null, a category was not in the data, or a level that is chosen is not in the fit; all are listed.</exception>
    /// <remarks>
    /// Each grouping factor takes the row's own key unless a level is chosen: a key that the data had is that level; any other is a new group, whose effects are drawn from MVN(0, Sigma) of each draw, the same ones wherever
    /// the key is met again. The response is not read.
    /// This is the mean in one group, known or new. For the mean over all the groups there could be, which is what a share of the population is, see <see cref="PredictMeanOverGroups(TRow, LevelChoice{TRow}[])"/>. O(draws (p + q)).
    /// </remarks>
    public Quantity PredictMean(TRow row, params LevelChoice<TRow>[] levels) => predictions.Value.Of(PredictedOutcome.CellMean, row, levels);

    /// <summary>Probabilities, expected numbers of events per unit of exposure, or expected responses, of rows in their groups.</summary>
    /// <param name="rows">The rows, predicted one at a time as the result is enumerated; none is kept.</param>
    /// <param name="levels">The groups to predict for, for all rows; see <see cref="PredictMean(TRow, LevelChoice{TRow}[])"/>.</param>
    /// <returns>A prediction a row, in their order; memory O(draws) each, and for the effects of the last 256 groups.</returns>
    /// <exception cref="ModelException">A row cannot be read, or a level that is chosen is not in the fit. Rows of a collection are checked by the call itself and every kind of problem is listed with its first row; rows of a lazy sequence
    /// as they are reached.</exception>
    public IEnumerable<Quantity> PredictMean(IEnumerable<TRow> rows, params LevelChoice<TRow>[] levels) => predictions.Value.Of(PredictedOutcome.CellMean, rows, levels);

    /// <summary>The probability of a success, the expected number of events per unit of exposure, or the expected response, of such rows in all the groups there could be: the mean over the distribution of the effects of groups.</summary>
    /// <param name="row">The row.</param>
    /// <param name="levels">Groups that are held, at most one a grouping factor: <c>zip.Level(98039)</c>, <c>zip.Average()</c>. All other factors are averaged over.</param>
    /// <returns>The mean probability or rate, its draws aligned with all others of the fit.</returns>
    /// <exception cref="ModelException">A value of the row is missing, not finite or out of range, a key is null, a category was not in the data, or a level that is chosen is not in the fit; all are listed.</exception>
    /// <remarks>
    /// In each draw the effects are integrated out over MVN(0, Sigma) of that draw, for every grouping factor but those for which <c>Level(...)</c> or <c>Average()</c> is chosen; the row's own keys are not looked at, and may be null.
    /// It is nearer to 1/2 than the probability in an average group, and above the rate in one. Closed forms for the probit (Phi(eta / sqrt(1 + v))) and the log (exp(eta + v / 2)), v being the variance that groups add; to 1e-10 by quadrature otherwise.
    /// </remarks>
    public Quantity PredictMeanOverGroups(TRow row, params LevelChoice<TRow>[] levels) => predictions.Value.Of(PredictedOutcome.CellMeanOverGroups, row, levels);

    /// <summary>Means over the groups there could be, for rows.</summary>
    /// <param name="rows">The rows, predicted one at a time as the result is enumerated; none is kept.</param>
    /// <param name="levels">The groups to predict for, for all rows; see <see cref="PredictMeanOverGroups(TRow, LevelChoice{TRow}[])"/>.</param>
    /// <returns>A prediction a row, in their order; memory O(draws) each, and for the effects of the last 256 groups.</returns>
    /// <exception cref="ModelException">A row cannot be read, or a level that is chosen is not in the fit. Rows of a collection are checked by the call itself and every kind of problem is listed with its first row; rows of a lazy sequence
    /// as they are reached.</exception>
    public IEnumerable<Quantity> PredictMeanOverGroups(IEnumerable<TRow> rows, params LevelChoice<TRow>[] levels) => predictions.Value.Of(PredictedOutcome.CellMeanOverGroups, rows, levels);

    /// <summary>A new observation of a row: 0 or 1, the number of successes of its trials, the number of events in its exposure, or a response.</summary>
    /// <param name="row">The row.</param>
    /// <param name="levels">The groups to predict for in place of the row's own keys, at most one a grouping factor: <c>zip.Level(98039)</c>, <c>zip.New(98999)</c>, <c>zip.Average()</c>.</param>
    /// <returns>The new observation, a whole number in each draw where the response is one, its draws aligned with all others of the fit.</returns>
    /// <exception cref="ModelException">A value of the row is missing, not finite or out of range, a key is null, a category was not in the data, or a level that is chosen is not in the fit; all are listed.</exception>
    /// <remarks>
    /// Each grouping factor takes the row's own key unless a level is chosen: a key that the data had is that level; any other is a new group, whose effects are drawn from MVN(0, Sigma) of each draw, the same ones wherever
    /// the key is met again. The response is not read.
    /// Trials and exposure are those of the row. Chance is a pure function of the fit's seed, the draw, and the row as the model sees it with its groups: the same row is the same new observation. For several observations of equal rows give them as one sequence.
    /// </remarks>
    public Quantity PredictNew(TRow row, params LevelChoice<TRow>[] levels) => predictions.Value.Of(PredictedOutcome.CellNew, row, levels);

    /// <summary>New observations of rows, each with chance of its own, also where rows are equal.</summary>
    /// <param name="rows">The rows, predicted one at a time as the result is enumerated; none is kept.</param>
    /// <param name="levels">The groups to predict for, for all rows; see <see cref="PredictNew(TRow, LevelChoice{TRow}[])"/>.</param>
    /// <returns>A prediction a row, in their order; memory O(draws) each, and for the effects of the last 256 groups.</returns>
    /// <exception cref="ModelException">A row cannot be read, or a level that is chosen is not in the fit. Rows of a collection are checked by the call itself and every kind of problem is listed with its first row; rows of a lazy sequence
    /// as they are reached.</exception>
    public IEnumerable<Quantity> PredictNew(IEnumerable<TRow> rows, params LevelChoice<TRow>[] levels) => predictions.Value.Of(PredictedOutcome.CellNew, rows, levels);
}
