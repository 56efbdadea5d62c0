using TypedPooling.Binding;
using TypedPooling.Predictions;

namespace TypedPooling;

/// <content>Replicated responses, and checks by them.</content>
public abstract partial class Fit<TRow>
{
    /// <summary>Simulates responses of rows from the fitted model: the posterior predictive distribution of all rows together.</summary>
    /// <param name="rows">The rows to simulate for: their columns, weights, offsets and keys. Responses are not looked at.</param>
    /// <param name="levels">The groups to simulate for in place of the rows' own keys, at most one a grouping factor:
    /// <c>zip.NewLevels()</c> takes every key for a new group, and <c>zip.Level(98039)</c>, <c>zip.New(98999)</c> and <c>zip.Average()</c> choose one
    /// group for all rows.</param>
    /// <returns>For each draw of the fit a response for every row; made when it is asked for.</returns>
    /// <exception cref="ModelException">Values are missing, not finite or out of range, a key is null, a category was not in the data, a level that
    /// is chosen is not in the fit, or there are no rows; all are listed.</exception>
    /// <remarks>
    /// A key that the data had is that level, with the effects of the fit; any other is a new group. A row with a count gets one response. Chance is
    /// a pure function of the fit's seed, the draw, the row and its position. Of a fit by maximum likelihood draws are those of the normal
    /// approximation. Memory O(rows columns), and 32 MB at most or one draw of all rows for the responses. O(rows (p + q)) a draw. Source:
    /// [Gelman1996].
    /// </remarks>
    public Simulation<TRow> Simulate(IEnumerable<TRow> rows, params LevelChoice<TRow>[] levels) => Simulate(rows, Posterior.DrawCount, levels);

    /// <summary>Simulates responses of rows from some draws of the fitted model.</summary>
    /// <param name="rows">The rows to simulate for.</param>
    /// <param name="draws">How many draws of the fit, from 1; they stand at equal distances. Each is what it is among all.</param>
    /// <param name="levels">The groups to simulate for in place of the rows' own keys; see <see cref="Simulate(IEnumerable{TRow},
    /// LevelChoice{TRow}[])"/>.</param>
    /// <returns>For each of the draws a response for every row; made when it is asked for.</returns>
    /// <exception cref="ModelException">As <see cref="Simulate(IEnumerable{TRow}, LevelChoice{TRow}[])"/>; or the fit has fewer draws.</exception>
    public Simulation<TRow> Simulate(IEnumerable<TRow> rows, int draws, params LevelChoice<TRow>[] levels)
    {
        ArgumentNullException.ThrowIfNull(rows);
        var own = EqualDistances.Of(Posterior.DrawCount, draws);
        return new(new(this, Predictions.Rows(rows, levels), own));
    }
}
