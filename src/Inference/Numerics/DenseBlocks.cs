namespace TypedPooling.Inference.Numerics;

/// <summary>Cholesky factor and inverse of one small dense symmetric matrix by rows, element by element; <see cref="PackedCholesky"/> is for large
/// ones.</summary>
/// <remarks>
/// Cholesky factors hold 1 / diagonal on their diagonal. Rows are contiguous, so every inner loop is a sum over two rows. Source:
/// [GolubVanLoan2013], section 4.2.5.
/// </remarks>
internal static class DenseBlocks
{
    /// <summary>Factorises a = L L' in place.</summary>
    /// <param name="a">Lower triangle in, L out; what is above the diagonal has no meaning. n x n by rows.</param>
    /// <param name="n">Order.</param>
    /// <returns>Half the log determinant; NaN where the matrix is not positive definite.</returns>
    public static double Factorise(Span<double> a, int n)
    {
        var log = 0.0;
        for (var i = 0; i < n; i++)
        {
            var row = a.Slice(i * n, i + 1);
            for (var j = 0; j < i; j++)
                row[j] = (row[j] - DenseRows.Dot(a.Slice(j * n, j), row[..j])) * a[j * n + j];
            var sum = row[i] - DenseRows.Dot(row[..i], row[..i]);
            if (!(sum > 0 && double.IsFinite(sum)))
                return double.NaN;
            var diagonal = Math.Sqrt(sum);
            log += Math.Log(diagonal);
            row[i] = 1 / diagonal;
        }

        return log;
    }

    /// <summary>The inverse of L L'.</summary>
    /// <param name="l">L as <see cref="Factorise"/> leaves it.</param>
    /// <param name="n">Order.</param>
    /// <param name="scratch">Overwritten with the transpose of L^-1. n x n.</param>
    /// <param name="inverse">Overwritten with the lower triangle; what is above it is left as it is. n x n by rows.</param>
    /// <param name="given">Number of last coordinates that are given: the inverse is then that of the others alone, and 0 for these.</param>
    public static void Invert(ReadOnlySpan<double> l, int n, Span<double> scratch, Span<double> inverse, int given = 0)
    {
        // Row c of U holds column c of L^-1: U L' = I.
        for (var c = 0; c < n; c++)
        {
            var row = scratch.Slice(c * n, n);
            row.Clear();
            row[c] = l[c * n + c];
            for (var i = c + 1; i < n; i++)
                row[i] = -DenseRows.Dot(l.Slice(i * n + c, i - c), row[c..i]) * l[i * n + i];

            // A coordinate that is given has no part in L^-1.
            row[(n - given)..].Clear();
        }

        // Element (a, b) is the product of rows a and b of U, from their diagonal on.
        for (var a = 0; a < n; a++)
        {
            for (var b = 0; b <= a; b++)
                inverse[a * n + b] = DenseRows.Dot(scratch.Slice(a * n + a, n - a), scratch.Slice(b * n + a, n - a));
        }
    }
}
