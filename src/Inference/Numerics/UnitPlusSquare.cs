using System.Runtime.CompilerServices;

namespace TypedPooling.Inference.Numerics;

/// <summary>The Cholesky factor of I + B B' with B = Z Lambda c, what the pseudo-rows of a level have as their covariance in units of sigma; q x q by
/// rows, q small.</summary>
/// <remarks>
/// Every eigenvalue is 1 or more, so no pivot is near 0 by the mathematics; squares of a huge B can round below it. The result holds 1 / diagonal on
/// its diagonal as <see cref="SmallCholesky"/> does, whose solves serve it.
/// </remarks>
internal static class UnitPlusSquare
{
    /// <summary>Pivots are taken as they come: the log determinant of a matrix that is not definite to rounding is then NaN, and the scales are
    /// refused.</summary>
    public const double NoFloor = double.NegativeInfinity;

    /// <summary>The least share of its diagonal element that a pivot has, by rounding of the sums: for draws, which must be finite.</summary>
    public const double RoundingFloor = 1e-15;

    /// <summary>Factorises.</summary>
    /// <param name="rows">Z.</param>
    /// <param name="lambda">Lambda.</param>
    /// <param name="scale">c: 1 where Lambda is in units of sigma, 1 / sigma otherwise.</param>
    /// <param name="floor">Least pivot as a share of the diagonal element: one of the constants here.</param>
    /// <param name="b">Overwritten with B.</param>
    /// <param name="l">Overwritten with the Cholesky factor, lower triangle.</param>
    /// <param name="q">Order.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Factorise(
        ReadOnlySpan<double> rows, ReadOnlySpan<double> lambda, double scale, double floor, Span<double> b, Span<double> l, int q)
    {
        if (q == 1)
        {
            b[0] = rows[0] * lambda[0] * scale;
            l[0] = 1 / Math.Sqrt(1 + b[0] * b[0]);
            return;
        }

        for (var i = 0; i < q; i++)
        {
            for (var j = 0; j < q; j++)
            {
                var sum = 0.0;
                for (var a = 0; a < q; a++)
                    sum += rows[i * q + a] * lambda[a * q + j];
                b[i * q + j] = sum * scale;
            }
        }

        for (var i = 0; i < q; i++)
        {
            for (var j = 0; j <= i; j++)
            {
                var sum = i == j ? 1.0 : 0;
                for (var a = 0; a < q; a++)
                    sum += b[i * q + a] * b[j * q + a];
                var own = sum;
                for (var a = 0; a < j; a++)
                    sum -= l[i * q + a] * l[j * q + a];
                l[i * q + j] = i > j ? sum * l[j * q + j] : 1 / Math.Sqrt(Math.Max(sum, floor * own));
            }
        }
    }
}
