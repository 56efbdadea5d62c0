using System.Collections.Immutable;
using TypedPooling.Predictions;

namespace TypedPooling;

/// <summary>Replicated responses of rows: what the fitted model gives where it is asked for the rows' responses anew, draw by draw. Immutable;
/// responses are made when they are asked for.</summary>
/// <typeparam name="TRow">Type of the rows the model was declared over.</typeparam>
/// <remarks>
/// Responses of a draw belong together: rows of a level share the level's effects, and all rows the parameters of the draw. Draw s of a row is that
/// of <see cref="Fit{TRow}.PredictNew(IEnumerable{TRow}, LevelChoice{TRow}[])"/> for the same rows. Thread-safe: any number of threads may read it at
/// once.
/// </remarks>
public sealed class Simulation<TRow>
{
    private readonly RowReplicates<TRow> replicates;
    private ReplicatedBlock? last;

    internal Simulation(RowReplicates<TRow> replicates) => this.replicates = replicates;

    /// <summary>Number of draws.</summary>
    public int DrawCount => replicates.Draws.Length;

    /// <summary>Number of rows.</summary>
    public int RowCount => replicates.RowCount;

    /// <summary>The number, from 0, that each draw has among those of the fit: its parameters are those of that draw.</summary>
    public ImmutableArray<int> FitDraws => [.. replicates.Draws];

    /// <summary>The replicated responses of one draw.</summary>
    /// <param name="draw">Number of the draw, from 0.</param>
    /// <returns>A new array, a response for each row in the order of the rows, in units of the response. Length <see cref="RowCount"/>.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no such draw.</exception>
    /// <remarks>Draws are made in blocks of up to 4,194,304 responses, the last of which is kept: read them in their order.</remarks>
    public double[] Responses(int draw)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(draw);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(draw, DrawCount);
        var block = Volatile.Read(ref last);
        if (block is null || draw < block.First || draw >= block.First + block.Count)
        {
            block = replicates.Make(draw / replicates.BlockSize, withMoments: false, default);
            Volatile.Write(ref last, block);
        }

        return block.Responses.AsSpan((draw - block.First) * RowCount, RowCount).ToArray();
    }

    /// <summary>The replicated responses of every draw, one array of <see cref="RowCount"/> responses after the other.</summary>
    /// <returns>A lazy sequence of <see cref="DrawCount"/> new arrays.</returns>
    public IEnumerable<double[]> Responses() => Enumerable.Range(0, DrawCount).Select(Responses);
}
