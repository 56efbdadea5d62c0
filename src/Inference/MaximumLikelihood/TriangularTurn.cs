namespace TypedPooling.Inference.MaximumLikelihood;

/// <summary>Turns a root of a covariance matrix into the lower triangular one: M = L Q, so that M M' = L L'.</summary>
/// <remarks>Rotations of two columns, which zero the elements above the diagonal row by row; zero columns move to the end and stay exactly 0. Source: [GolubVanLoan2013], section 5.1.</remarks>
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
                    (matrix[a * q + i], matrix[a * q + j]) = (c * matrix[a * q + i] + s * matrix[a * q + j], c * matrix[a * q + j] - s * matrix[a * q + i]);
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
}
