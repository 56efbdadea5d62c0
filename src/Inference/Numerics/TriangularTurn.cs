namespace TypedPooling.Inference.Numerics;

/// <summary>Turns a root of a covariance matrix into the lower triangular one: M = L Q, so that M M' = L L'.</summary>
/// <remarks>
/// Rotations of two columns, which zero the elements above the diagonal row by row; zero columns move to the end and stay exactly 0. Source:
/// [GolubVanLoan2013], section 5.1. With X = L^-1 dM Q' and dQ Q' without symmetric part, L^-1 dL is the lower triangle of X plus the transpose of
/// what is above its diagonal. So a derivative W = L'G for the lower triangle L becomes, completed to a symmetric matrix, L^-T W Q for M.
/// </remarks>
internal static class TriangularTurn
{
    /// <summary>M = L Q, diagonals of L 0 or more.</summary>
    /// <param name="matrix">M, q x q by rows; overwritten with L.</param>
    /// <param name="q">Size.</param>
    /// <param name="turn">Overwritten with Q, orthogonal, q x q by rows.</param>
    public static void Turn(Span<double> matrix, int q, Span<double> turn)
    {
        turn.Clear();
        for (var a = 0; a < q; a++)
            turn[a * q + a] = 1;
        for (var i = 0; i < q; i++)
        {
            for (var j = i + 1; j < q; j++)
            {
                var (own, other) = (matrix[i * q + i], matrix[i * q + j]);
                if (other == 0)
                    continue;
                var length = double.Hypot(own, other);
                var (c, s) = (own / length, other / length);
                for (var a = 0; a < q; a++)
                    (matrix[a * q + i], matrix[a * q + j]) = (
                        c * matrix[a * q + i] + s * matrix[a * q + j], c * matrix[a * q + j] - s * matrix[a * q + i]);
                for (var a = 0; a < q; a++)
                    (turn[i * q + a], turn[j * q + a]) = (c * turn[i * q + a] + s * turn[j * q + a], c * turn[j * q + a] - s * turn[i * q + a]);
                matrix[i * q + j] = 0;
            }

            if (!(matrix[i * q + i] < 0))
                continue;
            for (var a = 0; a < q; a++)
                (matrix[a * q + i], turn[i * q + a]) = (-matrix[a * q + i], -turn[i * q + a]);
        }
    }

    /// <summary>The derivative for all elements of L, M standing still in Q, from that for its lower triangle.</summary>
    /// <param name="triangle">L, q x q by rows.</param>
    /// <param name="gradient">The derivative for the lower triangle of L; overwritten with that for every element, which times Q is the derivative
    /// for M. Left as it is where a diagonal element of L is 0.</param>
    /// <param name="q">Size.</param>
    public static void Complete(ReadOnlySpan<double> triangle, Span<double> gradient, int q)
    {
        for (var a = 0; a < q; a++)
        {
            if (triangle[a * q + a] == 0)
                return;
        }

        var symmetric = new double[q * q];
        for (var i = 0; i < q; i++)
        {
            for (var j = 0; j <= i; j++)
            {
                var sum = 0.0;
                for (var k = i; k < q; k++)
                    sum += triangle[k * q + i] * gradient[k * q + j];
                symmetric[i * q + j] = symmetric[j * q + i] = sum;
            }
        }

        for (var j = 0; j < q; j++)
        {
            for (var i = q - 1; i >= 0; i--)
            {
                var sum = symmetric[i * q + j];
                for (var k = i + 1; k < q; k++)
                    sum -= triangle[k * q + i] * gradient[k * q + j];
                gradient[i * q + j] = sum / triangle[i * q + i];
            }
        }
    }
}
