namespace TypedPooling.Inference.Hierarchy.Sums;

/// <summary>Collects rows [x y] into a triangular root by Givens rotations, so that nothing is squared. Mutable scratch.</summary>
internal sealed class PooledRowsBuilder(int p)
{
    private readonly double[] root = new double[(p + 1) * (p + 1)];   // upper triangular, [R w; 0 s] by rows
    private readonly double[] row = new double[p + 1];
    private double squares;
    private double scale;

    /// <summary>Goes on from rows that are pooled already.</summary>
    public PooledRowsBuilder(int p, PooledRows pooled)
        : this(p)
    {
        for (var a = 0; a < p; a++)
        {
            pooled.Root.AsSpan(a * p, p).CopyTo(root.AsSpan(a * (p + 1)));
            root[a * (p + 1) + p] = pooled.Target[a];
        }

        squares = pooled.SumOfSquares;
        scale = pooled.IsEmpty ? 0 : 1;
    }

    /// <summary>Adds a row. Length p + 1: x, then y.</summary>
    public void Add(ReadOnlySpan<double> values)
    {
        values.CopyTo(row);
        var width = p + 1;
        for (var c = 0; c < p; c++)
        {
            var b = row[c];
            if (b == 0)
                continue;
            scale = Math.Max(scale, Math.Abs(b));
            var a = root[c * width + c];
            var h = Math.Sqrt(a * a + b * b);
            var cos = a / h;
            var sin = b / h;
            root[c * width + c] = h;
            for (var t = c + 1; t < width; t++)
            {
                var upper = root[c * width + t];
                root[c * width + t] = cos * upper + sin * row[t];
                row[t] = cos * row[t] - sin * upper;
            }
        }

        squares += row[p] * row[p];
    }

    /// <summary>Adds the square of a remainder that no effect can reduce.</summary>
    public void AddSquare(double remainder) => squares += remainder * remainder;

    /// <summary>The pooled rows.</summary>
    public PooledRows Build(long totalRows)
    {
        var r = new double[p * p];
        var w = new double[p];
        for (var a = 0; a < p; a++)
        {
            for (var b = a; b < p; b++)
                r[a * p + b] = root[a * (p + 1) + b];
            w[a] = root[a * (p + 1) + p];
        }

        return new PooledRows(r, w, squares, totalRows, scale == 0);
    }
}
