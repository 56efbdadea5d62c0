using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using TypedPooling.Inference.Numerics;

namespace TypedPooling.Inference.Sampling.Hamiltonian;

/// <summary>The metric as a Cholesky factor L of the inverse mass matrix, L L' = estimated covariance: positions are moved through it, gradients
/// pulled back.</summary>
/// <remarks>
/// The sampler's momenta live in the coordinates x of position = L x, where the mass matrix is the identity. This is Hamiltonian Monte Carlo with
/// inverse mass L L' exactly, at half the multiplications, and velocity and momentum are one vector. Owned by one chain. Source: [Neal2011], section
/// 5.4.1.
/// </remarks>
internal sealed class Metric
{
    private readonly int dimension;
    private readonly int lanes;
    private readonly bool isDense;

    // Dense: L by columns and by rows, each padded with zeros to whole lanes (D x lanes). Diagonal: the diagonal alone, in `columns` (lanes).
    private readonly Vector256<double>[] columns;
    private readonly Vector256<double>[] rows;

    public Metric(int dimension, bool isDense)
    {
        this.dimension = dimension;
        this.isDense = isDense;
        lanes = Lanes.Count(dimension);
        columns = new Vector256<double>[isDense ? dimension * lanes : lanes];
        rows = new Vector256<double>[isDense ? dimension * lanes : 0];
        var identity = new double[isDense ? checked(dimension * dimension) : dimension];
        for (var i = 0; i < dimension; i++)
            identity[isDense ? i * dimension + i : i] = 1;
        Set(identity);
    }

    /// <summary>position += step * L momentum.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Move(double step, Vector256<double>[] momentum, Vector256<double>[] position)
    {
        var step4 = Vector256.Create(step);
        if (!isDense)
        {
            for (var lane = 0; lane < columns.Length; lane++)
                position[lane] += step4 * columns[lane] * momentum[lane];
            return;
        }

        var numbers = Lanes.AsNumbers(momentum, dimension);
        for (var lane = 0; lane < position.Length; lane++)
        {
            // Row i of L ends at column i: the lane's last row needs no column beyond its own.
            var count = Math.Min(dimension, (lane + 1) * Lanes.Width);
            var sum = Vector256<double>.Zero;
            for (int column = 0, at = lane; column < count; column++, at += lanes)
                sum += Vector256.Create(numbers[column]) * columns[at];
            position[lane] += step4 * sum;
        }
    }

    /// <summary>pulledBack = L' gradient.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void PullBack(ReadOnlySpan<double> gradient, Vector256<double>[] pulledBack)
    {
        if (!isDense)
        {
            gradient.CopyTo(Lanes.AsNumbers(pulledBack, dimension));
            for (var lane = 0; lane < columns.Length; lane++)
                pulledBack[lane] *= columns[lane];
            return;
        }

        for (var lane = 0; lane < pulledBack.Length; lane++)
        {
            // Column i of L starts at row i: the lane's first column needs no row before its own.
            var first = lane * Lanes.Width;
            var sum = Vector256<double>.Zero;
            for (int row = first, at = (first * lanes) + lane; row < gradient.Length; row++, at += lanes)
                sum += Vector256.Create(gradient[row]) * rows[at];
            pulledBack[lane] = sum;
        }
    }

    /// <summary>Takes over a covariance matrix; where it is not positive definite to machine precision, its diagonal alone.</summary>
    /// <param name="covariance">By rows (D x D), symmetric with a positive diagonal; the variances alone (D) where the metric is diagonal.
    /// Overwritten.</param>
    public void SetCovariance(double[] covariance)
    {
        if (!isDense)
        {
            for (var i = 0; i < dimension; i++)
                covariance[i] = Math.Sqrt(covariance[i]);
            Set(covariance);
            return;
        }

        Span<double> sds = dimension <= 64 ? stackalloc double[dimension] : new double[dimension];
        for (var i = 0; i < dimension; i++)
            sds[i] = Math.Sqrt(covariance[i * dimension + i]);
        if (SemidefiniteCholesky.Factorise(covariance, dimension) < dimension)
        {
            Array.Clear(covariance);
            for (var i = 0; i < dimension; i++)
                covariance[i * dimension + i] = sds[i];
        }

        Set(covariance);
    }

    private void Set(double[] cholesky)
    {
        if (!isDense)
        {
            cholesky.CopyTo(Lanes.AsNumbers(columns, dimension));
            return;
        }

        var stride = lanes * Lanes.Width;
        var byColumns = Lanes.AsNumbers(columns, dimension * stride);
        var byRows = Lanes.AsNumbers(rows, dimension * stride);
        for (var i = 0; i < dimension; i++)
        {
            for (var j = 0; j <= i; j++)
            {
                byColumns[j * stride + i] = cholesky[i * dimension + j];
                byRows[i * stride + j] = cholesky[i * dimension + j];
            }
        }
    }
}
