using MathNet.Numerics.LinearAlgebra;

namespace TypedPooling.Inference.Numerics;

/// <summary>The inverse of a small square matrix that may be singular, with a basis of its null space.</summary>
internal static class PseudoInverse
{
    /// <summary>By singular values of the matrix with columns of length 1. Source: [GolubVanLoan2013], section 5.5.</summary>
    /// <param name="matrix">The matrix.</param>
    /// <param name="order">Its order.</param>
    /// <param name="rank">Its rank; -1 to find it from the singular values.</param>
    /// <param name="rankTolerance">Least singular value that counts, as a share of the largest.</param>
    /// <returns>The pseudo-inverse, and vectors that the matrix turns to 0.</returns>
    public static (double[,] Inverse, double[][] Null) Of(double[,] matrix, int order, int rank, double rankTolerance)
    {
        var inverse = new double[order, order];
        if (order == 0)
            return (inverse, []);
        var lengths = new double[order];
        for (var c = 0; c < order; c++)
        {
            for (var r = 0; r < order; r++)
                lengths[c] += matrix[r, c] * matrix[r, c];
            lengths[c] = lengths[c] > 0 ? Math.Sqrt(lengths[c]) : 1;
        }

        var svd = Matrix<double>.Build.Dense(order, order, (r, c) => matrix[r, c] / lengths[c]).Svd();
        if (rank < 0)
            rank = svd.S.Count(s => s > rankTolerance * Math.Max(svd.S[0], double.Epsilon));
        for (var a = 0; a < order; a++)
        {
            for (var b = 0; b < order; b++)
            {
                for (var r = 0; r < rank; r++)
                    inverse[a, b] += svd.VT[r, a] / svd.S[r] * svd.U[b, r];
                inverse[a, b] /= lengths[a];
            }
        }

        return (
            inverse,
            [.. Enumerable.Range(rank, order - rank).Select(r => Enumerable.Range(0, order).Select(a => svd.VT[r, a] / lengths[a]).ToArray())]);
    }
}
