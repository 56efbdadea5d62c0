using TypedPooling.Binding;
using TypedPooling.Engines;

namespace TypedPooling;

/// <summary>All rows of a fit as its model sees them, checked to be those that it was fitted to. Immutable.</summary>
internal sealed class FittedRows
{
    private FittedRows(RowDesign[] batches, (int Batch, int Row)[] places, double[] responses, long[] counts) =>
        (Batches, Places, Responses, Counts) = (batches, places, responses, counts);

    public RowDesign[] Batches { get; }

    /// <summary>The batch of each row and its number there.</summary>
    public (int Batch, int Row)[] Places { get; }

    /// <summary>The response of each row itself.</summary>
    public double[] Responses { get; }

    /// <summary>Number of rows that each stands for.</summary>
    public long[] Counts { get; }

    public int Count => Places.Length;

    /// <summary>Reads the rows of a fit. Memory O(rows m).</summary>
    /// <exception cref="ModelException">They are others, or hold values that cannot be used.</exception>
    public static FittedRows Read<TRow>(Fit<TRow> fit, IEnumerable<TRow> rows, RunOptions options)
    {
        var check = new FittedRowsWorkspace<TRow>(fit);
        var density = RowDensity.Of(fit.Posterior, fit.Rows.WeightKind);
        var (batches, places, responses, counts) = (new List<RowDesign>(), new List<(int, int)>(), new List<double>(), new List<long>());
        foreach (var batch in fit.Rows.Batches(rows, RowPurpose.Likelihood, cancellation: options.Cancellation))
        {
            for (var i = 0; i < batch.RowCount; i++)
            {
                var count = density.CountOf(batch, i);
                check.Add(batch, i, count);
                places.Add((batches.Count, i));
                responses.Add(density.ResponseOf(batch, i));
                counts.Add(count);
            }

            batches.Add(batch);
        }

        check.ThrowIfOther();
        return new([.. batches], [.. places], [.. responses], [.. counts]);
    }

    /// <summary>The level of a row.</summary>
    public int LevelOf(int row, int factor, int factorCount)
    {
        var (batch, at) = Places[row];
        return Batches[batch].Levels[at * factorCount + factor];
    }
}
