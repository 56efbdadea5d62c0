using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace TypedPooling.Inference.Numerics;

/// <summary>Cholesky factor and inverse of one large dense symmetric matrix by rows, through <see cref="PackedProduct"/>. Scratch of one caller, who
/// may lend it threads.</summary>
/// <remarks>
/// <para>
/// Columns are taken 120 at a time. Their part of L is packed in strips of 24 rows (PackedProduct says how): the strips of the diagonal block are
/// factorised in turn; those below are solved against it, each by itself; then its products are taken off the columns that are left, each strip of
/// columns by itself. So the packed L is complete at the end, panel by panel.
/// </para>
/// <para>
/// The inverse is W'W with L W = I. W is solved strip of columns by strip of columns; stored by rows, such a strip is packed already. Factorising
/// takes n^3 / 3 operations, the inverse 2 n^3 / 3. Parts that threads may share are strips, whatever their number, and every sum is in the order of
/// the columns: neither threads nor the width of vectors change a bit. Source: [GolubVanLoan2013], sections 4.2.6 and 3.1.
/// </para>
/// </remarks>
internal sealed unsafe class PackedCholesky
{
    private const int Strip = PackedProduct.Strip;
    private const int Rows = PackedProduct.Rows;

    // Columns of a panel: a packed strip of it takes 23 kB and stays in the first cache.
    private const int Width = 5 * Strip;

    // Order from which threads are worth their start.
    private const int LeastShared = 2 * Width;

    private readonly int n;
    private readonly int strips;
    private readonly int[] panelStart;          // of each panel in packed
    private readonly double[] packed;           // L, panel by panel, strip by strip from the panel's own on
    private readonly double[] diagonal;         // 1 / diagonal of L
    private readonly Action<int> solve;
    private readonly Action<int> update;
    private readonly Action<int> invertStrip;
    private readonly Action<int> multiply;
    private double[] values = [];               // the matrix at hand and where it begins
    private int start;
    private int panel;                          // the panel at hand
    private double[] inverted = [];             // W, strip by strip of columns, by rows from the strip's first on
    private int[] invertedStart = [];
    private int free;                           // coordinates that are not given

    /// <param name="order">Order n.</param>
    public PackedCholesky(int order)
    {
        n = order;
        strips = (n + Strip - 1) / Strip;
        panelStart = new int[(n + Width - 1) / Width + 1];
        for (var q = 0; q + 1 < panelStart.Length; q++)
            panelStart[q + 1] = checked(panelStart[q] + PaddedWidthOf(q) * Strip * (strips - FirstStrip(q)));
        packed = new double[panelStart[^1]];
        diagonal = new double[strips * Strip];
        (solve, update, invertStrip, multiply) = (SolveStrip, UpdateStrip, InvertStrip, MultiplyStrip);
    }

    /// <summary>Factorises a = L L' in place.</summary>
    /// <param name="matrix">Holds a: lower triangle in, L out with 1 / diagonal on its diagonal; what is above the diagonal has no meaning. n x n by
    /// rows.</param>
    /// <param name="at">Where a begins.</param>
    /// <param name="threads">Most threads to use.</param>
    /// <returns>Half the log determinant; NaN where a is not positive definite.</returns>
    public double Factorise(double[] matrix, int at, int threads = 1)
    {
        (values, start) = (matrix, at);
        var log = 0.0;
        for (panel = 0; panel + 1 < panelStart.Length; panel++)
        {
            var below = strips - FirstStrip(panel + 1);
            log += FactoriseDiagonal();
            if (double.IsNaN(log))
                return log;
            if (below <= 0)
                continue;
            SharedWork.For(ThreadsOf(threads), below, solve);
            SharedWork.For(ThreadsOf(threads), below, update);
        }

        return log;
    }

    /// <summary>The inverse of the matrix that was factorised last.</summary>
    /// <param name="inverse">Where to.</param>
    /// <param name="at">Where it begins; the lower triangle and the diagonal blocks are overwritten. n x n by rows.</param>
    /// <param name="given">Number of last coordinates that are given: the inverse is then that of the others alone, and 0 for these.</param>
    /// <param name="threads">Most threads to use.</param>
    public void Invert(double[] inverse, int at, int given, int threads = 1)
    {
        if (inverted.Length == 0)
        {
            invertedStart = new int[strips + 1];
            for (var s = 0; s < strips; s++)
                invertedStart[s + 1] = checked(invertedStart[s] + (strips - s) * Strip * Strip);
            inverted = new double[invertedStart[^1]];
        }

        (values, start, free) = (inverse, at, n - given);
        SharedWork.For(ThreadsOf(threads), strips, invertStrip);
        SharedWork.For(ThreadsOf(threads), strips, multiply);
    }

    private int ThreadsOf(int threads) => n >= LeastShared ? threads : 1;

    private static int FirstStrip(int q) => q * (Width / Strip);

    private int WidthOf(int q) => Math.Min(Width, n - q * Width);

    // Columns come in eights.
    private int PaddedWidthOf(int q) => (WidthOf(q) + Rows - 1) / Rows * Rows;

    // A strip of a panel's columns.
    private int PackedAt(int q, int strip) => panelStart[q] + (strip - FirstStrip(q)) * PaddedWidthOf(q) * Strip;

    // The strips of the diagonal block in turn; half the log determinant.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private double FactoriseDiagonal()
    {
        var log = 0.0;
        var first = FirstStrip(panel);
        var width = WidthOf(panel);
        fixed (double* l = packed, inverse = diagonal)
        {
            for (var t = first; t < Math.Min(first + Width / Strip, strips); t++)
            {
                var x = l + PackedAt(panel, t);
                var own = (t - first) * Strip;
                Pack(t, x, PaddedWidthOf(panel));
                Solve(x, own, l, inverse);
                for (var j = own; j < Math.Min(own + Strip, width); j += Rows)
                {
                    PackedProduct.Add(j, x + j - own, x, x + j * Strip, Strip, -1);
                    for (var c = j; c < Math.Min(j + Rows, width); c++)
                    {
                        var column = x + c * Strip;
                        var sum = column[c - own];
                        if (!(sum > 0 && double.IsFinite(sum)))
                            return double.NaN;
                        var root = Math.Sqrt(sum);
                        log += Math.Log(root);
                        inverse[panel * Width + c] = 1 / root;
                        Scale(column, 1 / root);
                        for (var d = c + 1; d < Math.Min(j + Rows, width); d++)
                            Subtract(column, column[d - own], x + d * Strip);
                        column[c - own] = 1 / root;
                    }
                }

                Unpack(t, x, width);
            }
        }

        return log;
    }

    // A strip below the diagonal block: X with X L' = A.
    private void SolveStrip(int part)
    {
        var t = FirstStrip(panel + 1) + part;
        fixed (double* l = packed, inverse = diagonal)
        {
            var x = l + PackedAt(panel, t);
            Pack(t, x, Width);
            Solve(x, Width, l, inverse);
            Unpack(t, x, Width);
        }
    }

    // The first columns of a packed strip against the diagonal block of the panel.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Solve(double* x, int width, double* l, double* inverse)
    {
        for (var j = 0; j < width; j += Rows)
        {
            var rows = l + PackedAt(panel, FirstStrip(panel) + j / Strip) + j % Strip;
            PackedProduct.Add(j, rows, x, x + j * Strip, Strip, -1);
            for (var c = 0; c < Rows; c++)
            {
                var column = x + (j + c) * Strip;
                Scale(column, inverse[panel * Width + j + c]);
                for (var d = c + 1; d < Rows; d++)
                    Subtract(column, rows[(j + c) * Strip + d], x + (j + d) * Strip);
            }
        }
    }

    // A strip of the columns that are left: takes the panel's products off all rows from the strip's own on.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void UpdateStrip(int part)
    {
        var column = FirstStrip(panel + 1) + part;
        fixed (double* l = packed, a = &values[start])
        {
            for (var t = column; t < strips; t++)
                AddTile(Width, l + PackedAt(panel, t), l + PackedAt(panel, column), a, t, column, -1);
        }
    }

    // A tile of a matrix by rows; where it reaches over the edge, by way of a copy.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void AddTile(int k, double* rows, double* columns, double* a, int rowStrip, int columnStrip, double scale)
    {
        double* copy = stackalloc double[Rows * Strip];
        for (var r = 0; r < Strip; r += Rows)
        {
            var row = rowStrip * Strip + r;
            if (row >= n)
                return;
            var c = a + row * n + columnStrip * Strip;
            if (row + Rows <= n && columnStrip * Strip + Strip <= n)
            {
                PackedProduct.Add(k, rows + r, columns, c, n, scale);
                continue;
            }

            new Span<double>(copy, Rows * Strip).Clear();
            PackedProduct.Add(k, rows + r, columns, copy, Strip, scale);
            for (var i = 0; i < Math.Min(Rows, n - row); i++)
            {
                for (var j = 0; j < Math.Min(Strip, n - columnStrip * Strip); j++)
                    c[i * n + j] += copy[i * Strip + j];
            }
        }
    }

    // A strip of columns of W: L W = I.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void InvertStrip(int strip)
    {
        var first = strip * Strip;
        inverted.AsSpan(invertedStart[strip]..invertedStart[strip + 1]).Clear();
        fixed (double* l = packed, inverse = diagonal, own = &inverted[invertedStart[strip]])
        {
            var w = own - first * Strip;
            for (var c = 0; c < Strip && first + c < n; c++)
                w[(first + c) * Strip + c] = 1;
            for (var q = first / Width; q + 1 < panelStart.Length; q++)
            {
                var from = Math.Max(q * Width, first);
                var end = q * Width + WidthOf(q);
                for (var i = from; i < n; i += Rows)
                {
                    // Rows of L from the panel's first column that counts.
                    var rows = l + PackedAt(q, i / Strip) + (from - q * Width) * Strip + i % Strip;
                    PackedProduct.Add(Math.Min(i, end) - from, rows, w + from * Strip, w + i * Strip, Strip, -1);
                    for (var c = i; c < Math.Min(i + Rows, end); c++)
                    {
                        Scale(w + c * Strip, inverse[c]);
                        for (var d = c + 1; d < Math.Min(i + Rows, end); d++)
                            Subtract(w + c * Strip, rows[(c - from) * Strip + d - i], w + d * Strip);
                    }
                }
            }
        }
    }

    // A strip of columns of W'W, from its own rows on.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void MultiplyStrip(int strip)
    {
        for (var row = strip * Strip; row < n; row++)
            values.AsSpan(start + row * n + strip * Strip, Math.Min(Strip, n - strip * Strip)).Clear();
        fixed (double* w = inverted, a = &values[start])
        {
            var columns = w + invertedStart[strip] - strip * Strip * Strip;
            for (var from = strip * Strip; from < free; from += Width)
            {
                var end = Math.Min(from + Width, free);
                for (var t = strip; t * Strip < end; t++)
                {
                    var begin = Math.Max(from, t * Strip);
                    AddTile(end - begin, w + invertedStart[t] + (begin - t * Strip) * Strip, columns + begin * Strip, a, t, strip, 1);
                }
            }
        }
    }

    // Rows of the matrix to a packed strip, what is above the diagonal as 0.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Pack(int strip, double* x, int width)
    {
        fixed (double* a = &values[start])
        {
            for (var r = 0; r < Strip; r++)
            {
                var row = strip * Strip + r;
                var count = row < n ? Math.Min(Math.Min(width, n - panel * Width), row - panel * Width + 1) : 0;
                var from = a + row * n + panel * Width;
                for (var k = 0; k < count; k++)
                    x[k * Strip + r] = from[k];
                for (var k = count; k < width; k++)
                    x[k * Strip + r] = 0;
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Unpack(int strip, double* x, int width)
    {
        fixed (double* a = &values[start])
        {
            for (var r = 0; r < Strip && strip * Strip + r < n; r++)
            {
                var row = strip * Strip + r;
                var to = a + row * n + panel * Width;
                for (var k = 0; k < Math.Min(width, row - panel * Width + 1); k++)
                    to[k] = x[k * Strip + r];
            }
        }
    }

    // x *= scale, for a column of a strip.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Scale(double* x, double scale)
    {
        for (var i = 0; i < Strip; i += 4)
            (Vector256.Load(x + i) * scale).Store(x + i);
    }

    // y -= scale x, likewise.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Subtract(double* x, double scale, double* y)
    {
        var by = Vector256.Create(-scale);
        for (var i = 0; i < Strip; i += 4)
            Vector256.FusedMultiplyAdd(Vector256.Load(x + i), by, Vector256.Load(y + i)).Store(y + i);
    }
}
