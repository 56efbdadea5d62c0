using TypedPooling.Storage;

namespace TypedPooling.Predictions;

/// <summary>New observations of rows in some draws of a fit, a block of draws at a time. Immutable and thread-safe.</summary>
/// <typeparam name="TRow">Type of the rows.</typeparam>
/// <remarks>
/// A block holds no more than <see cref="NumbersOfBlock"/> responses, however many rows and draws there are, but one draw at least. Blocks of less
/// than all draws are made from a posterior of these draws alone, so that each effect is made once: those of all levels of the rows are held while
/// the block is made. The number of a row in a draw is that of <c>PredictNew</c>.
/// </remarks>
internal sealed class RowReplicates<TRow>
{
    // 32 MB of responses.
    private const long NumbersOfBlock = 1L << 22;

    private readonly Fit<TRow> fit;
    private readonly RowPredictions<TRow> all;
    private readonly RowLevels rows;
    private readonly int[] draws;                // numbers of draws of the fit

    /// <param name="fit">The fit.</param>
    /// <param name="rows">The rows, each with the groups that it is replicated for.</param>
    /// <param name="draws">Numbers of the draws of the fit, ascending.</param>
    /// <param name="numbersOfBlock">How many responses a block holds at most.</param>
    public RowReplicates(Fit<TRow> fit, PredictedRow[] rows, int[] draws, long numbersOfBlock = NumbersOfBlock)
    {
        (this.fit, this.draws) = (fit, draws);
        this.rows = new(rows, fit.Spec.Factors.Length);
        all = new(fit, fit.Posterior);
        BlockSize = (int)Math.Clamp(numbersOfBlock / Math.Max(1, rows.Length), 1, draws.Length);
    }

    /// <summary>Number of rows N.</summary>
    public int RowCount => rows.Rows.Length;

    /// <summary>Numbers of the draws of the fit.</summary>
    public ReadOnlySpan<int> Draws => draws;

    /// <summary>Number of draws of a block but the last.</summary>
    public int BlockSize { get; }

    /// <summary>Number of blocks.</summary>
    public int BlockCount => (draws.Length + BlockSize - 1) / BlockSize;

    /// <summary>Makes the responses of a block of draws.</summary>
    /// <param name="block">Number of the block, from 0.</param>
    /// <param name="withMoments">Whether expectations and variances are wanted too.</param>
    /// <param name="cancellation">Looked at for every 4,096 rows.</param>
    public ReplicatedBlock Make(int block, bool withMoments, CancellationToken cancellation)
    {
        var first = block * BlockSize;
        var count = Math.Min(BlockSize, draws.Length - first);
        var own = draws.AsSpan(first, count).ToArray();
        var predictions = count == fit.Posterior.DrawCount ? all : new(fit, FitFile.Only(fit, own));
        var made = new ReplicatedBlock(first, count, RowCount, withMoments);
        var effects = predictions.EffectsOf(rows, cancellation);
        Parallel.For(0, rows.PartCount, new() { CancellationToken = cancellation }, part =>
        {
            var (from, to) = rows.Part(part);
            predictions.Replicate(from, to, rows, effects, made);
        });
        return made;
    }
}

/// <summary>Responses of all rows in some draws, draw after draw.</summary>
/// <param name="First">Number of the first draw among those asked for.</param>
/// <param name="Count">Number of draws.</param>
/// <param name="RowCount">Number of rows N.</param>
/// <param name="WithMoments">Whether there are expectations and variances.</param>
internal sealed record ReplicatedBlock(int First, int Count, int RowCount, bool WithMoments)
{
    /// <summary>Responses. Length Count * N.</summary>
    public double[] Responses { get; } = new double[Count * RowCount];

    /// <summary>Expectations, given the draw; empty where they are not wanted. Length Count * N.</summary>
    public double[] Means { get; } = WithMoments ? new double[Count * RowCount] : [];

    /// <summary>Variances, given the draw; empty where they are not wanted. Length Count * N.</summary>
    public double[] Variances { get; } = WithMoments ? new double[Count * RowCount] : [];
}
