using System.Runtime.CompilerServices;

namespace TypedPooling.Inference.Numerics;

/// <summary>Algebra of lower triangular q x q matrices by rows, with their diagonal as it is.</summary>
internal static class TriangularMatrix
{
    /// <summary>A^-1 B for lower triangular A and B.</summary>
    /// <param name="a">A, positive diagonal.</param>
    /// <param name="b">B.</param>
    /// <param name="q">Size.</param>
    /// <param name="result">Overwritten, lower triangular.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Solve(ReadOnlySpan<double> a, ReadOnlySpan<double> b, int q, Span<double> result)
    {
        result.Clear();
        for (var i = 0; i < q; i++)
        {
            for (var c = 0; c <= i; c++)
            {
                var sum = b[i * q + c];
                for (var k = c; k < i; k++)
                    sum -= a[i * q + k] * result[k * q + c];
                result[i * q + c] = sum / a[i * q + i];
            }
        }
    }

    /// <summary>A B for lower triangular A and B.</summary>
    /// <param name="a">A.</param>
    /// <param name="b">B.</param>
    /// <param name="q">Size.</param>
    /// <param name="result">Overwritten, lower triangular.</param>
    public static void Multiply(ReadOnlySpan<double> a, ReadOnlySpan<double> b, int q, Span<double> result)
    {
        result.Clear();
        for (var i = 0; i < q; i++)
        {
            for (var k = 0; k <= i; k++)
            {
                for (var c = 0; c <= k; c++)
                    result[i * q + c] += a[i * q + k] * b[k * q + c];
            }
        }
    }

    /// <summary>A A'.</summary>
    /// <param name="a">A, lower triangular.</param>
    /// <param name="q">Size.</param>
    /// <param name="result">Overwritten, symmetric.</param>
    public static void Square(ReadOnlySpan<double> a, int q, Span<double> result)
    {
        for (var i = 0; i < q; i++)
        {
            for (var j = 0; j <= i; j++)
            {
                var sum = 0.0;
                for (var k = 0; k <= j; k++)
                    sum += a[i * q + k] * a[j * q + k];
                result[i * q + j] = result[j * q + i] = sum;
            }
        }
    }

    /// <summary>A^-1.</summary>
    /// <param name="a">A, lower triangular.</param>
    /// <param name="q">Size.</param>
    /// <param name="inverse">Overwritten, lower triangular.</param>
    /// <returns>False where an element is not finite.</returns>
    public static bool TryInvert(ReadOnlySpan<double> a, int q, Span<double> inverse)
    {
        inverse.Clear();
        for (var column = 0; column < q; column++)
        {
            for (var i = column; i < q; i++)
            {
                var sum = i == column ? 1.0 : 0.0;
                for (var k = column; k < i; k++)
                    sum -= a[i * q + k] * inverse[k * q + column];
                inverse[i * q + column] = sum / a[i * q + i];
                if (!double.IsFinite(inverse[i * q + column]))
                    return false;
            }
        }

        return true;
    }

    /// <summary>The inverse of a symmetric matrix, by its Cholesky factor.</summary>
    /// <param name="matrix">q x q by rows.</param>
    /// <param name="q">Size.</param>
    /// <param name="result">Overwritten with the inverse, symmetric.</param>
    /// <returns>False where the matrix is not positive definite beyond <see cref="SemidefiniteCholesky.Rounding"/>.</returns>
    public static bool TryInvertSquare(ReadOnlySpan<double> matrix, int q, Span<double> result)
    {
        Span<double> cholesky = stackalloc double[q * q];
        Span<double> inverse = stackalloc double[q * q];
        matrix.CopyTo(cholesky);
        if (SemidefiniteCholesky.Factorise(cholesky, q, SemidefiniteCholesky.Rounding) < q || !TryInvert(cholesky, q, inverse))
            return false;
        for (var i = 0; i < q; i++)
        {
            for (var j = 0; j < q; j++)
            {
                var sum = 0.0;
                for (var k = Math.Max(i, j); k < q; k++)
                    sum += inverse[k * q + i] * inverse[k * q + j];
                result[i * q + j] = sum;
            }
        }

        return true;
    }
}
