using System.Runtime.CompilerServices;

namespace TypedPooling.Inference.Numerics;

/// <summary>The Cholesky factor of a small positive semidefinite matrix, by rows, with its diagonal as it is. The one factorisation for matrices that
/// may be singular: covariances, correlations, cross-products.</summary>
/// <remarks>
/// A = L L' row by row. The pivot of a column is what the columns before it leave of its diagonal element; where that is no more than a share of the
/// element it came from, the column is in their span: it becomes zeros, and the rank is one less. Columns are not exchanged, so that L keeps their
/// order. Matrices that must be definite and are solved with: <see cref="SmallCholesky"/>. Source: [GolubVanLoan2013], section 4.2.8.
/// </remarks>
internal static class SemidefiniteCholesky
{
    /// <summary>Any positive pivot counts: for matrices that are semidefinite by their making, where a tiny pivot is a tiny variance.</summary>
    public const double AnyPivot = 0;

    /// <summary>Rounding of a factorisation: a scale matrix with a pivot below it has no inverse to speak of.</summary>
    public const double Rounding = 1e-14;

    /// <summary>Rounding of a sum of squares over rows, which cross-products have before they are factorised.</summary>
    public const double RoundingOfSums = 1e-13;

    /// <summary>Factorises in place.</summary>
    /// <param name="matrix">n x n by rows, lower triangle read; overwritten with L, zeros above the diagonal.</param>
    /// <param name="n">Order.</param>
    /// <param name="tolerance">Least pivot as a share of the diagonal element it came from: one of the constants here.</param>
    /// <param name="without">True for columns that are known to have no pivot, whatever rounding left them; empty for none.</param>
    /// <returns>Number of columns with a pivot: n where the matrix is positive definite. A pivot that is not finite does not count; NaN is
    /// kept.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static int Factorise(Span<double> matrix, int n, double tolerance = AnyPivot, ReadOnlySpan<bool> without = default)
    {
        var rank = 0;
        for (var a = 0; a < n; a++)
        {
            var own = matrix[a * n + a];
            for (var b = 0; b <= a; b++)
            {
                var sum = matrix[a * n + b];
                for (var k = 0; k < b; k++)
                    sum -= matrix[a * n + k] * matrix[b * n + k];
                if (b < a)
                {
                    matrix[a * n + b] = matrix[b * n + b] > 0 ? sum / matrix[b * n + b] : 0;
                    continue;
                }

                var isPivot = sum > tolerance * own && (without.IsEmpty || !without[a]);
                matrix[a * n + a] = isPivot || double.IsNaN(sum) ? Math.Sqrt(sum) : 0;
                if (isPivot && double.IsFinite(sum))
                    rank++;
            }

            matrix.Slice(a * n + a + 1, n - 1 - a).Clear();
        }

        return rank;
    }
}
