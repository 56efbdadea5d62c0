using TypedPooling.Binding;
using TypedPooling.Predictions;

namespace TypedPooling.Checking;

/// <summary>Rows with their responses, as checks see them: one that stands for N rows is there N times. Immutable.</summary>
/// <param name="Rows">The rows, each with the groups that it is replicated for.</param>
/// <param name="Responses">Their responses, in units of the response.</param>
/// <param name="Numbers">The number of each among the rows given, from 1.</param>
internal sealed record ObservedRows(PredictedRow[] Rows, double[] Responses, long[] Numbers)
{
    // Replicates of a row have positions of their own, above those of all rows there can be.
    private const int LogRows = 40;

    /// <summary>Reads rows.</summary>
    /// <param name="fit">The fit.</param>
    /// <param name="rows">The rows; enumerated once.</param>
    /// <param name="groups">Whose effects replicates have.</param>
    /// <param name="cancellation">Looked at for every row.</param>
    /// <exception cref="ModelException">Values cannot be used, or there are no rows.</exception>
    public static ObservedRows Read<TRow>(Fit<TRow> fit, IEnumerable<TRow> rows, ReplicatedGroups groups, CancellationToken cancellation)
    {
        if (!Enum.IsDefined(groups))
            throw new ArgumentOutOfRangeException(nameof(groups), groups, "There are no such groups.");
        var observed = new List<PredictedRow>();
        var responses = new List<double>();
        var numbers = new List<long>();
        var isNew = groups == ReplicatedGroups.New;
        foreach (var design in fit.Rows.Batches(rows, RowPurpose.Likelihood, cancellation: cancellation))
        {
            for (var i = 0; i < design.RowCount; i++)
            {
                var row = fit.RowOf(design, i, isNew);
                var response = fit.Spec.Response.Family.TakesLog ? Math.Exp(design.Responses![i]) : design.Responses![i];
                var count = design.Counts?[i] ?? 1;
                for (var r = 0L; r < count; r++)
                {
                    observed.Add(r == 0 ? row : row with { Position = row.Position + (r << LogRows) });
                    responses.Add(response);
                    numbers.Add(design.RowNumbers[i]);
                }
            }
        }

        return observed.Count > 0
            ? new([.. observed], [.. responses], [.. numbers])
            : throw new ModelException(new Problem(ProblemCode.NoRows, "There are no rows.", "Give the rows that the model was fitted to."));
    }
}
