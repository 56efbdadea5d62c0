using MathNet.Numerics.LinearAlgebra;

namespace TypedPooling.Inference.InferNet;

/// <summary>A normal part of the approximation.</summary>
/// <param name="Mean">Mean. Length q.</param>
/// <param name="Variance">Covariance matrix, q x q.</param>
internal sealed record NormalMarginal(double[] Mean, double[,] Variance)
{
    /// <summary>The lower Cholesky factor of the covariance matrix, q x q by rows.</summary>
    public double[] Cholesky()
    {
        var cholesky = Matrix<double>.Build.DenseOfArray(Variance).Cholesky().Factor;
        var q = Mean.Length;
        var rows = new double[q * q];
        for (var a = 0; a < q; a++)
        {
            for (var b = 0; b <= a; b++)
                rows[a * q + b] = cholesky[a, b];
        }

        return rows;
    }

    /// <summary>Mean and variance of a linear combination.</summary>
    /// <param name="weights">Its weights. Length q.</param>
    /// <returns>w'm and w'Vw.</returns>
    public (double Mean, double Variance) Along(double[] weights)
    {
        double mean = 0, variance = 0;
        for (var a = 0; a < weights.Length; a++)
        {
            mean += weights[a] * Mean[a];
            for (var b = 0; b < weights.Length; b++)
                variance += weights[a] * weights[b] * Variance[a, b];
        }

        return (mean, variance);
    }

    /// <summary>Turns standard normal numbers into a draw.</summary>
    /// <param name="cholesky">From <see cref="Cholesky"/>.</param>
    /// <param name="values">N(0, 1) draws; overwritten with the draw. Length q.</param>
    public void Draw(double[] cholesky, Span<double> values)
    {
        var q = Mean.Length;
        for (var a = q - 1; a >= 0; a--)
        {
            var sum = Mean[a];
            for (var b = 0; b <= a; b++)
                sum += cholesky[a * q + b] * values[b];
            values[a] = sum;
        }
    }
}
