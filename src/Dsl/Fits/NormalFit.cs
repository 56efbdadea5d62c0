using TypedPooling.Binding;
using TypedPooling.Data;
using TypedPooling.Draws;
using TypedPooling.Predictions;

namespace TypedPooling;

/// <summary>A fitted model whose response is Normal.</summary>
/// <typeparam name="TRow">Type of the rows the model was declared over.</typeparam>
/// <remarks>Thread-safe: any number of threads may ask one fit at once, and all get the same answers.</remarks>
public sealed class NormalFit<TRow> : SumsFit<TRow>
{
    internal NormalFit(NormalBoundModel model, RowLayout<TRow> rows, Posterior posterior, string engineChoice)
        : base(model, rows, posterior, engineChoice)
    {
    }

    /// <summary>The expected response of a row: its linear predictor, offsets + x'beta + the effects of its groups, without residual noise.</summary>
    /// <param name="row">The row.</param>
    /// <param name="levels">The groups to predict for in place of the row's own keys, at most one a grouping factor: <c>zip.Level(98039)</c>, <c>zip.New(98999)</c>, <c>zip.Average()</c>.</param>
    /// <returns>The expected response, in units of the response, its draws aligned with all others of the fit; its moments and quantiles exact where every scale is known.</returns>
    /// <exception cref="ModelException">A value of the row is missing, not finite or out of range, a key is null, a category was not in the data, or a level that is chosen is not in the fit; all are listed.</exception>
    /// <remarks>
    /// Each grouping factor takes the row's own key unless a level is chosen: a key that the data had is that level; any other is a new group, whose effects are drawn from MVN(0, Sigma) of each draw, the same ones wherever
    /// the key is met again. The response is not read. O(draws (p + q)).
    /// </remarks>
    public Quantity PredictMean(TRow row, params LevelChoice<TRow>[] levels) => Predictions.Of(PredictedOutcome.Mean, row, levels);

    /// <summary>The expected responses of rows.</summary>
    /// <param name="rows">The rows, predicted one at a time as the result is enumerated; none is kept.</param>
    /// <param name="levels">The groups to predict for in place of the rows' own keys, at most one a grouping factor; see <see cref="PredictMean(TRow, LevelChoice{TRow}[])"/>.</param>
    /// <returns>A prediction a row, in their order; memory O(draws) each, and for the effects of the last 256 groups.</returns>
    /// <exception cref="ModelException">A row cannot be read, or a level that is chosen is not in the fit. Rows of a collection are checked by the call itself and every kind of problem is listed with its first row; rows of a lazy sequence
    /// as they are reached.</exception>
    public IEnumerable<Quantity> PredictMean(IEnumerable<TRow> rows, params LevelChoice<TRow>[] levels) => Predictions.Of(PredictedOutcome.Mean, rows, levels);

    /// <summary>A new observation of a row: its expected response plus residual noise of sd sigma, sigma / sqrt(w) where rows have precision weights, or the row's own known sd.</summary>
    /// <param name="row">The row.</param>
    /// <param name="levels">The groups to predict for in place of the row's own keys, at most one a grouping factor: <c>zip.Level(98039)</c>, <c>zip.New(98999)</c>, <c>zip.Average()</c>.</param>
    /// <returns>The new observation, in units of the response, its draws aligned with all others of the fit; its moments and quantiles exact where every scale is known.</returns>
    /// <exception cref="ModelException">A value of the row is missing, not finite or out of range, a key is null, a category was not in the data, or a level that is chosen is not in the fit; all are listed.</exception>
    /// <remarks>
    /// Each grouping factor takes the row's own key unless a level is chosen: a key that the data had is that level; any other is a new group, whose effects are drawn from MVN(0, Sigma) of each draw, the same ones wherever
    /// the key is met again. The response is not read. The noise is a pure function of the fit's seed, the draw, and the row as the model sees it with its groups: the same row is the same new observation, another row has other noise. For several observations of equal rows give them as one sequence.
    /// </remarks>
    public Quantity PredictNew(TRow row, params LevelChoice<TRow>[] levels) => Predictions.Of(PredictedOutcome.New, row, levels);

    /// <summary>New observations of rows.</summary>
    /// <param name="rows">The rows, predicted one at a time as the result is enumerated; none is kept.</param>
    /// <param name="levels">The groups to predict for in place of the rows' own keys, at most one a grouping factor; see <see cref="PredictNew(TRow, LevelChoice{TRow}[])"/>.</param>
    /// <returns>A prediction a row, in their order, each with noise of its own, also where rows are equal; memory O(draws) each, and for the effects of the last 256 groups.</returns>
    /// <exception cref="ModelException">A row cannot be read, or a level that is chosen is not in the fit. Rows of a collection are checked by the call itself and every kind of problem is listed with its first row; rows of a lazy sequence
    /// as they are reached.</exception>
    public IEnumerable<Quantity> PredictNew(IEnumerable<TRow> rows, params LevelChoice<TRow>[] levels) => Predictions.Of(PredictedOutcome.New, rows, levels);
}
