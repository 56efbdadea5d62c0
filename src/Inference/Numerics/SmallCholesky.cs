using System.Runtime.CompilerServices;

namespace TypedPooling.Inference.Numerics;

/// <summary>The Cholesky factor of a small positive definite matrix, by rows, 1 / diagonal on the diagonal; only lower triangles are read and
/// written. The one factorisation for matrices that are solved with.</summary>
/// <remarks>
/// A = L L' row by row. A pivot must be positive and finite, however small: whoever factorises says what a small one means. Singular matrices:
/// <see cref="SemidefiniteCholesky"/>; I + B B': <see cref="UnitPlusSquare"/>; large ones: <see cref="DenseBlocks"/>, <see cref="PanelCholesky"/>.
/// Source: [GolubVanLoan2013], section 4.2.5.
/// </remarks>
internal static class SmallCholesky
{
    /// <summary>A = L L' in place.</summary>
    /// <returns>False where A is not positive definite.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static bool TryFactorise(Span<double> matrix, int n)
    {
        for (var a = 0; a < n; a++)
        {
            var row = matrix.Slice(a * n, a + 1);
            for (var b = 0; b <= a; b++)
            {
                var other = matrix.Slice(b * n, b + 1);
                var sum = row[b];
                for (var k = 0; k < b; k++)
                    sum -= row[k] * other[k];
                if (b < a)
                {
                    row[b] = sum * other[b];
                    continue;
                }

                if (!(sum > 0) || !double.IsFinite(sum))
                    return false;
                row[a] = 1 / Math.Sqrt(sum);
            }
        }

        return true;
    }

    /// <summary>A x = b in place.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Solve(ReadOnlySpan<double> cholesky, Span<double> x, int n)
    {
        SolveLower(cholesky, x, n);
        SolveTransposed(cholesky, x, n);
    }

    /// <summary>L x = b in place.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void SolveLower(ReadOnlySpan<double> cholesky, Span<double> x, int n)
    {
        for (var a = 0; a < n; a++)
        {
            var sum = x[a];
            for (var k = 0; k < a; k++)
                sum -= cholesky[a * n + k] * x[k];
            x[a] = sum * cholesky[a * n + a];
        }
    }

    /// <summary>L'x = b in place.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void SolveTransposed(ReadOnlySpan<double> cholesky, Span<double> x, int n)
    {
        for (var a = n - 1; a >= 0; a--)
        {
            var sum = x[a] * cholesky[a * n + a];
            x[a] = sum;
            for (var k = 0; k < a; k++)
                x[k] -= cholesky[a * n + k] * sum;
        }
    }

    /// <summary>L X = B in place, X of n rows.</summary>
    /// <param name="cholesky">L.</param>
    /// <param name="rows">B in, X out, by rows.</param>
    /// <param name="n">Order of L.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void SolveLowerRows(ReadOnlySpan<double> cholesky, Span<double> rows, int n)
    {
        var width = n == 0 ? 0 : rows.Length / n;
        for (var a = 0; a < n; a++)
        {
            var row = rows.Slice(a * width, width);
            for (var b = 0; b < a; b++)
                DenseRows.AddScaled(rows.Slice(b * width, width), -cholesky[a * n + b], row);
            DenseRows.Scale(row, cholesky[a * n + a]);
        }
    }

    /// <summary>L'X = B in place, X of n rows.</summary>
    /// <param name="cholesky">L.</param>
    /// <param name="rows">B in, X out, by rows.</param>
    /// <param name="n">Order of L.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void SolveTransposedRows(ReadOnlySpan<double> cholesky, Span<double> rows, int n)
    {
        var width = n == 0 ? 0 : rows.Length / n;
        for (var a = n - 1; a >= 0; a--)
        {
            var row = rows.Slice(a * width, width);
            for (var b = a + 1; b < n; b++)
                DenseRows.AddScaled(rows.Slice(b * width, width), -cholesky[b * n + a], row);
            DenseRows.Scale(row, cholesky[a * n + a]);
        }
    }

    /// <summary>Half the log determinant of A.</summary>
    public static double HalfLogDeterminant(ReadOnlySpan<double> cholesky, int n)
    {
        var log = 0.0;
        for (var a = 0; a < n; a++)
            log -= Math.Log(cholesky[a * n + a]);
        return log;
    }
}
