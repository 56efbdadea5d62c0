using MathNet.Numerics.LinearAlgebra;

namespace TypedPooling.Tests.Support;

/// <summary>Least squares by brute force: all rows, a column for every coefficient, singular values.</summary>
internal sealed class DenseLeastSquares
{
    private DenseLeastSquares(double?[] values, double[] errors, double sumOfSquares, int degreesOfFreedom)
    {
        Values = values;
        Errors = errors;
        SumOfSquares = sumOfSquares;
        DegreesOfFreedom = degreesOfFreedom;
    }

    /// <summary>Coefficients; null where the rows do not determine one.</summary>
    public double?[] Values { get; }

    /// <summary>Roots of the diagonal of (X'WX)^-1: standard errors where sigma is 1.</summary>
    public double[] Errors { get; }

    public double SumOfSquares { get; }

    public int DegreesOfFreedom { get; }

    public static DenseLeastSquares Of(IReadOnlyList<double[]> x, IReadOnlyList<double> y, IReadOnlyList<double> weights)
    {
        var lengths =
            Enumerable.Range(0, x[0].Length).Select(c => Math.Sqrt(x.Select((row, i) => weights[i] * row[c] * row[c]).Sum())).Select(
                l => l > 0 ? l : 1).ToArray();
        var design = Matrix<double>.Build.Dense(x.Count, lengths.Length, (i, c) => Math.Sqrt(weights[i]) * x[i][c] / lengths[c]);
        var target = Vector<double>.Build.Dense(x.Count, i => Math.Sqrt(weights[i]) * y[i]);
        var svd = design.Svd();
        var rank = svd.S.Count(s => s > 1e-10);
        var values = Vector<double>.Build.Dense(lengths.Length);
        var errors = new double[lengths.Length];
        var share = new double[lengths.Length];
        for (var k = 0; k < rank; k++)
        {
            values += svd.VT.Row(k) * (svd.U.Column(k) * target / svd.S[k]);
            for (var c = 0; c < lengths.Length; c++)
            {
                errors[c] += Math.Pow(svd.VT[k, c] / svd.S[k], 2);
                share[c] += svd.VT[k, c] * svd.VT[k, c];
            }
        }

        var residual = target - design * values;
        return new(
            [.. values.Select((v, c) => Math.Abs(share[c] - 1) < 1e-8 ? v / lengths[c] : (double?)null)],
            [.. errors.Select((e, c) => Math.Sqrt(e) / lengths[c])],
            residual * residual,
            x.Count - rank);
    }
}
