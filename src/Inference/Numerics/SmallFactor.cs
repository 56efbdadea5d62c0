using System.Runtime.CompilerServices;

namespace TypedPooling.Inference.Numerics;

/// <summary>Algebra of lower triangular q x q matrices by rows.</summary>
internal static class SmallFactor
{
    /// <summary>The Cholesky factor of a positive semidefinite matrix, in place; a column without a positive pivot becomes zeros.</summary>
    /// <param name="matrix">q x q by rows, lower triangle read; overwritten, zeros above the diagonal.</param>
    /// <param name="q">Size.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Factorise(Span<double> matrix, int q)
    {
        for (var a = 0; a < q; a++)
        {
            for (var b = 0; b <= a; b++)
            {
                var sum = matrix[a * q + b];
                for (var k = 0; k < b; k++)
                    sum -= matrix[a * q + k] * matrix[b * q + k];
                if (a == b)
                    matrix[a * q + a] = Math.Sqrt(Math.Max(0, sum));
                else
                    matrix[a * q + b] = matrix[b * q + b] > 0 ? sum / matrix[b * q + b] : 0;
            }

            matrix.Slice(a * q + a + 1, q - 1 - a).Clear();
        }
    }

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
}
