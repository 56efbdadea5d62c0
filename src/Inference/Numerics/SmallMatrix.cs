namespace TypedPooling.Inference.Numerics;

/// <summary>Cholesky factors of matrices of a few rows, held by rows. What cannot be factored is a value, not an exception.</summary>
internal static class SmallMatrix
{
    /// <summary>Lower factor L of a symmetric matrix, L L' = matrix; false where it is not positive definite.</summary>
    internal static bool TryFactor(ReadOnlySpan<double> matrix, Span<double> factor, int size)
    {
        factor.Clear();
        for (var i = 0; i < size; i++)
        {
            for (var j = 0; j <= i; j++)
            {
                var sum = matrix[(i * size) + j];
                for (var k = 0; k < j; k++)
                    sum -= factor[(i * size) + k] * factor[(j * size) + k];

                // A pivot lost to rounding is no pivot.
                if (i == j && !(sum > 1e-14 * matrix[(i * size) + i] && double.IsFinite(sum)))
                    return false;
                factor[(i * size) + j] = i == j ? Math.Sqrt(sum) : sum / factor[(j * size) + j];
            }
        }

        return true;
    }

    /// <summary>Inverse of a lower factor; false where an element is not finite.</summary>
    internal static bool TryInvertFactor(ReadOnlySpan<double> factor, Span<double> inverse, int size)
    {
        inverse.Clear();
        for (var column = 0; column < size; column++)
        {
            for (var i = column; i < size; i++)
            {
                var sum = i == column ? 1.0 : 0.0;
                for (var k = column; k < i; k++)
                    sum -= factor[(i * size) + k] * inverse[(k * size) + column];
                inverse[(i * size) + column] = sum / factor[(i * size) + i];
                if (!double.IsFinite(inverse[(i * size) + column]))
                    return false;
            }
        }

        return true;
    }

    /// <summary>Inverse of a symmetric positive definite matrix; false where it is not.</summary>
    internal static bool TryInvert(ReadOnlySpan<double> matrix, Span<double> result, int size)
    {
        Span<double> factor = stackalloc double[size * size];
        Span<double> inverse = stackalloc double[size * size];
        if (!TryFactor(matrix, factor, size) || !TryInvertFactor(factor, inverse, size))
            return false;
        for (var i = 0; i < size; i++)
        {
            for (var j = 0; j < size; j++)
            {
                var sum = 0.0;
                for (var k = Math.Max(i, j); k < size; k++)
                    sum += inverse[(k * size) + i] * inverse[(k * size) + j];
                result[(i * size) + j] = sum;
            }
        }

        return true;
    }
}
