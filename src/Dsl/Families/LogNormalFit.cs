using System.Text.Json.Serialization;
using TypedPooling.Draws;
using TypedPooling.Predictions;

namespace TypedPooling;

/// <summary>A fitted model whose response is positive and has a Normal log: coefficients, sds and sigma are on the log scale.</summary>
/// <typeparam name="TRow">Type of the rows the model was declared over.</typeparam>
/// <remarks>Thread-safe: any number of threads may ask one fit at once, and all get the same answers.</remarks>
[JsonConverter(typeof(AnswerJsonConverter))]
public class LogNormalFit<TRow> : Fit<TRow>
{
    internal LogNormalFit(FitParts<TRow> parts)
        : base(parts)
    {
    }

    /// <summary>The residual standard deviation of the log of the response, of a row of weight 1. A constant where it is fixed.</summary>
    /// <exception cref="ModelException">The model has no sigma: the error of each row is known.</exception>
    public Quantity Sigma => Scale(ParameterKind.Sigma, null, string.Empty, null);

    private protected override PredictedOutcomes Outcomes => PredictedOutcomes.OfLogNormal;

    /// <summary>The median response of a row: exp(eta), eta being its linear predictor, offsets + x'beta + the effects of its groups.</summary>
    /// <param name="row">The row.</param>
    /// <param name="levels">The groups to predict for in place of the row's own keys, at most one a grouping factor: <c>zip.Level(98039)</c>,
    /// <c>zip.New(98999)</c>, <c>zip.Average()</c>.</param>
    /// <returns>The median response, in units of the response, its draws aligned with all others of the fit. Where a scale is estimated its posterior
    /// mean need not exist: read median and quantiles; <see cref="Quantity.Warnings"/> says so.</returns>
    /// <exception cref="ModelException">A value of the row is missing, not finite or out of range, a key is null, a category was not in the data, or
    /// a level that is chosen is not in the fit; all are listed.</exception>
    /// <remarks>
    /// Each grouping factor takes the row's own key unless a level is chosen: a key that the data had is that level; any other is a new group, whose
    /// effects are drawn from MVN(0, Sigma) of each draw, the same ones wherever
    /// the key is met again. The response is not read. O(draws (p + q)).
    /// </remarks>
    public Quantity PredictMedian(TRow row, params LevelChoice<TRow>[] levels) => Predictions.Of(PredictedOutcome.LogNormalMedian, row, levels);

    /// <summary>The median responses of rows.</summary>
    /// <param name="rows">The rows, predicted one at a time as the result is enumerated; none is kept.</param>
    /// <param name="levels">The groups to predict for in place of the rows' own keys, at most one a grouping factor; see
    /// <see cref="PredictMedian(TRow, LevelChoice{TRow}[])"/>.</param>
    /// <returns>A prediction a row, in their order; memory O(draws) each, and for the effects of the last 256 groups.</returns>
    /// <exception cref="ModelException">A row cannot be read, or a level that is chosen is not in the fit. Rows of a collection are checked by the
    /// call itself and every kind of problem is listed with its first row; rows of a lazy sequence
    /// as they are reached.</exception>
    public IEnumerable<Quantity> PredictMedian(IEnumerable<TRow> rows, params LevelChoice<TRow>[] levels) =>
        Predictions.Of(PredictedOutcome.LogNormalMedian, rows, levels);

    /// <summary>The expected log of the response of a row: its linear predictor eta, offsets + x'beta + the effects of its groups. The log of the
    /// median response.</summary>
    /// <param name="row">The row.</param>
    /// <param name="levels">The groups to predict for in place of the row's own keys, at most one a grouping factor: <c>zip.Level(98039)</c>,
    /// <c>zip.New(98999)</c>, <c>zip.Average()</c>.</param>
    /// <returns>The expected log, without unit, its draws aligned with all others of the fit; its moments and quantiles exact where every scale is
    /// known.</returns>
    /// <exception cref="ModelException">A value of the row is missing, not finite or out of range, a key is null, a category was not in the data, or
    /// a level that is chosen is not in the fit; all are listed.</exception>
    /// <remarks>
    /// Each grouping factor takes the row's own key unless a level is chosen: a key that the data had is that level; any other is a new group, whose
    /// effects are drawn from MVN(0, Sigma) of each draw, the same ones wherever
    /// the key is met again. The response is not read. O(draws (p + q)).
    /// </remarks>
    public Quantity PredictMeanLog(TRow row, params LevelChoice<TRow>[] levels) => Predictions.Of(PredictedOutcome.MeanLog, row, levels);

    /// <summary>The expected logs of the responses of rows.</summary>
    /// <param name="rows">The rows, predicted one at a time as the result is enumerated; none is kept.</param>
    /// <param name="levels">The groups to predict for in place of the rows' own keys, at most one a grouping factor; see
    /// <see cref="PredictMeanLog(TRow, LevelChoice{TRow}[])"/>.</param>
    /// <returns>A prediction a row, in their order; memory O(draws) each, and for the effects of the last 256 groups.</returns>
    /// <exception cref="ModelException">A row cannot be read, or a level that is chosen is not in the fit. Rows of a collection are checked by the
    /// call itself and every kind of problem is listed with its first row; rows of a lazy sequence
    /// as they are reached.</exception>
    public IEnumerable<Quantity> PredictMeanLog(IEnumerable<TRow> rows, params LevelChoice<TRow>[] levels) =>
        Predictions.Of(PredictedOutcome.MeanLog, rows, levels);

    /// <summary>The log of a new observation of a row: that of <see cref="Fit{TRow}.PredictNew(TRow, LevelChoice{TRow}[])"/>, draw by draw.</summary>
    /// <param name="row">The row.</param>
    /// <param name="levels">The groups to predict for in place of the row's own keys, at most one a grouping factor: <c>zip.Level(98039)</c>,
    /// <c>zip.New(98999)</c>, <c>zip.Average()</c>.</param>
    /// <returns>The log of the new observation, without unit, its draws aligned with all others of the fit; its moments and quantiles exact where
    /// every scale is known.</returns>
    /// <exception cref="ModelException">A value of the row is missing, not finite or out of range, a key is null, a category was not in the data, or
    /// a level that is chosen is not in the fit; all are listed.</exception>
    /// <remarks>
    /// Each grouping factor takes the row's own key unless a level is chosen: a key that the data had is that level; any other is a new group, whose
    /// effects are drawn from MVN(0, Sigma) of each draw, the same ones wherever
    /// the key is met again. The response is not read. The noise is a pure function of the fit's seed, the draw, and the row as the model sees it
    /// with its groups: the same row is the same new observation, another row has other noise. For several observations of equal rows give them as
    /// one sequence.
    /// </remarks>
    public Quantity PredictNewLog(TRow row, params LevelChoice<TRow>[] levels) => Predictions.Of(PredictedOutcome.NewLog, row, levels);

    /// <summary>The logs of new observations of rows.</summary>
    /// <param name="rows">The rows, predicted one at a time as the result is enumerated; none is kept.</param>
    /// <param name="levels">The groups to predict for in place of the rows' own keys, at most one a grouping factor; see
    /// <see cref="PredictNewLog(TRow, LevelChoice{TRow}[])"/>.</param>
    /// <returns>A prediction a row, in their order, each with noise of its own, also where rows are equal; memory O(draws) each, and for the effects
    /// of the last 256 groups.</returns>
    /// <exception cref="ModelException">A row cannot be read, or a level that is chosen is not in the fit. Rows of a collection are checked by the
    /// call itself and every kind of problem is listed with its first row; rows of a lazy sequence
    /// as they are reached.</exception>
    public IEnumerable<Quantity> PredictNewLog(IEnumerable<TRow> rows, params LevelChoice<TRow>[] levels) =>
        Predictions.Of(PredictedOutcome.NewLog, rows, levels);

    /// <inheritdoc/>
    public override LogNormalFit<TRow> Thin(int draws) => (LogNormalFit<TRow>)base.Thin(draws);
}
