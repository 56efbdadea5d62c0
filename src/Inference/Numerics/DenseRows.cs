using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace TypedPooling.Inference.Numerics;

/// <summary>The loops of dense algebra by rows, in vectors.</summary>
internal static class DenseRows
{
    /// <summary>x'y in eight sums whatever the width of a vector, so that the bits are the same on every processor with fused
    /// multiply-add.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static double Dot(ReadOnlySpan<double> x, ReadOnlySpan<double> y)
    {
        var total = 0.0;
        var k = 0;
        if (x.Length >= 8)
        {
            ref var first = ref MemoryMarshal.GetReference(x);
            ref var second = ref MemoryMarshal.GetReference(y[..x.Length]);
            Vector256<double> low, high;
            if (Vector512.IsHardwareAccelerated)
            {
                var sum = Vector512<double>.Zero;
                for (; k + 8 <= x.Length; k += 8)
                    sum = Vector512.FusedMultiplyAdd(Vector512.LoadUnsafe(ref first, (nuint)k), Vector512.LoadUnsafe(ref second, (nuint)k), sum);
                (low, high) = (sum.GetLower(), sum.GetUpper());
            }
            else
            {
                low = high = Vector256<double>.Zero;
                for (; k + 8 <= x.Length; k += 8)
                {
                    low = Vector256.FusedMultiplyAdd(Vector256.LoadUnsafe(ref first, (nuint)k), Vector256.LoadUnsafe(ref second, (nuint)k), low);
                    high = Vector256.FusedMultiplyAdd(
                        Vector256.LoadUnsafe(ref first, (nuint)(k + 4)), Vector256.LoadUnsafe(ref second, (nuint)(k + 4)), high);
                }
            }

            low += high;
            total = low[0] + low[2] + (low[1] + low[3]);
        }

        for (; k < x.Length; k++)
            total += x[k] * y[k];
        return total;
    }

    /// <summary>into += scale x.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void AddScaled(ReadOnlySpan<double> x, double scale, Span<double> into)
    {
        var k = 0;
        if (x.Length >= 8)
        {
            var vx = MemoryMarshal.Cast<double, Vector<double>>(x);
            var vi = MemoryMarshal.Cast<double, Vector<double>>(into[..x.Length]);
            var scales = new Vector<double>(scale);
            for (var i = 0; i < vx.Length; i++)
                vi[i] += scales * vx[i];
            k = vx.Length * Vector<double>.Count;
        }

        for (; k < x.Length; k++)
            into[k] += scale * x[k];
    }

    /// <summary>x *= scale.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Scale(Span<double> x, double scale)
    {
        var k = 0;
        if (x.Length >= 8)
        {
            var vx = MemoryMarshal.Cast<double, Vector<double>>(x);
            var scales = new Vector<double>(scale);
            for (var i = 0; i < vx.Length; i++)
                vx[i] *= scales;
            k = vx.Length * Vector<double>.Count;
        }

        for (; k < x.Length; k++)
            x[k] *= scale;
    }

    /// <summary>into += x y, element by element.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void AddProducts(ReadOnlySpan<double> x, ReadOnlySpan<double> y, Span<double> into)
    {
        var k = 0;
        if (x.Length >= 8)
        {
            var vx = MemoryMarshal.Cast<double, Vector<double>>(x);
            var vy = MemoryMarshal.Cast<double, Vector<double>>(y[..x.Length]);
            var vi = MemoryMarshal.Cast<double, Vector<double>>(into[..x.Length]);
            for (var i = 0; i < vx.Length; i++)
                vi[i] += vx[i] * vy[i];
            k = vx.Length * Vector<double>.Count;
        }

        for (; k < x.Length; k++)
            into[k] += x[k] * y[k];
    }
}
