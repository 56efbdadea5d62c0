using MathNet.Numerics.LinearAlgebra;
using TypedPooling.Inference.Numerics;
using TypedPooling.Randomness;
using Xunit;

namespace TypedPooling.Tests.Inference;

/// <summary>Kernels of dense algebra against plain loops, and the same bits from vectors of any width and on any number of threads.</summary>
public sealed class DenseCholeskyTests
{
    /// <summary>Orders about those at which strips (24), panels (120) and the use of threads (240) begin and end.</summary>
    public static TheoryData<int> Orders => [1, 3, 7, 8, 9, 23, 24, 25, 47, 49, 101, 119, 120, 121, 127, 145, 239, 240, 241, 263, 361];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(24)]
    [InlineData(119)]
    public unsafe void A_packed_product_is_one_chain_of_fused_operations_for_each_element(int k)
    {
        var stream = new PhiloxStream(5, (ulong)k);
        var rows = Numbers(stream, k * PackedProduct.Strip);
        var columns = Numbers(stream, k * PackedProduct.Strip);
        const int Stride = 31;
        foreach (var scale in new[] { 1.0, -1 })
        {
            var before = Numbers(stream, PackedProduct.Rows * Stride);
            var (c, half) = ((double[])before.Clone(), (double[])before.Clone());
            fixed (double* a = rows, b = columns, at = c, halfAt = half)
            {
                PackedProduct.Add(k, a + 8, b, at, Stride, scale);
                PackedProduct.AddInFourParts(k, a + 8, b, halfAt, Stride, scale);
            }

            for (var i = 0; i < PackedProduct.Rows; i++)
            {
                for (var j = 0; j < Stride; j++)
                {
                    var sum = 0.0;
                    for (var p = 0; p < k; p++)
                        sum = Math.FusedMultiplyAdd(rows[p * PackedProduct.Strip + 8 + i], columns[p * PackedProduct.Strip + Math.Min(j, 23)], sum);
                    var expected = j < PackedProduct.Strip ? before[i * Stride + j] + scale * sum : before[i * Stride + j];
                    Assert.Equal(expected, c[i * Stride + j]);
                    Assert.Equal(expected, half[i * Stride + j]);
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Orders))]
    public void A_dense_matrix_is_factorised_and_inverted(int n)
    {
        var (matrix, values) = Definite(n);

        // What is above the diagonal is not read: no NaN comes through.
        var plain = (double[])values.Clone();
        var log = DenseBlocks.Factorise(plain, n);
        var offset = 5;
        var packed = new double[offset + n * n];
        values.CopyTo(packed, offset);
        var cholesky = new PackedCholesky(n);
        var packedLog = cholesky.Factorise(packed, offset);
        var truth = matrix.Cholesky();
        Assert.Equal(truth.DeterminantLn / 2, log, 1e-11 * n);
        Assert.Equal(truth.DeterminantLn / 2, packedLog, 1e-11 * n);
        foreach (var given in new[] { 0, Math.Min(2, n - 1) })
        {
            var inverse = new double[n * n];
            DenseBlocks.Invert(plain, n, new double[n * n], inverse, given);
            var packedInverse = new double[offset + n * n];
            cholesky.Invert(packedInverse, offset, given);
            var free = n - given;
            var inverseTruth = matrix.SubMatrix(0, free, 0, free).Inverse();
            for (var a = 0; a < n; a++)
            {
                for (var b = 0; b <= a; b++)
                {
                    var expected = a < free ? inverseTruth[a, b] : 0;
                    Assert.Equal(expected, inverse[a * n + b], 1e-11);
                    Assert.Equal(expected, packedInverse[offset + a * n + b], 1e-11);
                    var lower = a == b ? 1 / truth.Factor[a, a] : truth.Factor[a, b];
                    Assert.Equal(lower, plain[a * n + b], 1e-11 * Math.Max(1, Math.Abs(lower)));
                    Assert.Equal(lower, packed[offset + a * n + b], 1e-11 * Math.Max(1, Math.Abs(lower)));
                }
            }
        }
    }

    [Theory]
    [InlineData(263)]
    [InlineData(500)]
    public void The_number_of_threads_changes_no_bit(int n)
    {
        var (_, values) = Definite(n);
        var results = new[] { 1, 2, 3, 8 }.Select(threads =>
        {
            var cholesky = new PackedCholesky(n);
            var (l, inverse) = ((double[])values.Clone(), new double[n * n]);
            var log = cholesky.Factorise(l, 0, threads);
            cholesky.Invert(inverse, 0, 1, threads);
            return (double[])[
                log,
                .. Enumerable.Range(0, n).SelectMany(a => l[(a * n)..(a * n + a + 1)]),
                .. Enumerable.Range(0, n).SelectMany(a => inverse[(a * n)..(a * n + a + 1)])];
        }).ToArray();

        Assert.All(results, result => Assert.DoesNotContain(result, double.IsNaN));
        Assert.All(results[1..], result => Assert.Equal(results[0], result));
    }

    [Theory]
    [InlineData(3)]
    [InlineData(30)]
    [InlineData(300)]
    public void A_matrix_that_is_not_positive_definite_has_no_determinant(int n)
    {
        var (_, values) = Definite(n);
        values[n * n - 1] = 1e-3;
        Assert.True(double.IsNaN(DenseBlocks.Factorise((double[])values.Clone(), n)));
        Assert.True(double.IsNaN(new PackedCholesky(n).Factorise(values, 0)));
    }

    // Its lower triangle too, with NaN above the diagonal.
    private static (Matrix<double> Matrix, double[] Values) Definite(int n)
    {
        var stream = new PhiloxStream(9, (ulong)n);
        var root = Matrix<double>.Build.Dense(n, n, (_, _) => stream.NextNormal());
        var matrix = root * root.Transpose() + Matrix<double>.Build.DenseIdentity(n) * 3;
        var values = new double[n * n];
        for (var a = 0; a < n; a++)
        {
            for (var b = 0; b < n; b++)
                values[a * n + b] = b <= a ? matrix[a, b] : double.NaN;
        }

        return (matrix, values);
    }

    private static double[] Numbers(PhiloxStream stream, int count)
    {
        var numbers = new double[count];
        for (var i = 0; i < count; i++)
            numbers[i] = stream.NextNormal();
        return numbers;
    }
}
