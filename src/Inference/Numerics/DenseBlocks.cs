using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace TypedPooling.Inference.Numerics;

/// <summary>Cholesky factor and inverse of one dense symmetric matrix by rows, in blocks that stay in cache, all through one product A B' in
/// vectors.</summary>
/// <remarks>
/// Factors hold 1 / diagonal on their diagonal. Rows are contiguous, so every inner loop is a sum over two rows; four rows of each operand are kept
/// at a time, sixteen sums in registers. A factorisation takes n^3 / 3 operations, the inverse 2 n^3 / 3. Source: [GolubVanLoan2013], sections 4.2.6
/// and 3.1.
/// </remarks>
internal static class DenseBlocks
{
    private const int Block = 48;

    /// <summary>Factorises a = L L' in place.</summary>
    /// <param name="a">Lower triangle in, L out; what is above the diagonal has no meaning. n x n by rows.</param>
    /// <param name="n">Order.</param>
    /// <returns>Half the log determinant; NaN where the matrix is not positive definite.</returns>
    public static double Factorise(Span<double> a, int n)
    {
        var log = 0.0;
        for (var start = 0; start < n; start += Block)
        {
            var width = Math.Min(Block, n - start);
            if (start > 0)
            {
                for (var row = start; row < n; row += Block)
                    SubtractProduct(a[(row * n + start)..], n, a[(row * n)..], n, a[(start * n)..], n, Math.Min(Block, n - row), width, start);
            }

            for (var i = start; i < n; i++)
            {
                var row = a.Slice(i * n + start, Math.Min(width, i - start + 1));
                for (var j = 0; j < row.Length; j++)
                {
                    var other = a.Slice((start + j) * n + start, j + 1);
                    var sum = row[j] - DenseRows.Dot(other[..j], row[..j]);
                    if (start + j < i)
                    {
                        row[j] = sum * other[j];
                        continue;
                    }

                    if (!(sum > 0 && double.IsFinite(sum)))
                        return double.NaN;
                    var diagonal = Math.Sqrt(sum);
                    log += Math.Log(diagonal);
                    row[j] = 1 / diagonal;
                }
            }
        }

        return log;
    }

    /// <summary>The inverse of L L'.</summary>
    /// <param name="l">L as <see cref="Factorise"/> leaves it.</param>
    /// <param name="n">Order.</param>
    /// <param name="scratch">Overwritten with the transpose of L^-1. n x n.</param>
    /// <param name="inverse">Overwritten with the lower triangle; what is above its diagonal blocks is left as it is. n x n by rows.</param>
    /// <param name="given">Number of last coordinates that are given: the inverse is then that of the others alone, and 0 for these.</param>
    public static void Invert(ReadOnlySpan<double> l, int n, Span<double> scratch, Span<double> inverse, int given = 0)
    {
        // Row c of U holds column c of L^-1: U L' = I, block of columns by block of columns.
        for (var start = 0; start < n; start += Block)
        {
            var rows = Math.Min(Block, n - start);
            for (var i = 0; i < rows; i++)
                scratch.Slice((start + i) * n, n).Clear();
            for (var i = 0; i < rows; i++)
                scratch[(start + i) * n + start + i] = 1;
            for (var column = start; column < n; column += Block)
            {
                var width = Math.Min(Block, n - column);
                if (column > start)
                    SubtractProduct(
                        scratch[(start * n + column)..],
                        n,
                        scratch[(start * n + start)..],
                        n,
                        l[(column * n + start)..],
                        n,
                        rows,
                        width,
                        column - start);
                for (var i = 0; i < rows; i++)
                {
                    var row = scratch.Slice((start + i) * n + column, width);
                    for (var j = 0; j < width; j++)
                    {
                        var other = l.Slice((column + j) * n + column, j + 1);
                        row[j] = (row[j] - DenseRows.Dot(other[..j], row[..j])) * other[j];
                    }
                }
            }
        }

        // A coordinate that is given has no part in L^-1.
        for (var row = 0; given > 0 && row < n; row++)
            scratch.Slice(row * n + n - given, given).Clear();

        // Element (a, b) is the product of rows a and b of U; they start at their own diagonal block.
        for (var row = 0; row < n; row += Block)
        {
            var rows = Math.Min(Block, n - row);
            for (var column = 0; column <= row; column += Block)
            {
                var width = Math.Min(Block, n - column);
                for (var i = 0; i < rows; i++)
                    inverse.Slice((row + i) * n + column, width).Clear();
                SubtractProduct(
                    inverse[(row * n + column)..], n, scratch[(row * n + row)..], n, scratch[(column * n + row)..], n, rows, width, n - row);
                for (var i = 0; i < rows; i++)
                {
                    foreach (ref var value in inverse.Slice((row + i) * n + column, width))
                        value = -value;
                }
            }
        }
    }

    /// <summary>c -= a b' for m x k and n x k operands by rows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void SubtractProduct(
        Span<double> c, int strideOfC, ReadOnlySpan<double> a, int strideOfA, ReadOnlySpan<double> b, int strideOfB, int m, int n, int k)
    {
        var i = 0;
        for (; i + 4 <= m; i += 4)
        {
            var j = 0;
            for (; j + 4 <= n; j += 4)
                SubtractTile(c[(i * strideOfC + j)..], strideOfC, a[(i * strideOfA)..], strideOfA, b[(j * strideOfB)..], strideOfB, k);
            for (; j < n; j++)
            {
                for (var r = i; r < i + 4; r++)
                    c[r * strideOfC + j] -= DenseRows.Dot(b.Slice(j * strideOfB, k), a.Slice(r * strideOfA, k));
            }
        }

        for (; i < m; i++)
        {
            for (var j = 0; j < n; j++)
                c[i * strideOfC + j] -= DenseRows.Dot(b.Slice(j * strideOfB, k), a.Slice(i * strideOfA, k));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void SubtractTile(
        Span<double> c, int strideOfC, ReadOnlySpan<double> a, int strideOfA, ReadOnlySpan<double> b, int strideOfB, int k)
    {
        // The last element that is read, so that the loop needs no checks.
        _ = a[3 * strideOfA + k - 1];
        _ = b[3 * strideOfB + k - 1];
        ref var a0 = ref MemoryMarshal.GetReference(a);
        ref var b0 = ref MemoryMarshal.GetReference(b);
        ref var a1 = ref Unsafe.Add(ref a0, strideOfA);
        ref var a2 = ref Unsafe.Add(ref a1, strideOfA);
        ref var a3 = ref Unsafe.Add(ref a2, strideOfA);
        ref var b1 = ref Unsafe.Add(ref b0, strideOfB);
        ref var b2 = ref Unsafe.Add(ref b1, strideOfB);
        ref var b3 = ref Unsafe.Add(ref b2, strideOfB);
        Vector<double> s00 = default, s01 = default, s02 = default, s03 = default, s10 = default, s11 = default, s12 = default, s13 = default;
        Vector<double> s20 = default, s21 = default, s22 = default, s23 = default, s30 = default, s31 = default, s32 = default, s33 = default;
        var at = 0;
        for (; at + Vector<double>.Count <= k; at += Vector<double>.Count)
        {
            var (x0, x1, x2, x3) = (Load(ref a0, at), Load(ref a1, at), Load(ref a2, at), Load(ref a3, at));
            var y = Load(ref b0, at);
            s00 = Vector.FusedMultiplyAdd(x0, y, s00);
            s10 = Vector.FusedMultiplyAdd(x1, y, s10);
            s20 = Vector.FusedMultiplyAdd(x2, y, s20);
            s30 = Vector.FusedMultiplyAdd(x3, y, s30);
            y = Load(ref b1, at);
            s01 = Vector.FusedMultiplyAdd(x0, y, s01);
            s11 = Vector.FusedMultiplyAdd(x1, y, s11);
            s21 = Vector.FusedMultiplyAdd(x2, y, s21);
            s31 = Vector.FusedMultiplyAdd(x3, y, s31);
            y = Load(ref b2, at);
            s02 = Vector.FusedMultiplyAdd(x0, y, s02);
            s12 = Vector.FusedMultiplyAdd(x1, y, s12);
            s22 = Vector.FusedMultiplyAdd(x2, y, s22);
            s32 = Vector.FusedMultiplyAdd(x3, y, s32);
            y = Load(ref b3, at);
            s03 = Vector.FusedMultiplyAdd(x0, y, s03);
            s13 = Vector.FusedMultiplyAdd(x1, y, s13);
            s23 = Vector.FusedMultiplyAdd(x2, y, s23);
            s33 = Vector.FusedMultiplyAdd(x3, y, s33);
        }

        Subtract(c, s00, s01, s02, s03, ref a0, ref b0, strideOfB, at, k);
        Subtract(c[strideOfC..], s10, s11, s12, s13, ref a1, ref b0, strideOfB, at, k);
        Subtract(c[(2 * strideOfC)..], s20, s21, s22, s23, ref a2, ref b0, strideOfB, at, k);
        Subtract(c[(3 * strideOfC)..], s30, s31, s32, s33, ref a3, ref b0, strideOfB, at, k);
    }

    // One row of the tile: the sums of the vectors, and the few elements behind them.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Subtract(
        Span<double> c,
        Vector<double> s0,
        Vector<double> s1,
        Vector<double> s2,
        Vector<double> s3,
        ref double a,
        ref double b,
        int strideOfB,
        int at,
        int k)
    {
        var (t0, t1, t2, t3) = (Vector.Sum(s0), Vector.Sum(s1), Vector.Sum(s2), Vector.Sum(s3));
        for (; at < k; at++)
        {
            var x = Unsafe.Add(ref a, at);
            t0 += x * Unsafe.Add(ref b, at);
            t1 += x * Unsafe.Add(ref b, strideOfB + at);
            t2 += x * Unsafe.Add(ref b, 2 * strideOfB + at);
            t3 += x * Unsafe.Add(ref b, 3 * strideOfB + at);
        }

        c[0] -= t0;
        c[1] -= t1;
        c[2] -= t2;
        c[3] -= t3;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<double> Load(ref double row, int at) => Vector.LoadUnsafe(ref row, (nuint)at);
}
