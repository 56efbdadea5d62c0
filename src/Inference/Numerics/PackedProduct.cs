using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace TypedPooling.Inference.Numerics;

/// <summary>The one product of dense algebra: 8 rows of one operand times a strip of the other, both packed, with all sums in registers.</summary>
/// <remarks>
/// An operand is packed in strips of 24 rows: for each column the 24 numbers of the strip are neighbours, so that the loop over columns reads
/// forwards. Every element of the result is one chain of fused multiply-adds in the order of the columns, whatever the width of the vectors: 512 bits
/// take the 8 x 24 sums at once, 256 bits in four parts. So the bits are the same on both.
/// </remarks>
internal static unsafe class PackedProduct
{
    /// <summary>Rows of a strip.</summary>
    public const int Strip = 24;

    /// <summary>Rows of a strip that one product takes of the first operand.</summary>
    public const int Rows = 8;

    /// <summary>c += scale a b' for 8 rows a of a strip and the 24 rows b of another.</summary>
    /// <param name="k">Columns of both.</param>
    /// <param name="rows">The first of the 8 rows in the first column of their strip.</param>
    /// <param name="columns">The first column of the other strip.</param>
    /// <param name="c">8 x 24 by rows.</param>
    /// <param name="stride">Numbers from a row of c to the next.</param>
    /// <param name="scale">1 or -1.</param>
    public static void Add(int k, double* rows, double* columns, double* c, int stride, double scale)
    {
        if (k <= 0)
            return;
        if (Vector512.IsHardwareAccelerated)
        {
            Add512(k, rows, columns, c, stride, scale);
            return;
        }

        AddInFourParts(k, rows, columns, c, stride, scale);
    }

    /// <summary>The same with vectors of 256 bits.</summary>
    public static void AddInFourParts(int k, double* rows, double* columns, double* c, int stride, double scale)
    {
        Add256(k, rows, columns, c, stride, scale);
        Add256(k, rows, columns + 12, c + 12, stride, scale);
        Add256(k, rows + 4, columns, c + 4 * stride, stride, scale);
        Add256(k, rows + 4, columns + 12, c + 4 * stride + 12, stride, scale);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Add512(int k, double* rows, double* columns, double* c, int stride, double scale)
    {
        Vector512<double> s00 = default, s01 = default, s02 = default;
        Vector512<double> s10 = default, s11 = default, s12 = default;
        Vector512<double> s20 = default, s21 = default, s22 = default;
        Vector512<double> s30 = default, s31 = default, s32 = default;
        Vector512<double> s40 = default, s41 = default, s42 = default;
        Vector512<double> s50 = default, s51 = default, s52 = default;
        Vector512<double> s60 = default, s61 = default, s62 = default;
        Vector512<double> s70 = default, s71 = default, s72 = default;
        for (var p = 0; p < k; p++)
        {
            var (x, y, z) = (Vector512.Load(columns), Vector512.Load(columns + 8), Vector512.Load(columns + 16));
            var b = Vector512.Create(rows[0]);
            s00 = Vector512.FusedMultiplyAdd(x, b, s00);
            s01 = Vector512.FusedMultiplyAdd(y, b, s01);
            s02 = Vector512.FusedMultiplyAdd(z, b, s02);
            b = Vector512.Create(rows[1]);
            s10 = Vector512.FusedMultiplyAdd(x, b, s10);
            s11 = Vector512.FusedMultiplyAdd(y, b, s11);
            s12 = Vector512.FusedMultiplyAdd(z, b, s12);
            b = Vector512.Create(rows[2]);
            s20 = Vector512.FusedMultiplyAdd(x, b, s20);
            s21 = Vector512.FusedMultiplyAdd(y, b, s21);
            s22 = Vector512.FusedMultiplyAdd(z, b, s22);
            b = Vector512.Create(rows[3]);
            s30 = Vector512.FusedMultiplyAdd(x, b, s30);
            s31 = Vector512.FusedMultiplyAdd(y, b, s31);
            s32 = Vector512.FusedMultiplyAdd(z, b, s32);
            b = Vector512.Create(rows[4]);
            s40 = Vector512.FusedMultiplyAdd(x, b, s40);
            s41 = Vector512.FusedMultiplyAdd(y, b, s41);
            s42 = Vector512.FusedMultiplyAdd(z, b, s42);
            b = Vector512.Create(rows[5]);
            s50 = Vector512.FusedMultiplyAdd(x, b, s50);
            s51 = Vector512.FusedMultiplyAdd(y, b, s51);
            s52 = Vector512.FusedMultiplyAdd(z, b, s52);
            b = Vector512.Create(rows[6]);
            s60 = Vector512.FusedMultiplyAdd(x, b, s60);
            s61 = Vector512.FusedMultiplyAdd(y, b, s61);
            s62 = Vector512.FusedMultiplyAdd(z, b, s62);
            b = Vector512.Create(rows[7]);
            s70 = Vector512.FusedMultiplyAdd(x, b, s70);
            s71 = Vector512.FusedMultiplyAdd(y, b, s71);
            s72 = Vector512.FusedMultiplyAdd(z, b, s72);
            columns += Strip;
            rows += Strip;
        }

        var sign = Vector512.Create(scale);
        Add(c, sign, s00, s01, s02);
        Add(c + stride, sign, s10, s11, s12);
        Add(c + 2 * stride, sign, s20, s21, s22);
        Add(c + 3 * stride, sign, s30, s31, s32);
        Add(c + 4 * stride, sign, s40, s41, s42);
        Add(c + 5 * stride, sign, s50, s51, s52);
        Add(c + 6 * stride, sign, s60, s61, s62);
        Add(c + 7 * stride, sign, s70, s71, s72);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Add256(int k, double* rows, double* columns, double* c, int stride, double scale)
    {
        Vector256<double> s00 = default, s01 = default, s02 = default;
        Vector256<double> s10 = default, s11 = default, s12 = default;
        Vector256<double> s20 = default, s21 = default, s22 = default;
        Vector256<double> s30 = default, s31 = default, s32 = default;
        for (var p = 0; p < k; p++)
        {
            var (x, y, z) = (Vector256.Load(columns), Vector256.Load(columns + 4), Vector256.Load(columns + 8));
            var b = Vector256.Create(rows[0]);
            s00 = Vector256.FusedMultiplyAdd(x, b, s00);
            s01 = Vector256.FusedMultiplyAdd(y, b, s01);
            s02 = Vector256.FusedMultiplyAdd(z, b, s02);
            b = Vector256.Create(rows[1]);
            s10 = Vector256.FusedMultiplyAdd(x, b, s10);
            s11 = Vector256.FusedMultiplyAdd(y, b, s11);
            s12 = Vector256.FusedMultiplyAdd(z, b, s12);
            b = Vector256.Create(rows[2]);
            s20 = Vector256.FusedMultiplyAdd(x, b, s20);
            s21 = Vector256.FusedMultiplyAdd(y, b, s21);
            s22 = Vector256.FusedMultiplyAdd(z, b, s22);
            b = Vector256.Create(rows[3]);
            s30 = Vector256.FusedMultiplyAdd(x, b, s30);
            s31 = Vector256.FusedMultiplyAdd(y, b, s31);
            s32 = Vector256.FusedMultiplyAdd(z, b, s32);
            columns += Strip;
            rows += Strip;
        }

        var sign = Vector256.Create(scale);
        Add(c, sign, s00, s01, s02);
        Add(c + stride, sign, s10, s11, s12);
        Add(c + 2 * stride, sign, s20, s21, s22);
        Add(c + 3 * stride, sign, s30, s31, s32);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add(double* c, Vector512<double> sign, Vector512<double> x, Vector512<double> y, Vector512<double> z)
    {
        Vector512.FusedMultiplyAdd(x, sign, Vector512.Load(c)).Store(c);
        Vector512.FusedMultiplyAdd(y, sign, Vector512.Load(c + 8)).Store(c + 8);
        Vector512.FusedMultiplyAdd(z, sign, Vector512.Load(c + 16)).Store(c + 16);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add(double* c, Vector256<double> sign, Vector256<double> x, Vector256<double> y, Vector256<double> z)
    {
        Vector256.FusedMultiplyAdd(x, sign, Vector256.Load(c)).Store(c);
        Vector256.FusedMultiplyAdd(y, sign, Vector256.Load(c + 4)).Store(c + 4);
        Vector256.FusedMultiplyAdd(z, sign, Vector256.Load(c + 8)).Store(c + 8);
    }
}
