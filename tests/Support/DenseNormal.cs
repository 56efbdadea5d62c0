using MathNet.Numerics.LinearAlgebra;

namespace TypedPooling.Tests.Support;

/// <summary>The normal density by brute force: the covariance matrix of all values.</summary>
internal static class DenseNormal
{
    public static double LogDensity(IReadOnlyList<double> y, Func<int, double> mean, Func<int, int, double> covariance)
    {
        var n = y.Count;
        var v = Matrix<double>.Build.Dense(n, n, covariance).Cholesky();
        var rest = Vector<double>.Build.Dense(n, i => y[i] - mean(i));
        return -0.5 * (n * Math.Log(2 * Math.PI) + v.DeterminantLn + rest * v.Solve(rest));
    }
}
